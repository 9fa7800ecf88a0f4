from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import audit

if TYPE_CHECKING:
    from collections.abc import Callable

RELAY = """\
// SPDX-License-Identifier: MIT

use std::fmt;

/// A parcel on its way.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub weight: u32,
}

// Counted, and never weighed twice.
#[cfg_attr(
    feature = "trace",
    tracing::instrument(skip_all)
)]
pub fn count<'a>(parcels: &'a [Parcel]) -> usize {
    let brace = '}';
    let text = r#"impl Fake { "quoted" "#;
    parcels.len() + text.matches(brace).count()
}

// About vans, and set apart.

/// How a van carries.
#[allow(dead_code)]
impl Carrier for Van {
    /// What can go wrong.
    type Error = Lost;
    const LIMIT: u32 = 7;

    fn idle(&self) {}

    /// Sends it off.

    #[inline]
    fn send(&self, parcel: Parcel) -> Result<(), Lost> {
        /* a } in a /* nested */ comment */
        self.drive(parcel)
    }

    fn stop(&self) {}
}
"""

TASKS = """\
pub(crate) enum Task {
    /// Wakes up.
    ///
    /// ```
    /// wake(1);
    /// ```
    Wake { at: u64 },
    Sleep,
}

struct Left; struct Right;

mod clock {
    //! Time, and what it does.

    impl<F: for<'a> Fn(&'a u8)> Clock<F> {
        const TICK: u64 = 1;

        // Only ever forward.
        pub fn tick(&self) -> u64 {
            Self::TICK
        }
    }
}""".replace("\n", "\r\n")

LICENSE = "Yours, if you keep this text.\n"


def lines_of(text: str, first: int, last: int) -> str:
    return "".join(text.splitlines(keepends=True)[first - 1 : last])


def fragment(
    source: str, address: str, kind: str, lines: tuple[int, int], text: str = ""
) -> dict[str, Any]:
    text = text or lines_of(source, *lines).strip()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"address": address, "kind": kind, "lines": lines, "sha256": digest}


class Case:
    """An output of one line, built by hand; what a test changes in it stays changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jsonl = folder / "out.jsonl"
        self.system, self.reasoning = "You know parcels.", "First count, then send."
        self.fences: dict[str, str] = {}
        self.manifest: dict[str, Any] = {
            "format": 1,
            "jsonl": {},
            "whole": True,
            "source": {
                "checkout": True,
                "revision": None,
                "root": "src",
                "licenses": [{"path": "LICENSE", "text": LICENSE}],
            },
            "examples": [
                {
                    "spec": "flow_parcel.py::flow_parcel",
                    "title": "A parcel",
                    "tokens": 99,
                    "files": [{}, {}],
                    "thoughts": [{"covers": ["testing"], "words": 4, "asked": []}],
                    "defects": [],
                }
            ],
            "rejected": [],
        }
        self.tree = {"LICENSE": LICENSE, "src/relay.rs": RELAY, "src/tasks.rs": TASKS}
        self.quote_relay()
        self.quote_tasks()

    @property
    def files(self) -> list[dict[str, Any]]:
        files: list[dict[str, Any]] = self.manifest["examples"][0]["files"]
        return files

    def quote_relay(self, *ranges: tuple[int, int], **fragments: tuple[int, int]) -> None:
        chosen = {"use": (3, 3), "count": (11, 20), "send": (33, 39)} | fragments
        told = [
            fragment(RELAY, "use", "use", chosen["use"]),
            fragment(RELAY, "count", "fn", chosen["count"]),
            fragment(RELAY, "<Van as Carrier>::send", "fn", chosen["send"]),
        ]
        whole = ((3, 3), (11, 20), (24, 29), (33, 39), (42, 42))
        self.quote(0, "src/relay.rs", ranges or whole, told)
        self.files[0]["spdx"] = ["SPDX-License-Identifier: MIT"]

    def quote_tasks(self, *ranges: tuple[int, int]) -> None:
        wake = lines_of(TASKS, 2, 7).strip().removesuffix(",")
        told = [
            fragment(TASKS, "Task::Wake", "variant", (2, 7), wake),
            fragment(TASKS, "Right", "struct", (11, 11), "struct Right;"),
            fragment(TASKS, "clock::Clock::tick", "fn", (19, 22)),
        ]
        whole = ((1, 7), (9, 9), (11, 11), (13, 13), (16, 16), (19, 24))
        self.quote(1, "src/tasks.rs", ranges or whole, told)

    def quote(
        self, at: int, path: str, ranges: tuple[tuple[int, int], ...], told: list[dict[str, Any]]
    ) -> None:
        data = self.tree[path].encode()
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        entry = {"path": path, "blob": blob, "spdx": [], "lines": ranges, "fragments": told}
        self.files[at] = entry
        code = "\n".join(lines_of(self.tree[path], *pair) for pair in ranges)
        self.fences[path] = code if code.endswith("\n") else f"{code}\n"

    def replace(self, old: str, new: str, path: str = "src/relay.rs") -> None:
        """Change the fence of a file and nothing else."""
        assert self.fences[path].count(old) == 1
        self.fences[path] = self.fences[path].replace(old, new)

    def answer(self) -> str:
        files = (f"`{path}`\n\n````rust\n{code}````\n" for path, code in self.fences.items())
        return f"<think>\n{self.reasoning}\n</think>\n\n" + "\n".join(files)

    def record(self) -> dict[str, Any]:
        contents = {"system": self.system, "user": "Please.", "assistant": self.answer()}
        messages = [{"role": role, "content": content} for role, content in contents.items()]
        return {"type": "chatml", "messages": messages}

    def write(self, record: dict[str, Any] | None = None, line: str = "") -> None:
        line = line or json.dumps(record or self.record(), ensure_ascii=False) + "\n"
        self.write_jsonl(line.encode())

    def write_jsonl(self, data: bytes) -> None:
        """Write all of it, with a manifest that is true of `data`."""
        self.jsonl.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self.manifest["jsonl"] = {"lines": data.count(b"\n"), "sha256": digest}
        self.write_manifest(json.dumps(self.manifest, indent=2))
        for path, text in self.tree.items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_bytes(text.encode())

    def write_manifest(self, text: str) -> None:
        self.jsonl.with_suffix(".manifest.json").write_text(text, encoding="utf-8")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.fixture
def findings(case: Case, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    def run() -> list[str]:
        status = audit.main([str(case.jsonl), "--tree", str(case.folder)])
        *found, total = capsys.readouterr().out.splitlines()
        assert total.endswith(f", {len(found)} findings")
        assert status == bool(found)
        return found

    return run


@pytest.fixture
def sees(case: Case, findings: Callable[[], list[str]]) -> Callable[[str], bool]:
    """Write the case and tell whether a finding says so."""

    def seen(pattern: str) -> bool:
        case.write()
        return any(re.search(pattern, finding) for finding in findings())

    return seen


# --- what is true ------------------------------------------------------------------------------


def test_a_true_output_passes_and_is_counted(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    case.write()
    assert audit.main([str(case.jsonl), "--tree", str(case.folder)]) == 0
    assert capsys.readouterr().out == "1 lines, 6 fragments, 0 findings\n"


def test_a_true_output_passes_against_the_revision_it_names(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    case.write()
    commit = committed(case.folder)
    origin = {"git": "https://example.org/parcels", "revision": commit, "root": "src"}
    case.manifest["source"] = origin | {"licenses": [{"path": "LICENSE", "text": LICENSE}]}
    case.write()
    args = [str(case.jsonl), "--git", str(case.folder / ".git"), "--rev", commit]
    assert audit.main(args) == 0, capsys.readouterr().out
    case.manifest["source"]["revision"] = "0" * 40
    case.write()
    assert audit.main(args) == 1
    assert f"source.revision is not the audited {commit}" in capsys.readouterr().out


def committed(folder: Path) -> str:
    def git(*args: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"]
        command = ["git", "-C", str(folder), *who, *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("add", "LICENSE", "src")
    git("commit", "--quiet", "--message", "Parcels")
    return git("rev-parse", "HEAD")


def test_a_gap_in_a_crlf_file_may_be_a_crlf(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("u64 },\r\n\n}", "u64 },\r\n\r\n}", "src/tasks.rs")
    assert not sees("")


# --- what belongs to an item, and where it begins and ends -------------------------------------


@pytest.mark.parametrize(
    ("lead", "first"),
    [
        ("", 1),
        ("// Set apart.\n\n", 3),
        ("//! Of the file.\n", 2),
        ("#![allow(unused)]\n", 2),
        ("struct Other; // trailing\n", 2),
        ("/* one */ struct Other; /* two */\n", 2),
        ("macro_rules! m { () => { #[x] } }\n", 2),
        ('const OTHER: &str = "// fn\\" #[no]";\n', 2),
    ],
)
def test_what_belongs_to_no_item_or_another_one_is_not_missed(
    case: Case, sees: Callable[[str], bool], lead: str, first: int
) -> None:
    alone(case, f"{lead}fn only() {{}}\n", first)
    assert not sees("")


@pytest.mark.parametrize(
    "lead",
    [
        "/// Doc.\n",
        "/// Doc.\n\n",
        "/** Doc. */\n",
        "#[cold]\n",
        "#[cold]\n\n\n",
        "#[cold] // why\n\n",
        "#[cfg(any(\n    a,\n    b, // ]\n))]\n",
        '#[doc = r"]"]\n',
        "/* why */\n",
        "// why\n",
        "//// why\n",
        "/*** why */\n",
    ],
)
def test_what_belongs_to_the_item_is_missed(
    case: Case, sees: Callable[[str], bool], lead: str
) -> None:
    alone(case, f"{lead}fn only() {{}}\n", lead.count("\n") + 1)
    assert sees(r"only: left out above it: .* at line 1$")


def test_what_belongs_to_the_item_is_missed_on_its_own_line_too(
    case: Case, sees: Callable[[str], bool]
) -> None:
    alone(case, "#[cold] pub fn only() {}\n", 1, "pub fn only() {}")
    assert sees("left out above it: '#' at line 1")


def alone(
    case: Case,
    code: str,
    line: int,
    text: str = "",
    *,
    kind: str = "fn",
) -> None:
    """Let the second file of `case` be `code`, and its one fragment stand on `line`."""
    case.tree["src/tasks.rs"] = code
    told = [fragment(code, "only", kind, (line, line), text)]
    case.quote(1, "src/tasks.rs", ((line, line),), told)


def framed(case: Case, code: str, line: int, frame: tuple[tuple[int, int], ...]) -> None:
    """Let the second file of `case` be `code`: a fragment on `line`, quoted with its `frame`."""
    case.tree["src/tasks.rs"] = code
    case.quote(1, "src/tasks.rs", frame, [fragment(code, "only", "fn", (line, line))])


@pytest.mark.parametrize(
    ("code", "line", "frame"),
    [
        ("impl A {\nfn only() {}\n}\n", 2, ((1, 3),)),
        ("pub(crate) mod a {\nfn only() {}\n}\n", 2, ((1, 3),)),
        ("pub unsafe trait A<const N: usize> {\nfn only() {}\n}\n", 2, ((1, 3),)),
        ("extern {\nfn only();\n}\n", 2, ((1, 3),)),
        ('unsafe extern "C" {\nfn only();\n}\n', 2, ((1, 3),)),
        ('unsafe extern r"C" {\nfn only();\n}\n', 2, ((1, 3),)),
        ("mod a {\n#![allow(unused)]\nimpl A\n{\nfn only() {}\n}\n}\n", 5, ((1, 1), (3, 7))),
        ("impl A<{ 1 }>\nfor B {\nfn only() {}\n}\n", 3, ((1, 4),)),
        ("impl A for B {\nconst fn a() {}\nfn only() {}\n}\n", 3, ((1, 1), (3, 4))),
        ("impl A for B {\n#[a = ';']\n#[b]\nconst A: C = C {};\nfn only() {}\n}\n", 5, ((1, 6),)),
        ("impl A for B {\n#![a]\nfn only() {}\n}\n", 3, ((1, 1), (3, 4))),
        (
            "impl A for B {\nfn a() {}\n#[a]\ntype T = [u8; 2];\nfn only() {}\n}\n",
            5,
            ((1, 1), (3, 6)),
        ),
        ("impl A for B {\nfn a() { type T = u8; }\nfn only() {}\n}\n", 3, ((1, 1), (3, 4))),
        (
            "impl<F: for<'a> Fn(&'a u8)> A<F> {\nconst A: u8 = 1;\nfn only() {}\n}\n",
            3,
            ((1, 1), (3, 4)),
        ),
        ("impl A for for<> fn(u8) {\ntype T = u8;\nfn only() {}\n}\n", 3, ((1, 4),)),
        ("fn a() {\nfn only() {}\n}\n", 2, ((2, 2),)),
        ('extern "C" fn a() {\nfn only() {}\n}\n', 2, ((2, 2),)),
        ("impl A {\nfn a() {\nfn only() {}\n}\n}\n", 3, ((3, 3),)),
        ("impl A {\nfn a() {\nfn only() {}\n}\n}\n", 3, ((1, 1), (3, 3), (5, 5))),
        (
            "impl A for B {\ntype T = u8;\nfn a() {\nfn only() {}\n}\n}\n",
            4,
            ((1, 1), (4, 4), (6, 6)),
        ),
        ("#!/usr/bin/env { not rust\nfn only() {}\n", 2, ((2, 2),)),
        ("// Far.\n\n// Near.\n\nfn only() {}\n", 5, ((5, 5),)),
        ("// Far.\n// Near.\n\nfn only() {}\n", 4, ((4, 4),)),
        (
            "fn a<'a>(_: &'a [u8; 1]) { '{'; b'\\''; c\"{\"; br##\"\"#{\"##; }\nfn only() {}\n",
            2,
            ((2, 2),),
        ),
        ("fn only() -> A<{ 1 }> {}\n", 1, ((1, 1),)),
    ],
)
def test_an_item_stands_in_its_frame_and_nothing_else(
    case: Case,
    sees: Callable[[str], bool],
    code: str,
    line: int,
    frame: tuple[tuple[int, int], ...],
) -> None:
    framed(case, code, line, frame)
    assert not sees("")


@pytest.mark.parametrize(
    "code",
    [
        "fn a() {\nfn only() {}\n}\n",
        'extern "C" fn a() {\nfn only() {}\n}\n',
        "const fn a() {\nfn only() {}\n}\n",
        "struct A;\nfn only() {}\nstruct B;\n",
        "a! {\nfn only() {}\n}\n",
        "impl A {}\nfn only() {}\nimpl B {}\n",
        "#![a]\nfn only() {}\n",
    ],
)
def test_a_line_beside_the_item_is_no_frame(
    case: Case, sees: Callable[[str], bool], code: str
) -> None:
    framed(case, code, 2, ((1, code.count("\n")),))
    assert sees("line 1 is of no fragment and encloses none")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (("variant", "enum A { only, B }", "only, B"), "goes on after its end: 'B'"),
        (("variant", "enum A { only { b: u8 } }", "only"), "ends in the midst, at 'only'"),
        (("const", "const only: A = A {}.b;", "const only: A = A {}"), "ends in the midst, at '}'"),
        (("struct", "struct only;\nstruct B;", "struct only;\nstruct B;"), "goes on after its end"),
        (("macro_call", "only! {} a!();", "only! {} a!();"), "goes on after its end: 'a'"),
        (("macro_call", "only!();", "only!()"), "ends in the midst, at '\\)'"),
        (("fn", "fn a() {} fn only() {}", "} fn only() {}"), "begins in the midst, after '{'"),
    ],
)
def test_a_fragment_that_is_not_one_whole_item(
    case: Case, sees: Callable[[str], bool], form: tuple[str, str, str], says: str
) -> None:
    kind, code, text = form
    case.tree["src/tasks.rs"] = f"{code}\n"
    lines = (1, 1 + code.count("\n"))
    case.quote(1, "src/tasks.rs", (lines,), [fragment(code, "only", kind, lines, text)])
    assert sees(f"only: {says}")


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("variant", "enum A { only, B }", "only,"),
        ("variant", "enum A { only, B }", "only"),
        ("variant", "enum A { B, only = 1 }", "only = 1"),
        ("const", "const only: A = if a { b } else { c };", ""),
        ("static", "static mut only: [u8; 2] = [1; 2];", ""),
        ("use", "use a::{b, c}; extern crate d; use e;", ""),
        ("impl", "impl only for A<{ 1 }> {}", ""),
        ("fn", "fn r#only() {}", ""),
        ("macro_call", "only! { a; b }", ""),
    ],
)
def test_an_item_of_each_form_is_whole(
    case: Case, sees: Callable[[str], bool], kind: str, code: str, text: str
) -> None:
    alone(case, f"{code}\n", 1, text, kind=kind)
    assert not sees("")


# --- faults of the code ------------------------------------------------------------------------


def test_a_line_dropped_inside_a_fragment(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("    let brace = '}';\n", "")
    assert sees("count: does not stand whole in the fence")
    assert sees("fence line 9 is .* not line 17 of the file")


def test_a_line_dropped_inside_a_fragment_and_from_the_ranges(
    case: Case, sees: Callable[[str], bool]
) -> None:
    case.quote_relay((3, 3), (11, 16), (18, 20), (24, 29), (33, 39), (42, 42))
    assert sees("count: does not stand whole in the fence")
    assert sees(r"count: lines \[11, 20\] are in no one range")


def test_an_attribute_dropped_from_the_fence(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("    #[inline]\n", "")
    assert sees("send: does not stand whole in the fence")


@pytest.mark.parametrize(
    ("lost", "first", "above"),
    [("attribute", 16, 11), ("comment", 12, 11)],
)
def test_a_lead_dropped_with_its_digest_and_its_ranges(
    case: Case, sees: Callable[[str], bool], lost: str, first: int, above: int
) -> None:
    case.quote_relay((3, 3), (first, 20), (24, 29), (33, 39), (42, 42), count=(first, 20))
    assert sees(f"count: left out above it: .* at line {above}"), lost


@pytest.mark.parametrize("first", [35, 36])
def test_a_doc_comment_dropped_with_its_digest_and_its_ranges(
    case: Case, sees: Callable[[str], bool], first: int
) -> None:
    case.quote_relay((3, 3), (11, 20), (24, 29), (first, 39), (42, 42), send=(first, 39))
    assert sees("send: left out above it: '/// Sends it off.' at line 33")


@pytest.mark.parametrize("line", ["/// Sends it off.", "// Counted, and never weighed twice."])
def test_a_comment_dropped_from_the_fence(
    case: Case, sees: Callable[[str], bool], line: str
) -> None:
    case.replace(f"{line}\n", "")
    assert sees("does not stand whole in the fence")


def test_a_foreign_line_added_to_the_fence(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("use std::fmt;\n", "use std::fmt;\nuse std::io;\n")
    assert sees("fence line 2 is 'use std::io;.*', not one blank line for a gap")


def test_a_foreign_line_added_at_the_end_of_the_fence(
    case: Case, sees: Callable[[str], bool]
) -> None:
    case.fences["src/relay.rs"] += "fn more() {}\n"
    assert sees("fence line 30 is one too many")


@pytest.mark.parametrize(
    ("ranges", "line"),
    [
        (((3, 3), (9, 9), (11, 20), (24, 29), (33, 39), (42, 42)), 9),
        (((3, 3), (11, 20), (22, 29), (33, 39), (42, 42)), 22),
        (((3, 3), (11, 20), (24, 29), (31, 31), (33, 39), (42, 42)), 31),
        (((3, 3), (11, 20), (24, 29), (33, 39), (41, 42)), 41),
    ],
)
def test_a_foreign_line_added_to_the_fence_and_the_ranges(
    case: Case, sees: Callable[[str], bool], ranges: tuple[tuple[int, int], ...], line: int
) -> None:
    case.quote_relay(*ranges)
    assert sees(f"line {line} is of no fragment and encloses none")


def test_a_const_of_an_inherent_impl_is_a_foreign_line(
    case: Case, sees: Callable[[str], bool]
) -> None:
    case.quote_tasks((1, 7), (9, 9), (11, 11), (13, 13), (16, 17), (19, 24))
    assert sees("line 17 is of no fragment and encloses none")


@pytest.mark.parametrize(
    ("ranges", "line"),
    [
        (((3, 3), (11, 20), (26, 29), (33, 39), (42, 42)), 25),
        (((3, 3), (11, 20), (24, 26), (28, 29), (33, 39), (42, 42)), 27),
        (((3, 3), (11, 20), (24, 28), (33, 39), (42, 42)), 29),
        (((3, 3), (11, 20), (24, 29), (33, 39)), 42),
    ],
)
def test_an_enclosing_line_dropped_with_its_ranges(
    case: Case, sees: Callable[[str], bool], ranges: tuple[tuple[int, int], ...], line: int
) -> None:
    case.quote_relay(*ranges)
    assert sees(rf"send: enclosing lines left out: \[.*\b{line}\b")


def test_a_changed_byte_in_a_fragment(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("self.drive(parcel)", "self.drove(parcel)")
    assert sees("send: does not stand whole in the fence")


def test_a_changed_byte_in_an_enclosing_line(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("for Van {", "for Man {")
    assert sees("fence line 16 is '.*for Man .*, not line 26 of the file")


def test_a_line_ending_changed_in_the_fence(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("Self::TICK\r\n", "Self::TICK\n", "src/tasks.rs")
    assert sees("clock::Clock::tick: does not stand whole")


def test_a_missing_gap_line(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("use std::fmt;\n\n", "use std::fmt;\n")
    assert sees("fence line 2 is .* not one blank line for a gap")


def test_a_doubled_gap_line(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("use std::fmt;\n\n", "use std::fmt;\n\n\n")
    assert sees(r"fence line 3 is '\\n', not line 11 of the file")


def test_lines_swapped_in_the_fence(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace(
        "    type Error = Lost;\n    const LIMIT: u32 = 7;\n",
        "    const LIMIT: u32 = 7;\n    type Error = Lost;\n",
    )
    assert sees("fence line 18 is .* not line 28 of the file")


def test_ranges_out_of_order(case: Case, sees: Callable[[str], bool]) -> None:
    case.quote_relay((11, 20), (3, 3), (24, 29), (33, 39), (42, 42))
    assert sees("line ranges out of order")


def test_ranges_beyond_the_file(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["lines"] = [[3, 99]]
    assert sees(r"\[3, 99\] are no lines of the file, which has 42")


def test_a_range_that_is_no_pair(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["lines"] = [[3]]
    assert sees(r"\[3\] are no lines of the file")


def test_a_blank_crlf_line_in_the_place_of_a_line(case: Case, sees: Callable[[str], bool]) -> None:
    case.replace("mod clock {\r\n", "\r\n", "src/tasks.rs")
    assert sees(r"fence line 13 is '\\r\\n', not line 13 of the file")


def test_files_swapped_in_the_answer(case: Case, sees: Callable[[str], bool]) -> None:
    case.fences = dict(reversed(case.fences.items()))
    assert sees(r"fences of \['src/tasks.rs', 'src/relay.rs'\]")


def test_a_fence_without_an_entry(case: Case, sees: Callable[[str], bool]) -> None:
    case.fences["src/other.rs"] = "fn other() {}\n"
    assert sees("fences of .*other.rs")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((11, 19), "ends in the midst, at"),
        ((17, 20), "ends in the midst, at '}'"),
        ((11, 17), "ends in the midst, at ';'"),
    ],
)
def test_a_fragment_that_is_cut_short(
    case: Case, sees: Callable[[str], bool], lines: tuple[int, int], says: str
) -> None:
    case.quote_relay((3, 3), lines, (24, 29), (33, 39), (42, 42), count=lines)
    assert sees(f"count: {says}")


def test_a_fragment_that_begins_after_its_visibility(
    case: Case, sees: Callable[[str], bool]
) -> None:
    code = "pub fn only() {}\n"
    alone(case, code, 1, "fn only() {}")
    assert sees("only: begins in the midst, after 'pub'")


def test_a_fragment_that_runs_into_the_next_item(case: Case, sees: Callable[[str], bool]) -> None:
    alone(case, "fn only() {} fn next() {}\n", 1)
    assert sees("only: goes on after its end: 'fn'")


def test_a_fragment_of_another_item_than_its_address_says(
    case: Case, sees: Callable[[str], bool]
) -> None:
    alone(case, "fn lonely() {}\n", 1)
    assert sees("only: is not the fn of that name, but 'lonely'")


# --- faults of the manifest --------------------------------------------------------------------


def test_a_wrong_digest_of_a_fragment(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["fragments"][1]["sha256"] = "0" * 64
    assert sees(r"count: nothing on lines \[11, 20\] has the sha256")


def test_wrong_lines_of_a_fragment(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["fragments"][1]["lines"] = [12, 20]
    assert sees(r"count: nothing on lines \[12, 20\] has the sha256")


def test_a_wrong_blob(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[1]["blob"] = "0" * 40
    assert sees("src/tasks.rs: the git blob is [0-9a-f]{40}, not 0{40}")


def test_an_invented_spdx_tag(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["spdx"].append("SPDX-License-Identifier: GPL-2.0-only")
    assert sees("the file has no tag 'SPDX-License-Identifier: GPL-2.0-only'")


def test_an_spdx_tag_left_out(case: Case, sees: Callable[[str], bool]) -> None:
    case.files[0]["spdx"] = []
    assert sees("left out: 'SPDX-License-Identifier: MIT'")


@pytest.mark.parametrize("text", ["Mine, and mine alone.\n", LICENSE.strip()])
def test_a_wrong_licence_text(case: Case, sees: Callable[[str], bool], text: str) -> None:
    case.manifest["source"]["licenses"][0]["text"] = text
    assert sees("licence LICENSE: the text is not byte for byte the file's")


@pytest.mark.parametrize(
    "path", ["src/none.rs", "src/../src/relay.rs", "./src/relay.rs", "/etc/hosts"]
)
def test_a_file_that_the_source_has_not(case: Case, sees: Callable[[str], bool], path: str) -> None:
    case.files[0]["path"] = path
    case.fences = {path: case.fences["src/relay.rs"], "src/tasks.rs": case.fences["src/tasks.rs"]}
    assert sees(f"{path}: (No such file|not a plain path)")


def test_examples_swapped(case: Case, findings: Callable[[], list[str]]) -> None:
    other = Case(case.folder)
    other.fences.pop("src/relay.rs")
    del other.files[0]
    case.manifest["examples"] += other.manifest["examples"]
    lines = [json.dumps(told.record()) for told in (case, other)]
    case.write(line="\n".join(lines) + "\n")
    assert findings() == []
    case.manifest["examples"].reverse()
    case.write(line="\n".join(lines) + "\n")
    assert {finding[:7] for finding in findings()} == {"line 1:", "line 2:"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r'"sha256": "(\w)', r'"sha256": "0\1', "jsonl.sha256 of the manifest is not true"),
        (r'"lines": 1,', '"lines": 2,', "jsonl.lines of the manifest is not true"),
        (r'"format": 1', '"format": 2', "not of format 1"),
        (r'"checkout": true', '"checkout": false', "neither a revision nor a checkout"),
        (r'"whole": true', '"whole": "yes"', "the manifest.whole is 'yes'"),
        (r'"kind": "use"', '"kin": "use"', r"fragments\[0\] has not the keys"),
        (r'"spec": ', '"title": ', "a key stands twice"),
        (r'"tokens": 99', '"tokens": true', "tokens is True"),
        (r'"defects": \[\]', '"defects": null', "defects is no list"),
        (r'"jsonl": \{[^}]*\}', '"jsonl": []', "jsonl has not the keys"),
        (r"^\{", "{{", "not UTF-8 JSON"),
    ],
)
def test_a_manifest_that_is_not_true_or_not_whole(
    case: Case, findings: Callable[[], list[str]], old: str, new: str, says: str
) -> None:
    case.write()
    text = case.jsonl.with_suffix(".manifest.json").read_text()
    case.write_manifest(re.sub(old, new, text, count=1))
    assert any(re.search(says, finding) for finding in findings())


# --- faults of the record ----------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["<think>", "</think>"])
@pytest.mark.parametrize("place", ["reasoning", "system"])
def test_a_second_think_tag(case: Case, sees: Callable[[str], bool], tag: str, place: str) -> None:
    setattr(case, place, f"Like {tag} so.")
    assert sees(f"line 1: {tag} does not stand once in the answer and nowhere else")


def test_an_answer_without_reasoning(case: Case, sees: Callable[[str], bool]) -> None:
    case.reasoning = " "
    assert sees("the reasoning does not stand between the think tags")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('{"type"', '{"id": 1, "type"', "not exactly the keys type, messages"),
        ('"role": "user"', '"name": "u", "role": "user"', "not exactly the keys role, content"),
        ('"type": "chatml"', '"type": "chatml", "type": "chatml"', "a key stands twice"),
        ('"type": "chatml"', '"type": "sharegpt"', "not of type chatml"),
        ('"<think>', '"So. <think>', "does not stand between the think tags"),
        ('"Please."', '""', "its content is empty"),
        ('"Please."', "null", "its content is empty or no text"),
        ('{"role": "user", "content": "Please."}', "null", "not exactly the keys role, content"),
        ('"Please."', '"\\ud83d"', "half a surrogate pair"),
        ('"user"', '"system"', "of another role"),
        ('{"role": "user", "content": "Please."}, ', "", "2 messages, not 3"),
        ("`src/tasks.rs`", "src/tasks.rs", "neither a path nor a fence"),
        ("`src/tasks.rs`\\n\\n", "`src/tasks.rs`\\n", "neither a path nor a fence"),
        ("````\\n\\n`src/tasks", "````\\n`src/tasks", "no blank line after the fence"),
        ("````\\n\\n`src/tasks", "````\\n\\n\\n`src/tasks", "neither a path nor a fence"),
        ("````\\n\\n`src/tasks", "\\n\\n`src/tasks", "is not closed|no longer than a run"),
        ("````rust\\nuse", "````python\\nuse", "neither a path nor a fence"),
        ("</think>\\n\\n", "</think>\\n", "does not stand between the think tags"),
        ('````\\n"}', '````\\nDone."}', "neither a path nor a fence|no blank line"),
    ],
)
def test_a_record_that_departs_from_the_format(
    case: Case, findings: Callable[[], list[str]], old: str, new: str, says: str
) -> None:
    line = json.dumps(case.record())
    assert line.count(old) == 1
    case.write(line=line.replace(old, new) + "\n")
    assert any(re.search(says, finding) for finding in findings())


@pytest.mark.parametrize(
    ("fence", "says"),
    [("```", "no longer than a run of backticks"), ("``", "neither a path nor a fence")],
)
def test_a_fence_that_its_code_could_close(
    case: Case, findings: Callable[[], list[str]], fence: str, says: str
) -> None:
    record = case.record()
    record["messages"][2]["content"] = case.answer().replace("````", fence)
    case.write(record)
    assert any(says in finding for finding in findings())


def test_a_fence_that_its_code_closes(case: Case, findings: Callable[[], list[str]]) -> None:
    case.replace("use std::fmt;", "  ````\nuse std::fmt;")
    case.write()
    assert any("is not closed by a line of its own length" in finding for finding in findings())


def test_a_fence_that_is_never_closed(case: Case, findings: Callable[[], list[str]]) -> None:
    record = case.record()
    record["messages"][2]["content"] = case.answer().removesuffix("````\n")
    case.write(record)
    assert any("is not closed by a line of its own length" in finding for finding in findings())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.replace(b"\n", b"\r\n"), "or holds a CR"),
        (lambda data: data + b"\n", "or an empty line"),
        (lambda data: data.removesuffix(b"\n"), "does not end in LF"),
        (lambda data: data[:0], "the JSONL holds no line"),
        (lambda data: data + data, "has not an example for each line"),
        (lambda data: data.replace(b"Please", b"Pl\xe9ase"), "not UTF-8 JSON"),
        (lambda data: b"\xef\xbb\xbf" + data, "not UTF-8 JSON"),
    ],
    ids=["crlf", "empty-line", "no-last-newline", "nothing", "twice", "latin-1", "bom"],
)
def test_lines_that_are_not_utf8_and_lf(
    case: Case, findings: Callable[[], list[str]], change: Callable[[bytes], bytes], says: str
) -> None:
    case.write_jsonl(change(json.dumps(case.record()).encode() + b"\n"))
    assert any(says in finding for finding in findings())


# --- the auditor itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("fn open() {\n", "line 2: `{` is never closed"),
        ("fn open() )\n", "line 2: `\\)` closes nothing"),
        ("fn open() (}\n", "line 2: `}` closes nothing"),
        ('const A: A = r#"";\n', "the raw string is never closed"),
        ("/* /* */\n", "the comment is never closed"),
    ],
)
def test_rust_that_cannot_be_scanned_is_a_finding(
    case: Case, sees: Callable[[str], bool], rest: str, says: str
) -> None:
    alone(case, f"fn only() {{}}\n{rest}", 1)
    assert sees(f"src/tasks.rs: .*{says}")


def test_a_finding_is_one_line_whatever_it_quotes(
    case: Case, findings: Callable[[], list[str]]
) -> None:
    case.files[0]["fragments"][0]["address"] = "use\nline 1: 0 findings"
    case.files[0]["fragments"][0]["sha256"] = "0" * 64
    case.write()
    assert all(finding.startswith("line 1: src/relay.rs: use line 1:") for finding in findings())


def test_the_auditor_needs_the_standard_library_and_nothing_else() -> None:
    tree = ast.parse(Path(audit.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names if isinstance(node, ast.Import)}
    names |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--tree", "{}"], "No such file"),
        (["--tree", "{}/none"], "is not a folder"),
        (["--git", "{}"], "--git DIR and --rev SHA go together"),
        (["--git", "{}", "--rev", "HEAD"], "git rev-parse"),
        ([], "one of the arguments --git --tree is required"),
    ],
)
def test_what_keeps_it_from_beginning_is_no_finding(
    case: Case, capsys: pytest.CaptureFixture[str], args: list[str], says: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        audit.main([str(case.jsonl), *(arg.format(case.folder) for arg in args)])
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[]", "null", '["type", "messages"]', '{"type": "chatml"}'])
def test_a_record_of_another_shape_is_a_finding(
    case: Case, findings: Callable[[], list[str]], text: str
) -> None:
    case.write(line=f"{text}\n")
    assert any("not exactly the keys type, messages" in finding for finding in findings())


def test_it_runs_as_a_program(case: Case) -> None:
    case.write()
    command = [sys.executable, audit.__file__, str(case.jsonl), "--tree", str(case.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 lines, 6 fragments, 0 findings\n")
