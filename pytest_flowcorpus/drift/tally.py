"""How many flows of a run are as reviewed, how many drifted and by what, how many broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.drift.distance import distances
from pytest_flowcorpus.drift.fate import WORDS, Fate
from pytest_flowcorpus.drift.outcome import Outcome, outcome
from pytest_flowcorpus.drift.sha import short
from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.distance import Distance
    from pytest_flowcorpus.run import Gathered
    from pytest_flowcorpus.summary import Line

_MOST: Final = 20
"""So many fragments are told of in the summary."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The flows that ran, and what became of each."""

    flows: tuple[Gathered, ...]
    distances: tuple[Distance, ...] = ()

    def lines(self, revision: str | None) -> Iterator[Line]:
        """Give the summary; `revision` is the run's, or None for a checkout."""
        counts = self.outcomes()
        shown = (one for one in Outcome if counts[one] or one is not Outcome.FAILED)
        told = ", ".join(f"{counts[one]:,} {one}" for one in shown)
        fates = ", ".join(f"{WORDS[fate]} in {count:,}" for fate, count in self.fates().items())
        is_red = bool(counts[Outcome.BROKEN] or counts[Outcome.FAILED])
        yield f"drift: {told}{f' ({fates})' if fates else ''}", {"red": True} if is_red else {}
        yield from self._by_fragment()
        for distance in self.distances:
            yield _told(distance, revision or "the checkout"), {}

    def _by_fragment(self) -> Iterator[Line]:
        """Give what happened to which code: the same fragment can stand in many flows."""
        seen = Counter(
            (f"{one['path']}::{one['address']}", ", ".join(one["changes"]), _latest(one))
            for flow in self.flows
            for one in flow.drift.get("fragments", ())
        )
        ranked = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
        for (place, changes, commit), count in ranked[:_MOST]:
            flows = f"{count} flow" if count == 1 else f"{count:,} flows"
            yield visible(f"drift:   {place}: {changes}; in {flows}{commit}"), {}
        if len(ranked) > _MOST:
            yield f"drift:   and {len(ranked) - _MOST:,} more", {"light": True}

    def outcomes(self) -> Counter[Outcome]:
        """Count the flows by what was found of them."""
        return Counter(outcome(flow) for flow in self.flows)

    def fates(self) -> dict[Fate, int]:
        """Count the flows that each sort of change is found in."""
        each = (
            {Fate(fate) for fragment in flow.drift["fragments"] for fate in fragment["changes"]}
            for flow in self.flows
            if flow.drift
        )
        counts = Counter(fate for fates in each for fate in fates)
        return {fate: counts[fate] for fate in Fate if counts[fate]}


def tally(config: pytest.Config, opened: Sequence[OpenCorpus], ran: Sequence[Gathered]) -> Tally:
    """Give the tally of the flows that `ran`, of the corpora that were opened for them."""
    return Tally(tuple(ran), distances(config, opened, ran))


def _latest(fragment: dict[str, Any]) -> str:
    commits = fragment["commits"]
    return f"; {short(commits[0]['sha'])} {commits[0]['subject']}" if commits else ""


def _told(distance: Distance, revision: str) -> str:
    now, since = short(revision), short(distance.reviewed)
    if distance.ahead is None:
        return f"drift: how far {now} is from {since} cannot be told: {distance.problem}"
    behind = f" and {distance.behind:,} behind" if distance.behind else ""
    commits = "commit" if distance.ahead == 1 else "commits"
    return f"drift: {now} is {distance.ahead:,} {commits} ahead{behind} of {since}"
