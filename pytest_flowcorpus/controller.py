"""The process that opens the sources, gathers the flows and writes what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus import examples, pages, summary
from pytest_flowcorpus.corpora import CORPORA, Corpora
from pytest_flowcorpus.counts import Counts
from pytest_flowcorpus.options import is_dry
from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.progress import is_coloured
from pytest_flowcorpus.results import Results
from pytest_flowcorpus.run import Roll, Run
from pytest_flowcorpus.snapshot import spare
from pytest_flowcorpus.sources import Sources
from pytest_flowcorpus.spec import relative, spec_of
from pytest_flowcorpus.stash import ORDER

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator, Iterable, Iterator

    from pytest_flowcorpus.drift.tally import Tally
    from pytest_flowcorpus.errand import Errand


_CUT_SHORT = "the run did not finish"
_EMPTY = "no flow was selected"
_NAME = "flowcorpus-controller"
_SPARED = "unused snapshots are left alone, since not every flow came to the check of its own"


def start(config: pytest.Config) -> Controller | None:
    """Give the controller of the run, made where it is first asked for; None on a worker.

    None, too, where the run is asked for an errand: that has its place then.
    """
    config.stash.setdefault(CORPORA, Corpora.of(config))
    manager = config.pluginmanager
    if not hasattr(config, "workerinput") and not manager.hasplugin(_NAME):
        manager.register(_errand(config) or Controller(config), _NAME)
    controller = manager.getplugin(_NAME)
    return controller if isinstance(controller, Controller) else None


def _errand(config: pytest.Config) -> Errand | None:
    # Loaded where they are asked for: a run of flows has no use for them.
    if config.option.flowcorpus_new:
        from pytest_flowcorpus.scaffold.starter import Starter  # noqa: PLC0415

        return Starter(config)
    if config.option.flowcorpus_scan:
        from pytest_flowcorpus.scan.survey import Survey  # noqa: PLC0415

        return Survey(config)
    return None


class Controller:
    """Opens every source before the first test and writes the output after the last."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._sources = Sources(config)
        self._run = Run()
        self._drift: Tally | None = None
        self._summary: list[summary.Line] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Open the source of every corpus that has a flow to run."""
        option = self._config.option
        stops = session.testsfailed and not option.continue_on_collection_errors
        if not (option.collectonly or stops):
            flows = (item for item in session.items if ORDER in item.stash)
            self._sources.open(spec_of(flow).corpus.folder for flow in flows)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where it will find the revisions."""
        node.workerinput["flowcorpus_handoff"] = str(self._sources.handoff)
        node.workerinput["flowcorpus_colour"] = is_coloured(self._config)

    def open_for(self, ids: Iterable[str]) -> None:
        """Open the sources where workers collect; `ids` are their node ids."""
        self._sources.open_for(ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that something could not be collected."""
        if report.failed:
            self._run.broken = f"{report.nodeid or 'something'} could not be collected"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what a flow's report carries."""
        # Taken off it: pytest keeps every report until the end of the run.
        if (carried := vars(report).pop("flowcorpus", None)) is not None:
            self._run.take(report, carried)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take the roll from a worker that is done, and what it read; or note that it crashed."""
        if error:
            self._run.broken = f"worker {node.gateway.id} crashed"
        elif (roll := getattr(node, "workeroutput", {}).get("flowcorpus")) is not None:
            self._run.roll = Roll.loads(roll)
            Counts.of(self._config).used.update(node.workeroutput["flowcorpus_tokens"])
            self._sources.seen.append(node.workeroutput["flowcorpus_seen"])

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Spare snapshots before syrupy looks at them; write once all others have finished."""
        self._close_roll(session)
        self._check_sources(session)
        self._spare()
        # Before the terminal closes, which it does in here where we came after it.
        self._compare(session)
        self._tally()
        Counts.of(self._config).keep(self._config)
        yield
        if not is_dry(self._config.option):
            self._write(session)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written where, and what was left out."""
        summary.show(terminalreporter, self._summary)

    def pytest_unconfigure(self) -> None:
        """Let go of the sources; where no terminal told why the run failed, say it."""
        summary.show_failures(self._config, self._summary)
        self._sources.close()

    def _close_roll(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._run.roll = Roll.of(session)
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            is_empty = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
            self._run.broken = self._run.broken or (_EMPTY if is_empty else _CUT_SHORT)

    def _check_sources(self, session: pytest.Session) -> None:
        """Withhold what was made of a checkout that changed: it would hold of no state of it."""
        for line in self._sources.changed():
            self._run.broken = self._run.broken or line.partition(";")[0]
            self._summary.append((line, {"red": True}))
            _fail(session)

    def _spare(self) -> None:
        """Have no snapshot taken for unused where not every flow has asked for its own."""
        if not self._run.all_checked():
            spare(self._config.option)
            self._summary += [] if is_dry(self._config.option) else [(_SPARED, {})]

    def _compare(self, session: pytest.Session) -> None:
        """Look for what the flows say twice; a flow that fails by it fails the run."""
        opened = self._sources.opened
        for corpus in (one.corpus for one in opened):
            found = self._run.compare(str(corpus.folder), corpus.settings.limits)
            where = f"{relative(corpus.folder, self._config)}: " if len(opened) > 1 else ""
            self._summary += summary.of_findings(found, where)
            if any(finding.fails for finding in found):
                _fail(session)
        self._summary += summary.of_hops(self._run.hops())

    def _tally(self) -> None:
        """Count what became of the flows, where their code is not the one that was reviewed."""
        option, opened, ran = self._config.option, self._sources.opened, self._run.ran()
        is_asked = option.flowcorpus_drift or option.flowcorpus_rev or option.flowcorpus_checkout
        if opened and (is_asked or any(flow.drift for flow in ran)):
            # Loaded where there is something to tell: most runs are as reviewed.
            from pytest_flowcorpus.drift.tally import tally  # noqa: PLC0415

            self._drift = tally(self._config, opened, ran)
            self._summary += self._drift.lines(opened[0].source.revision)

    def _write(self, session: pytest.Session) -> None:
        """Write what was asked for; output that was asked for and not written fails the run."""
        results = Results(self._config, self._sources, self._run, self._drift)
        for write in _writers(self._config.option):
            try:
                self._summary += [(line, {}) for line in write(results)]
            except OutputError as error:
                self._summary.append((str(error), {"red": True}))
                _fail(session)


def _writers(option: Namespace) -> Iterator[Callable[[Results], Iterator[str]]]:
    """Give what writes all that was asked for, in this order."""
    if option.flowcorpus_render:
        yield pages.write
    if option.flowcorpus_drift:
        from pytest_flowcorpus.drift import file  # noqa: PLC0415

        yield file.write
    if option.flowcorpus_out:
        yield examples.write


def _fail(session: pytest.Session) -> None:
    """Let the run fail, unless it does so already."""
    session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
