"""A scan of Svix against pytest that only collects the same specs: whole processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.process import Process, race
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(rounds: int) -> Iterator[Row]:
    """Give the processor's seconds of both, and how they stand to each other."""
    runs = {
        "collecting the Svix corpus": Process.pytest("corpus", "--collect-only"),
        "a scan of Svix": Process.pytest("corpus", "--flowcorpus-scan"),
    }
    taken = race(runs, rounds)
    collected = next(iter(taken.values())).cpu
    for name, one in taken.items():
        yield Row(name, f"{one.cpu:.2f} s", f"{one.cpu / collected:.1f} ×")
