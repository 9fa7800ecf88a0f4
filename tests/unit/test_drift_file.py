"""Drift as data, of a flow and of a run."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import orjson
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
from pytest_flowcorpus.drift.tally import Tally
from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.source import Commit

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.results import Results

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


def results(
    folder: Path, tally: Tally | None, *, unfinished: str = "", is_whole: bool = True
) -> Results:
    """Give what came of a run that was asked for ``drift.json``."""
    told = SimpleNamespace(
        option=SimpleNamespace(flowcorpus_drift="drift.json"),
        run=SimpleNamespace(unfinished=lambda: unfinished),
        sources=SimpleNamespace(provenance={"revision": "a" * 40, "licenses": ["long"]}),
        drift=tally,
        is_whole=lambda: is_whole,
        place=folder.joinpath,
    )
    return cast("Results", told)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_tally_is_written_to_the_file_that_was_asked_for(
    tmp_path: Path,
    is_whole: bool,  # noqa: FBT001
) -> None:
    told = file.write(results(tmp_path, Tally(()), is_whole=is_whole))
    assert [*told] == ["wrote the drift to drift.json"]
    data = orjson.loads((tmp_path / "drift.json").read_bytes())
    assert data == file.as_data(Tally(()), {"revision": "a" * 40}, is_whole=is_whole)


@pytest.mark.parametrize(
    ("tally", "unfinished", "why"),
    [
        (Tally(()), "the run did not finish", "the run did not finish"),
        (None, "the run did not finish", "the run did not finish"),
        (None, "", "no flow ran"),
    ],
)
def test_what_is_not_written_says_why(
    tmp_path: Path, tally: Tally | None, unfinished: str, why: str
) -> None:
    with pytest.raises(OutputError) as told:
        [*file.write(results(tmp_path, tally, unfinished=unfinished))]
    assert str(told.value) == f"drift.json left as it was: {why}"
    assert [*tmp_path.iterdir()] == []
