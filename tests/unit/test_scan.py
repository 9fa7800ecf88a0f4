"""What a scan counts, held against sets of lines that are written down here by hand."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.entries import EntryError
from pytest_flowcorpus.scan.holding import Holding
from pytest_flowcorpus.scan.scan import Coverage, Feature, Scan, ranges, scan, summed
from tests.unit.memory import item, opened

LAYERS = (("api", ("api.rs",)), ("core", ("core/**",)), ("worker", ("worker.rs",)))
FILES = {
    "src/lib.rs": "mod api;\nmod core { pub mod store; }\nmod worker;\nmod notes;\n",
    "src/api.rs": """\
use crate::core::store::{keep, Store};

/// Makes one.
pub async fn make(name: &str) {
    check(name);
    keep(name);
}

fn check(name: &str) {
    name.is_empty();
}

pub fn list(store: &Store) {
    store.all();
    other!().all();
    crate::worker::step();
}

#[cfg(test)]
mod tests {
    #[test]
    fn makes() {}
}
""",
    "src/core/store.rs": """\
pub struct Store;

impl Store {
    pub fn all(&self) {
        self.open();
    }

    fn open(&self) {}
}

pub fn keep(name: &str) {}
""",
    "src/worker.rs": """\
pub fn step() {
    crate::core::store::keep("");
    again();
}

fn again() { step(); }
""",
    "src/notes.rs": "// Nothing.\n",
    "src/other.rs": "fn a() {}\n",
    "tests/e2e.rs": "fn far() {}\n",
}
ENTRIES = ("api.rs::make", "api.rs::list", "worker.rs::step")
LINES = {
    "api.rs::use": {1},
    "api.rs::make": {3, 4, 5, 6, 7},
    "api.rs::check": {9, 10, 11},
    "api.rs::list": {13, 14, 15, 16, 17},
    "core/store.rs::Store": {1},
    "core/store.rs::impl Store": {3, 4, 5, 6, 7, 8, 9},
    "core/store.rs::Store::all": {3, 4, 5, 6, 9},
    "core/store.rs::Store::open": {3, 8, 9},
    "core/store.rs::keep": {11},
    "worker.rs::step": {1, 2, 3, 4},
    "worker.rs::again": {6},
}
"""The lines that an excerpt shows of each item: of a member those of its impl too."""
COUNTED = {
    "src/lib.rs": {*range(1, 5)},
    "src/api.rs": {*range(1, 19)},
    "src/core/store.rs": {*range(1, 12)},
    "src/worker.rs": {*range(1, 7)},
    "src/notes.rs": {1},
    "src/other.rs": {1},
}
"""All lines below the root but those of tests."""
OWN = {**LINES, "core/store.rs::Store::all": {4, 5, 6}, "core/store.rs::Store::open": {8}}
REACHED = {
    "api.rs::make": ("api.rs::make", "api.rs::check", "core/store.rs::keep"),
    "api.rs::list": ("api.rs::list", "core/store.rs::Store::all", "core/store.rs::Store::open"),
    "worker.rs::step": ("worker.rs::step", "core/store.rs::keep", "worker.rs::again"),
}
OPENED = opened(FILES, LAYERS, ENTRIES)


def holding(flow: str, *items: str, notes: tuple[str, ...] = ()) -> Holding:
    targets = frozenset(item(OPENED, one) for one in items)
    return Holding(f"flow_{flow}.py::flow_{flow}", targets, notes)


def scanned(*holdings: Holding) -> Scan:
    return scan(OPENED, holdings)


def short(target: object) -> str:
    return str(target).removeprefix("src/")


def feature(found: Scan, entry: str) -> Feature:
    [one] = (one for one in found.features if short(one.reach.entry) == entry)
    return one


def names(flows: tuple[str, ...]) -> list[str]:
    return [flow.rpartition("_")[2] for flow in flows]


def test_a_feature_runs_through_its_resolved_calls_in_their_order() -> None:
    found = scanned()
    for entry, items in REACHED.items():
        assert tuple(map(short, feature(found, entry).reach.targets)) == items


def test_a_way_ends_where_another_feature_begins() -> None:
    found = scanned()
    ends = {short(one.reach.entry): [*map(short, one.reach.ends)] for one in found.features}
    assert ends == {
        "api.rs::make": [],
        "api.rs::list": ["worker.rs::step"],
        "worker.rs::step": [],
    }


def test_what_the_resolver_cannot_decide_is_counted() -> None:
    found = scanned()
    [(caller, call)] = feature(found, "api.rs::list").reach.undecided
    assert (short(caller), call.name, call.line) == ("api.rs::list", "all", 15)
    assert found.undecided == 1


def test_a_call_that_two_features_run_through_is_open_once() -> None:
    code = (
        "fn a() { c() }\nfn b() { c() }\nfn c() { x.d() }\nstruct S;\nimpl S { fn d(&self) {} }\n"
    )
    found = scan(opened({"src/lib.rs": code}, entries=("lib.rs::a", "lib.rs::b")), [])
    assert [len(one.reach.undecided) for one in found.features] == [1, 1]
    assert found.undecided == 1


def test_layers_are_those_of_the_way_in_the_order_of_the_corpus() -> None:
    found = scanned()
    assert feature(found, "worker.rs::step").layers == ("core", "worker")
    assert feature(found, "api.rs::make").layers == ("api", "core")


def test_a_feature_is_held_by_who_extracts_its_entry_and_touched_by_who_extracts_more() -> None:
    found = scanned(
        holding("c", "api.rs::check", "core/store.rs::keep"),
        holding("b", "core/store.rs::keep", "core/store.rs::Store"),
        holding("d", "core/store.rs::keep", "worker.rs::again"),
        holding("a", "worker.rs::step", "core/store.rs::keep"),
        holding("e", "worker.rs::step"),
    )
    make, step = feature(found, "api.rs::make"), feature(found, "worker.rs::step")
    assert names(make.held) == []
    touched = [(flow.rpartition("_")[2], count) for flow, count in make.touched]
    assert touched == [("c", 2), ("a", 1), ("b", 1), ("d", 1)]
    assert names(step.held) == ["a", "e"]
    touched = [(flow.rpartition("_")[2], count) for flow, count in step.touched]
    assert touched == [("d", 2), ("b", 1), ("c", 1)]
    assert (found.held, found.touched) == (1, 1)


def test_who_extracts_what_an_entry_stands_in_holds_it() -> None:
    entries = ("core/store.rs::Store::all", "core/store.rs::Store::open")
    found = scan(opened(FILES, LAYERS, entries), [holding("a", "core/store.rs::impl Store")])
    assert [names(one.held) for one in found.features] == [["a"], ["a"]]
    found = scan(opened(FILES, LAYERS, entries), [holding("a", "core/store.rs::Store::open")])
    assert [names(one.held) for one in found.features] == [[], ["a"]]


def test_what_no_flow_holds_stands_first_and_the_most_untold_of_it_first_of_all() -> None:
    found = scanned()
    assert [(short(one.reach.entry), one.untold) for one in found.features] == [
        ("api.rs::list", 9),
        ("api.rs::make", 9),
        ("worker.rs::step", 6),
    ]
    found = scanned(holding("a", "api.rs::list"), holding("b", "api.rs::check"))
    assert [(short(one.reach.entry), one.untold) for one in found.features] == [
        ("api.rs::make", 6),
        ("worker.rs::step", 6),
        ("api.rs::list", 4),
    ]


def test_files_stand_under_their_layers_and_those_in_none_come_last() -> None:
    assert [(name, [file.name for file in files]) for name, files in scanned().files] == [
        ("api", ["src/api.rs"]),
        ("core", ["src/core/store.rs"]),
        ("worker", ["src/worker.rs"]),
        ("", ["src/lib.rs", "src/notes.rs", "src/other.rs"]),
    ]


def test_notes_of_flows_are_kept_in_the_order_of_the_flows() -> None:
    found = scanned(holding("b", notes=("two",)), holding("a", notes=("one", "more")))
    assert found.notes == ("one", "more", "two")


def test_a_file_that_cannot_be_read_is_said_to_be_left_out() -> None:
    found = scan(opened({"src/lib.rs": "fn a() {}\n", "src/bad.rs": b"\xff"}), [])
    assert [file.name for _, files in found.files for file in files] == ["src/lib.rs"]
    [note] = found.notes
    assert note.startswith("bad.rs ")


ROUTED = """\
use axum::{routing::get, Router};
pub fn app() -> Router { Router::new().route("/a", get(a).post(b)).route("/c", get(|| async {})) }
async fn a() {}
async fn b() {}
"""


def test_routes_stand_with_their_handlers_and_those_to_no_entry_are_astray() -> None:
    found = scan(opened({"src/lib.rs": ROUTED}, entries=("lib.rs::a",)), [])
    [one] = found.features
    assert [(route.method, route.path) for route in one.routes] == [("GET", "/a")]
    assert [(route.method, route.path) for route in found.astray] == [("POST", "/a"), ("GET", "/c")]


def test_an_entry_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EntryError, match=r"\[entries\] items: .*nowhere"):
        scan(opened(FILES, LAYERS, ("api.rs::nowhere",)), [])


choices = st.lists(st.sets(st.sampled_from(sorted(LINES)), max_size=4), max_size=3)


@given(choices)
def test_lines_are_those_of_the_sets_whatever_the_flows_extract(chosen: list[set[str]]) -> None:
    found = scanned(*(holding(f"x{at}", *sorted(items)) for at, items in enumerate(chosen)))
    taken = {
        (f"src/{one.partition('::')[0]}", n) for flow in chosen for one in flow for n in LINES[one]
    }
    for _, files in found.files:
        for file in files:
            told = {line for path, line in taken if path == file.name} & COUNTED[file.name]
            untold = {n for first, last in file.untold for n in range(first, last + 1)}
            assert file.lines == len(COUNTED[file.name])
            assert file.told == len(told)
            assert untold == COUNTED[file.name] - told
    for one in found.features:
        items = REACHED[short(one.reach.entry)]
        lines = {(f"src/{name.partition('::')[0]}", n) for name in items for n in OWN[name]}
        assert (one.lines, one.told) == (len(lines), len(lines & taken))
    order = [(bool(one.held), -one.untold) for one in found.features]
    assert order == sorted(order)


@given(choices)
def test_sums_add_up(chosen: list[set[str]]) -> None:
    found = scanned(*(holding(f"x{at}", *sorted(items)) for at, items in enumerate(chosen)))
    for layer, (name, files) in zip(found.layers, found.files, strict=True):
        assert layer.name == name
        assert (layer.lines, layer.told) == (
            sum(file.lines for file in files),
            sum(file.told for file in files),
        )
    assert found.total.lines == sum(len(lines) for lines in COUNTED.values())
    assert found.total.told == sum(layer.told for layer in found.layers)


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_the_numbers_and_no_others_and_lie_apart(numbers: set[int]) -> None:
    found = [*ranges(sorted(numbers))]
    assert {n for first, last in found for n in range(first, last + 1)} == numbers
    assert all(first <= last for first, last in found)
    assert all(one[1] + 1 < two[0] for one, two in itertools.pairwise(found))


counted = st.integers(0, 10**7).flatmap(
    lambda lines: st.tuples(st.just(lines), st.integers(0, lines))
)


@given(counted)
def test_a_percentage_is_never_more_than_what_is_told(count: tuple[int, int]) -> None:
    lines, told = count
    found = Coverage("x", lines, told).percent
    assert found * lines <= 100 * told * (1 + 1e-12) or not lines
    assert not lines or math.isclose(found, 100 * told / lines, abs_tol=0.01)
    assert (found == 100) is (told == lines)


def test_files_without_lines_are_told_in_full() -> None:
    assert Coverage("x", 0, 0).percent == 100
    assert summed("y", []) == Coverage("y", 0, 0)


def test_a_sum_of_coverages_has_a_name_and_no_ranges_of_its_own() -> None:
    parts = (Coverage("a", 3, 1, ((1, 2),)), Coverage("b", 4, 4))
    assert summed("c", iter(parts)) == Coverage("c", 7, 5)
