"""A flow while it runs: its draft, the judgement on it, and what its report carries."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_flowcorpus import chatml, output, rules, snapshot
from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.flow import Flow, FlowError
from pytest_flowcorpus.page import page
from pytest_flowcorpus.spec import Spec, flow_id, relative, spec_of, title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from syrupy.assertion import SnapshotAssertion

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.example import Example


@dataclass(slots=True, eq=False)
class Telling:
    """A flow that runs: what it told so far, what it is compared with, what came of it."""

    draft: Draft
    snapshot: SnapshotAssertion
    is_checked: bool = False
    """Whether it was compared."""
    example: Example | None = None
    """What passed, until it is handed on."""


TELLING: Final = pytest.StashKey[Telling]()
"""On a flow: what it is telling."""


def begin(request: pytest.FixtureRequest) -> Flow:
    """Give the `Flow` of a node; fails it where it is no flow of a corpus."""
    item: pytest.Item = request.node
    spec = spec_of(item)
    if spec is None:
        pytest.fail(f"{item.name}: only a flow_* function of a corpus has a `flow`", pytrace=False)
    draft = Draft(flow_id(item, spec), title(item, spec), _opened(item, spec))
    accepted = request.getfixturevalue("snapshot").use_extension(snapshot.FlowSnapshot)
    item.stash[TELLING] = Telling(draft, accepted)
    return Flow(draft)


@contextmanager
def judged(item: pytest.Item, spec: Spec) -> Iterator[None]:
    """Run a flow's function inside: a fault of the spec, or of what it tells, fails the flow."""
    fault: FlowError | None = None
    try:
        yield
    except FlowError as error:
        fault = error
    # Failed out here, so that pytest shows one line and not the chain of what led to it.
    if fault is not None:
        pytest.fail(f"{_place(fault.__traceback__, item, spec)}: {fault}", pytrace=False)
    place = _place(None, item, spec)
    if TELLING not in item.stash:
        pytest.fail(
            f"{place}: {item.name} takes no `flow`, so no example comes of it", pytrace=False
        )
    if problems := _judge(item.stash[TELLING], item.config):
        lines = "".join(f"\n  * {problem}" for problem in problems)
        pytest.fail(f"{place}: {item.name} is not an example yet:{lines}", pytrace=False)


def outcome(item: pytest.Item) -> dict[str, Any]:
    """Give what came of a flow: whether it was checked, and line, entry and page as asked for.

    An example is given once: ten thousand would otherwise be kept until the end of the run.
    """
    told = item.stash.get(TELLING, None)
    if told is None or told.example is None:
        return {"checked": told is not None and told.is_checked}
    example, told.example = told.example, None
    data: dict[str, Any] = {"checked": True}
    if item.config.getoption("flowcorpus_out"):
        data |= {"line": chatml.dumps(example).decode(), "entry": output.entry_of(example)}
    if item.config.getoption("flowcorpus_render"):
        data["page"] = page(example, told.draft.opened.source.revision)
    return data


def _opened(item: pytest.Item, spec: Spec) -> OpenCorpus:
    problem = ""
    try:
        return item.config.stash[CORPORA].open(spec.corpus.folder)
    except OpenError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


def _judge(told: Telling, config: pytest.Config) -> list[str]:
    example = told.draft.example()
    limits = told.draft.opened.corpus.settings.limits
    problems = [f"nothing is extracted from {path}" for path in told.draft.idle_files()]
    problems += rules.problems(example, limits)
    # What is not an example yet is not accepted as one.
    if not (problems and config.option.update_snapshots):
        problems += snapshot.check(told.snapshot, example, told.draft.opened.source.revision)
        told.is_checked = True
    told.example = None if problems else example
    return problems


def _place(traceback: TracebackType | None, item: pytest.Item, spec: Spec) -> str:
    """Give file and line of the last step in the spec, or of the flow itself."""
    line = (item.location[1] or 0) + 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(spec.path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f"{relative(spec.path, item.config)}:{line}"
