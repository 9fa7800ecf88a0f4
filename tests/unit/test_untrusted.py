"""Whatever is quoted and told: it breaks a rule, or readers of other hands get all of it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus import chatml, rules
from pytest_flowcorpus.example import Thought
from pytest_flowcorpus.page import page
from pytest_flowcorpus.rust.errors import visible
from tests import nasty
from tests.audit import contents_of, fences_of
from tests.unit.examples import example, excerpt, settings

if TYPE_CHECKING:
    from pytest_flowcorpus.example import Excerpt

PIECES = [
    *nasty.KEPT.values(),
    *nasty.TAGS.values(),
    *nasty.TOKENS.values(),
    *nasty.TURNED.values(),
    *nasty.UNSEEN.values(),
    *(
        "\0",
        "\ud800",
        "\n",
        "\r\n",
        "\n\n",
        " ",
        "\t",
        "`",
        "<|",
        "|>",
        "</",
        "think>",
        "\\",
        "u2028",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
WRITABLE = TEXT.map(lambda text: text.replace("\ud800", ""))
STOPS = ("hidden", "aspects", "aspect_words", "request_words", "reasoning_words", "filler")
"""What says nothing of how a row is written, or is relaxed."""


def quoted(path: str, code: str) -> Excerpt:
    """Give an excerpt of a whole file."""
    return replace(excerpt(path, code), lines=((1, code.count("\n") + 1),))


@given(system=TEXT, request=TEXT, thought=TEXT, code=WRITABLE, path=WRITABLE)
def test_a_row_is_refused_or_read_back_by_an_independent_reader(
    system: str, request: str, thought: str, code: str, path: str
) -> None:
    thoughts = (*example().thoughts, Thought(f"It is {thought}.", ()))
    files = (quoted(f"src/{path}.rs", code), excerpt("b.rs"))
    told = example(system=f"It {system}.", request=f"It {request}.", thoughts=thoughts)
    told = replace(told, excerpts=files)
    if any(breach.rule not in STOPS for breach in rules.breaches(told, settings())):
        return
    line = chatml.dumps(told)
    assert len(line.decode().splitlines()) == 1
    contents = contents_of(line)
    assert contents[:2] == [told.system, told.request]
    reasoning, _, _ = contents[2].removeprefix("<think>\n").partition("\n</think>\n\n")
    assert reasoning == told.reasoning
    ended = code if code.endswith("\n") else f"{code}\n"
    assert fences_of(contents) == [(files[0].path, ended), ("b.rs", files[1].code)]
    assert not any(token in one for token in nasty.TOKENS.values() for one in contents)


@given(text=TEXT, code=WRITABLE)
def test_neither_a_page_nor_a_terminal_gets_what_acts_or_hides(text: str, code: str) -> None:
    told = example(request=text, defects=(text,), title=text, excerpts=(quoted("a.rs", code),))
    assert nasty.RAW.findall(page(told, None).replace("\r\n", "\n").replace("\ud800", "")) == []
    assert nasty.RAW.findall(visible(text + code)) == []
    assert "\n" not in visible(text + code)


@given(text=WRITABLE)
def test_every_breach_is_one_line_with_a_place(text: str) -> None:
    told = example(request=text, excerpts=(quoted("a.rs", text), excerpt("b.rs")))
    for breach in rules.breaches(told, settings()):
        if breach.rule in {"nul", "think_tags", "special_tokens", "hidden"}:
            assert str(breach).startswith(("the request", "a.rs:"))
