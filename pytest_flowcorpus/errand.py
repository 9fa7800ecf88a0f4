"""What a run does instead of running tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from functools import cached_property
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from pytest_flowcorpus import summary
from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.entries import EntryError
from pytest_flowcorpus.folders import SETTINGS_FILE, corpora_at
from pytest_flowcorpus.options import is_dry
from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.settings import SettingsError
from pytest_flowcorpus.source import SourceError
from pytest_flowcorpus.spec import relative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.corpus import OpenCorpus

_ALONE: Final[dict[str, object]] = {"dist": "no", "tx": [], "numprocesses": None}
"""What switches xdist off: one process does it, and there is nothing to hand out."""


class Errand(ABC):
    """Does what was asked for in the place of the tests, and says what came of it."""

    option: ClassVar[str]
    """What asks for it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.said: list[summary.Line] = []
        self.fails = False
        self._is_done = False
        for name in _ALONE.keys() & vars(config.option):
            setattr(config.option, name, _ALONE[name])
        # It would take every snapshot for unused: no test of this run asks for one.
        config.pluginmanager.unregister(name="syrupy")

    @abstractmethod
    def run(self, session: pytest.Session) -> None:
        """Find out; what a user has to mend is raised as an error of one of our rooms."""

    @abstractmethod
    def write(self) -> None:
        """Write what was found, which holds of one state of the sources; raises as `run` does."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Do it instead of running what was collected."""
        option = self.config.option
        stops = session.testsfailed and not option.continue_on_collection_errors
        if stops or is_dry(option):
            return None
        with _usage_errors():
            self.run(session)
            if not self._has_changed():
                self.write()
        self._is_done = True
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the run end as the errand did."""
        if self._is_done and not session.testsfailed:
            session.exitstatus = pytest.ExitCode(int(self.fails))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written where, and what fails."""
        summary.show(terminalreporter, self.said)

    def pytest_unconfigure(self) -> None:
        """Let go of the sources; where no terminal told why the run failed, say it."""
        summary.show_failures(self.config, self.said)
        self.config.stash[CORPORA].close()

    def _has_changed(self) -> bool:
        """Tell whether a file is not what it was when it was read, and say which."""
        changed = self.config.stash[CORPORA].changed()
        self.said += [(line, {"red": True}) for line in changed]
        self.fails = self.fails or bool(changed)
        return bool(changed)

    @cached_property
    def folders(self) -> list[Path]:
        """The corpora that the command line names, or that lie around or below what it names."""
        passed_over = self.config.getini("norecursedirs")
        here = self.config.invocation_params.dir
        paths = [Path(normpath(here / arg.partition("::")[0])) for arg in self.config.args]
        for path, arg in zip(paths, self.config.args, strict=True):
            if not path.exists():
                raise pytest.UsageError(f"file or directory not found: {arg}")
        found = {folder for path in paths for folder in corpora_at(path, passed_over)}
        if not found:
            raise pytest.UsageError(
                f"{self.option}: no flowcorpus.toml here; name the folder of a corpus"
            )
        return sorted(found)

    def open(self, folder: Path) -> OpenCorpus:
        """Open a corpus; raises `OpenError` or `SettingsError`."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        return self.config.stash[CORPORA].open(folder, shown_on(reporter))

    @contextmanager
    def settings_of(self, folder: Path) -> Iterator[None]:
        """Do something inside; of what is wrong in the settings it is said where they stand."""
        try:
            yield
        except (EntryError, SettingsError) as error:
            raise pytest.UsageError(f"{self.named(folder / SETTINGS_FILE)}: {error}") from None

    def named(self, folder: Path) -> str:
        """Give a folder as node ids show it."""
        return relative(folder, self.config)


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except (EntryError, OpenError, OutputError, SourceError) as error:
        raise pytest.UsageError(str(error)) from None
