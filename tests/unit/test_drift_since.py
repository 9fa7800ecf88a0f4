"""What is known of the time since a review, and what an account says as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.drift import account, file, section
from pytest_flowcorpus.drift.account import Account, Story
from pytest_flowcorpus.drift.fate import Drifted, Fate, Standing, Tracing
from pytest_flowcorpus.drift.proposal import Proposal
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.sentences import Sentence
from pytest_flowcorpus.drift.since import Since
from pytest_flowcorpus.drift.since import since as since_review
from pytest_flowcorpus.example import Hop, Verdict
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.source import Commit, SourceError, SourceUnavailable
from tests.unit import flows
from tests.unit.flows import REVIEWED
from tests.unit.memory import opened

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = Fingerprint(*"tcasb"), Fingerprint(*"TCASB")
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


def since(history: object = None) -> Since:
    return Since(Tracing(opened({}), None), cast("Any", history))


def test_commits_are_those_that_touched_the_lines_where_it_stands_and_are_asked_for_once() -> None:
    history = Asked()
    past = since(history)
    assert [past.commits(drifted()), past.commits(drifted())] == [
        (Commit("a" * 40, "2026-01-31", "Say so"),)
    ] * 2
    assert history.questions == [("touching", "src/b.rs", (7, 9))]
    assert since().commits(drifted()) == ()


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
        since(history).commits(gone)
    assert history.questions == [("removing", "src/a.rs", line)]


def test_what_is_gone_and_cannot_be_read_any_more_is_asked_for_by_its_name() -> None:
    history = Asked()
    with pytest.raises(SourceError):
        since(history).commits(drifted(Fate.GONE, was=None, now=None))
    assert history.questions == [("removing", "src/a.rs", "put")]


CODE = {"src/a.rs": "fn put() {}\n"}


def asked_since(of: flows.Run, revision: str | None = REVIEWED) -> Since:
    return since_review(of.flow("def flow_x(flow): ..."), of.opened, revision)


def knows_then(past: Since) -> bool:
    return past.tracing.as_it_was("src/a.rs", "put") is not None


def knows_now(past: Since) -> bool:
    [gone] = past.tracing.drifted([Accepted("src/a.rs", "get", "fn", OLD)])
    return gone.is_gone


def test_the_code_as_reviewed_and_the_commits_since_are_had_once_for_all_flows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    past = asked_since(of)
    assert (past.history, past.problem) == (of.opened.source.since(REVIEWED), "")
    assert (knows_then(past), knows_now(past)) == (True, True)
    assert asked_since(of) is past
    assert of.past.asked == [(tmp_path / "corpus", REVIEWED)]
    assert of.reporter.lines == ["flowcorpus: fetching"]
    assert asked_since(of, None) is not past


def test_two_corpora_of_a_run_that_were_reviewed_at_one_revision_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (flows.run(monkeypatch, tmp_path / name, CODE, CODE) for name in "ab")
    other.config.stash = one.config.stash
    assert asked_since(one) is not asked_since(other)


def test_without_a_revision_the_code_as_reviewed_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    past = asked_since(of, None)
    assert (knows_then(past), knows_now(past)) == (False, True)
    assert (past.history, of.past.asked) == (None, [])
    assert past.problem == (
        "the code as reviewed cannot be had: the snapshot names no revision, as one that was "
        "accepted from a checkout"
    )


def test_where_the_revision_cannot_be_had_it_is_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE)
    of.past.found = OpenError("upstream has no such commit")
    past = asked_since(of)
    assert (knows_then(past), knows_now(past)) == (False, True)
    assert past.history is None
    assert past.problem == "the code as reviewed cannot be had: upstream has no such commit"


def test_of_a_checkout_the_code_as_reviewed_is_known_and_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = asked_since(flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE, revision=None))
    assert (knows_then(past), knows_now(past)) == (True, True)
    assert past.history is None
    assert past.problem == "what is in a checkout is in no commit yet: none are told"


def test_where_the_history_cannot_be_had_the_code_as_reviewed_is_known_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = SourceUnavailable("the remote has cut it")
    past = asked_since(flows.run(monkeypatch, tmp_path / "corpus", CODE, CODE, history=cut))
    assert (knows_then(past), knows_now(past)) == (True, True)
    assert past.history is None
    assert past.problem == "the commits since the review cannot be had: the remote has cut it"


def test_a_story_has_a_diff_where_both_codes_are_known_or_nothing_is_left() -> None:
    proposals = (Proposal("x", 1),)
    told = account._story(drifted(), since(Asked()), proposals)
    assert told.diff == ("@@ -3,2 +7,2 @@", "-fn put() {}", "+fn push() {}", " ")
    assert (len(told.commits), told.proposals, told.problem) == (1, proposals, "")
    assert told.drifted == drifted()
    for one in (drifted(was=None), drifted(Fate.AMBIGUOUS, now=None)):
        assert account._story(one, since(), ()).diff == ()
    gone = account._story(drifted(Fate.GONE, now=None), since(Asked()), proposals)
    assert "-fn put() {}" in gone.diff
    assert gone.drifted == drifted(Fate.GONE, now=None)
    assert (gone.commits, gone.proposals, gone.problem) == ((), proposals, "the history is damaged")


def test_the_names_that_hops_lead_to_are_known_by_their_callers() -> None:
    def hop(caller: str, callee: str) -> Hop:
        return Hop(caller, callee, "calls", Verdict.RESOLVED)

    found = account._callees(
        [hop("a::go", "b.rs::Store::put"), hop("a::go", "stay"), hop("b::x", "c.rs::<A as B>::y")]
    )
    assert found == {"a::go": {"put", "stay"}, "b::x": {"y"}}
    assert found["nobody"] == frozenset()


def test_an_account_is_told_as_plain_data() -> None:
    commit = Commit("a" * 40, "2026-01-31", "Say so")
    story = Story(
        drifted(Fate.MOVED, Fate.BODY, fingerprint=NEW, others=("src/c.rs::put",)),
        diff=("-a", "+b"),
        commits=(commit,),
        proposals=(Proposal("x", 3),),
        sentences=(Sentence("It puts.", 9),),
    )
    gone = Story(drifted(Fate.GONE, now=None))
    told = file.entry(
        Account("flow_x.py::flow_x", "corpus/flow_x.py", "a" * 40, None, (story,), (gone,), "why")
    )
    moved = {
        "path": "src/a.rs",
        "address": "Store::put",
        "kind": "fn",
        "changes": ["moved", "body"],
        "now": {"path": "src/b.rs", "address": "Store::push", "lines": [7, 9]},
        "others": ["src/c.rs::put"],
        "digests": {"accepted": asdict(OLD), "now": asdict(NEW)},
        "diff": ["-a", "+b"],
        "commits": [asdict(commit)],
        "proposals": [{"code": "x", "line": 3}],
        "sentences": [{"text": "It puts.", "line": 9}],
    }
    nothing: dict[str, object] = {
        "changes": ["gone"],
        "now": None,
        "digests": {"accepted": asdict(OLD), "now": None},
        **{key: [] for key in ("others", "diff", "commits", "proposals", "sentences")},
    }
    assert told == {
        "spec": "corpus/flow_x.py",
        "reviewed": "a" * 40,
        "problem": "why",
        "is_broken": True,
        "fragments": [moved],
        "named": [{**moved, **nothing}],
    }


@pytest.mark.parametrize(
    ("stories", "named", "is_broken"),
    [((Fate.BODY,), (), False), ((Fate.BODY, Fate.GONE), (), True), ((), (Fate.RENAMED,), True)],
)
def test_an_account_is_broken_where_one_address_is(
    stories: tuple[Fate, ...],
    named: tuple[Fate, ...],
    is_broken: bool,  # noqa: FBT001
) -> None:
    of = [tuple(Story(drifted(fate)) for fate in fates) for fates in (stories, named)]
    told = file.entry(Account("f", "s", None, None, of[0], of[1]))
    assert told["is_broken"] is is_broken


def test_marks_are_written_for_a_terminal_as_ecma_48_has_them() -> None:
    assert section._marked(("text", {})) == "text"
    assert section._marked(("text", {"bold": False})) == "text"
    assert section._marked(("text", {"red": True, "bold": True})) == "\x1b[31m\x1b[1mtext\x1b[0m"
