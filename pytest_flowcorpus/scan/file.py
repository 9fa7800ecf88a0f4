"""A scan as one JSON file, for programs.

``scan`` says which source was scanned, and whether all flows of the corpus counted; ``totals``,
``features``, ``layers``, ``routes_to_no_entry`` and ``notes`` hold what `Scan` does. Paths are
those of the repository, addresses those of specs.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

import orjson

from pytest_flowcorpus import disk
from pytest_flowcorpus.output import OutputError, check_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_flowcorpus.rust import Route
    from pytest_flowcorpus.scan.scan import Coverage, Feature, Scan

_MARK = "scan"
_KEYS = frozenset((_MARK, "totals", "features"))


def check_target(path: Path) -> None:
    """Raise `OutputError` where a scan cannot be written to `path`, or something else is there."""
    if os.path.exists(path) and not _is_scan(path):  # noqa: PTH110 - it raises nothing
        raise OutputError(f"{path} holds something else than a scan; name another file")
    check_folder(path)


def write(path: Path, data: bytes, *, is_whole: bool = True) -> None:
    """Replace the file at `path`; raises `OutputError`.

    The scan of a selection of flows never replaces that of a whole corpus.
    """
    if not is_whole and _loaded(path).get(_MARK, {}).get("whole"):
        raise OutputError(f"{path} holds the scan of a whole corpus, and this is of a selection")
    try:
        disk.replace({path: data})
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None


def dumps(scan: Scan, source: Mapping[str, Any]) -> bytes:
    """Give a scan as JSON; `source` is the provenance of what was scanned."""
    known = {key: value for key, value in source.items() if key != "licenses"}
    data = {
        _MARK: {**known, "whole": scan.is_whole},
        "totals": _totals(scan),
        "features": [_feature(feature) for feature in scan.features],
        "layers": [
            {**_coverage(layer), "files": [_file(file) for file in files]}
            for layer, (_, files) in zip(scan.layers, scan.files, strict=True)
        ],
        "routes_to_no_entry": [_route(route) for route in scan.astray],
        "notes": scan.notes,
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _is_scan(path: Path) -> bool:
    """Tell whether a file can be replaced: it is empty, or a scan of ours."""
    data = _loaded(path)
    return (path.is_file() and not path.stat().st_size) or data.keys() >= _KEYS


def _loaded(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return data if isinstance(data, dict) else {}


def _totals(scan: Scan) -> dict[str, Any]:
    return {
        **_coverage(scan.total, name=False),
        "features": len(scan.features),
        "held": scan.held,
        "touched": scan.touched,
        "neither": len(scan.features) - scan.held - scan.touched,
        "undecided": scan.undecided,
    }


def _feature(feature: Feature) -> dict[str, Any]:
    reach = feature.reach
    return {
        "entry": str(reach.entry),
        "routes": [_route(route) for route in feature.routes],
        "held_by": feature.held,
        "touched_by": [{"flow": flow, "items": items} for flow, items in feature.touched],
        "lines": feature.lines,
        "told": feature.told,
        "layers": feature.layers,
        "files": reach.paths,
        "items": [str(target) for target in reach.targets],
        "leads_to": [str(target) for target in reach.ends],
        "undecided": [
            {"in": str(caller), "name": call.name, "line": call.line}
            for caller, call in reach.undecided
        ],
    }


def _route(route: Route) -> dict[str, Any]:
    handler = str(route.handler) if route.handler is not None else None
    place = {"file": route.file, "line": route.line}
    known = {"handler": handler, "certainty": str(route.certainty)}
    return {"method": route.method, "path": route.path, **place, **known}


def _file(file: Coverage) -> dict[str, Any]:
    return {**_coverage(file), "untold": file.untold}


def _coverage(covered: Coverage, *, name: bool = True) -> dict[str, Any]:
    named = {"name": covered.name} if name else {}
    counts = {"lines": covered.lines, "told": covered.told}
    return {**named, **counts, "percent": covered.percent}
