"""What became of one fragment of a flow: its diff, its commits, what to write and read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.drift.diff import unified
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    from pytest_flowcorpus.drift.comparison import Comparison
    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.source import Commit


@dataclass(frozen=True, slots=True)
class FragmentDrift:
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


def fragment_drift(
    drifted: Drifted,
    comparison: Comparison,
    proposals: tuple[Proposal, ...],
    sentences: tuple[Sentence, ...] = (),
) -> FragmentDrift:
    """Give what became of a fragment, with its diff and its commits as far as they are known."""
    is_known = drifted.was is not None and (drifted.now is not None or drifted.is_gone)
    diff = tuple(unified(drifted.was, drifted.now)) if is_known else ()
    try:
        commits, problem = comparison.commits(drifted), ""
    except SourceError as error:
        commits, problem = (), str(error)
    return FragmentDrift(drifted, diff, commits, proposals, sentences, problem)
