"""A flow while it runs: its draft, the judgement on it, and what its report carries."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest

from pytest_flowcorpus import chatml, grounding, output, relaxing, repetition, rules, snapshot
from pytest_flowcorpus.breach import Breach
from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.counts import Counts
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.flow import Flow
from pytest_flowcorpus.options import is_updating
from pytest_flowcorpus.page import page
from pytest_flowcorpus.recital import unfound
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import flow_id, flow_key, relative, spec_of, title
from pytest_flowcorpus.stash import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from syrupy.assertion import SnapshotAssertion

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.example import Example


_RELAXABLE: Final = (*rules.RELAXABLE, *grounding.RELAXABLE)
TELLING: Final[pytest.StashKey[Telling]] = pytest.StashKey()
"""On a flow: what it is telling."""


@dataclass(slots=True, eq=False)
class Telling:
    """A flow that runs: what it told so far, what it is compared with, what came of it."""

    draft: Draft
    snapshot: SnapshotAssertion
    is_checked: bool = False
    """Whether it was compared."""
    example: Example | None = None
    """What breaks no rule, until it is handed on."""
    is_accepted: bool = False
    """Whether its snapshot holds too."""


def begin(request: pytest.FixtureRequest) -> Flow:
    """Give the `Flow` of a node; fails it where it is no flow of a corpus."""
    item: pytest.Item = request.node
    if ORDER not in item.stash:
        pytest.fail(f"{item.name}: only a flow_* function of a corpus has a `flow`", pytrace=False)
    if not item.config.pluginmanager.hasplugin("syrupy"):
        pytest.fail(
            f"{item.name}: a flow's snapshot is kept by syrupy: switch it on", pytrace=False
        )
    if not __debug__:
        pytest.fail(
            f"{item.name}: python -O drops the asserts that prove a flow: run without it",
            pytrace=False,
        )
    draft = Draft(flow_id(item), title(item), _opened(item))
    accepted = request.getfixturevalue("snapshot").use_extension(snapshot.FlowSnapshot)
    item.stash[TELLING] = Telling(draft, accepted)
    return Flow(draft)


@contextmanager
def told_plainly(item: pytest.Item) -> Iterator[None]:
    """Run a part of a flow inside: what is wrong with it, or its source, is told with its place."""
    try:
        yield
    except (FlowError, SourceError) as error:
        place = _place(error.__traceback__, item)
        below = _unfound_below(item, place) if isinstance(error, FlowError) else ()
        lines = "\n".join((f"{place}: {error}", *below)).split("\n")
        text = "\n".join(map(visible, lines))
        raise pytest.fail.Exception(text, pytrace=False) from None


def _unfound_below(item: pytest.Item, place: str) -> Iterator[str]:
    """Give what the flow asks for after a place and would not find either, a line each.

    A flow ends at its first fault. What it was reviewed with is told of below the failure.
    """
    spec, _, line = place.rpartition(":")
    told, review = item.stash.get(TELLING, None), snapshot.accepted(item)
    reviewed = {one["address"] for one in review["fragments"]} if review else set()
    with suppress(SourceError):
        for asked, error in unfound(item, told.draft.opened) if told else ():
            if asked.line > int(line) and asked.address not in reviewed:
                yield f"{spec}:{asked.line}: {error}"


@contextmanager
def judged(item: pytest.Item) -> Iterator[None]:
    """Run a flow's function inside: a fault of the spec, or of what it tells, fails the flow."""
    with told_plainly(item):
        yield
    place = _place(None, item)
    if TELLING not in item.stash:
        pytest.fail(
            f"{place}: {item.name} takes no `flow`, so no example comes of it", pytrace=False
        )
    with told_plainly(item):
        problems = _judge(item)
    if problems:
        lines = "".join(f"\n  * {visible(problem)}" for problem in problems)
        pytest.fail(f"{place}: {item.name} is not an example yet:{lines}", pytrace=False)


def shorten(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Have a failed assert show its own lines, and not a flow of two hundred down to them."""
    is_assert = call.excinfo is not None and isinstance(call.excinfo.value, AssertionError)
    if is_assert and report.failed and item.config.option.tbstyle == "auto":
        report.longrepr = _in_short(call.excinfo, spec_of(item).path)


def _in_short(excinfo: Any, spec: Path) -> Any:
    return excinfo.getrepr(style="short", tbfilter=lambda one: one.traceback.cut(path=spec))


def explained(item: pytest.Item, report: pytest.TestReport) -> dict[str, Any]:
    """Have the report of a failed flow tell what became of its code; gives that as data too."""
    told = item.stash.get(TELLING, None)
    if not report.failed or report.when != "call" or told is None:
        return {}
    # Loaded where something failed: what passes has nothing to explain.
    from pytest_flowcorpus.drift.section import explain  # noqa: PLC0415

    drift = explain(item, report, told.draft)
    # What comes to the check of its snapshot with an example keeps every rule and every claim.
    holds = told.is_checked and told.example is not None
    return {**drift, "holds": holds} if drift else {}


def carried(item: pytest.Item, call: pytest.CallInfo[None], drift: dict[str, Any]) -> str:
    """Give what a report of a flow carries to the controller: one text, as execnet likes it.

    `drift` is what `explained` gave.
    """
    head = {"key": flow_key(item), "flow": flow_id(item), "order": item.stash[ORDER]}
    head["corpus"] = str(spec_of(item).corpus.folder)
    why = {"why": _why(item, call.excinfo)} if call.excinfo else {}
    outcome = _outcome(item) if call.when == "call" else {}
    if call.when == "teardown" and TELLING in item.stash:
        del item.stash[TELLING]  # pytest keeps every item until the end of the run
    return _dumped(head | why | outcome | ({"drift": drift} if drift else {}))


def _dumped(data: dict[str, Any]) -> str:
    try:
        return orjson.dumps(data).decode()
    except orjson.JSONEncodeError:  # what a spec says, or skips with, can hold lone surrogates
        return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()


def _why(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """Say why a flow has no line, in words that no machine and no folder changes."""
    error = excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return f"skipped: {error.msg}"
    if isinstance(error, pytest.fail.Exception):
        spec = relative(spec_of(item).path, item.config)
        told = str(error.msg).replace(f"{spec}:", "").replace(f"{item.config.rootpath}/", "")
        checkout = item.config.option.flowcorpus_checkout
        folder = item.config.invocation_params.dir / checkout if checkout else None
        return told.replace(str(folder), "the checkout") if folder else told
    line = _place(excinfo.tb, item).rpartition(":")[2]
    return f"{line}: {type(error).__name__}"


def _outcome(item: pytest.Item) -> dict[str, Any]:
    """Give whether the flow was checked, and line, entry and page as they are asked for.

    An example is given once: ten thousand would otherwise be kept until the end of the run.
    """
    told = item.stash.get(TELLING, None)
    if told is None or told.example is None:
        return {"checked": told is not None and told.is_checked}
    example, told.example = told.example, None
    data: dict[str, Any] = {"checked": True}
    if told.is_accepted:
        data |= {"said": repetition.said(example), "hops": example.hop_counts}
    if told.is_accepted and item.config.getoption("flowcorpus_out"):
        data |= {"line": chatml.dumps(example).decode(), "entry": output.entry_of(example)}
    if item.config.getoption("flowcorpus_render"):
        data["page"] = page(example, told.draft.opened.source.revision)
    return data


def _opened(item: pytest.Item) -> OpenCorpus:
    problem = ""
    try:
        return item.config.stash[CORPORA].open(spec_of(item).corpus.folder)
    except OpenError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


def _judge(item: pytest.Item) -> list[str]:
    told = item.stash[TELLING]
    reasons, problems = relaxing.relaxed(item, _RELAXABLE)
    example = replace(told.draft.example(), relaxed=tuple(reasons.items()))
    problems += relaxing.left(list(_breaches(item, example)), reasons)
    told.example = None if problems else example
    is_accepting = is_updating(item.config.option)
    if is_accepting:
        problems += told.draft.opened.changed({one.path: one.blob for one in example.excerpts})
    # What is not an example yet is not accepted as one.
    if not (problems and is_accepting):
        revision, is_pinned = (
            told.draft.opened.source.revision,
            not item.config.option.flowcorpus_rev,
        )
        problems += snapshot.check(told.snapshot, example, revision, is_pinned=is_pinned)
        told.is_checked = True
    told.is_accepted = not problems
    return problems


def _breaches(item: pytest.Item, example: Example) -> Iterator[Breach]:
    """Give every breach of every rule, those that the flow is relaxed from too."""
    draft = item.stash[TELLING].draft
    for path in draft.idle_files():
        yield Breach("files", f"nothing is extracted from {path}")
    spec = relative(draft.spec_path, item.config)
    unwritten = [*draft.unwritten()]
    for rule, line, what in unwritten:
        place = f"{spec}:{line}: " if line is not None else ""
        yield Breach(rule, f"{place}{what} is still to be written")
    count = Counts.of(item.config).count
    found = rules.breaches(example, draft.opened.corpus.settings, draft.places(spec), count)
    if unwritten:  # what is not there yet has no length and names nothing
        yield from (breach for breach in found if breach.rule not in rules.OF_PROSE)
    else:
        yield from found
        yield from grounding.breaches(grounding.Prose.of(draft, example, spec))


def _place(traceback: TracebackType | None, item: pytest.Item) -> str:
    """Give file and line of the last step in the spec, or of the flow itself."""
    spec, line = spec_of(item), (item.location[1] or 0) + 1
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__file__") == str(spec.path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f"{relative(spec.path, item.config)}:{line}"
