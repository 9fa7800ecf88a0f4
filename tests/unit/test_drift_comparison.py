"""What is known of the time between a review and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift.comparison import Comparison, comparison
from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.drift.tracer import Tracer
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.source import Commit, SourceError, SourceUnavailable
from tests.unit import flows
from tests.unit.flows import REVIEWED
from tests.unit.memory import opened

if TYPE_CHECKING:
    from pathlib import Path

OLD = Fingerprint(*"tcasb")
WAS = Standing("src/a.rs", "Store::put", (3, 5), b"fn put() {}\n")
NOW = Standing("src/b.rs", "Store::push", (7, 9), b"fn push() {}\n")


def drifted(*fates: Fate, address: str = "Store::put", **changes: Any) -> Drifted:
    accepted = Accepted("src/a.rs", address, "fn", OLD)
    return Drifted(accepted, fates or (Fate.BODY,), **{"was": WAS, "now": NOW, **changes})


class Asked:
    """A history that gives a commit for each question, and notes them."""

    def __init__(self) -> None:
        self.questions: list[tuple[object, ...]] = []

    def touching(self, *question: object) -> tuple[Commit, ...]:
        self.questions.append(("touching", *question))
        return (Commit("a" * 40, "2026-01-31", "Say so"),)

    def removing(self, *question: object) -> tuple[Commit, ...]:
        self.questions.append(("removing", *question))
        raise SourceError("the history is damaged")


def compared(history: object = None) -> Comparison:
    return Comparison(Tracer(opened({}), None), cast("Any", history))


def test_commits_are_those_that_touched_the_lines_where_it_stands_and_are_asked_for_once() -> None:
    history = Asked()
    found = compared(history)
    assert [found.commits(drifted()), found.commits(drifted())] == [
        (Commit("a" * 40, "2026-01-31", "Say so"),)
    ] * 2
    assert history.questions == [("touching", "src/b.rs", (7, 9))]
    assert compared().commits(drifted()) == ()


@pytest.mark.parametrize(
    ("address", "text", "line"),
    [
        ("Store::put", "    /// It does put.\n    #[put]\n    // put\n    fn put(\n", "fn put("),
        ("put", "#[inline] fn put() {}\nput();", "put();"),
        ("impl From<A> for B", "#[x]\nimpl From<A>\n  for B {\n}", "impl From<A>"),
        ("m!(A)", "m! {\n    A\n}", "m! {"),
        ("put", "/// put", "put"),
    ],
)
def test_what_is_gone_is_asked_for_by_the_line_that_declared_it(
    address: str, text: str, line: str
) -> None:
    history = Asked()
    gone = drifted(
        Fate.GONE,
        address=address,
        was=Standing("src/a.rs", address, (1, 1), text.encode()),
        now=None,
    )
    with pytest.raises(SourceError, match="damaged"):
        compared(history).commits(gone)
    assert history.questions == [("removing", "src/a.rs", line)]


def test_what_is_gone_and_cannot_be_read_any_more_is_asked_for_by_its_name() -> None:
    history = Asked()
    with pytest.raises(SourceError):
        compared(history).commits(drifted(Fate.GONE, was=None, now=None))
    assert history.questions == [("removing", "src/a.rs", "put")]


CODE = {"src/a.rs": "fn put() {}\n"}


def at_review(of: flows.Run, revision: str | None = REVIEWED) -> Comparison:
    return comparison(of.flow("def flow_x(flow): ..."), of.opened, revision)


def knows_then(found: Comparison) -> bool:
    return found.tracer.as_it_was("src/a.rs", "put") is not None


def knows_now(found: Comparison) -> bool:
    [gone] = found.tracer.drifted([Accepted("src/a.rs", "get", "fn", OLD)])
    return gone.is_gone


def test_the_code_as_reviewed_and_the_commits_since_are_had_once_for_all_flows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    found = at_review(of)
    assert (found.history, found.problem) == (of.opened.source.since(REVIEWED), "")
    assert (knows_then(found), knows_now(found)) == (True, True)
    assert at_review(of) is found
    assert of.past.asked == [(tmp_path / "corpus", REVIEWED)]
    assert of.reporter.lines == ["flowcorpus: fetching"]
    assert at_review(of, None) is not found


def test_two_corpora_of_a_run_that_were_reviewed_at_one_revision_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (flows.run(monkeypatch, tmp_path / name, CODE, CODE) for name in "ab")
    other.config.stash = one.config.stash
    assert at_review(one) is not at_review(other)


def test_without_a_revision_the_code_as_reviewed_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    found = at_review(of, None)
    assert (knows_then(found), knows_now(found)) == (False, True)
    assert (found.history, of.past.asked) == (None, [])
    assert found.problem == (
        "the code as reviewed cannot be had: the snapshot names no revision, as one that was "
        "accepted from a checkout"
    )


def test_where_the_revision_cannot_be_had_it_is_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    of.past.found = OpenError("upstream has no such commit")
    found = at_review(of)
    assert (knows_then(found), knows_now(found)) == (False, True)
    assert found.history is None
    assert found.problem == "the code as reviewed cannot be had: upstream has no such commit"


def test_of_a_checkout_the_code_as_reviewed_is_known_and_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = at_review(flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE, revision=None))
    assert (knows_then(found), knows_now(found)) == (True, True)
    assert found.history is None
    assert found.problem == "what is in a checkout is in no commit yet: none are told"


def test_where_the_history_cannot_be_had_the_code_as_reviewed_is_known_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = SourceUnavailable("the remote has cut it")
    found = at_review(flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE, history=cut))
    assert (knows_then(found), knows_now(found)) == (True, True)
    assert found.history is None
    assert found.problem == "the commits since the review cannot be had: the remote has cut it"
