"""The drift of a flow as it stands below its failure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.drift import view
from pytest_flowcorpus.drift.diff import unified
from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import BREAKING, Fate
from pytest_flowcorpus.drift.flow import FlowDrift
from pytest_flowcorpus.drift.fragment import FragmentDrift
from pytest_flowcorpus.drift.proposal import Proposal
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.sentences import Sentence
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.source import Commit

WAS = Standing("src/a.rs", "go", (3, 9), b"")
NOWHERE = "nothing like it stands in the source"
NOW = Standing("src/b.rs", "gone", (30, 39), b"")


def drifted(*fates: Fate, **changes: Any) -> Drifted:
    accepted = Accepted("src/a.rs", "go", "fn", Fingerprint(*"tcasb"))
    return Drifted(accepted, fates or (Fate.BODY,), **{"was": WAS, "now": NOW, **changes})


def fragment(**changes: Any) -> FragmentDrift:
    return FragmentDrift(**{"drifted": drifted(), **changes})


def drift(*fragments: FragmentDrift, **changes: Any) -> FlowDrift:
    whole = {
        "flow": "flow_x.py::flow_x",
        "spec": "corpus/flow_x.py",
        "reviewed": "a" * 40,
        "revision": "b" * 40,
        "fragments": fragments,
    }
    return FlowDrift(**{**whole, **changes})


def lines(of: FlowDrift, *, is_full: bool = False) -> list[str]:
    return [line for line, _ in view.lines(of, is_full=is_full)]


def commits(count: int) -> tuple[Commit, ...]:
    return tuple(Commit(f"{n:040}", "2026-01-31", f"Subject {n}") for n in range(count))


def sentences(count: int) -> tuple[Sentence, ...]:
    return tuple(Sentence(f"It says `x{n}`.", n + 1) for n in range(count))


def test_lines_are_coloured_by_what_they_ask_for() -> None:
    broken = fragment(drifted=drifted(Fate.GONE), commits=commits(7))
    changed = fragment(diff=("@@ -3 +30 @@", "-a", "+b", " c"), proposals=(Proposal("y", 1),))
    told = drift(broken, changed, named=(fragment(),), problem="it was cut")
    marks = {line.strip()[:12]: marks for line, marks in view.lines(told, is_full=False) if marks}
    assert marks == {
        "src/a.rs::go": {"red": True},
        "… 2 more com": {"light": True},
        "write in cor": {"green": True},
        "@@ -3 +30 @@": {"cyan": True},
        "-a": {"red": True},
        "+b": {"green": True},
        "it was cut": {"yellow": True},
    }
    for one, colour in ((broken, "red"), (changed, "yellow")):
        _, marks_of_head = next(view.lines(drift(one), is_full=False))
        assert marks_of_head == {colour: True, "bold": True}


def test_all_that_is_known_of_a_fragment_stands_below_it() -> None:
    whole = fragment(
        drifted=drifted(Fate.MOVED, Fate.BODY, others=("src/c.rs::go",)),
        diff=("@@ -3 +30 @@", "-a", "+b", " c"),
        commits=commits(1),
        proposals=(Proposal('x.extract("gone")', 12), Proposal("y")),
        sentences=(Sentence("It goes.", 7),),
    )
    assert lines(drift(whole, problem="it was cut")) == [
        "src/a.rs::go: moved, body",
        "  src/b.rs:30-39  gone",
        "  or src/c.rs::go",
        '  write in corpus/flow_x.py:12: x.extract("gone")',
        "  write in corpus/flow_x.py: y",
        "    @@ -3 +30 @@",
        "    -a",
        "    +b",
        "     c",
        "  by 000000000000 2026-01-31 Subject 0",
        "  read again corpus/flow_x.py:7: It goes.",
        "it was cut",
    ]


def test_what_is_gone_is_told_so_and_what_does_not_parse_stands_nowhere() -> None:
    gone = fragment(drifted=drifted(Fate.GONE, now=None))
    assert lines(drift(gone)) == ["src/a.rs::go: gone", f"  {NOWHERE}; it was src/a.rs:3-9"]
    unknown = fragment(drifted=drifted(Fate.GONE, now=None, was=None))
    assert lines(drift(unknown)) == ["src/a.rs::go: gone", f"  {NOWHERE}"]
    broken = fragment(drifted=drifted(Fate.UNPARSABLE, now=None))
    assert lines(drift(broken)) == ["src/a.rs::go: unparsable"]


@pytest.mark.parametrize(
    ("fates", "told"),
    [
        ((Fate.FORMAT,), "format only"),
        ((Fate.COMMENTS,), "comments or docs only"),
        ((Fate.ATTRIBUTES,), "attributes only"),
        ((Fate.BODY,), "body"),
        ((Fate.SIGNATURE,), "signature"),
        ((Fate.GONE,), "gone"),
        ((Fate.MOVED,), "moved"),
        ((Fate.MOVED, Fate.FORMAT), "moved, format"),
        ((Fate.ATTRIBUTES, Fate.COMMENTS), "attributes, comments or docs"),
    ],
)
def test_what_happened_is_said_in_words(fates: tuple[Fate, ...], told: str) -> None:
    assert view.told(drifted(*fates)) == told


@pytest.mark.parametrize("fate", Fate)
def test_red_is_what_no_address_finds_any_more(fate: Fate) -> None:
    (_, markup), *_ = view.lines(drift(fragment(drifted=drifted(fate))), is_full=False)
    assert markup == {"red" if fate in BREAKING else "yellow": True, "bold": True}


def test_a_diff_is_coloured_line_by_line() -> None:
    shown = view.lines(drift(fragment(diff=("@@ x @@", "+a", "-b", " c"))), is_full=False)
    assert [markup for line, markup in shown if line.startswith("    ")] == [
        {"cyan": True}, {"green": True}, {"red": True}, {}
    ]  # fmt: skip


def cut(name: str, told: tuple[object, ...], *, is_full: bool = False) -> list[str]:
    """Give the lines about one thing alone."""
    return lines(drift(fragment(**{name: told})), is_full=is_full)[2:]


@pytest.mark.parametrize(
    ("name", "most", "what"),
    [("diff", 40, "lines of diff"), ("commits", 5, "commits"), ("sentences", 8, "sentences")],
)
def test_what_is_long_is_cut_and_says_by_how_much(name: str, most: int, what: str) -> None:
    def many(count: int) -> tuple[object, ...]:
        made = {"commits": commits, "sentences": sentences}.get(name)
        return made(count) if made else tuple(f"+{n}" for n in range(count))

    assert cut(name, ()) == []
    for count in (1, most, most + 1):
        assert cut(name, many(count)) == cut(name, many(count), is_full=True)
        assert len(cut(name, many(count))) == count
    short = cut(name, many(most + 2))
    assert short[-1] == f"  … 2 more {what} (-vv shows all)"
    assert short[:-1] == cut(name, many(most))
    assert f"… {2000 - most:,} more {what}" in cut(name, many(2000))[-1]
    assert len(cut(name, many(2000), is_full=True)) == 2000


def test_a_sentence_or_a_line_to_write_is_told_once_for_all_fragments() -> None:
    two = sentences(2)
    write = Proposal("x", 1)
    shown = lines(drift(*(fragment(sentences=two, proposals=(write,)) for _ in range(3))))
    assert sum("read again" in line for line in shown) == 2
    assert sum("write in" in line for line in shown) == 1


def test_of_what_asserts_speak_the_address_is_told() -> None:
    one = fragment(drifted=drifted(Fate.RENAMED), proposals=(Proposal('"b.rs::gone"', 4),))
    assert lines(drift(named=(one,))) == [
        "src/a.rs::go: renamed",
        '  write in corpus/flow_x.py:4: "b.rs::gone"',
    ]


def test_where_the_address_still_finds_it_the_lines_are_enough() -> None:
    assert lines(drift(fragment()))[1] == "  src/b.rs:30-39"


def test_a_note_stands_with_the_place() -> None:
    shown = lines(drift(fragment(drifted=drifted(note="Of note."))))
    assert shown[2] == "  Of note."


def test_in_a_few_words_each_fragment_is_told_by_its_address() -> None:
    two = (fragment(), fragment(drifted=drifted(Fate.FORMAT)))
    assert view.brief(drift(*two)) == "drift: go body; go format only"


def test_above_it_stands_the_flow_and_since_when() -> None:
    assert view.head(drift()) == "drift of flow_x.py::flow_x since aaaaaaaaaaaa"
    assert view.head(drift(reviewed=None)) == "drift of flow_x.py::flow_x"


def test_where_the_old_code_is_not_known_the_digests_that_changed_are_told() -> None:
    now = Fingerprint("t2", "c", "a", "s", "b" * 64)
    found = drifted(was=None, fingerprint=now)
    assert lines(drift(fragment(drifted=found)))[2:] == [
        "  sha256 of its text t2, accepted t",
        "  sha256 of its body bbbbbbbbbbbb, accepted b",
    ]


hostile = st.text("ab\x1b\x9b\r\n\t\x07\u202e\u2028\0[31m", min_size=1)


@given(hostile)
def test_nothing_that_upstream_or_a_snapshot_says_acts_on_a_terminal(text: str) -> None:
    old, new = (Standing(text, text, (1, 2), one.encode()) for one in (text, text + "x"))
    accepted = Accepted(text, text, "fn", Fingerprint(*[text] * 5))
    digests = Fingerprint(*"tcasb")
    found = [
        Drifted(accepted, (Fate.BODY,), was, new, others=(text,), fingerprint=digests, note=text)
        for was in (old, None)
    ]
    told = (
        FragmentDrift(
            one,
            tuple(unified(old, new)),
            (Commit("c" * 40, "2026-01-31", text),),
            (Proposal(text, 1),),
            (Sentence(text, 1),),
        )
        for one in found
    )
    whole = drift(*told, spec=text, flow=text, reviewed=text, problem=text, named=(fragment(),))
    shown = [*lines(whole), *lines(whole, is_full=True), view.head(whole), view.brief(whole)]
    assert all(line.isprintable() for line in shown)
