"""A scan as one JSON file, for programs.

``scan`` says which source was scanned, and whether all flows of the corpus counted; ``totals``,
``features``, ``layers``, ``routes_to_no_entry`` and ``notes`` hold what `Scan` does. Paths are
those of the repository, addresses those of specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.jsonfile import JsonFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_flowcorpus.rust import Route
    from pytest_flowcorpus.scan.scan import Coverage, Feature, Scan

FILE: Final = JsonFile("a scan", "scan", ("totals", "features"))


def as_data(scan: Scan, source: Mapping[str, Any]) -> dict[str, Any]:
    """Give a scan as plain data; `source` is the provenance of what was scanned."""
    known = {key: value for key, value in source.items() if key != "licenses"}
    return {
        FILE.mark: {**known, "whole": scan.is_whole},
        "totals": _totals(scan),
        "features": [_feature(feature) for feature in scan.features],
        "layers": [
            {**_coverage(layer), "files": [_file(file) for file in files]}
            for layer, (_, files) in zip(scan.layers, scan.files, strict=True)
        ],
        "routes_to_no_entry": [_route(route) for route in scan.astray],
        "notes": scan.notes,
    }


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
