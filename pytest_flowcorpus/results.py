"""What has come of a run at its end: all that it writes is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    import pytest

    from pytest_flowcorpus.drift.tally import Tally
    from pytest_flowcorpus.run import Run
    from pytest_flowcorpus.sources import Sources


@dataclass(frozen=True, slots=True)
class Results:
    """What a run has gathered, and from where."""

    config: pytest.Config
    sources: Sources
    run: Run
    drift: Tally | None = None
    """None where nobody asked for it, and no code drifted."""

    @property
    def option(self) -> Namespace:
        """What the command line asks for."""
        return self.config.option

    def place(self, name: str) -> Path:
        """Give where a file or folder stands that the command line names."""
        return self.config.invocation_params.dir / name

    def is_whole(self) -> bool:
        """Tell whether every flow ran of the specs that are on disk."""
        return self.run.is_whole(self.sources.specs())
