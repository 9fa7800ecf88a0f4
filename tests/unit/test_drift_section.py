"""The section that the report of a failed flow gets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.drift import file, section, view
from pytest_flowcorpus.drift.flow import FlowDrift, flow_drift
from pytest_flowcorpus.drift.section import explain
from pytest_flowcorpus.example import Hop, Verdict
from pytest_flowcorpus.source import SourceUnavailable
from tests.unit import flows
from tests.unit.flows import Run

if TYPE_CHECKING:
    from pathlib import Path

GO = "fn go() {\n    stay(1);\n}\n"
AFTER = {"src/a.rs": GO.replace("1", "\n    ".join("abcdefghijkl" * 4))}
SPEC = """\
def flow_x(flow):
    go = flow.file("a.rs").extract("go")
    flow.think("It may `stay`.")
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return flows.run(monkeypatch, tmp_path / "corpus", {"src/a.rs": GO}, AFTER)


def failed(crash: object = None) -> Any:
    return SimpleNamespace(sections=[], longrepr=SimpleNamespace(reprcrash=crash))


def explained(of: Run, report: Any) -> dict[str, Any]:
    draft = Draft("flow_x.py::flow_x", "X", of.opened)
    draft.add_question(HOP)
    draft.add_thought("x", ())
    return explain(of.flow(SPEC, ("src/a.rs", "go")), cast("Any", report), draft)


HOP = Hop("src/a.rs::go", "src/b.rs::stay", "calls", Verdict.RESOLVED)


def drift(of: Run) -> FlowDrift:
    found = flow_drift(of.flow(SPEC, ("src/a.rs", "go")), of.opened, [HOP])
    assert found is not None
    return found


def lines(of: Run, *, is_full: bool) -> list[str]:
    return [line for line, _ in view.lines(drift(of), is_full=is_full)]


def test_it_tells_the_drift_below_its_head_and_gives_it_as_data(run: Run) -> None:
    report = failed()
    assert explained(run, report) == file.entry(drift(run))
    [(head, text)] = report.sections
    assert head == view.head(drift(run))
    assert text == "\n".join(lines(run, is_full=False))
    assert "read again corpus/flow_x.py:3: It may `stay`." in text


@pytest.mark.parametrize(("verbosity", "is_full"), [(1, False), (2, True), (3, True)])
def test_from_vv_on_it_is_told_in_full(run: Run, verbosity: int, is_full: bool) -> None:  # noqa: FBT001
    run.verbosity, report = verbosity, failed()
    explained(run, report)
    assert report.sections[0][1] == "\n".join(lines(run, is_full=is_full))
    assert lines(run, is_full=True) != lines(run, is_full=False)


def test_on_a_terminal_it_is_in_colour(run: Run) -> None:
    run.reporter.hasmarkup, report = True, failed()
    explained(run, report)
    first, *_ = report.sections[0][1].splitlines()
    assert first == "\x1b[33m\x1b[1msrc/a.rs::go: body\x1b[0m"


def test_the_list_of_failures_says_what_happened_in_a_few_words(run: Run) -> None:
    crash = SimpleNamespace(message="assert False")
    explained(run, failed(crash))
    assert crash.message == "drift: go body"


def test_a_report_of_text_alone_gets_the_section_too(run: Run) -> None:
    report = failed()
    report.longrepr = "it failed"
    assert explained(run, report) != {}
    assert len(report.sections) == 1


def test_where_there_is_nothing_to_tell_there_is_no_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"src/a.rs": GO}
    run = flows.run(monkeypatch, tmp_path / "corpus", files, files)
    report, crash = failed(), SimpleNamespace(message="assert False")
    report.longrepr.reprcrash = crash
    assert explained(run, report) == {}
    assert (report.sections, crash.message) == ([], "assert False")


def test_where_the_source_fails_the_section_says_why(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise SourceUnavailable("its folder is gone; clone it again")

    flow, report = run.flow(SPEC, ("src/a.rs", "go")), failed()
    monkeypatch.setattr(type(run.opened), "file", gone)
    assert explain(flow, report, Draft("flow_x.py::flow_x", "X", run.opened)) == {}
    told = ("What became of its code cannot be told", "its folder is gone; clone it again")
    assert report.sections == [told]


def test_marks_are_written_for_a_terminal_as_ecma_48_has_them() -> None:
    assert section._marked(("text", {})) == "text"
    assert section._marked(("text", {"bold": False})) == "text"
    assert section._marked(("text", {"red": True, "bold": True})) == "\x1b[31m\x1b[1mtext\x1b[0m"
