"""What became of a flow's code since its review, fragment by fragment."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.comparison import comparison
from pytest_flowcorpus.drift.fragment import FragmentDrift, fragment_drift
from pytest_flowcorpus.drift.proposal import Proposer, moved_files
from pytest_flowcorpus.drift.review import review_of
from pytest_flowcorpus.drift.sentences import concerned
from pytest_flowcorpus.drift.tracer import is_as_it_was
from pytest_flowcorpus.recital import reading_of
from pytest_flowcorpus.spec import flow_id, relative, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.comparison import Comparison
    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.drift.review import Review
    from pytest_flowcorpus.drift.tracer import Tracer
    from pytest_flowcorpus.example import Hop
    from pytest_flowcorpus.reading import Reading

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class FlowDrift:
    """What became of the code of one flow."""

    flow: str
    """Its node, from the corpus folder."""
    spec: str
    """Its file, from the root folder of the run."""
    reviewed: str | None
    """The revision at which it was accepted."""
    revision: str | None
    """The one that it is held against; None for a checkout."""
    fragments: tuple[FragmentDrift, ...]
    """Of those that it extracts."""
    named: tuple[FragmentDrift, ...] = ()
    """Of the items that its asserts speak of, where their addresses are broken."""
    problem: str = ""
    """Why there are no diffs or no commits, on one line."""


def flow_drift(item: pytest.Item, opened: OpenCorpus, hops: Iterable[Hop] = ()) -> FlowDrift | None:
    """Give what became of a flow's code; None where all of it is as reviewed, or nothing was.

    The revision of the review, and the history since then, are fetched where they are not there.
    `hops` are those that the flow has told of before it failed.
    """
    review = review_of(item)
    if review is None or all(is_as_it_was(opened, one) for one in review.fragments):
        return None
    compared, reading = comparison(item, opened, review.revision), reading_of(item)
    found = compared.tracer.drifted(review.fragments)
    proposer = Proposer(reading, opened.corpus, moved_files(found, opened.source.paths()))
    fragments = tuple(_extracted(found, compared, reading, proposer, _callees(hops)))
    return FlowDrift(
        flow_id(item),
        relative(spec_of(item).path, item.config),
        review.revision,
        opened.source.revision,
        fragments,
        tuple(_named(compared.tracer, reading, review, proposer)),
        compared.problem or next((one.problem for one in fragments if one.problem), ""),
    )


def _extracted(
    found: Iterable[Drifted],
    compared: Comparison,
    reading: Reading,
    proposer: Proposer,
    callees: defaultdict[str, frozenset[str]],
) -> Iterator[FragmentDrift]:
    """Tell of the fragments that are not as they were reviewed."""
    for drifted in found:
        called = callees[str(drifted.accepted)]
        sentences = tuple(concerned(reading.said, drifted, called))
        proposals = tuple(proposer.extracts(drifted))
        yield fragment_drift(drifted, compared, proposals, sentences)


def _callees(hops: Iterable[Hop]) -> defaultdict[str, frozenset[str]]:
    """Give the names that the hops of each fragment lead to."""
    callees: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for hop in hops:
        callees[hop.caller] |= frozenset(_WORD.findall(hop.callee)[-1:])
    return callees


def _named(
    tracer: Tracer, reading: Reading, review: Review, proposer: Proposer
) -> Iterator[FragmentDrift]:
    """Tell of the items that asserts speak of and that no longer stand where they stood."""
    known = {(one.path, one.address) for one in review.fragments}
    places = dict.fromkeys((proposer.path_of(one), one.address) for one in reading.named)
    then = (tracer.as_it_was(*place) for place in places if place not in known)
    for drifted in tracer.drifted(one for one in then if one is not None):
        if drifted.is_broken:
            yield FragmentDrift(drifted, proposals=tuple(proposer.addresses(drifted)))
