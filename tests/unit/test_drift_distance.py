"""How far a run is from a review, and what is told where that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.distance import Distance, distance
from pytest_flowcorpus.source import SourceUnavailable
from tests.unit import flows
from tests.unit.flows import REVIEWED, Commits, Run

if TYPE_CHECKING:
    from pathlib import Path


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changes: Any) -> Run:
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
