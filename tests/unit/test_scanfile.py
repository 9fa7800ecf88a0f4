from __future__ import annotations

import json

from pytest_flowcorpus.jsonfile import dumps
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
    data = dumps(scanfile.as_data(scanned(), SOURCE))
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
    assert dumps(scanfile.as_data(scanned(-1), SOURCE)) == dumps(
        scanfile.as_data(scanned(1), SOURCE)
    )
