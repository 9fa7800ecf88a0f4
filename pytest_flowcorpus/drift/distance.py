"""How far two revisions are from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.tally import Distance
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus


def distance(config: pytest.Config, opened: OpenCorpus, reviewed: str) -> Distance:
    """Count the commits between a revision that was reviewed and the one that is open."""
    progress = shown_on(config.pluginmanager.getplugin("terminalreporter"))
    try:
        config.stash[CORPORA].past(opened.corpus.folder, reviewed, progress)
        return Distance(reviewed, *opened.source.since(reviewed).distance)
    except (OpenError, SourceError) as error:
        return Distance(reviewed, problem=str(error))
