"""How many flows of a run are as reviewed, how many drifted and by what, how many broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.drift.fate import SHA, WORDS, Fate
from pytest_flowcorpus.jsonfile import JsonFile
from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_flowcorpus.drift.distance import Distance
    from pytest_flowcorpus.run import Gathered
    from pytest_flowcorpus.summary import Line

FILE: Final = JsonFile("the drift", "drift", ("totals", "flows"))
_MOST: Final = 20
"""So many fragments are told of in the summary."""


class Outcome(StrEnum):
    """What a run found of a flow."""

    UNCHANGED = "unchanged"
    DRIFTED = "drifted"
    """Its code is not as reviewed, and all that its spec claims still holds."""
    BROKEN = "broken"
    """An address finds nothing any more, or what its spec claims no longer holds."""
    FAILED = "failed"
    """It fails although its code is as reviewed, or it was never accepted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The flows that ran, and what became of each."""

    flows: tuple[Gathered, ...]
    distances: tuple[Distance, ...] = ()

    def lines(self, revision: str | None) -> Iterator[Line]:
        """Give the summary; `revision` is the run's, or None for a checkout."""
        counts = Counter(outcome(flow) for flow in self.flows)
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

    def fates(self) -> dict[Fate, int]:
        """Count the flows that each sort of change is found in."""
        each = (
            {Fate(fate) for fragment in flow.drift["fragments"] for fate in fragment["changes"]}
            for flow in self.flows
            if flow.drift
        )
        counts = Counter(fate for fates in each for fate in fates)
        return {fate: counts[fate] for fate in Fate if counts[fate]}

    def as_data(self, source: Mapping[str, Any], *, is_whole: bool) -> dict[str, Any]:
        """Give all of it as plain data; `source` is the provenance of what was run against."""
        known = {key: value for key, value in source.items() if key != "licenses"}
        counts = Counter(outcome(flow) for flow in self.flows)
        return {
            FILE.mark: {"format": 1, **known, "whole": is_whole},
            "totals": {
                **{str(one): counts[one] for one in Outcome},
                "changes": {str(fate): count for fate, count in self.fates().items()},
            },
            "distances": [_distance(one) for one in self.distances],
            "flows": [_flow(flow) for flow in self.flows],
        }


def outcome(flow: Gathered) -> Outcome:
    """Give what a run found of a flow that ran to its end."""
    if not flow.reason:
        return Outcome.UNCHANGED
    if not flow.drift:
        return Outcome.FAILED
    is_sound = flow.drift["holds"] and not flow.drift["is_broken"]
    return Outcome.DRIFTED if is_sound else Outcome.BROKEN


def reviewed(flows: Sequence[Gathered]) -> list[str]:
    """Give the revisions that drifted flows were reviewed at, each once, in order."""
    found = (flow.drift.get("reviewed") for flow in flows)
    return list(dict.fromkeys(revision for revision in found if revision))


def _latest(fragment: dict[str, Any]) -> str:
    commits = fragment["commits"]
    return f"; {commits[0]['sha'][:SHA]} {commits[0]['subject']}" if commits else ""


def _told(distance: Distance, revision: str) -> str:
    since = distance.reviewed[:SHA]
    if distance.ahead is None:
        return f"drift: how far {revision[:SHA]} is from {since} cannot be told: {distance.problem}"
    behind = f" and {distance.behind:,} behind" if distance.behind else ""
    commits = "commit" if distance.ahead == 1 else "commits"
    return f"drift: {revision[:SHA]} is {distance.ahead:,} {commits} ahead{behind} of {since}"


def _distance(distance: Distance) -> dict[str, Any]:
    return {
        "from": distance.reviewed,
        "ahead": distance.ahead,
        "behind": distance.behind,
        "problem": distance.problem,
    }


def _flow(flow: Gathered) -> dict[str, Any]:
    kept = {key: value for key, value in flow.drift.items() if key not in ("is_broken", "holds")}
    return {"flow": flow.flow, "outcome": str(outcome(flow)), "failure": flow.reason, **kept}
