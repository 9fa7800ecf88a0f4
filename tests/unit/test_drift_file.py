"""The drift of a flow as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from pytest_flowcorpus.drift import file
from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.flow import FlowDrift
from pytest_flowcorpus.drift.fragment import FragmentDrift
from pytest_flowcorpus.drift.proposal import Proposal
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.sentences import Sentence
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.source import Commit

OLD, NEW = Fingerprint(*"tcasb"), Fingerprint(*"TCASB")
WAS = Standing("src/a.rs", "Store::put", (3, 5), b"fn put() {}\n")
NOW = Standing("src/b.rs", "Store::push", (7, 9), b"fn push() {}\n")


def drifted(*fates: Fate, address: str = "Store::put", **changes: Any) -> Drifted:
    accepted = Accepted("src/a.rs", address, "fn", OLD)
    return Drifted(accepted, fates or (Fate.BODY,), **{"was": WAS, "now": NOW, **changes})


def test_the_drift_of_a_flow_is_told_as_plain_data() -> None:
    commit = Commit("a" * 40, "2026-01-31", "Say so")
    whole = FragmentDrift(
        drifted(Fate.MOVED, Fate.BODY, fingerprint=NEW, others=("src/c.rs::put",)),
        diff=("-a", "+b"),
        commits=(commit,),
        proposals=(Proposal("x", 3),),
        sentences=(Sentence("It puts.", 9),),
    )
    gone = FragmentDrift(drifted(Fate.GONE, now=None))
    of = FlowDrift(
        "flow_x.py::flow_x", "corpus/flow_x.py", "a" * 40, None, (whole,), (gone,), "why"
    )
    told = file.entry(of)
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
    ("extracted", "named", "is_broken"),
    [((Fate.BODY,), (), False), ((Fate.BODY, Fate.GONE), (), True), ((), (Fate.RENAMED,), True)],
)
def test_a_flow_is_broken_where_one_address_is(
    extracted: tuple[Fate, ...],
    named: tuple[Fate, ...],
    is_broken: bool,  # noqa: FBT001
) -> None:
    of = [tuple(FragmentDrift(drifted(fate)) for fate in fates) for fates in (extracted, named)]
    told = file.entry(FlowDrift("f", "s", None, None, of[0], of[1]))
    assert told["is_broken"] is is_broken
