"""The source as it is, compared with what it was at a review, and the commits in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.tracer import Tracer
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.rust import last_name
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import spec_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.source import Commit, History

_COMPARISONS: Final[pytest.StashKey[dict[tuple[Path, str | None], Comparison]]] = pytest.StashKey()
_CHECKOUT: Final = (
    "the code as reviewed cannot be had: the snapshot names no revision, as one that was accepted "
    "from a checkout"
)
_NO_COMMITS: Final = "what is in a checkout is in no commit yet: none are told"


@dataclass(slots=True)
class Comparison:
    """Asked by all flows of a corpus that were reviewed at one revision."""

    tracer: Tracer
    history: History | None = None
    problem: str = ""
    """Why code or commits cannot be had, on one line."""
    _commits: dict[Drifted, tuple[Commit, ...]] = field(default_factory=dict)

    def commits(self, drifted: Drifted) -> tuple[Commit, ...]:
        """Give the commits that touched a fragment's lines, the newest first.

        Raises `SourceError` where the history is damaged.
        """
        if drifted not in self._commits:
            self._commits[drifted] = self._asked(drifted)
        return self._commits[drifted]

    def _asked(self, drifted: Drifted) -> tuple[Commit, ...]:
        if self.history is None:
            return ()
        if drifted.now is not None:
            return self.history.touching(drifted.now.path, drifted.now.lines)
        return self.history.removing(drifted.accepted.path, _declared(drifted))


def comparison(flow: pytest.Item, opened: OpenCorpus, revision: str | None) -> Comparison:
    """Give the comparison with the revision that a flow was reviewed at.

    What is not there yet is fetched, once for all flows.
    """
    known = flow.config.stash.setdefault(_COMPARISONS, {})
    key = (spec_of(flow).corpus.folder, revision)
    if key not in known:
        known[key] = _comparison(flow, opened, revision)
    return known[key]


def _comparison(flow: pytest.Item, opened: OpenCorpus, revision: str | None) -> Comparison:
    if revision is None:
        return Comparison(Tracer(opened, None), problem=_CHECKOUT)
    reporter = flow.config.pluginmanager.getplugin("terminalreporter")
    folder = spec_of(flow).corpus.folder
    try:
        past = flow.config.stash[CORPORA].past(folder, revision, shown_on(reporter))
    except OpenError as error:
        problem = f"the code as reviewed cannot be had: {error}"
        return Comparison(Tracer(opened, None), problem=problem)
    if opened.source.revision is None:
        return Comparison(Tracer(opened, past), problem=_NO_COMMITS)
    try:
        return Comparison(Tracer(opened, past), opened.source.since(revision))
    except SourceError as error:
        problem = f"the commits since the review cannot be had: {error}"
        return Comparison(Tracer(opened, past), problem=problem)


def _declared(drifted: Drifted) -> str:
    """Give the line that declared a fragment: it is gone where that line is."""
    text = drifted.was.text.decode() if drifted.was else ""
    name = last_name(drifted.accepted.address)
    lines = (line.strip() for line in text.splitlines())
    code = [line for line in lines if not line.startswith(("//", "#["))]
    return next(iter([line for line in code if name in line] or code), name)
