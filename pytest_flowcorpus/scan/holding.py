"""What a flow extracts, known without running it.

A scan has to know it of flows that do not pass, too. Specs are plain, so their code tells. Where
an address is computed, or `flow` handed on to a helper, the flow's snapshot is asked as well.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.scan.reading import Reading, Teller, read_function
from pytest_flowcorpus.snapshot import accepted
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import flow_id, spec_of
from pytest_flowcorpus.target import target_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.target import Target

_FLOW: Final = "flow"


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
    reading = _read(item)
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


def _read(item: pytest.Item) -> Reading:
    spec = spec_of(item)
    line = (item.location[1] or 0) + 1
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    names = {**vars(spec.obj), **parameters, _FLOW: Teller()}
    name = getattr(item, "originalname", None) or item.name
    try:
        reading = read_function(spec.path.read_bytes(), name, names)
    except RecursionError:  # Python nests as deep as its author likes
        reading = None
    if reading is None:
        return Reading(names, unread=[line])
    reading.unread += [line] if _has_telling_fixture(item) else []
    return reading


def _has_telling_fixture(item: pytest.Item) -> bool:
    """Tell whether a fixture of a flow takes its `flow`, and may extract by it."""
    # Nothing public tells which fixtures a test leads to besides those that it names.
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return any(
        _FLOW in inspect.signature(fixture.func).parameters
        for fixtures in known.values()
        for fixture in fixtures
    )


def _accepted(item: pytest.Item, opened: OpenCorpus) -> Iterator[Target]:
    for path, address in accepted(item):
        try:
            yield _target(opened, f"/{path}", address)
        except FlowError:  # what moved since is for a run to tell
            continue


def _target(opened: OpenCorpus, path: str, address: str) -> Target:
    try:
        code = opened.file(opened.corpus.repository_path(path))
    except SourceError:
        # Its own words hold a folder of this machine, and a scan is the same on every one.
        raise FlowError(f"{path}: no file that can be read: run the flow to see why") from None
    return target_in(opened, code, address, lambda other: other)
