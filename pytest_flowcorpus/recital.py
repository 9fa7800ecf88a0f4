"""What a collected flow tells, read from its spec without running it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.reading import Reading, Teller, read_function
from pytest_flowcorpus.spec import spec_of

if TYPE_CHECKING:
    import pytest

_FLOW: Final = "flow"


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
