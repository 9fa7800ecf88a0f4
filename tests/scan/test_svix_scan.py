"""What a scan of the real Svix lists, held against tables that were made by reading its code."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from pytest_flowcorpus.corpus import OpenCorpus, Override, load_corpus
from pytest_flowcorpus.entries import entry_at
from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.reading import Teller, read_function
from pytest_flowcorpus.rust import Route
from pytest_flowcorpus.scaffold.scaffold import Scaffold, scaffold
from pytest_flowcorpus.scan.scan import Scan, scan
from tests.conftest import ROOT

HERE = Path(__file__).parent
FLOWS = {
    "message_creation": "v1/endpoints/message.rs::create_message",
    "worker_processing": "worker.rs::queue_handler",
    "endpoint_recovery": "v1/endpoints/endpoint/recovery.rs::recover_failed_webhooks",
}
UNDOCUMENTED = {
    ("GET", "/"): "the documentation's own pages",
    ("GET", "/docs"): "the documentation's own pages",
    ("GET", "/api/v1/openapi.json"): "the documentation's own pages",
    ("POST", "/api/v1/auth/dashboard-access/{app_id}"): "deprecated: registered by `.route`",
    ("GET", "/api/v1/app/{app_id}/msg/{msg_id}/attempt"): "deprecated, likewise",
    (
        "GET",
        "/api/v1/app/{app_id}/msg/{msg_id}/endpoint/{endpoint_id}/attempt",
    ): "deprecated, likewise",
    ("POST", "/api/v1/admin/redrive-dlq"): "`hidden(true)`",
    ("GET", "/api/v1/development/echo"): "under `cfg(debug_assertions)`",
    ("POST", "/api/v1/development/echo"): "under `cfg(debug_assertions)`",
}
"""Routes that openapi.json leaves out, and why."""
NAMED_OTHERWISE = {
    "patch_application": "a bare `#[aide_annotate]`: aide takes the function's name",
    "patch_endpoint": "likewise",
    "patch_event_type": "likewise",
    "logout_api_v1_auth_logout__post": "given by hand in `logout_operation`",
}
"""Operation ids that no attribute gives, and where they are from."""


@pytest.fixture(scope="module")
def opened(svix_tree: Path) -> OpenCorpus:
    return load_corpus(ROOT / "corpus").open(Override(checkout=svix_tree))


@pytest.fixture(scope="module")
def graph(opened: OpenCorpus) -> Callgraph:
    return Callgraph(opened)


@pytest.fixture(scope="module")
def routes(opened: OpenCorpus) -> tuple[Route, ...]:
    return opened.codebase.routes()


@pytest.fixture(scope="module")
def found(opened: OpenCorpus) -> Scan:
    return scan(opened, [])


@pytest.fixture(scope="module")
def made(opened: OpenCorpus, graph: Callgraph) -> dict[str, Scaffold]:
    """Give what is chosen for each entry that somebody made a list for."""
    return {entry: scaffold(graph, entry_at(opened, entry)) for entry in wanted()}


@pytest.fixture(scope="module")
def operations(svix_tree: Path) -> dict[tuple[str, str], str]:
    """Give openapi.json's operations by method and path; the id is empty where it has none."""
    documented = json.loads((svix_tree / "server/openapi.json").read_bytes())
    return {
        (method.upper(), path): operation.get("operationId", "")
        for path, methods in documented["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete", "head"}
    }


def rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def handler(opened: OpenCorpus, route: Route) -> str:
    if route.handler is None:
        return "closure"
    return f"{opened.corpus.spec_path(route.handler.path)}::{route.handler.address}"


def test_every_route_is_listed_and_none_invented(
    opened: OpenCorpus, routes: tuple[Route, ...]
) -> None:
    listed = {
        (
            route.method,
            route.path,
            f"{opened.corpus.spec_path(route.file)}:{route.line}",
            handler(opened, route),
        )
        for route in routes
    }
    assert listed == {tuple(row[:4]) for row in rows("svix_routes.tsv")}


def test_the_routes_are_those_of_openapi_json_but_for_what_it_leaves_out(
    routes: tuple[Route, ...], operations: dict[tuple[str, str], str]
) -> None:
    listed = {(route.method, route.path) for route in routes}
    assert listed - set(UNDOCUMENTED) == set(operations)
    assert set(UNDOCUMENTED) <= listed


def test_each_operation_id_is_that_of_the_handler_of_its_route(
    graph: Callgraph, routes: tuple[Route, ...], operations: dict[tuple[str, str], str]
) -> None:
    otherwise = set()
    for route in routes:
        if route.handler is None or (route.method, route.path) in UNDOCUMENTED:
            continue
        target = graph.target(route.handler)
        assert target is not None
        code = target.found.text.decode()
        given = re.search(r'#\[aide_annotate\([^\]]*op_id = "([^"]+)"', code)
        wanted = operations[route.method, route.path]
        if given is None and wanted:
            otherwise.add(wanted)
        assert given is None or given[1] == wanted
    assert otherwise == set(NAMED_OTHERWISE)


def test_every_route_leads_to_an_entry_point_unless_a_closure_serves_it(found: Scan) -> None:
    assert [(route.method, route.path) for route in found.astray] == [("GET", "/")]
    with_routes = [feature for feature in found.features if feature.routes]
    assert len(with_routes) == len({row[3] for row in rows("svix_routes.tsv")} - {"closure"})


def test_every_function_with_the_attribute_of_handlers_has_a_route(
    graph: Callgraph, found: Scan
) -> None:
    bearing = set(graph.functions(head=b"aide_annotate"))
    assert bearing == {one.reach.entry for one in found.features if one.routes} & bearing
    assert len(bearing) == 40


def test_every_task_that_is_spawned_lies_on_the_way_of_an_entry_point(
    graph: Callgraph, found: Scan
) -> None:
    listed = {target for feature in found.features for target in feature.reach.targets}
    spawning = [one for one in graph.functions() if re.search(rb"\bspawn\(", one.found.text)]
    assert len(spawning) == 5
    assert [str(one) for one in spawning if one not in listed] == []


def test_every_line_of_the_source_is_counted_once(opened: OpenCorpus, found: Scan) -> None:
    files = [file for _, inside in found.files for file in inside]
    assert sorted(file.name for file in files) == sorted(opened.rust_files.below_root())
    for file in files:
        tests = opened.codebase.test_lines(file.name)
        all_lines = len(opened.file(file.name).blob.data.splitlines())
        assert file.lines == all_lines - sum(last - first + 1 for first, last in tests)


# What skeletons hold


def wanted() -> dict[str, list[str]]:
    """Give what ten features run through, by readers, and what three hand-written flows hold."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entry, item in rows("svix_runs.tsv"):
        found[entry].append(item)
    for name, entry in FLOWS.items():
        code = (ROOT / f"corpus/flow_{name}.py").read_bytes()
        reading = read_function(code, f"flow_{name}", {"flow": Teller()})
        assert reading is not None
        assert not reading.unread
        found[entry] = [f"{asked.path}::{asked.address}" for asked in reading.asked]
    return dict(found)


def held(opened: OpenCorpus, made: Scaffold, *, with_comments: bool) -> set[str]:
    picks = (*made.taken, *(made.cut if with_comments else ()), *filter(None, (made.imports,)))
    return {f"{opened.corpus.spec_path(pick.target.path)}::{pick.target.address}" for pick in picks}


def full(opened: OpenCorpus, item: str) -> str:
    """Give an item by the address that the tool would give it."""
    stem, _, address = item.partition(".rs::")
    code = opened.file(opened.corpus.repository_path(f"{stem}.rs")).rust
    return f"{stem}.rs::{code.find(address).address}"


BEYOND = {
    "expired_message_cleaner.rs::expired_message_cleaner_loop": "10 of 13: the two rows stand in "
    "its SQL alone, and how a `DbErr` becomes an `Error` in a `?`",
}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            entry,
            marks=[pytest.mark.xfail(reason=BEYOND.get(entry, ""), strict=True)]
            * (entry in BEYOND),
        )
        for entry in wanted()
    ],
)
def test_a_skeleton_holds_four_fifths_of_what_a_reader_would_quote(
    opened: OpenCorpus, made: dict[str, Scaffold], entry: str
) -> None:
    items = {full(opened, item) for item in wanted()[entry]}
    missing = items - held(opened, made[entry], with_comments=True)
    assert len(missing) <= len(items) / 5, sorted(missing)


def test_most_of_what_readers_would_quote_is_extracted_and_not_only_a_comment(
    opened: OpenCorpus, made: dict[str, Scaffold]
) -> None:
    total = extracted = 0
    for entry, items in wanted().items():
        quoted = {full(opened, item) for item in items}
        total += len(quoted)
        extracted += len(quoted & held(opened, made[entry], with_comments=False))
    assert extracted > 0.7 * total
