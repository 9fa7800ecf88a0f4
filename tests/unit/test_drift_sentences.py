"""Sentences of a spec: where each begins, where it ends, and which speak of what changed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.sentences import concerned, sentences
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.reading import Said, Teller, read_function
from pytest_flowcorpus.rust import Fingerprint
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SPECS = sorted((*ROOT.glob("corpus/flow_*.py"), *ROOT.glob("tests/courier/corpus/flow_*.py")))


def parted(text: str) -> list[str]:
    return [one.text for one in sentences(Said(text, 1))]


PARTED = {
    "marks": ("One. Two! Three? Four", "One.|Two!|Three?|Four"),
    "an ellipsis": ("It waits… Then it goes. And… on", "It waits…|Then it goes.|And… on"),
    "brackets and quotes": (
        'He said "no." (Never.) “So.” It is *bold.* Or **bolder.** End',
        'He said "no."|(Never.)|“So.”|It is *bold.*|Or **bolder.**|End',
    ),
    "an apostrophe": ("'Why?' ‘Because.’ So", "'Why?'|‘Because.’|So"),
    "two closers": ('(He said "no.") Then', '(He said "no.")|Then'),
    "an opener": ("One. (Two.) [Three](x). “Four.”", "One.|(Two.)|[Three](x).|“Four.”"),
    "abbreviations": (
        "Say so, e.g. `go`, i.e. Go, cf. Stop vs. Wait. Etc. is one",
        "Say so, e.g. `go`, i.e. Go, cf. Stop vs. Wait.|Etc. is one",
    ),
    "a small letter": ("It is approx. five. Or six", "It is approx. five.|Or six"),
    "a number": ("Version 1.2 has it. 3 do not", "Version 1.2 has it.|3 do not"),
    "a dot in a name": ("See flowcorpus.toml for it. Now", "See flowcorpus.toml for it.|Now"),
    "a code span at an end": ("It calls `go`. Then `stop`.", "It calls `go`.|Then `stop`."),
    "a code span at a start": ("It ends. `go` begins.", "It ends.|`go` begins."),
    "a sentence in a code span": (
        "Say `one. Two. Three` here. End",
        "Say `one. Two. Three` here.|End",
    ),
    "backticks apart from what they hold": (
        "Say `` a. `` or ``` b! C? ``` here. End",
        "Say `` a. `` or ``` b! C? ``` here.|End",
    ),
    "two backticks": ("Say `` a. `B` `` here. End", "Say `` a. `B` `` here.|End"),
    "a span of dots": ("From `a..B` on. End", "From `a..B` on.|End"),
    "a span that asks": (
        "Is it `go()?` Here `?` is one. End",
        "Is it `go()?` Here `?` is one.|End",
    ),
    "a bare path at an end": ("It calls a::go. Then it ends.", "It calls a::go.|Then it ends."),
    "a run that nothing closes": ("One ` here. Two. Three", "One ` here.|Two.|Three"),
    "lines": ("One\ngoes on. Two\ngoes\non.\nThree", "One goes on.|Two goes on.|Three"),
    "paragraphs": ("One\n\nTwo\n \n\nThree", "One|Two|Three"),
    "a list": (
        "So:\n- one\n  goes on\n- two. Three\n* four",
        "So:|- one goes on|- two.|Three|* four",
    ),
    "a numbered list": ("1. One.\n2. Two. Three.\n10) Four", "1. One.|2. Two.|Three.|10) Four"),
    "a heading": ("# Head\nOne. Two", "# Head|One.|Two"),
    "a quote": ("> One. Two\n> goes on.", "> One.|Two > goes on."),
    "a fenced block": (
        "See:\n```rust\nlet a = b. C;\n// One. Two.\n```\nEnd",
        "See:|let a = b. C;|// One. Two.|End",
    ),
    "line ends of other systems": (
        "One.\r\nTwo\r\ngoes on.\r\n\r\nThree",
        "One.|Two goes on.|Three",
    ),
    "nothing": (" \n\n ", ""),
    "blanks around": ("\n\n   One.   Two.  \n\n", "One.|Two."),
}


@pytest.mark.parametrize(("text", "parts"), PARTED.values(), ids=PARTED)
def test_a_text_is_parted_into_its_sentences(text: str, parts: str) -> None:
    assert "|".join(parted(text)) == parts


@given(st.text("aB .!?`\n-1)(\"'>#:_e", max_size=80).filter(lambda text: "```" not in text))
def test_no_word_is_lost_and_none_comes_twice(text: str) -> None:
    assert " ".join(parted(text)).split() == text.split()


@given(st.text("aB .!?`\n\r-1)(\"'>#:~", max_size=80), st.integers(1, 500))
def test_a_sentence_begins_in_the_line_that_is_told(text: str, line: int) -> None:
    told = text.split("\n")
    found = [*sentences(Said(text, line))]
    assert [one.line for one in found] == sorted(one.line for one in found)
    for one in found:
        assert stands(told, one.line - line, one.text)


def stands(lines: list[str], at: int, text: str) -> bool:
    """Tell whether a sentence begins in the line of that index."""
    first = " ".join(lines[at].split())
    begins = " ".join(" ".join(lines[at : at + 40]).split()).find(text)
    return 0 <= begins < max(len(first), 1)


def said(code: str) -> list[Said]:
    found = read_function(code.encode(), "flow_x", {"flow": Teller()})
    assert found is not None
    return found.said


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_sentence_of_every_spec_lies_where_it_says(spec: Path) -> None:
    code = spec.read_bytes()
    lines = code.decode().splitlines()
    names = [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    count = 0
    for name in names:
        reading = read_function(code, name, {"flow": Teller()})
        assert reading is not None
        for one in reading.said:
            for sentence in sentences(one):
                assert stands(lines, sentence.line - 1, sentence.text), sentence
                count += 1
    assert count > 10


def test_there_are_specs_to_look_at() -> None:
    assert len(SPECS) > 20


@pytest.mark.parametrize(
    ("argument", "lines"),
    [
        ('"""One.\n    Two.\n    """', [2, 3]),
        ('"""\n    One.\n\n    Two.\n    """', [3, 5]),
        ('"One. Two."', [2, 2]),
        (r'"One.\nTwo."', [2, 2]),
        ('"""\\\n    One.\n    Two."""', [2, 2]),
        ('"One. "\n    "Two."', [2, 2]),
        ("text", [2, 2]),
        ('\n    """One.\n    Two."""', [3, 4]),
        ('covers=["x"], text="One. Two."', []),
        ('text="""One.\n    Two."""', [2, 3]),
    ],
)
def test_a_line_is_told_as_far_as_the_text_stands_there_line_for_line(
    argument: str, lines: list[int]
) -> None:
    code = f"def flow_x(flow):\n    flow.think({argument})\n"
    names = {"flow": Teller(), "text": "One.\nTwo."}
    reading = read_function(code.encode(), "flow_x", names)
    assert reading is not None
    assert [one.line for text in reading.said for one in sentences(text)] == lines


def test_a_spec_with_line_ends_of_other_systems_is_counted_as_editors_do() -> None:
    code = 'def flow_x(flow):\n    flow.request("""\n    One\n    goes on. Two.\n    """)\n'
    [text] = said(code.replace("\n", "\r\n"))
    assert [(one.line, one.text) for one in sentences(text)] == [(3, "One goes on."), (4, "Two.")]


DIGESTS = Fingerprint(*"tcasb")


def drifted(
    *fates: Fate, was: str = "", now: str | None = "", address: str = "go", to: str = ""
) -> Drifted:
    accepted = Accepted("src/a.rs", address, "fn", DIGESTS)
    then = Standing("src/a.rs", address, (1, 1), was.encode()) if was else None
    there = None if now is None else Standing("src/a.rs", to or address, (1, 1), now.encode())
    return Drifted(accepted, fates, then, there)


def told(text: str, what: Drifted) -> list[str]:
    return [one.text for one in concerned([Said(text, 1)], what)]


PROSE = "First `go` runs. Then `held` counts. `Db::go` too. Last `stop(held)` ends."


def test_a_sentence_that_says_the_name_of_what_changed_is_concerned() -> None:
    body = drifted(Fate.BODY, was="a(1)", now="a(2)")
    assert told(PROSE, body) == ["First `go` runs.", "`Db::go` too."]
    gone = drifted(Fate.GONE, was="a(1)", now=None)
    assert told(PROSE, gone) == ["First `go` runs.", "`Db::go` too."]


def test_a_sentence_whose_words_all_changed_is_concerned_and_no_other() -> None:
    body = drifted(Fate.BODY, was="held", now="x", address="other")
    assert told(PROSE, body) == ["Then `held` counts."]
    body = drifted(Fate.BODY, was="stop(held)", now="x", address="other")
    assert told(PROSE, body) == ["Then `held` counts.", "Last `stop(held)` ends."]


def test_a_word_that_stands_in_both_codes_concerns_nobody() -> None:
    body = drifted(Fate.BODY, was="held\nstop(a)", now="held\nstop(b)", address="other")
    assert told(PROSE, body) == []


def test_what_a_hop_leads_to_counts_where_it_stands_on_a_line_that_changed() -> None:
    was, now = "send(a);\nstay();\nleave();", "send(b);\nstay();\nleave();"
    body = drifted(Fate.BODY, was=was, now=now, address="other")
    text = "It calls `send`. And `Queue::send`. It may `stay`. Or `leave`."
    hops = frozenset(("send", "stay"))
    assert [one.text for one in concerned([Said(text, 1)], body, hops)] == [
        *("It calls `send`.", "And `Queue::send`."),
    ]
    assert told(text, body) == []
    known_now = drifted(Fate.GONE, was=was, now=None, address="other")
    assert concerned([Said(text, 1)], known_now, hops) == []


@pytest.mark.parametrize("fate", [Fate.FORMAT, Fate.COMMENTS, Fate.ATTRIBUTES, Fate.MOVED])
def test_what_does_the_same_as_before_concerns_no_name(fate: Fate) -> None:
    assert told(PROSE, drifted(fate, was="a", now="a ")) == []


def test_a_change_of_format_concerns_nothing_at_all() -> None:
    assert told(PROSE, drifted(Fate.FORMAT, was="held", now="x")) == []


def test_a_comment_that_changed_concerns_what_quotes_it() -> None:
    found = drifted(Fate.COMMENTS, was="// held", now="// kept")
    assert told(PROSE, found) == ["Then `held` counts."]


def test_a_new_name_concerns_what_says_the_old_one() -> None:
    assert told(PROSE, drifted(Fate.RENAMED, was="a", now="a", to="run")) == [
        *("First `go` runs.", "`Db::go` too."),
    ]


def test_names_of_the_prelude_concern_nobody() -> None:
    found = drifted(Fate.BODY, was="Ok(x)", now="Some(None)")
    assert told("It gives `Ok`, or `None`. It is `Ok(x)`.", found) == ["It is `Ok(x)`."]


def test_code_in_a_fence_is_concerned_line_by_line() -> None:
    text = "See:\n```rust\nlet a = held;\nstop(go);\nb.held\n```\nEnd"
    found = drifted(Fate.BODY, was="x", now="y", address="held")
    assert told(text, found) == ["let a = held;", "b.held"]


def test_a_block_is_known_by_all_of_its_names() -> None:
    found = drifted(Fate.BODY, was="x", now="y", address="impl From<Error> for Response")
    assert told("A `Response` is made. An `Error` too. A `From`. A `Request`.", found) == [
        *("A `Response` is made.", "An `Error` too.", "A `From`."),
    ]


def test_where_no_code_is_known_names_alone_count() -> None:
    assert told(PROSE, drifted(Fate.BODY, now="held")) == ["First `go` runs.", "`Db::go` too."]
