"""The errand of a scan: to see what the corpora do not tell yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from pytest_flowcorpus import stdout
from pytest_flowcorpus.errand import Errand
from pytest_flowcorpus.folders import SETTINGS_FILE
from pytest_flowcorpus.jsonfile import dumps
from pytest_flowcorpus.options import STDOUT
from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.scan import file as scanfile
from pytest_flowcorpus.scan import view as scanview
from pytest_flowcorpus.scan.holding import holding_of
from pytest_flowcorpus.scan.scan import scan
from pytest_flowcorpus.spec import spec_of
from pytest_flowcorpus.stash import FLOWS, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.scan.scan import Scan


class Survey(Errand):
    """Scans each corpus of the run, and shows what it found."""

    option = "--flowcorpus-scan"

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self._scans: list[tuple[OpenCorpus, Scan]] = []
        self._check_file(config.option.flowcorpus_scan)

    def run(self, session: pytest.Session) -> None:
        """Scan the corpora of what was collected, and those that hold no spec yet."""
        flows = self._flows(session.items)
        file = self.config.option.flowcorpus_scan
        if file is not True and len(flows) > 1:
            named = ", ".join(self.named(folder) for folder in sorted(flows))
            raise pytest.UsageError(f"{self.option}: one file for several corpora: {named}")
        for folder in sorted(flows):
            with self.settings_of(folder):
                opened = self.open(folder)
                holdings = [holding_of(item, opened) for item in flows[folder]]
                found = scan(opened, holdings, is_whole=self._is_whole(session, opened))
            self._scans.append((opened, found))
            self._judge(opened, found)

    def write(self) -> None:
        """Write the scan, where a file was asked for."""
        file = self.config.option.flowcorpus_scan
        if file is not True:
            self._write(file)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show each scan, then what fails."""
        width = self.config.get_terminal_writer().fullwidth
        for opened, found in self._scans:
            name = self.named(opened.corpus.folder)
            terminalreporter.section(f"scan of {name}", bold=True)
            shown = scanview.lines(found, self._prefix(opened), opened.corpus.spec_path, width)
            for line, markup in shown:
                terminalreporter.write_line(line, **markup)
        super().pytest_terminal_summary(terminalreporter)

    def _check_file(self, file: str | Literal[True]) -> None:
        """Refuse a file that cannot be written, before anything is collected."""
        if file is not True and file != STDOUT and not self.config.option.collectonly:
            try:
                scanfile.FILE.check(self.config.invocation_params.dir / file)
            except OutputError as error:
                raise pytest.UsageError(f"{self.option}: {error}") from None

    def _flows(self, items: Iterable[pytest.Item]) -> dict[Path, list[pytest.Item]]:
        flows: dict[Path, list[pytest.Item]] = {folder: [] for folder in self.folders}
        for item in items:
            if ORDER in item.stash:
                flows.setdefault(spec_of(item).corpus.folder, []).append(item)
        return flows

    def _is_whole(self, session: pytest.Session, opened: OpenCorpus) -> bool:
        """Tell whether all flows of all specs on disk were collected, and are to count."""
        collected = session.stash.get(FLOWS, {})
        passed_over = self.config.getini("norecursedirs")
        specs = opened.corpus.specs(passed_over)
        flows = [flow for spec in specs for flow in collected.get(spec) or ()]
        is_read = all(collected.get(spec) is not None for spec in specs)
        return is_read and {*flows} <= {*session.items}

    def _prefix(self, opened: OpenCorpus) -> str:
        """Give what node ids show before the path of a spec from its corpus folder."""
        return self.named(opened.corpus.folder / SETTINGS_FILE).removesuffix(SETTINGS_FILE)

    def _judge(self, opened: OpenCorpus, found: Scan) -> None:
        least, total = self.config.option.flowcorpus_fail_under, found.total
        if least is not None and not found.is_whole:
            raise pytest.UsageError(
                "--flowcorpus-fail-under judges a whole corpus, and this is a selection of flows"
            )
        if least is not None and total.percent < least:
            self.fails = True
            told = f"{total.told:,} of {total.lines:,} lines stand in a flow: {total.percent:.2f} %"
            where = self.named(opened.corpus.folder)
            self.said.append((f"{where}: {told}, under {least:g} %", {"red": True}))

    def _write(self, file: str) -> None:
        [(opened, found)] = self._scans
        data = scanfile.as_data(found, opened.provenance())
        if file == STDOUT:
            stdout.write(self.config, [dumps(data)])
        else:
            path = self.config.invocation_params.dir / file
            scanfile.FILE.write(path, data)
            self.said.append((f"wrote the scan to {file}", {}))
