"""What a collected flow tells, read from its spec without running it."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.reading import Reading, Teller, read_function
from pytest_flowcorpus.spec import spec_of
from pytest_flowcorpus.target import open_file, target_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.reading import Asked

_FLOW: Final = "flow"


def unfound(item: pytest.Item, opened: OpenCorpus) -> Iterator[tuple[Asked, FlowError]]:
    """Give what a flow asks for and the source does not have, in the order of the spec."""
    for asked in reading_of(item).asked:
        try:
            code = open_file(opened, asked.path)
            target_in(opened, code, asked.address, partial(_written, asked.address))
        except FlowError as error:
            yield asked, error


def _written(address: str, path: str) -> str:
    return f'flow.file("{path}").extract("{address}")'


def reading_of(item: pytest.Item) -> Reading:
    """Give what the code of a flow asks for and says; what is computed is noted as unread."""
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
