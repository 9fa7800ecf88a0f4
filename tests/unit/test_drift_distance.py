"""How far a run is from a review, and what is told where that is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.distance import Distance, distance, distances
from pytest_flowcorpus.drift.tally import Tally, tally
from pytest_flowcorpus.run import Gathered
from pytest_flowcorpus.source import SourceUnavailable
from tests.unit import flows
from tests.unit.flows import NOW, REVIEWED, Commits, Run

if TYPE_CHECKING:
    from pathlib import Path


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changes: Any) -> Run:
    tmp_path.mkdir(exist_ok=True)
    return flows.run(monkeypatch, tmp_path / "corpus", {}, {}, **changes)


def asked(of: Run) -> Distance:
    return distance(of.config, of.opened, REVIEWED)


def test_it_is_counted_in_commits_ahead_and_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = run(monkeypatch, tmp_path, history=Commits(distance=(7, 2)))
    assert asked(of) == Distance(REVIEWED, ahead=7, behind=2)
    assert of.past.asked == [(tmp_path / "corpus", REVIEWED)]
    assert of.reporter.lines == ["flowcorpus: fetching"]


def test_where_the_review_cannot_be_had_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = run(monkeypatch, tmp_path)
    of.past.found = OpenError("upstream has no such commit")
    assert asked(of) == Distance(REVIEWED, problem="upstream has no such commit")


def test_where_the_commits_between_cannot_be_had_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = run(monkeypatch, tmp_path, history=SourceUnavailable("its history was cut"))
    assert asked(of) == Distance(REVIEWED, problem="its history was cut")


CUT = "c" * 40


def ran(*reviewed: str | None) -> list[Gathered]:
    """Give flows that drifted since these revisions; those that did not have None."""
    told = ({"reviewed": one} if one else {} for one in reviewed)
    return [Gathered("flow_x", ("flow_x.py", 0), "corpus", drift=one) for one in told]


@pytest.mark.parametrize(
    ("reviewed", "told"),
    [
        ((None,), [REVIEWED]),  # which is the one that is pinned
        ((), [REVIEWED]),
        ((CUT, None, REVIEWED, CUT), [CUT, REVIEWED]),
        ((NOW, CUT), [CUT]),
        ((NOW,), []),
    ],
)
def test_it_is_told_of_each_review_that_is_not_of_the_runs_own_revision(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reviewed: tuple[str | None, ...],
    told: list[str],
) -> None:
    of = run(monkeypatch, tmp_path)
    of.past.found = OpenError("cut")
    found = distances(of.config, [of.opened], ran(*reviewed))
    assert found == tuple(Distance(one, problem="cut") for one in told)


def test_where_nothing_is_pinned_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = run(monkeypatch, tmp_path)
    settings = of.opened.corpus.settings
    corpus = replace(
        of.opened.corpus, settings=replace(settings, source=replace(settings.source, rev=None))
    )
    assert distances(of.config, [replace(of.opened, corpus=corpus)], []) == ()


def test_of_a_checkout_and_of_several_corpora_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = run(monkeypatch, tmp_path)
    assert distances(of.config, [of.opened, of.opened], ran(REVIEWED)) == ()
    of = run(monkeypatch, tmp_path / "b", revision=None)
    assert distances(of.config, [of.opened], ran(REVIEWED)) == ()


def test_a_tally_has_the_boththat_ran_and_their_distances(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, both = run(monkeypatch, tmp_path), ran(REVIEWED, None)
    found = (Distance(REVIEWED, 3, 0),)
    assert tally(of.config, [of.opened], both) == Tally(tuple(both), found)
