"""The sources of a run: opened before its first test, and held to what was read of them."""

from __future__ import annotations

import shutil
import tempfile
from functools import cached_property
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_flowcorpus.corpora import CORPORA, told_folders
from pytest_flowcorpus.corpus import OpenError
from pytest_flowcorpus.folders import corpus_folder
from pytest_flowcorpus.progress import shown_on
from pytest_flowcorpus.settings import SettingsError
from pytest_flowcorpus.spec import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_flowcorpus.corpus import OpenCorpus

_WRITTEN: Final = ("out", "render", "drift")
"""The options that name what is made of one corpus."""


class Sources:
    """Opens the corpora that have flows to run, and tells what changed since it was read."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._corpora = config.stash[CORPORA]
        self.opened: list[OpenCorpus] = []
        """By their folders."""
        self.provenance: dict[str, Any] = {}
        """Of the first: nothing is written of several."""
        self.seen: list[dict[str, dict[str, str]]] = []
        """What each worker has read of checkouts, as `Corpora.seen` gives it."""

    def open(self, folders: Iterable[Path]) -> None:
        """Open the corpora of these folders; raises `pytest.UsageError`."""
        places = sorted(set(folders))
        self._check_written(places)
        progress = shown_on(self._config.pluginmanager.getplugin("terminalreporter"))
        try:
            self.opened = [self._corpora.open(folder, progress) for folder in places]
            # Asked here, so that a licence that is missing stops the run before it starts.
            self.provenance = self.opened[0].provenance() if self.opened else {}
        except (OpenError, SettingsError) as error:
            raise pytest.UsageError(str(error)) from None

    def open_for(self, ids: Iterable[str]) -> None:
        """Open the sources where workers collect; `ids` are their node ids."""
        paths = {nodeid.partition("::")[0] for nodeid in ids}
        specs = (normpath(self._config.rootpath / path) for path in paths)
        folders = {corpus_folder(Path(spec)) for spec in specs}
        # Below a root folder of elsewhere a node id is no path: then the workers have told.
        told = told_folders(self.handoff)
        self.open(told or [folder for folder in folders if folder])
        try:
            self._corpora.hand_off(self.handoff)
        except OpenError as error:
            raise pytest.UsageError(str(error)) from None

    @cached_property
    def handoff(self) -> Path:
        """The file in which a worker finds the revisions."""
        folder = tempfile.mkdtemp(prefix="pytest-flowcorpus-")
        self._config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        return Path(folder, "revisions.json")

    def changed(self) -> list[str]:
        """Give a line for each file that is not what it was when the run read it."""
        return self._corpora.changed(self.seen)

    def specs(self) -> list[str]:
        """Give the paths of all specs that the opened corpora have on disk."""
        passed_over = self._config.getini("norecursedirs")
        return [str(spec) for opened in self.opened for spec in opened.corpus.specs(passed_over)]

    def close(self) -> None:
        """Let go of them."""
        self._corpora.close()

    def _check_written(self, places: Sequence[Path]) -> None:
        asked = [name for name in _WRITTEN if getattr(self._config.option, f"flowcorpus_{name}")]
        if asked and len(places) > 1:
            option = f"--flowcorpus-{asked[0]}"
            named = ", ".join(relative(folder, self._config) for folder in places)
            raise pytest.UsageError(f"{option}: one output for several corpora: {named}")
