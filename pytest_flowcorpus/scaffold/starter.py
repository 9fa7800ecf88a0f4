"""The errand of a new flow: its spec, with all that the code tells and no prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.entries import entries, entry_at
from pytest_flowcorpus.errand import Errand
from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.scaffold.scaffold import Scaffold, scaffold
from pytest_flowcorpus.scaffold.skeleton import skeleton, spec_name

if TYPE_CHECKING:
    from pathlib import Path


class Starter(Errand):
    """Writes the spec of a flow that begins at a function."""

    option = "--flowcorpus-new"
    _made: Scaffold
    _path: Path
    """Where its spec belongs."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> bool:
        """Collect nothing: a spec that cannot be read is no reason to write no other."""
        return True

    def run(self, session: pytest.Session) -> None:  # noqa: ARG002
        """Make the spec for the one corpus that is meant."""
        if len(self.folders) > 1:
            named = ", ".join(map(self.named, self.folders))
            raise pytest.UsageError(f"{self.option}: which corpus? name one of {named}")
        [folder] = self.folders
        with self.settings_of(folder):
            opened = self.open(folder)
        entry = entry_at(opened, self.config.option.flowcorpus_new, f"{self.option}: ")
        graph = Callgraph(opened)
        with self.settings_of(folder):
            name = spec_name(entry, entries(graph))
            self._made = scaffold(graph, entry)
        self._path = folder / f"{name}.py"

    def write(self) -> None:
        """Write the spec; never over another."""
        made, path = self._made, self._path
        self._write(path, skeleton(made, path.stem).encode())
        self.said.append((f"wrote {self.named(path)}: {made.summary}", {}))
        self.said.append((f"what is left to write: pytest {self.named(path)}", {}))

    def _write(self, path: Path, data: bytes) -> None:
        """Write a new file; a file or link that is there is never written over or through."""
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            there = f"{self.named(path)} is there already: rename or remove it first"
            raise pytest.UsageError(f"{self.option}: {there}") from None
        except OSError as error:
            problem = f"{self.named(path)} cannot be written: {error.strerror}"
            raise pytest.UsageError(f"{self.option}: {problem}") from None
