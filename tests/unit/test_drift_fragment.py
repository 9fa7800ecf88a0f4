"""What became of one fragment, as far as it can be known."""

from __future__ import annotations

from typing import Any, cast

from pytest_flowcorpus.drift.comparison import Comparison
from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.fragment import fragment_drift
from pytest_flowcorpus.drift.proposal import Proposal
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.drift.tracer import Tracer
from pytest_flowcorpus.rust import Fingerprint
from tests.unit.flows import Commits
from tests.unit.memory import opened

WAS = Standing("src/a.rs", "Store::put", (3, 5), b"fn put() {}\n")
NOW = Standing("src/b.rs", "Store::push", (7, 9), b"fn push() {}\n")


def drifted(*fates: Fate, address: str = "Store::put", **changes: Any) -> Drifted:
    accepted = Accepted("src/a.rs", address, "fn", Fingerprint(*"tcasb"))
    return Drifted(accepted, fates or (Fate.BODY,), **{"was": WAS, "now": NOW, **changes})


def compared(problem: str = "") -> Comparison:
    return Comparison(Tracer(opened({}), None), cast("Any", Commits(problem=problem)))


def test_a_fragment_has_a_diff_where_both_codes_are_known_or_nothing_is_left() -> None:
    proposals = (Proposal("x", 1),)
    told = fragment_drift(drifted(), compared(), proposals)
    assert told.diff == ("@@ -3,2 +7,2 @@", "-fn put() {}", "+fn push() {}", " ")
    assert (len(told.commits), told.proposals, told.problem) == (1, proposals, "")
    assert told.drifted == drifted()
    for one in (drifted(was=None), drifted(Fate.AMBIGUOUS, now=None)):
        assert fragment_drift(one, compared(), ()).diff == ()
    gone = fragment_drift(
        drifted(Fate.GONE, now=None), compared("the history is damaged"), proposals
    )
    assert "-fn put() {}" in gone.diff
    assert gone.drifted == drifted(Fate.GONE, now=None)
    assert (gone.commits, gone.proposals, gone.problem) == ((), proposals, "the history is damaged")
