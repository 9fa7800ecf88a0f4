from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.scan import file as scanfile
from pytest_flowcorpus.scan.holding import Holding
from pytest_flowcorpus.scan.scan import Scan, scan
from tests.unit.memory import item, opened

SOURCE = {"git": "https://example.org/x", "revision": "a" * 40, "licenses": [{"text": "long"}]}
FILES = {
    "src/lib.rs": """\
use axum::{routing::get, Router};
pub fn app() -> Router { Router::new().route("/a", get(a)).route("/b", get(b)) }
async fn a() { helper(); x.send(); c(); }
async fn b() {}
fn helper() {}
async fn c() {}
struct S;
impl S { fn send(&self) {} }
""",
    "src/é.rs": "",
}


def scanned(order: int = 1) -> Scan:
    of = opened(dict([*FILES.items()][::order]), (("all", ("**",)),), ("lib.rs::a", "lib.rs::c"))
    flows = [
        Holding("flow_a.py::flow_a", frozenset({item(of, "lib.rs::helper")}), ("a note",)),
        Holding("flow_c.py::flow_c", frozenset({item(of, "lib.rs::c"), item(of, "lib.rs::S")})),
    ]
    return scan(of, flows[::order])


def test_a_scan_is_json_that_says_all_that_is_known() -> None:
    data = scanfile.dumps(scanned(), SOURCE)
    assert data.endswith(b"}\n")
    assert json.loads(data) == {
        "scan": {"git": "https://example.org/x", "revision": "a" * 40, "whole": True},
        "totals": {
            "lines": 8,
            "told": 3,
            "percent": 37.5,
            "features": 2,
            "held": 1,
            "touched": 1,
            "neither": 0,
            "undecided": 1,
        },
        "features": [
            {
                "entry": "src/lib.rs::a",
                "routes": [
                    {
                        "method": "GET",
                        "path": "/a",
                        "file": "src/lib.rs",
                        "line": 2,
                        "handler": "src/lib.rs::a",
                        "certainty": "resolved",
                    }
                ],
                "held_by": [],
                "touched_by": [{"flow": "flow_a.py::flow_a", "items": 1}],
                "lines": 2,
                "told": 1,
                "layers": ["all"],
                "files": ["src/lib.rs"],
                "items": ["src/lib.rs::a", "src/lib.rs::helper"],
                "leads_to": ["src/lib.rs::c"],
                "undecided": [{"in": "src/lib.rs::a", "name": "send", "line": 3}],
            },
            {
                "entry": "src/lib.rs::c",
                "routes": [],
                "held_by": ["flow_c.py::flow_c"],
                "touched_by": [],
                "lines": 1,
                "told": 1,
                "layers": ["all"],
                "files": ["src/lib.rs"],
                "items": ["src/lib.rs::c"],
                "leads_to": [],
                "undecided": [],
            },
        ],
        "layers": [
            {
                "name": "all",
                "lines": 8,
                "told": 3,
                "percent": 37.5,
                "files": [
                    {
                        "name": "src/lib.rs",
                        "lines": 8,
                        "told": 3,
                        "percent": 37.5,
                        "untold": [[1, 4], [8, 8]],
                    },
                    {"name": "src/é.rs", "lines": 0, "told": 0, "percent": 100.0, "untold": []},
                ],
            }
        ],
        "routes_to_no_entry": [
            {
                "method": "GET",
                "path": "/b",
                "file": "src/lib.rs",
                "line": 2,
                "handler": "src/lib.rs::b",
                "certainty": "resolved",
            }
        ],
        "notes": ["a note"],
    }


def test_the_order_in_which_things_are_found_changes_nothing() -> None:
    assert scanfile.dumps(scanned(-1), SOURCE) == scanfile.dumps(scanned(1), SOURCE)


def test_what_was_written_can_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    for told in (SOURCE, {"checkout": True}):
        scanfile.check_target(path)
        data = scanfile.dumps(scanned(), told)
        scanfile.write(path, data)
        assert path.read_bytes() == data
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "content",
    [
        b"words",
        b"[]",
        b'{"scan": {}}',
        b'"scan"',
        b"1",
        b'{"x": {}}',
        b'{"scan": {}',
        b'["scan"]',
        b"\xff",
    ],
)
def test_what_is_no_scan_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(OutputError, match="something else than a scan"):
        scanfile.check_target(path)
    assert path.read_bytes() == content


def test_an_empty_file_is_filled_and_a_selection_never_replaces_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.touch()
    scanfile.check_target(path)
    whole = scanfile.dumps(scanned(), SOURCE)
    scanfile.write(path, whole, is_whole=True)
    with pytest.raises(OutputError, match="scan of a whole corpus"):
        scanfile.write(path, scanfile.dumps(scanned(), SOURCE), is_whole=False)
    assert path.read_bytes() == whole


def test_neither_is_a_folder_or_what_is_below_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="something else than a scan"):
        scanfile.check_target(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is not a folder"):
        scanfile.check_target(tmp_path / "file" / "scan.json")


def test_a_name_that_no_file_can_have_is_an_error_with_that_name(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        scanfile.check_target(tmp_path / f"{'x' * 300}.json")


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    (tmp_path / "link.json").symlink_to("words.txt")
    with pytest.raises(OutputError, match="something else than a scan"):
        scanfile.check_target(tmp_path / "link.json")


def test_a_new_file_may_stand_in_a_new_folder_and_nothing_is_left_of_asking(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "scan.json"
    scanfile.check_target(path)
    assert [*tmp_path.iterdir()] == []
    scanfile.write(path, b"{}")
    assert path.read_bytes() == b"{}"


def test_a_write_that_fails_names_the_file_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scan.json"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"scan\.json cannot be written: No space left"):
        scanfile.write(path, b"new")
    assert [path.read_bytes(), *tmp_path.iterdir()] == [b"old", path]
