"""The process that opens the sources, gathers the flows and writes what comes of them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import cached_property
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus import output, stdout, summary
from pytest_flowcorpus.corpora import CORPORA, Corpora, told_folders
from pytest_flowcorpus.corpus import OpenError, Override
from pytest_flowcorpus.counts import Counts
from pytest_flowcorpus.folders import corpus_folder
from pytest_flowcorpus.options import STDOUT
from pytest_flowcorpus.page import page_name
from pytest_flowcorpus.progress import is_coloured, shown_on
from pytest_flowcorpus.run import Roll, Run
from pytest_flowcorpus.settings import SettingsError
from pytest_flowcorpus.snapshot import spare
from pytest_flowcorpus.spec import relative, spec_of
from pytest_flowcorpus.stash import ORDER
from pytest_flowcorpus.tokens import tokenizer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.distance import Distance
    from pytest_flowcorpus.drift.tally import Tally
    from pytest_flowcorpus.errand import Errand
    from pytest_flowcorpus.run import Gathered


_CUT_SHORT = "the run did not finish"
_EMPTY = "no flow was selected"
_WRITTEN = ("out", "render", "drift")
_DRY = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
_NAME = "flowcorpus-controller"
_SPARED = "unused snapshots are left alone, since not every flow came to the check of its own"


def start(config: pytest.Config) -> Controller | None:
    """Give the controller of the run, made where it is first asked for; None on a worker.

    None, too, where the run is asked for an errand: that has its place then.
    """
    config.stash.setdefault(CORPORA, _corpora(config))
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
        self._corpora = config.stash[CORPORA]
        self._out: str = config.option.flowcorpus_out or ""
        self._render: str = config.option.flowcorpus_render or ""
        self._opened: list[OpenCorpus] = []
        self._seen: list[dict[str, dict[str, str]]] = []
        self._provenance: dict[str, Any] = {}
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
            self._open(spec_of(flow).corpus.folder for flow in flows)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where it will find the revisions."""
        node.workerinput["flowcorpus_handoff"] = str(self._handoff)
        node.workerinput["flowcorpus_colour"] = is_coloured(self._config)

    def open_for(self, ids: Iterable[str]) -> None:
        """Open the sources where workers collect; `ids` are their node ids."""
        paths = {nodeid.partition("::")[0] for nodeid in ids}
        specs = (normpath(self._config.rootpath / path) for path in paths)
        folders = {corpus_folder(Path(spec)) for spec in specs}
        # Below a root folder of elsewhere a node id is no path: then the workers have told.
        told = told_folders(self._handoff)
        self._open(told or [folder for folder in folders if folder])
        try:
            self._corpora.hand_off(self._handoff)
        except OpenError as error:
            raise pytest.UsageError(str(error)) from None

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
            self._seen.append(node.workeroutput["flowcorpus_seen"])

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Spare snapshots before syrupy looks at them; write once all others have finished."""
        is_dry = any(getattr(self._config.option, name, False) for name in _DRY)
        self._close_roll(session)
        self._check_sources(session)
        if not self._run.all_checked():
            spare(self._config.option)
            self._summary += [] if is_dry else [(_SPARED, {})]
        # Before the terminal closes, which it does in here where we came after it.
        self._compare(session)
        self._tally()
        Counts.of(self._config).keep(self._config)
        yield
        if not is_dry:
            self._write(session)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written where, and what was left out."""
        for line, markup in self._summary:
            terminalreporter.write_line(f"flowcorpus: {line}", **markup)

    def pytest_unconfigure(self) -> None:
        """Let go of the sources; where no terminal told why the run failed, say it."""
        if not self._config.pluginmanager.hasplugin("terminalreporter"):
            for line, markup in self._summary:
                if markup.get("red"):
                    print(f"flowcorpus: {line}", file=sys.stderr)  # noqa: T201
        self._corpora.close()

    def _open(self, folders: Iterable[Path]) -> None:
        places = sorted(set(folders))
        asked = [name for name in _WRITTEN if getattr(self._config.option, f"flowcorpus_{name}")]
        if asked and len(places) > 1:
            option = f"--flowcorpus-{asked[0]}"
            named = ", ".join(relative(folder, self._config) for folder in places)
            raise pytest.UsageError(f"{option}: one output for several corpora: {named}")
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        try:
            self._opened = [self._corpora.open(folder, shown_on(reporter)) for folder in places]
            # Asked here, so that a licence that is missing stops the run before it starts.
            self._provenance = self._opened[0].provenance() if self._opened else {}
        except (OpenError, SettingsError) as error:
            raise pytest.UsageError(str(error)) from None

    @cached_property
    def _handoff(self) -> Path:
        folder = tempfile.mkdtemp(prefix="pytest-flowcorpus-")
        self._config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        return Path(folder, "revisions.json")

    def _close_roll(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._run.roll = Roll.of(session)
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            is_empty = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
            self._run.broken = self._run.broken or (_EMPTY if is_empty else _CUT_SHORT)

    def _check_sources(self, session: pytest.Session) -> None:
        """Withhold what was made of a checkout that changed: it would hold of no state of it."""
        for line in self._corpora.changed(self._seen):
            self._run.broken = self._run.broken or line.partition(";")[0]
            self._summary.append((line, {"red": True}))
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _compare(self, session: pytest.Session) -> None:
        """Look for what the flows say twice; a flow that fails by it fails the run."""
        for corpus in (opened.corpus for opened in self._opened):
            found = self._run.compare(str(corpus.folder), corpus.settings.limits)
            where = f"{relative(corpus.folder, self._config)}: " if len(self._opened) > 1 else ""
            self._summary += summary.of_findings(found, where)
            if any(finding.fails for finding in found):
                session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        self._summary += summary.of_hops(self._run.hops())

    def _write(self, session: pytest.Session) -> None:
        """Write what was asked for; output that was asked for and not written fails the run."""
        for write in (self._write_pages, self._write_drift, self._write_output):
            try:
                self._summary += [(line, {}) for line in write()]
            except output.OutputError as error:
                self._summary.append((str(error), {"red": True}))
                session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _write_pages(self) -> Iterator[str]:
        pages = {page_name(flow.flow): flow.page for flow in self._run.shown() if flow.page}
        if self._render:
            if self._corpora.changed(self._seen):
                raise output.OutputError(f"{self._render} left as it was: {self._run.broken}")
            if not pages:
                raise output.OutputError(f"{self._render} left as it was: no flow passed")
            folder = self._config.invocation_params.dir / self._render
            output.write_pages(folder, pages)
            yield f"wrote {_counted(len(pages), 'page')} to {self._render}"

    def _tally(self) -> None:
        """Count what became of the flows, where their code is not the one that was reviewed."""
        option, ran = self._config.option, tuple(self._run.ran())
        is_asked = option.flowcorpus_drift or option.flowcorpus_rev or option.flowcorpus_checkout
        if self._opened and (is_asked or any(flow.drift for flow in ran)):
            from pytest_flowcorpus.drift.tally import Tally  # noqa: PLC0415

            self._drift = Tally(ran, self._distances(ran))
            self._summary += self._drift.lines(self._opened[0].source.revision)

    def _distances(self, ran: Sequence[Gathered]) -> tuple[Distance, ...]:
        """Tell how far the run's revision is from those that its drifted flows were reviewed at."""
        from pytest_flowcorpus.drift.distance import distance, reviewed  # noqa: PLC0415

        [opened, *others] = self._opened
        pinned = opened.corpus.settings.source.rev
        revisions = reviewed(ran) or ([pinned] if pinned else [])
        now = opened.source.revision
        if others or now is None:
            return ()
        return tuple(distance(self._config, opened, one) for one in revisions if one != now)

    def _write_drift(self) -> Iterator[str]:
        file = self._config.option.flowcorpus_drift
        if not file:
            return
        if reason := self._run.unfinished():
            raise output.OutputError(f"{file} left as it was: {reason}")
        if self._drift is None:
            raise output.OutputError(f"{file} left as it was: no flow ran")
        from pytest_flowcorpus.drift.file import FILE, as_data  # noqa: PLC0415

        is_whole = self._dataset().whole
        data = as_data(self._drift, self._provenance, is_whole=is_whole)
        FILE.write(self._config.invocation_params.dir / file, data)
        yield f"wrote the drift to {file}"

    def _write_output(self) -> Iterator[str]:
        if not self._out:
            return
        if reason := self._run.unfinished():
            raise output.OutputError(f"{self._out} left as it was: {reason}")
        dataset = self._dataset()
        if not dataset.records:
            raise output.OutputError(f"{self._out} left as it was: no flow passed")
        if self._out == STDOUT:
            stdout.write(self._config, dataset.jsonl())
        else:
            output.write(self._config.invocation_params.dir / self._out, dataset)
        yield f"wrote {_counted(len(dataset.records), 'example')} to {self._out}{self._left_out()}"
        yield summary.of_tokens([one.entry["tokens"] for one in dataset.records], tokenizer())

    def _dataset(self) -> output.Dataset:
        passed_over = self._config.getini("norecursedirs")
        specs = [str(spec) for opened in self._opened for spec in opened.corpus.specs(passed_over)]
        return output.Dataset(
            source=self._provenance,
            whole=self._run.is_whole(specs),
            records=[flow.yielded for flow in self._run.passed() if flow.yielded],
            rejected=tuple({"spec": f.flow, "why": f.reason} for f in self._run.rejected()),
        )

    def _left_out(self) -> str:
        rejected = len(self._run.rejected())
        return f"; {_counted(rejected, 'flow')} left out" if rejected else ""


def _corpora(config: pytest.Config) -> Corpora:
    option, folder = config.option, config.invocation_params.dir
    checkout = folder / option.flowcorpus_checkout if option.flowcorpus_checkout else None
    handoff = getattr(config, "workerinput", {}).get("flowcorpus_handoff")
    override = Override(checkout=checkout, rev=option.flowcorpus_rev)
    return Corpora(override, Path(handoff) if handoff else None)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
