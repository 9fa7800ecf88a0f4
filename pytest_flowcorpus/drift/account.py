"""What became of a flow's code since its review: each fragment, its commits, what to read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.drift.diff import unified
from pytest_flowcorpus.drift.fate import is_as_it_was
from pytest_flowcorpus.drift.proposal import Proposing
from pytest_flowcorpus.drift.review import review_of
from pytest_flowcorpus.drift.sentences import concerned
from pytest_flowcorpus.drift.since import since
from pytest_flowcorpus.recital import reading_of
from pytest_flowcorpus.spec import flow_id, relative, spec_of

if TYPE_CHECKING:
    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.fate import Drifted
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.drift.since import Since
    from pytest_flowcorpus.reading import Reading
    from pytest_flowcorpus.source import Commit


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
    if review is None or all(is_as_it_was(opened, one) for one in review.fragments):
        return None
    past, reading = since(item, opened, review.revision), reading_of(item)
    stories = [_story(one, past, opened, reading) for one in past.tracing.drifted(review.fragments)]
    return Account(
        flow_id(item),
        relative(spec_of(item).path, item.config),
        review.revision,
        opened.source.revision,
        tuple(stories),
        past.problem,
    )


def _story(drifted: Drifted, past: Since, opened: OpenCorpus, reading: Reading) -> Story:
    writing = Proposing(reading, opened.corpus.repository_path, opened.corpus.spec_path)
    is_known = drifted.was is not None and (drifted.now is not None or drifted.is_gone)
    return Story(
        drifted,
        tuple(unified(drifted.was, drifted.now)) if is_known else (),
        past.commits(drifted),
        tuple(writing.proposals(drifted)),
        tuple(concerned(reading.said, drifted)),
    )
