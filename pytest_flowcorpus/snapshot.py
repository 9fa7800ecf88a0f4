"""Fingerprints of a flow's fragments, to and from its syrupy snapshot."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from syrupy.extensions.json import JSONSnapshotExtension
from syrupy.location import PyTestLocation

from pytest_flowcorpus import disk

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from syrupy.assertion import AssertionResult, SnapshotAssertion
    from syrupy.data import SnapshotCollection

    from pytest_flowcorpus.example import Example, Fragment

_ACCEPT: Final = "read the example again, then accept it with --snapshot-update"
_COMPARED: Final[pytest.StashKey[set[str]]] = pytest.StashKey()
"""On the config: where the snapshots are that a flow was compared with."""
_FIRST: Final = "no snapshot yet: read what it extracts, then accept it with --snapshot-update"


class NotWrittenError(Exception):
    """A snapshot could not be written: one line that says why, and where."""


class FlowSnapshot(JSONSnapshotExtension):
    """One JSON file a flow; the revision in it only tells when it was accepted."""

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        """Compare all but the revision."""
        accepted = _loads(snapshot_data)
        return accepted is not None and accepted["fragments"] == _fragments(serialized_data)

    @classmethod
    def matches_test_location(
        cls, *, test_location: PyTestLocation, snapshot_location: str
    ) -> bool:
        """Tell whether a flow's snapshot is kept there; of one that was compared all say yes.

        syrupy asks the flows of a file, one after another until one says yes, about each of their
        snapshots, and then asks no more of those that were compared.
        """
        config = getattr(test_location.item, "config", None)  # what xdist sends has none
        compared = config.stash.get(_COMPARED, set()) if config else set()
        return snapshot_location in compared or super().matches_test_location(
            test_location=test_location, snapshot_location=snapshot_location
        )

    @classmethod
    def write_snapshot_collection(
        cls, *, snapshot_collection: SnapshotCollection, **_: object
    ) -> None:
        """Replace the file whole: a run that is killed here leaves the old one."""
        data = next(iter(snapshot_collection)).data
        path = Path(snapshot_collection.location)
        try:
            disk.replace({path: str(data).encode()})
        except OSError as error:
            reason = f"{error.strerror or error}: {path.parent}"
            raise NotWrittenError(f"its snapshot is left as it was: {reason}") from None


def check(
    snapshot: SnapshotAssertion, example: Example, revision: str | None, *, is_pinned: bool = True
) -> list[str]:
    """Give what differs from the accepted snapshot, a line each; or accept it, if asked to.

    What is read at another revision than the pinned one cannot be accepted.
    """
    fragments = sorted(example.fragments, key=lambda fragment: (fragment.path, fragment.address))
    state = {"revision": revision, "fragments": [_state(fragment) for fragment in fragments]}
    is_same, execution = snapshot == state, _executed(snapshot)
    if is_same:
        return []
    recalled = execution.recalled_data
    if isinstance(execution.exception, NotWrittenError):
        return [str(execution.exception)]
    if execution.exception is not None:
        return [f"its snapshot cannot be read: {execution.exception}; restore or delete the file"]
    if recalled is None:
        return [_FIRST]
    accepted = _loads(str(recalled))
    if accepted is None:
        return [f"its snapshot is damaged: restore it from version control, or {_ACCEPT}"]
    advice = _ACCEPT if is_pinned else f"set rev in flowcorpus.toml to {revision}, then {_ACCEPT}"
    return [*_differences(accepted["fragments"], state["fragments"]), advice]


def _executed(snapshot: SnapshotAssertion) -> AssertionResult:
    """Give the last comparison; syrupy, which keeps it until the end of the run, keeps no texts."""
    last = snapshot.num_executions - 1
    execution = snapshot.executions[last]
    compared = snapshot.test_location.item.config.stash.setdefault(_COMPARED, set())
    compared.add(execution.snapshot_location)
    snapshot.executions[last] = replace(execution, asserted_data=None, recalled_data=None)
    return execution


def accepted(flow: pytest.Item) -> dict[str, Any] | None:
    """Give the content of a flow's snapshot; None where there is none, or none to be read.

    `revision` is None where it was accepted from a checkout; of `fragments` each has its `file`,
    from the top of the repository, its `address`, `kind` and five digests.
    """
    location = FlowSnapshot.get_location(test_location=PyTestLocation(flow), index=0)
    try:
        return _loads(Path(location).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _state(fragment: Fragment) -> dict[str, str]:
    place = {"file": fragment.path, "address": fragment.address, "kind": fragment.kind}
    return {**place, **asdict(fragment.fingerprint)}


def _differences(accepted: Any, now: Any) -> list[str]:
    old, new = _by_place(accepted), _by_place(now)
    lines = [
        f"{place} is in the snapshot and no longer extracted" for place in old if place not in new
    ]
    lines += [f"{place} is not in the snapshot" for place in new if place not in old]
    for place in new:
        if place in old and old[place] != new[place]:
            lines.append(f"{place} is not as accepted: {_changed(old[place], new[place])}")
    return lines


def _changed(old: dict[str, str], new: dict[str, str]) -> str:
    names = [name for name in new if name != "text" and old.get(name) != new[name]]
    return f"{', '.join(names)} changed" if names else "format only"


def _by_place(fragments: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {f"{fragment['file']}::{fragment['address']}": fragment for fragment in fragments}


def _loads(text: str) -> dict[str, Any] | None:
    """Read a snapshot file; a merge conflict or a hand's slip must not crash the run."""
    try:
        data = orjson.loads(text)
        _by_place(data["fragments"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return dict(data)


def _fragments(text: str) -> Any:
    return orjson.loads(text)["fragments"]


def sharing(flows: Iterable[pytest.Item]) -> list[str]:
    """Give the names of flows that syrupy would keep in one file; of several such files one's.

    It leaves out of a file's name what a file system might not take.
    """
    names: dict[str, list[str]] = {}
    for flow in flows:
        location = FlowSnapshot.get_location(test_location=PyTestLocation(flow), index=0)
        names.setdefault(location, []).append(flow.name)
    return next((shared for shared in names.values() if len(shared) > 1), [])


def spare(options: Namespace) -> None:
    """Have syrupy neither report nor delete the snapshots that no test has asked for.

    It takes those of flows that failed before their check, or never ran, for unused, and deletes
    them on ``--snapshot-update``.
    """
    options.disable_unused_snapshots = True
