"""What ``--flowcorpus-scan`` tells: which features no flow tells of, and how much of each file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.project import QUIET, Project
from tests.conftest import AROUND, ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCAN = "--flowcorpus-scan"

SETTINGS = """\
system = "You maintain it."
[source]
path = "../rust"
[layers]
api = ["api.rs"]
store = ["store.rs"]
[entries]
attributes = ["endpoint", "tokio::main"]
items = ["jobs.rs::sweep", "api.rs::total"]
"""

API = """\
use crate::store::{summed, Store};
use axum::{routing::get, Router};

/// Adds one.
#[web::endpoint(op = "add")]
pub fn add(store: &mut Store) -> bool {
    store.put(1)
}

#[endpoint]
pub fn clear(store: &mut Store) {
    store.wipe();
}

#[endpoint]
pub fn total(store: &Store) -> u64 {
    outside::values().wipe();
    summed(store.kept())
}

pub fn routes() -> Router {
    Router::new()
        .route("/total", get(total))
        .route("/help", get(help))
        .route("/health", get(|| async { "ok" }))
}

fn help() {}

#[cfg(test)]
mod tests {
    #[endpoint]
    fn never() {}
}
"""

STORE = """\
pub struct Store(Vec<u8>);

impl Store {
    pub fn put(&mut self, value: u8) -> bool {
        self.0.push(value);
        true
    }

    pub fn wipe(&mut self) {
        self.0.clear();
        self.put(0);
    }

    pub fn kept(&self) -> Vec<u8> {
        self.0.clone()
    }
}

pub fn summed(values: Vec<u8>) -> u64 {
    let mut sum = 0;
    for value in values {
        sum += u64::from(value);
    }
    sum
}
"""

JOBS = """\
#[tokio::main]
async fn main() {
    sweep();
}

#[main]
fn other() {}

/// Sweeps.
pub fn sweep() {
    crate::api::clear(&mut todo!());
}
"""

ADDING = """\
from pytest_flowcorpus import Flow

def flow_adding(flow: Flow) -> None:
    open("ran", "w").close()
    flow.file("api.rs").extract("add")
    flow.file("store.rs").extract("Store::put")
    flow.file("store.rs").extract("Store::gone")
    flow.file("gone.rs").extract("Store")
    raise AssertionError
"""
"""Never passes: no prose, no snapshot, two items that are gone, and it says so itself."""

FEATURES = """\
held by no flow: 4
 lines told items files open  begins at
    15   0%     3     2    1  api.rs::total
                              GET /total
                              api, store
    12  33%     3     2    0  api.rs::clear
                              api, store
                              touched by flow_adding (1)
     4   0%     1     1    0  jobs.rs::main
     4   0%     1     1    0  jobs.rs::sweep
held by a flow: 1
 lines told items files open  begins at
     9 100%     2     2    0  api.rs::add
                              api, store
                              held by flow_adding
"""

COVERED = """\
layers and files    lines    told  cover
api                    29       5    17%
  api.rs               29       5    17%
store                  25       6    24%
  store.rs             25       6    24%
in no layer            15       0     0%
  jobs.rs              12       0     0%
  lib.rs                3       0     0%
TOTAL                  69      11    16%
"""


@dataclass(frozen=True)
class Seen:
    """A run that scanned, and the JSON that it wrote."""

    path: Path
    ret: int
    text: str
    data: dict[str, Any]

    @classmethod
    def of(cls, path: Path, *args: str) -> Seen:
        command = [sys.executable, "-m", "pytest", *QUIET, f"{SCAN}=scan.json", *args]
        around = {name: value for name, value in os.environ.items() if name not in AROUND}
        done = subprocess.run(command, cwd=path, env=around, capture_output=True, check=False)
        data = json.loads((path / "scan.json").read_bytes())
        return cls(path, done.returncode, done.stdout.decode(), data)

    def feature(self, entry: str) -> dict[str, Any]:
        [feature] = [one for one in self.data["features"] if one["entry"] == entry]
        return dict(feature)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with entry points of all kinds, and a corpus of one flow that fails."""
    project = Project(tmp_path_factory.mktemp("shop"))
    project.write("rust/lib.rs", "mod api;\nmod jobs;\nmod store;\n")
    project.write("rust/api.rs", API)
    project.write("rust/store.rs", STORE)
    project.write("rust/jobs.rs", JOBS)
    project.write("corpus/flowcorpus.toml", SETTINGS)
    project.write("corpus/flow_adding.py", ADDING)
    return project.path


@pytest.fixture(scope="module")
def seen(shop: Path) -> Seen:
    return Seen.of(shop)


@pytest.fixture(scope="module")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    path = tmp_path_factory.mktemp("scan") / "courier"
    shutil.copytree(ROOT / "tests/courier", path)
    return Seen.of(path)


@pytest.fixture
def project(pytester: pytest.Pytester, shop: Path) -> Project:
    """Give a copy of the shop that a test may spoil."""
    shutil.copytree(
        shop, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.json")
    )
    return Project(pytester.path, pytester)


def scanned(project: Project, *args: str) -> dict[str, Any]:
    result = project.run(f"{SCAN}=scan.json", *args)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    data: dict[str, Any] = json.loads((project.path / "scan.json").read_bytes())
    return data


def refused(project: Project, *args: str) -> str:
    """Run what is refused, and give the one line that says why."""
    result = project.run(*args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    [line] = [line for line in result.errlines if line]
    assert "scan of" not in result.stdout.str()
    return line


def files(path: Path) -> dict[str, bytes]:
    found = (file for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc")
    told = {file.relative_to(path).as_posix(): file.read_bytes() for file in found}
    return {name: data for name, data in told.items() if name not in {"stdout", "stderr"}}


def test_the_largest_untold_feature_stands_first_and_all_figures_follow_from_the_code(
    seen: Seen,
) -> None:
    assert seen.ret == 0
    assert FEATURES in seen.text
    assert [feature["entry"] for feature in seen.data["features"]] == [
        "api.rs::total",  # 5 lines, `kept` 3, `summed` 7
        "api.rs::clear",  # 4 lines, `wipe` 4, `put` 4, which is told
        "jobs.rs::main",
        "jobs.rs::sweep",
        "api.rs::add",
    ]


def test_entry_points_are_named_by_attribute_or_item_and_those_of_tests_are_none(
    seen: Seen,
) -> None:
    found = {feature["entry"] for feature in seen.data["features"]}
    assert "api.rs::add" in found  # `web::endpoint`
    assert "jobs.rs::other" not in found  # `main`, and not `tokio::main`
    assert not any("never" in entry for entry in found)
    assert len(found) == len(seen.data["features"])  # `total` is named twice


def test_a_flow_that_fails_counts_and_items_that_are_gone_are_told_with_their_place(
    seen: Seen,
) -> None:
    assert seen.feature("api.rs::add")["held_by"] == ["flow_adding.py::flow_adding"]
    gone, file = seen.data["notes"]
    assert gone.startswith("flow_adding.py:7: store.rs: no item `Store::gone`; nearest: `Store::")
    assert file == "flow_adding.py:8: gone.rs: no file that can be read: run the flow to see why"
    assert f"\ncorpus/{gone}\n" in seen.text


def test_a_feature_ends_where_another_one_begins(seen: Seen) -> None:
    sweep = seen.feature("jobs.rs::sweep")
    assert (sweep["items"], sweep["leads_to"]) == (["jobs.rs::sweep"], ["api.rs::clear"])
    assert seen.feature("jobs.rs::main")["leads_to"] == ["jobs.rs::sweep"]


def test_lines_are_covered_by_layer_and_file_and_those_of_tests_count_nowhere(seen: Seen) -> None:
    assert COVERED in seen.text
    assert [layer["name"] for layer in seen.data["layers"]] == ["api", "store", ""]
    [api], [store] = (layer["files"] for layer in seen.data["layers"][:2])
    assert api["untold"] == [[1, 3], [9, 29]]
    # The lines of the impl around `put` stand in the excerpt, too.
    assert store["untold"] == [[1, 2], [8, 16], [18, 25]]


def test_calls_that_syntax_does_not_decide_are_counted_and_named(seen: Seen) -> None:
    [call] = seen.feature("api.rs::total")["undecided"]
    assert call == {"in": "api.rs::total", "name": "wipe", "line": 17}
    assert seen.data["totals"]["undecided"] == 1
    assert "\n5 entry points: 1 held by a flow, 1 touched, 3 neither\n" in seen.text
    assert re.search(r"^1 call .*\bopen\b", seen.text, re.MULTILINE)


def test_routes_are_told_with_their_entry_point_or_as_leading_to_none(seen: Seen) -> None:
    [route] = seen.feature("api.rs::total")["routes"]
    assert (route["method"], route["path"], route["line"]) == ("GET", "/total", 23)
    assert "to no entry point: GET /help to api.rs::help, api.rs:24\n" in seen.text
    assert "to no entry point: GET /health to no item, api.rs:25\n" in seen.text
    handlers = [route["handler"] for route in seen.data["routes_to_no_entry"]]
    assert handlers == ["api.rs::help", None]


def test_nothing_is_run_and_nothing_is_written(project: Project) -> None:
    shutil.rmtree(project.path / "corpus/__pycache__", ignore_errors=True)
    project.write("test_other.py", "def test_other():\n    open('ran', 'w').close()\n")
    (project.path / "corpus/flow_idle.py").write_text("raise_ = 1\ndef flow_idle(): 1 / 0\n")
    project.write("corpus/__snapshots__/flow_gone/flow_gone.json", '{"fragments": []}')
    before = files(project.path)
    result = project.run(SCAN)
    assert result.ret == 0
    assert files(project.path) == before
    assert not (project.path / "ran").exists()
    text = result.stdout.str()
    assert "snapshot" not in text
    assert "no tests ran" in text


def test_courier_is_scanned_as_its_code_says(courier: Seen) -> None:
    assert courier.ret == 0
    assert [one["entry"].partition("/")[2] for one in courier.data["features"]] == [
        "endpoint.rs::pause",
        "endpoint.rs::resume",
        "worker.rs::Worker::step",
        "endpoint.rs::accept",
    ]
    pause = courier.feature("src/endpoint.rs::pause")
    assert pause["items"] == [
        "src/endpoint.rs::pause",
        "src/db.rs::Db::pause",
        "src/db.rs::Row::find",
    ]
    # 5 lines and 3 stand in no flow; `Db::pause`, docs and all, has 7.
    assert (pause["lines"], pause["told"]) == (5 + 7 + 3, 7)
    assert pause["touched_by"] == [{"flow": "flow_resume.py::flow_resume", "items": 1}]
    # A `?` on each of two results, `from_str` and the `?` behind it; `lock()?` and `find(…)?`.
    assert [(call["name"], call["line"]) for call in pause["undecided"]] == [
        *(("from_str", 37), ("from", 37), ("from", 37)),
        *(("from", 100), ("from", 101)),
    ]
    [endpoint] = courier.data["layers"][0]["files"]
    assert (endpoint["name"], endpoint["lines"]) == ("src/endpoint.rs", 50)
    assert re.search(r"^  testing\.rs +0 +0 +100%$", courier.text, re.MULTILINE)
    assert courier.data["notes"] == []


def test_totals_are_the_sums_of_what_is_listed(courier: Seen, seen: Seen) -> None:
    for one in (courier.data, seen.data):
        totals, features = one["totals"], one["features"]
        told = [file for layer in one["layers"] for file in layer["files"]]
        assert totals["lines"] == sum(file["lines"] for file in told)
        assert totals["told"] == sum(file["told"] for file in told)
        for file in told:
            untold = sum(last - first + 1 for first, last in file["untold"])
            assert file["lines"] == file["told"] + untold
        assert totals["held"] == sum(bool(feature["held_by"]) for feature in features)
        assert totals["features"] == len(features)
        assert totals["held"] + totals["touched"] + totals["neither"] == len(features)


def test_the_same_scan_is_the_same_bytes_from_wherever_and_however_pytest_runs(
    project: Project, seen: Seen, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wanted = (seen.path / "scan.json").read_bytes()
    elsewhere = f"--rootdir={tmp_path_factory.mktemp('elsewhere')}"
    project.write("corpus/flow_zoo.py", "def flow_zoo(flow):\n    flow.file('api.rs')\n")
    runs = [
        ("-n", "2", "-p", "no:randomly"),
        ("corpus/flow_zoo.py", "corpus/flow_adding.py"),
        (elsewhere, "corpus"),
    ]
    for args in runs:
        scanned(project, *args)
        assert (project.path / "scan.json").read_bytes() == wanted
    assert str(project.path).encode() not in wanted
    assert str(ROOT).encode() not in wanted


def test_dash_prints_the_scan_and_nothing_else_where_pytest_is_silent(
    project: Project, seen: Seen
) -> None:
    result = project.run(f"{SCAN}=-", "-p", "no:terminal")
    assert result.ret == 0
    assert json.loads(result.stdout.str()) == seen.data
    assert not (project.path / "-").exists()
    failing = project.run(f"{SCAN}=-", "-p", "no:terminal", "--flowcorpus-fail-under=16")
    assert failing.ret == 1
    assert json.loads(failing.stdout.str()) == seen.data
    failing.stderr.fnmatch_lines(["flowcorpus: *: 15.94 %, under 16 %"])


def test_workers_that_the_settings_ask_for_are_not_needed(project: Project) -> None:
    project.write("pytest.ini", "[pytest]\naddopts = -n 2\n")
    result = project.run(SCAN)
    assert result.ret == 0
    assert FEATURES in result.stdout.str() + "\n"
    assert "created: " not in result.stdout.str()  # as xdist says it


def test_a_scan_replaces_a_scan_and_nothing_else(project: Project) -> None:
    scanned(project)
    scanned(project)
    other = project.write("other.json", '{"name": "package"}')
    line = refused(project, f"{SCAN}=other.json")
    assert re.fullmatch(
        r"ERROR: --flowcorpus-scan: .*other\.json holds something else than a scan; .*", line
    )
    assert other.read_text() == '{"name": "package"}'
    assert "corpus/flow_adding.py is not a folder" in refused(
        project, f"{SCAN}=corpus/flow_adding.py/scan.json"
    )


@pytest.mark.parametrize(("least", "ret"), [("15.94", 0), ("15.95", 1)])
def test_fail_under_says_how_far_the_corpus_is(project: Project, least: str, ret: int) -> None:
    result = project.run(SCAN, f"--flowcorpus-fail-under={least}")
    assert result.ret == ret
    told = f"flowcorpus: corpus: 11 of 69 lines stand in a flow: 15.94 %, under {least} %"
    assert (told in result.outlines) == bool(ret)
    assert COVERED in result.stdout.str() + "\n"


@pytest.mark.parametrize("least", ["abc", "nan", "101"])
def test_a_share_that_is_none_is_refused(project: Project, least: str) -> None:
    result = project.run(SCAN, f"--flowcorpus-fail-under={least}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = "*: error: argument --flowcorpus-fail-under: has to be a number from 0 to 100"
    result.stderr.fnmatch_lines([told])


REFUSED = [
    (("--flowcorpus-fail-under=3",), "--flowcorpus-fail-under goes with --flowcorpus-scan"),
    ((f"{SCAN}=",), "--flowcorpus-scan: needs a value"),
    ((SCAN, "corpus"), "*=corpus: * goes before the option: pytest corpus --flowcorpus-scan"),
    ((SCAN, "--flowcorpus-new=api.rs::add"), "*-scan and --flowcorpus-new: give one of them"),
    ((SCAN, "--flowcorpus-out=x.jsonl"), "--flowcorpus-scan runs no flow, *: leave them out"),
    ((SCAN, "--flowcorpus-render=pages"), "--flowcorpus-scan runs no flow, *: leave them out"),
    ((SCAN, "--snapshot-update"), "--flowcorpus-scan runs no flow, *: leave them out"),
]


@pytest.mark.parametrize(("args", "problem"), REFUSED)
def test_what_does_not_go_with_a_scan_is_refused(
    project: Project, args: tuple[str, ...], problem: str
) -> None:
    before = files(project.path)
    pytest.LineMatcher([refused(project, *args)]).fnmatch_lines([f"ERROR: {problem}"])
    assert files(project.path) == before


FAULTY = [
    ('"endpoint"', '"endpint"', "[[]entries[]] attributes: no function bears #[[]endpint[]]"),
    ('"endpoint"', '"never::endpoint"', "* no function bears #[[]never::endpoint[]]"),
    ("jobs.rs::sweep", "jobs.rs::swep", "[[]entries[]] items: jobs.rs: no item `swep`; *`sweep`"),
    ("jobs.rs::sweep", "job.rs::sweep", "[[]entries[]] items: job.rs: no such file*jobs.rs *"),
    ("jobs.rs::sweep", "store.rs::Store", "*: store.rs::Store (struct) is no function with a body"),
    ('"endpoint"', "7", "[[]entries[]] attributes has to be a list of texts*"),
]


@pytest.mark.parametrize(("old", "new", "problem"), FAULTY)
def test_a_faulty_entry_is_told_with_the_settings_that_it_stands_in(
    project: Project, old: str, new: str, problem: str
) -> None:
    project.edit("corpus/flowcorpus.toml", old, new)
    (project.path / "corpus/flow_adding.py").unlink()
    pytest.LineMatcher([refused(project, SCAN)]).fnmatch_lines(
        [f"ERROR: corpus/flowcorpus.toml: {problem}"]
    )


def test_no_corpus_at_all_is_a_usage_error(project: Project) -> None:
    line = refused(project, "rust", SCAN)
    assert line == "ERROR: --flowcorpus-scan: no flowcorpus.toml here; name the folder of a corpus"


def test_a_source_that_cannot_be_had_is_a_usage_error(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "../rust", "../nowhere")
    assert "nowhere" in refused(project, SCAN)


def test_a_broken_spec_is_a_collection_error(project: Project) -> None:
    project.write("corpus/flow_broken.py", "def flow_broken(flow:\n")
    result = project.run(f"{SCAN}=scan.json")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*corpus/flow_broken.py:1: *"])
    assert "scan of" not in result.stdout.str()
    assert not (project.path / "scan.json").exists()
    anyway = project.run(SCAN, "--continue-on-collection-errors")
    assert anyway.ret == 1
    assert FEATURES in anyway.stdout.str() + "\n"


def test_a_corpus_without_specs_is_scanned(project: Project) -> None:
    (project.path / "corpus/flow_adding.py").unlink()
    for args in ((), ("corpus",)):
        totals = scanned(project, *args)["totals"]
        assert (totals["neither"], totals["told"], totals["lines"]) == (5, 0, 69)


def test_a_corpus_without_entries_says_where_they_are_declared(project: Project) -> None:
    text = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("corpus/flowcorpus.toml", text.partition("[entries]")[0])
    result = project.run(SCAN)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["TOTAL * 16%", "0 entry points: *", "no [[]entries[]] in flowcorpus.toml say *"]
    )


def test_a_selection_of_flows_is_what_counts(project: Project) -> None:
    spec = "def flow_zoo(flow):\n    flow.file('jobs.rs').extract('sweep')\n"
    project.write("corpus/flow_zoo.py", spec)
    held = []
    for args in ((), ("-k", "zoo"), ("corpus/flow_adding.py::flow_adding",), ("-k", "nothing")):
        data = scanned(project, *args)
        held.append({one["entry"] for one in data["features"] if one["held_by"]})
        assert data["scan"]["whole"] is (not args)
        (project.path / "scan.json").unlink()
    assert held == [{"api.rs::add", "jobs.rs::sweep"}, {"jobs.rs::sweep"}, {"api.rs::add"}, set()]
    judged = project.run("--flowcorpus-scan", "--flowcorpus-fail-under=0", "-k", "zoo")
    assert judged.ret == 4
    judged.stderr.fnmatch_lines(["*judges a whole corpus*"])


def test_what_a_flow_extracts_is_read_from_its_code_where_that_is_plain(project: Project) -> None:
    spec = (
        "import pytest\n"
        "PLACE = 'store.rs'\n"
        "@pytest.mark.parametrize('name', ['kept', 'wipe'])\n"
        "def flow_each(flow, name):\n"
        "    flow.file(PLACE).extract(f'Store::{name}')\n"
        "def flow_many(flow):\n"
        "    api = flow.file('api.rs')\n"
        "    for name in ('clear', 'total'):\n"
        "        api.extract(name)\n"
    )
    project.write("corpus/flow_each.py", spec)
    found = scanned(project)
    by_entry = {one["entry"]: one for one in found["features"]}
    many = "flow_each.py::flow_many"
    assert by_entry["api.rs::total"]["held_by"] == [many]
    assert by_entry["api.rs::clear"]["held_by"] == [many]
    touching = {one["flow"] for one in by_entry["api.rs::total"]["touched_by"]}
    assert touching == {"flow_each.py::flow_each[kept]"}
    touching = {one["flow"] for one in by_entry["api.rs::clear"]["touched_by"]}
    assert touching == {"flow_each.py::flow_each[wipe]", "flow_adding.py::flow_adding"}
    assert all(note.startswith("flow_adding.py:") for note in found["notes"])


def test_what_encloses_an_entry_point_holds_it(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", '"api.rs::total"', '"store.rs::Store::kept"')
    spec = "def flow_zoo(flow):\n    flow.file('store.rs').extract('impl Store')\n"
    project.write("corpus/flow_zoo.py", spec)
    found = {one["entry"]: one for one in scanned(project)["features"]}
    assert found["store.rs::Store::kept"]["held_by"] == ["flow_zoo.py::flow_zoo"]


def test_a_flow_that_computes_is_read_from_its_snapshot_and_says_so(
    accepted: Path, pytester: pytest.Pytester
) -> None:
    shutil.copytree(accepted, pytester.path, dirs_exist_ok=True)
    project = Project(pytester.path, pytester)
    settings = (project.path / "corpus/flowcorpus.toml").read_text()
    entries = '[entries]\nitems = ["store.rs::Store::put", "handler.rs::stay"]\n'
    project.write("corpus/flowcorpus.toml", settings + entries)
    project.edit("corpus/flow_go.py", '"Store::put"', '"Store::put".strip()')
    lines = (project.path / "corpus/flow_go.py").read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "strip()" in text)
    found = scanned(project)
    held = {one["entry"]: one["held_by"] for one in found["features"]}
    assert held == {"store.rs::Store::put": ["flow_go.py::flow_go"], "handler.rs::stay": []}
    assert found["notes"] == [f"flow_go.py:{line}: extracts what is computed: see its snapshot"]
    shutil.rmtree(project.path / "corpus/__snapshots__")
    assert not any(one["held_by"] for one in scanned(project)["features"])


def test_two_corpora_are_both_shown_and_have_no_file_in_common(project: Project) -> None:
    project.write("second/flowcorpus.toml", SETTINGS)
    result = project.run(SCAN, "--flowcorpus-fail-under=10")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*= scan of corpus =*",
            "5 entry points: 1 held by a flow, 1 touched, 3 neither",
            "*= scan of second =*",
            "5 entry points: 0 held by a flow, 0 touched, 5 neither",
            "flowcorpus: second: 0 of 69 lines stand in a flow: 0.00 %, under 10 %",
        ]
    )
    result.stdout.no_fnmatch_line("flowcorpus: corpus: *")
    line = refused(project, f"{SCAN}=scan.json")
    assert line == "ERROR: --flowcorpus-scan: one file for several corpora: corpus, second"
    assert scanned(project, "second")["totals"]["neither"] == 5


def test_collecting_alone_scans_nothing(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "../rust", "../nowhere")
    result = project.run("--collect-only", "-q", f"{SCAN}=scan.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["corpus/flow_adding.py::flow_adding"])
    assert "scan of" not in result.stdout.str()
    assert not (project.path / "scan.json").exists()


def test_a_checkout_is_scanned_as_it_is(project: Project) -> None:
    shutil.copytree(project.path / "rust", project.path / "fork")
    project.edit("fork/jobs.rs", "/// Sweeps.\n", "/// Sweeps.\n///\n/// Twice.\n")
    sizes = []
    for args in ((), ("--flowcorpus-checkout=fork",)):
        features = scanned(project, *args)["features"]
        sizes += [one["lines"] for one in features if one["entry"] == "jobs.rs::sweep"]
    assert sizes == [4, 6]


def test_no_escape_sequence_of_the_source_reaches_the_terminal(project: Project) -> None:
    project.edit("rust/api.rs", '"/total"', '"/to\x1b[2Jtal"')
    project.edit("rust/api.rs", '"/help"', '"/he\x1b[2Jlp"')
    project.write("rust/o\x1b[2Jdd.rs", "#[endpoint]\nfn odd() {}\n")
    project.edit("corpus/flow_adding.py", "gone.rs", "\\x1b[2J.rs")
    for option in (SCAN, f"{SCAN}=-"):
        result = project.run(option, "--color=no")
        assert result.ret == 0
        text = result.stdout.str()
        assert "\x1b" not in text
        # Two routes, an entry point, the file that it stands in and the note.
        assert len(re.findall(r"\\(?:x|u00)1b\[2J", text)) >= 5


@pytest.mark.parametrize("width", ["40", "60", "200"])
def test_lines_of_figures_are_whole_at_every_width(
    project: Project, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    deep = "rust/" + "deeper/" * 12 + "still.rs"
    project.write(deep, "#[endpoint]\npub fn deepest() {}\n")
    names = [f"flow_{number}_{'long' * 8}" for number in range(4)]
    told = "def {name}(flow):\n    flow.file('api.rs').extract('total')\n"
    project.write("corpus/flow_zoo.py", "".join(told.format(name=name) for name in names))
    lines = project.run(SCAN).outlines
    assert "     2   0%     1     1    0  " + deep.removeprefix("rust/") + "::deepest" in lines
    rows = [line for line in lines if re.search(r"\d +\d+ +\d+%$", line)]
    assert len(rows) == 3 + 5 + 1
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) <= max(int(width), 60)
    about = [line for line in lines if "flow_zoo" in line]
    assert [name for line in about for name in re.findall(r"flow_\d_\w+", line)] == names


def test_colour_comes_where_it_is_asked_for(project: Project, seen: Seen) -> None:
    text = project.run(SCAN, "--color=yes").stdout.str()
    assert "\x1b[31m    15   0%     3     2    1  api.rs::total\x1b[0m" in text
    assert "\x1b[33m    12  33%     3     2    0  api.rs::clear\x1b[0m" in text
    assert "\x1b[32m     9 100%     2     2    0  api.rs::add\x1b[0m" in text
    assert "\x1b" not in seen.text
