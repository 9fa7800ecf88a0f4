"""What a flow extracts, known without running it.

A scan has to know it of flows that do not pass, too. Specs are plain, so their code tells. Where
an address is computed, or `flow` handed on to a helper, the flow's snapshot is asked as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.recital import reading_of
from pytest_flowcorpus.snapshot import accepted
from pytest_flowcorpus.source import FileUnavailable
from pytest_flowcorpus.spec import flow_id
from pytest_flowcorpus.target import target_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.target import Target

_NOTHING: Final[dict[str, Any]] = {"fragments": []}


@dataclass(frozen=True, slots=True)
class Holding:
    """The items that one flow extracts."""

    flow: str
    """Its node, as ``flow_x.py::flow_x``, from the corpus folder."""
    targets: frozenset[Target]
    notes: tuple[str, ...] = ()
    """What could not be read or found, a line each, with its place from the corpus folder."""


def holding_of(item: pytest.Item, opened: OpenCorpus) -> Holding:
    """Give what a collected flow extracts from an opened source."""
    reading = reading_of(item)
    targets: set[Target] = set()
    notes: list[str] = []
    place, _, _ = flow_id(item).partition("::")
    for asked in reading.asked:
        try:
            targets.add(_target(opened, asked.path, asked.address))
        except FlowError as error:
            notes.append(f"{place}:{asked.line}: {str(error).splitlines()[0]}")
    unread = sorted({*reading.unread})
    notes += [f"{place}:{line}: extracts what is computed: see its snapshot" for line in unread]
    recalled = _accepted(item, opened) if reading.unread else ()
    return Holding(flow_id(item), frozenset((*targets, *recalled)), tuple(notes))


def _accepted(item: pytest.Item, opened: OpenCorpus) -> Iterator[Target]:
    told = accepted(item)
    for path, address in ((one["file"], one["address"]) for one in (told or _NOTHING)["fragments"]):
        try:
            yield _target(opened, f"/{path}", address)
        except FlowError:  # what moved since is for a run to tell
            continue


def _target(opened: OpenCorpus, path: str, address: str) -> Target:
    try:
        code = opened.file(opened.corpus.repository_path(path))
    except FileUnavailable:
        # Its own words hold a folder of this machine, and a scan is the same on every one.
        raise FlowError(f"{path}: no file that can be read: run the flow to see why") from None
    return target_in(opened, code, address, lambda other: other)
