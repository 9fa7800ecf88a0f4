"""Drift as data, for a report to carry and as a file for programs to read.

Of each flow: ``flow`` and ``spec``; ``outcome`` (see `Outcome`); ``reviewed``, a revision or null;
``failure``, why it does not pass; ``problem``, why something is not told; and ``fragments``. Of
each fragment that is not as it was: ``path``, ``address`` and ``kind`` as reviewed; ``changes``;
``now`` (path, address, lines; null where it is gone); ``others`` that it may be; ``digests``
(``accepted`` and ``now``); ``diff`` (lines); ``commits`` (sha, date, subject); ``proposals`` (line
of the spec, code) and ``sentences`` (line of the spec, text). ``named`` are items that asserts
speak of by addresses that no longer find them, in the same form.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.drift.outcome import Outcome, outcome
from pytest_flowcorpus.jsonfile import JsonFile
from pytest_flowcorpus.output import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_flowcorpus.drift.distance import Distance
    from pytest_flowcorpus.drift.flow import FlowDrift
    from pytest_flowcorpus.drift.fragment import FragmentDrift
    from pytest_flowcorpus.drift.standing import Standing
    from pytest_flowcorpus.drift.tally import Tally
    from pytest_flowcorpus.results import Results
    from pytest_flowcorpus.run import Gathered

FILE: Final = JsonFile("the drift", "drift", ("totals", "flows"))


def write(results: Results) -> Iterator[str]:
    """Write the file that was asked for, and say so; raises `OutputError`."""
    file = results.option.flowcorpus_drift
    if reason := results.run.unfinished():
        raise OutputError(f"{file} left as it was: {reason}")
    if results.drift is None:
        raise OutputError(f"{file} left as it was: no flow ran")
    data = as_data(results.drift, results.sources.provenance, is_whole=results.is_whole())
    FILE.write(results.place(file), data)
    yield f"wrote the drift to {file}"


def as_data(tally: Tally, source: Mapping[str, Any], *, is_whole: bool) -> dict[str, Any]:
    """Give all of a tally as plain data; `source` is the provenance of what was run against."""
    known = {key: value for key, value in source.items() if key != "licenses"}
    counts = tally.outcomes()
    return {
        FILE.mark: {"format": 1, **known, "whole": is_whole},
        "totals": {
            **{str(one): counts[one] for one in Outcome},
            "changes": {str(fate): count for fate, count in tally.fates().items()},
        },
        "distances": [_distance(one) for one in tally.distances],
        "flows": [_flow(flow) for flow in tally.flows],
    }


def entry(drift: FlowDrift) -> dict[str, Any]:
    """Give the drift of a flow as plain data, for its report to carry."""
    return {
        "spec": drift.spec,
        "reviewed": drift.reviewed,
        "problem": drift.problem,
        "is_broken": any(one.drifted.is_broken for one in (*drift.fragments, *drift.named)),
        "fragments": [_fragment(one) for one in drift.fragments],
        "named": [_fragment(one) for one in drift.named],
    }


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


def _fragment(fragment: FragmentDrift) -> dict[str, Any]:
    drifted = fragment.drifted
    return {
        "path": drifted.accepted.path,
        "address": drifted.accepted.address,
        "kind": drifted.accepted.kind,
        "changes": [str(fate) for fate in drifted.fates],
        "now": _standing(drifted.now),
        "others": list(drifted.others),
        "digests": {
            "accepted": asdict(drifted.accepted.fingerprint),
            "now": asdict(drifted.fingerprint) if drifted.fingerprint else None,
        },
        "diff": list(fragment.diff),
        "commits": [asdict(commit) for commit in fragment.commits],
        "proposals": [asdict(proposal) for proposal in fragment.proposals],
        "sentences": [asdict(sentence) for sentence in fragment.sentences],
    }


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {"path": standing.path, "address": standing.address, "lines": list(standing.lines)}
