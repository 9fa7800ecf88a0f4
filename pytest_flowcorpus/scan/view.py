"""A scan as people read it in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import Certainty
from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_flowcorpus.rust import Route
    from pytest_flowcorpus.scan.scan import Coverage, Feature, Scan
    from pytest_flowcorpus.summary import Line

_HEAD: Final = ("lines", "told", "items", "files", "open")
_WIDTHS: Final = (6, 5, 6, 6, 5)
_PAD: Final = " " * (sum(_WIDTHS) + 2)
_MOST: Final = 9
"""So many flows are named of a feature."""
_NARROW: Final = 60
"""A terminal narrower than this is written to as if it were this wide."""


def lines(scan: Scan, folder: str, written: Callable[[str], str], width: int) -> Iterator[Line]:
    """Give a scan line by line.

    `folder` is what a spec's path is shown with before it; `written` gives a repository's path as a
    spec writes it.
    """
    width = max(width, _NARROW)
    if not scan.is_whole:
        yield "of a selection of flows: what the others hold does not count here", {"yellow": True}
    groups = {
        "held by no flow": [one for one in scan.features if not one.held],
        "held by a flow": [one for one in scan.features if one.held],
    }
    for name, features in groups.items():
        if features:
            yield f"{name}: {len(features)}", {"bold": True}
            yield f"{_columns(_HEAD)}  begins at", {"light": True}
        for feature in features:
            yield from _feature(feature, written, width)
    yield from _coverage(scan, written, width)
    yield from _remarks(scan, written)
    yield from ((visible(f"{folder}{note}"), {"yellow": True}) for note in scan.notes)


def percent(told: int, lines: int) -> str:
    """Give a share as whole percent; 0 % and 100 % are said only where they are exact."""
    if told in (0, lines):
        return "100%" if (lines and told) or not lines else "0%"
    return f"{min(99, max(1, round(100 * told / lines)))}%"


def _feature(feature: Feature, written: Callable[[str], str], width: int) -> Iterator[Line]:
    reach = feature.reach
    counts = (
        f"{feature.lines:,}",
        percent(feature.told, feature.lines),
        str(len(reach.targets)),
        str(len(reach.paths)),
        str(len(reach.undecided)),
    )
    colour = "green" if feature.held else "yellow" if feature.touched else "red"
    yield f"{_columns(counts)}  {_place(str(reach.entry), written)}", {colour: True}
    for about in _about(feature):
        for line in _wrapped(visible(about), width - len(_PAD)):
            yield f"{_PAD}{line}", {"light": True}


def _about(feature: Feature) -> Iterator[str]:
    yield from (f"{route.method} {route.path}" for route in feature.routes)
    if feature.layers:
        yield ", ".join(feature.layers)
    if feature.held:
        yield f"held by {_first(map(_flow, feature.held))}"
    if feature.touched:
        flows = (f"{_flow(flow)} ({count})" for flow, count in feature.touched)
        yield f"touched by {_first(flows)}"


def _first(flows: Iterable[str]) -> str:
    """Give the first of some flows; a file has them all."""
    named = [*flows]
    more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
    return f"{', '.join(named[:_MOST])}{more}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _coverage(scan: Scan, written: Callable[[str], str], width: int) -> Iterator[Line]:
    rows = [(0, scan.total)]
    for layer, (_, files) in zip(scan.layers, scan.files, strict=True):
        rows += [(1, layer), *((2, file) for file in files)]
    named = [(level, _name(level, row, written), row) for level, row in rows]
    longest = max(len(name) for name in (_TITLE, *(name for _, name, _ in named)))
    room = min(longest, width - sum(_COLUMNS))
    yield "", {}
    yield f"{_TITLE:<{room}}{_cells('lines', 'told', 'cover')}", {"light": True}
    for level, name, row in (*named[1:], named[0]):
        share = percent(row.told, row.lines)
        text = f"{_cut(name, room):<{room}}{_cells(f'{row.lines:,}', f'{row.told:,}', share)}"
        yield text, {"bold": True} if level < _FILE else {}


_TITLE: Final = "layers and files"
_COLUMNS: Final = (9, 8, 7)
_FILE: Final = 2


def _remarks(scan: Scan, written: Callable[[str], str]) -> Iterator[Line]:
    yield "", {}
    yield ", ".join(_counts(scan)), {"bold": True}
    if scan.undecided:
        yield _open(scan.undecided), {}
    if not scan.features:
        yield "no [entries] in flowcorpus.toml say where features begin", {"yellow": True}
    for route in scan.astray:
        yield f"a route to no entry point: {_told_route(route, written)}", {"yellow": True}


def _counts(scan: Scan) -> Iterator[str]:
    neither = len(scan.features) - scan.held - scan.touched
    entries = f"{len(scan.features)} entry point{'' if len(scan.features) == 1 else 's'}"
    yield f"{entries}: {scan.held} held by a flow"
    yield f"{scan.touched} touched"
    yield f"{neither} neither"


def _open(count: int) -> str:
    calls, them = (
        ("call on their ways is", "it") if count == 1 else ("calls on their ways are", "them")
    )
    return f"{count:,} {calls} open: syntax does not decide {them}"


def _told_route(route: Route, written: Callable[[str], str]) -> str:
    is_foreign = route.certainty is Certainty.FOREIGN
    foreign = "no item" if is_foreign else "a function not told apart"
    handler = _place(str(route.handler), written) if route.handler else foreign
    told = visible(f"{route.method} {route.path}")
    return f"{told} to {handler}, {visible(written(route.file))}:{route.line}"


def _name(level: int, row: Coverage, written: Callable[[str], str]) -> str:
    name = written(row.name) if level == _FILE else row.name or "in no layer"
    return visible(f"{'  ' * (level == _FILE)}{name}")


def _columns(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _cells(*cells: str) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _COLUMNS, strict=True))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _place(item: str, written: Callable[[str], str]) -> str:
    path, parted, address = item.partition("::")
    return visible(f"{written(path)}{parted}{address}")


def _flow(node: str) -> str:
    """Give a flow's node by its name alone where its spec is called the same."""
    spec, _, name = node.partition("::")
    return name if spec.rpartition("/")[2] == f"{name}.py" else node
