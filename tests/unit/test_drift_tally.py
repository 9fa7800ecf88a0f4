"""The summary of a run's drift, for people and for programs."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from pytest_flowcorpus.drift.distance import Distance, reviewed
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.file import FILE, as_data
from pytest_flowcorpus.drift.outcome import Outcome, outcome
from pytest_flowcorpus.drift.tally import Tally
from pytest_flowcorpus.run import Gathered

OLD, NEW = "a" * 40, "b" * 40


def fragment(fates: str, address: str = "go", commits: tuple[str, ...] = ()) -> dict[str, Any]:
    told = [{"sha": NEW, "date": "2026-01-31", "subject": one} for one in commits]
    place = {"path": "src/a.rs", "address": address}
    return {**place, "changes": fates.split("+"), "commits": told}


def flow(*fates: str, name: str = "flow_x", reason: str = "because", **drift: Any) -> Gathered:
    """Give a flow that failed; of its fragments each has one of the `fates`, joined by ``+``."""
    fragments = [fragment(one) for one in fates]
    whole = {"fragments": fragments, "reviewed": OLD, "holds": True, "is_broken": False}
    told = {**whole, **drift} if fates else {}
    return Gathered(f"{name}.py::{name}", (f"{name}.py", 0), "corpus", drift=told, reason=reason)


PASSED = flow(reason="")


def lines(
    *flows: Gathered, at: str | None = NEW, distances: tuple[Distance, ...] = ()
) -> list[str]:
    return [line for line, _ in Tally(flows, distances).lines(at)]


@pytest.mark.parametrize(
    ("of", "is_what"),
    [
        (PASSED, Outcome.UNCHANGED),
        (flow(), Outcome.FAILED),
        (flow("body"), Outcome.DRIFTED),
        (flow("body", holds=False), Outcome.BROKEN),
        (flow("renamed", is_broken=True), Outcome.BROKEN),
        (flow("body", reason=""), Outcome.UNCHANGED),
    ],
)
def test_a_flow_is_unchanged_drifted_broken_or_failed(of: Gathered, is_what: Outcome) -> None:
    assert outcome(of) is is_what


def test_nothing_is_told_as_nothing() -> None:
    assert lines() == ["drift: 0 unchanged, 0 drifted, 0 broken"]


def test_flows_are_counted_by_what_became_of_them_and_by_kind() -> None:
    told = lines(PASSED, flow("body", "body+comments"), flow("comments"), flow("gone"))
    assert told[0] == (
        "drift: 1 unchanged, 3 drifted, 0 broken (gone in 1, body in 1, comments or docs in 2)"
    )
    told = lines(PASSED, flow(), flow("body", is_broken=True))
    assert told[0] == "drift: 1 unchanged, 0 drifted, 1 broken, 1 failed (body in 1)"


def test_a_fragment_is_told_once_for_all_flows_with_its_latest_commit() -> None:
    both = [fragment("body+comments", "x", ("Newest", "Older")), fragment("gone", "b")]
    told = lines(flow("gone", fragments=both), flow("gone", fragments=both[:1]), PASSED)
    assert told[1:] == [
        f"drift:   src/a.rs::x: body, comments; in 2 flows; {NEW[:12]} Newest",
        "drift:   src/a.rs::b: gone; in 1 flow",
    ]


@pytest.mark.parametrize(("count", "last"), [(20, "flow"), (21, "1 more"), (1020, "1,000 more")])
def test_of_many_fragments_those_of_most_flows_are_told(count: int, last: str) -> None:
    many = [fragment("body", f"x{number:04}") for number in range(count)]
    told = lines(flow("body", fragments=many), flow("body", fragments=many[-1:]))[1:]
    assert told[0] == f"drift:   src/a.rs::x{count - 1:04}: body; in 2 flows"
    assert told[-1].endswith(last)
    assert sum("src/a.rs" in line for line in told) == 20


def test_of_as_many_flows_fragments_come_by_their_places_and_what_is_left_out_is_light() -> None:
    many = [fragment("body", f"x{number:04}") for number in range(21)]
    told = [*Tally((flow("body", fragments=many[::-1]),)).lines(NEW)][1:]
    assert [line.split(":")[3] for line, _ in told[:-1]] == [
        f"x{number:04}" for number in range(20)
    ]
    assert [marks for _, marks in told] == [{}] * 20 + [{"light": True}]


def test_nothing_that_upstream_says_acts_on_a_terminal() -> None:
    hostile = fragment("body", "\x1b[2J", ("\x9b31m\u202e",))
    assert all(line.isprintable() for line in lines(flow("body", fragments=[hostile])))


def test_a_flow_counts_once_for_a_kind_however_many_fragments_have_it() -> None:
    assert Tally((flow("body", "body", "body+format"),)).fates() == {Fate.BODY: 1, Fate.FORMAT: 1}


def test_every_kind_can_be_told_in_the_order_in_which_they_are_declared() -> None:
    told = Tally((flow(*sorted(Fate)),)).fates()
    assert [*told] == [*Fate]


def test_many_are_told_with_commas() -> None:
    assert "1,000 unchanged" in lines(*[PASSED] * 1000)[0]


def test_it_is_red_where_something_is_broken_or_failed() -> None:
    def colour(one: Gathered) -> object:
        (_, markup), *_ = Tally((one, PASSED)).lines(NEW)
        return markup

    assert colour(flow("body")) == colour(PASSED) == {}
    assert colour(flow("body", holds=False)) == colour(flow()) == {"red": True}


@pytest.mark.parametrize(
    ("ahead", "behind", "told"),
    [
        (0, 0, "0 commits ahead of"),
        (1, 0, "1 commit ahead of"),
        (2, 0, "2 commits ahead of"),
        (1234, 0, "1,234 commits ahead of"),
        (0, 1, "0 commits ahead and 1 behind of"),
        (1, 2345, "1 commit ahead and 2,345 behind of"),
    ],
)
def test_a_distance_is_told_in_commits(ahead: int, behind: int, told: str) -> None:
    found = lines(distances=(Distance(OLD, ahead, behind),))
    assert found[1:] == [f"drift: {NEW[:12]} is {told} {OLD[:12]}"]


def test_a_distance_that_is_not_known_says_why() -> None:
    found = lines(at=None, distances=(Distance(OLD, problem="a checkout; so"),))
    assert found[1:] == [
        f"drift: how far the checkout is from {OLD[:12]} cannot be told: a checkout; so"
    ]


def test_every_revision_that_was_reviewed_is_named_once_in_order() -> None:
    flows = [flow("body"), flow("body", reviewed="c"), flow("body", reviewed=None), PASSED]
    assert reviewed([*flows, flow("gone")]) == [OLD, "c"]


def test_for_programs_all_of_it_is_told_but_how_it_was_judged() -> None:
    flows = (PASSED, flow("body+format", name="flow_y"))
    tally = Tally(flows, (Distance(OLD, 3, 0), Distance(NEW, problem="cut")))
    source = {"git": "https://x", "revision": NEW, "root": "src", "licenses": ["long"]}
    told = as_data(tally, source, is_whole=False)
    assert told == {
        "drift": {
            "format": 1, "git": "https://x", "revision": NEW, "root": "src", "whole": False
        },
        "totals": {
            "unchanged": 1, "drifted": 1, "broken": 0, "failed": 0,
            "changes": {"body": 1, "format": 1},
        },
        "distances": [
            {"from": OLD, "ahead": 3, "behind": 0, "problem": ""},
            {"from": NEW, "ahead": None, "behind": None, "problem": "cut"},
        ],
        "flows": [
            {"flow": "flow_x.py::flow_x", "outcome": "unchanged", "failure": ""},
            {
                "flow": "flow_y.py::flow_y", "outcome": "drifted", "failure": "because",
                "fragments": [fragment("body+format")], "reviewed": OLD,
            },
        ],
    }  # fmt: skip
    assert orjson.loads(orjson.dumps(told)) == told


def test_what_was_written_is_known_again(tmp_path: Any) -> None:
    path = tmp_path / "drift.json"
    FILE.write(path, as_data(Tally(()), {}, is_whole=True))
    FILE.check(path)
