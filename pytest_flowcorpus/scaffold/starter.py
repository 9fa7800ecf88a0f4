"""The errand of a new flow: its spec, with all that the code tells and no prose."""

from __future__ import annotations

import pytest

from pytest_flowcorpus import disk
from pytest_flowcorpus.entries import entry_at
from pytest_flowcorpus.errand import Errand
from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.scaffold.scaffold import scaffold
from pytest_flowcorpus.scaffold.skeleton import skeleton, spec_name


class Starter(Errand):
    """Writes the spec of a flow that begins at a function."""

    option = "--flowcorpus-new"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> bool:
        """Collect nothing: a spec that cannot be read is no reason to write no other."""
        return True

    def run(self, session: pytest.Session) -> None:  # noqa: ARG002
        """Write the spec into the one corpus that is meant; never over another."""
        if len(self.folders) > 1:
            named = ", ".join(map(self.named, self.folders))
            raise pytest.UsageError(f"{self.option}: which corpus? name one of {named}")
        [folder] = self.folders
        with self.settings_of(folder):
            opened = self.open(folder)
        entry = entry_at(opened, self.config.option.flowcorpus_new, f"{self.option}: ")
        path = folder / f"{spec_name(entry)}.py"
        if path.exists():
            raise pytest.UsageError(f"{self.option}: {self.named(path)} is there already")
        with self.settings_of(folder):
            made = scaffold(Callgraph(opened), entry)
        disk.replace({path: skeleton(made).encode()})
        self.said.append((f"wrote {self.named(path)}: {made.summary}", {}))
        self.said.append((f"what is left to write: pytest {self.named(path)}", {}))
