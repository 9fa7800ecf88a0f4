"""What became of a flow's code since its review: each fragment, its commits, what to read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.diff import unified
from pytest_flowcorpus.drift.fate import Tracing
from pytest_flowcorpus.drift.proposal import Proposing
from pytest_flowcorpus.drift.review import review_of
from pytest_flowcorpus.drift.sentences import concerned
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.recital import reading_of
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import flow_id, relative, spec_of

if TYPE_CHECKING:
    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.fate import Drifted
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.review import Review
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.reading import Reading
    from pytest_flowcorpus.source import Commit, History


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one fragment."""

    drifted: Drifted
    diff: tuple[str, ...] = ()
    """A unified diff; empty where one of the two codes is not known, or their lines are alike."""
    commits: tuple[Commit, ...] = ()
    """The upstream commits that touched its lines, the newest first."""
    proposals: tuple[Proposal, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """What the author reads again, in the order of the spec."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the code of one flow."""

    flow: str
    """Its node, from the corpus folder."""
    spec: str
    """Its file, from the root folder of the run."""
    reviewed: str | None
    """The revision at which it was accepted."""
    revision: str | None
    """The one that it is held against; None for a checkout."""
    stories: tuple[Story, ...]
    problem: str = ""
    """Why there are no diffs or no commits, on one line."""


def account_of(item: pytest.Item, opened: OpenCorpus) -> Account | None:
    """Give what became of a flow's code; None where all of it is as reviewed, or nothing was.

    The revision of the review, and the history since then, are fetched where they are not there.
    """
    review = review_of(item)
    if review is None or not Tracing(opened, None).drifted(review.fragments):
        return None
    return _Telling(item, opened, review).account()


class _Telling:
    """Tells of one flow; keeps why something could not be had."""

    def __init__(self, item: pytest.Item, opened: OpenCorpus, review: Review) -> None:
        self._item = item
        self._opened = opened
        self._review = review
        self._reading: Reading = reading_of(item)
        self._problem = ""
        self._past = self._opened_past()
        self._history = self._since() if self._past else None

    def account(self) -> Account:
        """Give the whole account."""
        found = Tracing(self._opened, self._past).drifted(self._review.fragments)
        stories = tuple(map(self._story, found))
        spec = relative(spec_of(self._item).path, self._item.config)
        revision = self._opened.source.revision
        reviewed = self._review.revision
        return Account(flow_id(self._item), spec, reviewed, revision, stories, self._problem)

    def _story(self, drifted: Drifted) -> Story:
        corpus = self._opened.corpus
        writing = Proposing(self._reading, corpus.repository_path, corpus.spec_path)
        is_known = drifted.was is not None and (drifted.now is not None or drifted.is_gone)
        return Story(
            drifted,
            tuple(unified(drifted.was, drifted.now)) if is_known else (),
            self._commits(drifted),
            tuple(writing.proposals(drifted)),
            tuple(concerned(self._reading.said, drifted)),
        )

    def _commits(self, drifted: Drifted) -> tuple[Commit, ...]:
        history = self._history
        if history is None:
            return ()
        try:
            if drifted.now is not None:
                return history.touching(drifted.now.path, drifted.now.lines)
            return history.removing(drifted.accepted.path, _declared(drifted))
        except SourceError as error:
            self._problem = self._problem or str(error)
            return ()

    def _opened_past(self) -> OpenCorpus | None:
        if self._review.revision is None:
            self._problem = "it was accepted from a checkout, which is no more as it was then"
            return None
        folder, config = spec_of(self._item).corpus.folder, self._item.config
        reporter = config.pluginmanager.getplugin("terminalreporter")
        try:
            return config.stash[CORPORA].past(folder, self._review.revision, shown_on(reporter))
        except OpenError as error:
            self._problem = f"the code as reviewed cannot be had: {error}"
            return None

    def _since(self) -> History | None:
        try:
            return self._opened.source.since(self._review.revision or "")
        except SourceError as error:
            self._problem = f"the commits since then cannot be had: {error}"
            return None


def _declared(drifted: Drifted) -> str:
    """Give the line that declared a fragment: it is gone where that line is."""
    text = drifted.was.text.decode() if drifted.was else ""
    name = drifted.accepted.address.rpartition("::")[2].rstrip(">")
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if name in line and not line.startswith(("//", "#["))]
    return next(iter(told or lines), name)
