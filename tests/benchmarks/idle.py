"""What a project without a corpus pays for having the plugin installed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.process import Process, race
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITHOUT: Final = ("-p", "no:pytest_flowcorpus.plugin")


def rows(rounds: int) -> Iterator[Row]:
    """Give the processor's milliseconds of pytest with one test, and what the plugin adds."""
    with tempfile.TemporaryDirectory() as top:
        Path(top, "test_one.py").write_text("def test_one():\n    assert True\n", encoding="utf-8")
        runs = {
            "pytest + syrupy, one test": Process.pytest(*_WITHOUT, folder=Path(top)),
            "the same with the plugin installed": Process.pytest(folder=Path(top)),
        }
        taken = race(runs, 10 * rounds)
    without, installed = taken.values()
    for name, one in taken.items():
        yield Row(name, f"{one.cpu * 1000:.0f} ms")
    added = (installed.cpu - without.cpu) * 1000
    yield Row("what the plugin adds", f"{added:.1f} ms", f"{installed.cpu / without.cpu:.3f} ×")
