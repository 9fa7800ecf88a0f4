"""How far two revisions are from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.run import Gathered


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the run's revision is from one that flows were reviewed at."""

    reviewed: str
    """A full sha."""
    ahead: int | None = None
    """Commits that only the run's revision has; None where the history cannot be had."""
    behind: int | None = None
    """Commits that only the other has."""
    problem: str = ""
    """Why it cannot."""


def distance(config: pytest.Config, opened: OpenCorpus, reviewed: str) -> Distance:
    """Count the commits between a revision that was reviewed and the one that is open."""
    progress = shown_on(config.pluginmanager.getplugin("terminalreporter"))
    try:
        config.stash[CORPORA].past(opened.corpus.folder, reviewed, progress)
        return Distance(reviewed, *opened.source.since(reviewed).distance)
    except (OpenError, SourceError) as error:
        return Distance(reviewed, problem=str(error))


def distances(
    config: pytest.Config, opened: Sequence[OpenCorpus], ran: Sequence[Gathered]
) -> tuple[Distance, ...]:
    """Tell how far the run's revision is from those that its drifted flows were reviewed at.

    Or, where none drifted, from the one that is pinned. Of several corpora none is told.
    """
    [first, *others] = opened
    now, pinned = first.source.revision, first.corpus.settings.source.rev
    if others or now is None:
        return ()
    revisions = reviewed(ran) or ([pinned] if pinned else [])
    return tuple(distance(config, first, one) for one in revisions if one != now)


def reviewed(flows: Sequence[Gathered]) -> list[str]:
    """Give the revisions that drifted flows were reviewed at, each once, in order."""
    found = (flow.drift.get("reviewed") for flow in flows)
    return list(dict.fromkeys(revision for revision in found if revision))
