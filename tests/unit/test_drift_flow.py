"""What is found out about a flow whose code is not as it was reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.flow import _callees, flow_drift
from pytest_flowcorpus.drift.proposal import Proposal
from pytest_flowcorpus.drift.sentences import Sentence
from pytest_flowcorpus.example import Hop, Verdict
from tests.unit import flows
from tests.unit.flows import NOW, REVIEWED, SAY_SO, Commits, Run

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.drift.flow import FlowDrift

PUT = "pub fn put(rows: &mut Rows, row: u8) -> bool {\n    rows.push(row);\n    true\n}\n"
GET = "pub fn get(rows: &Rows, at: usize) -> Option<u8> {\n    rows.values.get(at).copied()\n}\n"
ALL = "pub fn all(rows: &Rows) -> &[u8] {\n    rows.values.as_slice()\n}\n"
BEFORE = {"src/store.rs": PUT + GET + ALL}
AFTER = {"src/store.rs": PUT.replace("push(row)", "push(row.abs())") + GET + ALL}

SPEC = '''\
def flow_x(flow):
    store = flow.file("store.rs")
    put = store.extract("put")
    get = store.extract("get")
    flow.request("Keep rows.")
    flow.think("""
    First `put` keeps one. Then `get` finds it.
    It goes by `push`. All of them are `all`.
    """)
    assert put.calls("store.rs::all")
'''
PLACES = ("src/store.rs", "put"), ("src/store.rs", "get")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def drift(of: Run, *hops: Hop, revision: str | None = REVIEWED) -> FlowDrift:
    found = flow_drift(of.flow(SPEC, *PLACES, revision=revision), of.opened, hops)
    assert found is not None
    return found


def test_where_all_is_as_reviewed_nothing_is_told_and_nothing_fetched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, {"src/store.rs": f"fn new() {{}}\n{GET}{PUT}"})
    assert flow_drift(run.flow(SPEC, *PLACES), run.opened) is None
    assert run.past.asked == []


def test_where_nothing_was_ever_reviewed_nothing_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, AFTER)
    assert flow_drift(run.flow(SPEC), run.opened) is None


def test_what_changed_is_told_with_its_diff_its_commits_and_what_to_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, AFTER)
    found = drift(run)
    assert (found.flow, found.spec) == ("flow_x.py::flow_x", "corpus/flow_x.py")
    assert (found.reviewed, found.revision) == (REVIEWED, NOW)
    assert (found.named, found.problem) == ((), "")
    [fragment] = found.fragments
    assert (str(fragment.drifted.accepted), fragment.drifted.fates) == (
        "src/store.rs::put",
        (Fate.BODY,),
    )
    assert [line for line in fragment.diff if line[0] in "+-"] == [
        *("-    rows.push(row);", "+    rows.push(row.abs());"),
    ]
    assert (fragment.commits, fragment.proposals, fragment.problem) == ((SAY_SO,), (), "")
    assert fragment.sentences == (Sentence("First `put` keeps one.", 7),)
    assert run.past.asked == [(folder, REVIEWED)]


def test_what_a_hop_leads_to_is_read_again_where_its_line_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, AFTER)
    for caller, is_told in (("src/store.rs::put", True), ("src/store.rs::get", False)):
        hop = Hop(caller, "src/rows.rs::Rows::push", "calls", Verdict.RESOLVED)
        [fragment] = drift(run, hop).fragments
        told = [sentence.text for sentence in fragment.sentences]
        assert ("It goes by `push`." in told) is is_told


def test_what_stands_elsewhere_is_told_with_what_to_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, {"src/store.rs": GET + ALL, "src/put.rs": PUT})
    [fragment] = drift(run).fragments
    assert fragment.proposals == (Proposal('flow.file("put.rs").extract("put")', 3),)


def test_where_a_whole_file_went_it_is_to_be_opened_by_its_new_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, {"src/rows.rs": PUT + GET + ALL})
    found = drift(run)
    open_it = Proposal('flow.file("rows.rs")', 2)
    assert [fragment.proposals for fragment in found.fragments] == [(open_it,), (open_it,)]
    [named] = found.named
    assert named.proposals == (Proposal('"rows.rs::all"', 10),)


def test_an_item_that_an_assert_speaks_of_is_told_where_its_address_broke(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = ALL.replace("fn all", "fn every")
    run = flows.run(monkeypatch, folder, BEFORE, {"src/store.rs": AFTER["src/store.rs"] + every})
    assert drift(run).named == ()
    text = AFTER["src/store.rs"].replace(ALL, every)
    run = flows.run(monkeypatch, folder / "b", BEFORE, {"src/store.rs": text})
    found = drift(run)
    assert [str(fragment.drifted.accepted) for fragment in found.fragments] == ["src/store.rs::put"]
    [named] = found.named
    assert (str(named.drifted.accepted), named.drifted.fates) == (
        "src/store.rs::all",
        (Fate.RENAMED,),
    )
    assert named.proposals == (Proposal('"store.rs::every"', 10),)


def test_an_item_that_an_assert_speaks_of_is_told_once_where_it_is_a_fragment_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, {"src/store.rs": PUT + GET})
    flow = run.flow(SPEC, *PLACES, ("src/store.rs", "all"))
    found = flow_drift(flow, run.opened)
    assert found is not None
    assert [str(fragment.drifted.accepted) for fragment in found.fragments] == ["src/store.rs::all"]
    assert found.named == ()


def test_an_item_that_an_assert_speaks_of_and_that_was_not_there_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, {"src/store.rs": PUT + GET}, {"src/store.rs": GET})
    found = drift(run)
    assert [fragment.drifted.fates for fragment in found.fragments] == [(Fate.GONE,)]
    assert found.named == ()


def test_where_the_history_fails_the_rest_is_told_with_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = Commits(problem="the history is damaged")
    after = {"src/store.rs": AFTER["src/store.rs"].replace("copied", "cloned")}
    found = drift(flows.run(monkeypatch, folder, BEFORE, after, history=history))
    assert [(bool(one.diff), one.commits) for one in found.fragments] == [(True, ())] * 2
    assert found.problem == "the history is damaged"


def test_where_the_code_as_reviewed_cannot_be_had_the_rest_is_told_with_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = flows.run(monkeypatch, folder, BEFORE, AFTER)
    run.past.found = OpenError("upstream has no such commit")
    found = drift(run)
    assert [(one.drifted.fates, one.diff) for one in found.fragments] == [((Fate.BODY,), ())]
    assert found.problem.endswith("cannot be had: upstream has no such commit")


def test_against_a_checkout_no_revision_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = drift(flows.run(monkeypatch, folder, BEFORE, AFTER, revision=None))
    assert (found.reviewed, found.revision) == (REVIEWED, None)
    assert found.fragments[0].diff != ()


def test_the_names_that_hops_lead_to_are_known_by_their_callers() -> None:
    def hop(caller: str, callee: str) -> Hop:
        return Hop(caller, callee, "calls", Verdict.RESOLVED)

    found = _callees(
        [hop("a::go", "b.rs::Store::put"), hop("a::go", "stay"), hop("b::x", "c.rs::<A as B>::y")]
    )
    assert found == {"a::go": {"put", "stay"}, "b::x": {"y"}}
    assert found["nobody"] == frozenset()
