"""What became of a flow's code since its review: each fragment, its commits, what to read again."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.diff import unified
from pytest_flowcorpus.drift.fate import is_as_it_was
from pytest_flowcorpus.drift.proposal import Proposing, moved_files
from pytest_flowcorpus.drift.review import review_of
from pytest_flowcorpus.drift.sentences import concerned
from pytest_flowcorpus.drift.since import since
from pytest_flowcorpus.recital import reading_of
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import flow_id, relative, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.fate import Drifted
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.review import Review
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.drift.since import Since
    from pytest_flowcorpus.example import Hop
    from pytest_flowcorpus.reading import Reading
    from pytest_flowcorpus.source import Commit

_WORD: Final = re.compile(r"\w+")


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
    problem: str = ""
    """Why its commits cannot be told, on one line."""


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
    """Of its fragments."""
    named: tuple[Story, ...] = ()
    """Of the items that its asserts speak of, where their addresses are broken."""
    problem: str = ""
    """Why there are no diffs or no commits, on one line."""


def account_of(item: pytest.Item, opened: OpenCorpus, hops: Iterable[Hop] = ()) -> Account | None:
    """Give what became of a flow's code; None where all of it is as reviewed, or nothing was.

    The revision of the review, and the history since then, are fetched where they are not there.
    `hops` are those that the flow has told of before it failed.
    """
    review = review_of(item)
    if review is None or all(is_as_it_was(opened, one) for one in review.fragments):
        return None
    past, reading = since(item, opened, review.revision), reading_of(item)
    found = past.tracing.drifted(review.fragments)
    files = moved_files(found, opened.source.paths())
    writing = Proposing(reading, opened.corpus, files)
    callees = _callees(hops)
    stories = [
        replace(
            _story(one, past, tuple(writing.extracts(one))),
            sentences=tuple(concerned(reading.said, one, callees[str(one.accepted)])),
        )
        for one in found
    ]
    return Account(
        flow_id(item),
        relative(spec_of(item).path, item.config),
        review.revision,
        opened.source.revision,
        tuple(stories),
        tuple(_named(past, reading, review, writing)),
        past.problem or next((one.problem for one in stories if one.problem), ""),
    )


def _callees(hops: Iterable[Hop]) -> defaultdict[str, frozenset[str]]:
    """Give the names that the hops of each fragment lead to."""
    callees: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for hop in hops:
        callees[hop.caller] |= frozenset(_WORD.findall(hop.callee)[-1:])
    return callees


def _story(drifted: Drifted, past: Since, proposals: tuple[Proposal, ...]) -> Story:
    is_known = drifted.was is not None and (drifted.now is not None or drifted.is_gone)
    diff = tuple(unified(drifted.was, drifted.now)) if is_known else ()
    try:
        return Story(drifted, diff, past.commits(drifted), proposals)
    except SourceError as error:
        return Story(drifted, diff, proposals=proposals, problem=str(error))


def _named(past: Since, reading: Reading, review: Review, writing: Proposing) -> Iterator[Story]:
    """Tell of the items that asserts speak of and that no longer stand where they stood."""
    known = {(one.path, one.address) for one in review.fragments}
    places = dict.fromkeys((writing.path_of(one), one.address) for one in reading.named)
    then = (past.tracing.as_it_was(*place) for place in places if place not in known)
    for drifted in past.tracing.drifted(one for one in then if one is not None):
        if drifted.is_broken:
            yield Story(drifted, proposals=tuple(writing.addresses(drifted)))
