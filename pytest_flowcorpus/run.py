"""What a run has gathered of its flows, and whether it is whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from sys import intern
from typing import TYPE_CHECKING, Any

import orjson

from pytest_flowcorpus.repetition import Told, Vocabulary, findings
from pytest_flowcorpus.spec import flow_key
from pytest_flowcorpus.spool import Spool
from pytest_flowcorpus.stash import FLOWS, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from pytest_flowcorpus.repetition import Finding
    from pytest_flowcorpus.settings import Limits
    from pytest_flowcorpus.spool import Kept


@dataclass(frozen=True, slots=True)
class Roll:
    """Which specs and flows a process collected, and which of the flows it was to run."""

    specs: frozenset[str] = frozenset()
    """Absolute paths."""
    flows: frozenset[str] = frozenset()
    """Flow keys, those that were deselected too."""
    selected: frozenset[str] = frozenset()
    """Flow keys."""
    unread: frozenset[str] = frozenset()
    """Paths of specs that could not be imported, or skip themselves: their flows are unknown."""

    @classmethod
    def of(cls, session: pytest.Session) -> Roll:
        """Take the roll of a process that collected."""
        collected = session.stash.get(FLOWS, {})
        flows = (flow for flows in collected.values() for flow in flows or ())
        unread = (str(path) for path, flows in collected.items() if flows is None)
        # A session that failed early has no items yet.
        selected: list[pytest.Item] = getattr(session, "items", [])
        return cls(frozenset(map(str, collected)), _ids(flows), _ids(selected), frozenset(unread))

    @classmethod
    def loads(cls, text: str) -> Roll:
        """Read what a worker sent."""
        return cls(*map(frozenset, orjson.loads(text)))

    def dumps(self) -> str:
        """Give it as one text, which a worker can send."""
        parts = (self.specs, self.flows, self.selected, self.unread)
        return orjson.dumps([sorted(part) for part in parts]).decode()


@dataclass(frozen=True, slots=True)
class Yielded:
    """What an example gives to the output, put aside until that is written."""

    _line: Kept
    _entry: Kept

    @property
    def line(self) -> bytes:
        """Its line of the JSONL."""
        return self._line.read()

    @property
    def entry(self) -> dict[str, Any]:
        """Its entry of the manifest."""
        return dict(orjson.loads(self._entry.read()))


@dataclass(slots=True, eq=False)
class Gathered:
    """What is known of one flow."""

    flow: str
    place: tuple[str, int]
    """Its spec and its place in it: the order of the output."""
    corpus: str
    """The folder of its corpus."""
    yielded: Yielded | None = None
    """Line and entry, where it passed and they were asked for."""
    told: Told | None = None
    """What is compared of it with other flows, where it passed."""
    hops: dict[str, int] = field(default_factory=dict)
    """How many hops it has of each verdict."""
    page: Kept | None = None
    """Its page, where one was asked for: shown before the flow is accepted, too."""
    drift: dict[str, Any] = field(default_factory=dict)
    """What became of its code since its review, where it failed and something did."""
    is_checked: bool = False
    """Whether it came to the check of its snapshot, or was skipped and need not."""
    reason: str = ""
    """Why it has none."""
    is_skipped: bool = False
    finished: bool = False

    def reject(self, reason: str) -> None:
        """Let it yield nothing, for the first reason that is given."""
        self.yielded, self.told, self.hops = None, None, {}
        self.reason = self.reason or reason


class Run:
    """Gathers flows from the reports of a run, in whatever order they come."""

    def __init__(self) -> None:
        self.roll = Roll()
        self.broken = ""
        self._flows: dict[str, Gathered] = {}
        self._vocabulary = Vocabulary()
        self._spool = Spool()

    def take(self, report: pytest.TestReport, carried: str) -> None:
        """Take in a report of a flow; what it yields counts once its teardown has passed."""
        data = orjson.loads(carried)
        flow = data.pop("flow")
        place = (flow.partition("::")[0], data.pop("order"))
        gathered = Gathered(flow, place, intern(data.pop("corpus")))
        gathered = self._flows.setdefault(data.pop("key"), gathered)
        if report.when == "setup":  # also of a second try by a plugin that reruns
            gathered.yielded, gathered.told, gathered.page, gathered.reason = None, None, None, ""
        gathered.is_skipped |= report.skipped
        gathered.is_checked |= data.pop("checked", False) or report.skipped
        if page := data.pop("page", ""):
            gathered.page = self._spool.keep(page.encode())
        gathered.hops = data.pop("hops", gathered.hops)
        gathered.drift = data.pop("drift", gathered.drift)
        if said := data.pop("said", None):
            gathered.told = Told.of(flow, said, self._vocabulary)
        if line := data.pop("line", ""):
            entry = orjson.dumps(data.pop("entry"))
            gathered.yielded = Yielded(*map(self._spool.keep, (line.encode(), entry)))
        if not report.passed or hasattr(report, "wasxfail"):
            gathered.reject(_reason(report, data.pop("why", "")))
        gathered.finished = report.when == "teardown"

    def compare(self, corpus: str, limits: Limits) -> list[Finding]:
        """Compare the flows of the corpus in that folder, and reject those that fail by it."""
        told = {flow.flow: flow for flow in self._told() if flow.corpus == corpus}
        flows = [flow.told for flow in told.values() if flow.told]
        found = findings(flows, self._vocabulary, limits)
        failing = (finding for finding in found if finding.fails)
        for flow, problems in groupby(failing, lambda finding: finding.flow):
            told[flow].reject("; ".join(finding.problem for finding in problems))
        return found

    def hops(self) -> Counter[str]:
        """Count the hops of the flows that passed by their verdicts."""
        return sum((Counter(flow.hops) for flow in self._told()), Counter())

    def shown(self) -> list[Gathered]:
        """Give the flows that have a page, accepted or not, in the order of the output."""
        return [flow for flow in self._ordered() if flow.page]

    def passed(self) -> list[Gathered]:
        """Give the flows that have yielded something, in the order of the output."""
        return [flow for flow in self._ordered() if flow.finished and flow.yielded]

    def rejected(self) -> list[Gathered]:
        """Give the flows that have not, in the same order."""
        return [flow for flow in self._ordered() if not (flow.finished and flow.yielded)]

    def ran(self) -> list[Gathered]:
        """Give the flows that ran to their end and were not skipped, in the same order."""
        return [flow for flow in self._ordered() if flow.finished and not flow.is_skipped]

    def unfinished(self) -> str:
        """Say why the run did not finish, or give an empty text where it did."""
        finished = {key for key, flow in self._flows.items() if flow.finished}
        missing = self.roll.selected - finished
        return self.broken or (f"{len(missing)} flows did not run to their end" if missing else "")

    def all_checked(self) -> bool:
        """Tell whether every flow that was to run came to the check of its snapshot."""
        checked = {key for key, flow in self._flows.items() if flow.is_checked}
        is_idle = not (self.roll.specs or self._flows)
        return is_idle or not (self.broken or self.roll.unread or self.roll.selected - checked)

    def is_whole(self, specs: Iterable[str]) -> bool:
        """Tell whether every flow ran of the `specs` that are on disk."""
        is_read = not self.roll.unread and self.roll.specs.issuperset(specs)
        return is_read and self.roll.flows == self.roll.selected

    def _told(self) -> list[Gathered]:
        return [flow for flow in self._ordered() if flow.finished and flow.told]

    def _ordered(self) -> list[Gathered]:
        return sorted(self._flows.values(), key=lambda flow: flow.place)


def _reason(report: pytest.TestReport, why: str) -> str:
    return f"expected to fail: {report.wasxfail}" if hasattr(report, "wasxfail") else why


def _ids(items: Iterable[pytest.Item]) -> frozenset[str]:
    return frozenset(flow_key(item) for item in items if ORDER in item.stash)
