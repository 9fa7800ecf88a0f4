"""What a scan of Svix costs: whole processes, against pytest that only collects the same specs.

    python -m tests.benchmarks.scanning [ROUNDS]

The revision is fetched beforehand. The two take turns; of each the median counts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
_ASKED: Final = ("--flowcorpus-scan", "--collect-only")


def main(rounds: int) -> None:
    """Print the medians and their ratio."""
    for option in _ASKED:
        _run(option)  # so that nobody pays for the first compilation of a spec
    taken: dict[str, list[float]] = {option: [] for option in _ASKED}
    for _ in range(rounds):
        for option in _ASKED:
            taken[option].append(_run(option))
    medians = {option: statistics.median(times) for option, times in taken.items()}
    for option, seconds in medians.items():
        print(f"{option:20}{seconds:8.2f} s")  # noqa: T201 - a table is what it is for
    scan, collect = medians.values()
    print(f"{'ratio':20}{scan / collect:8.2f}")  # noqa: T201


def _run(option: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "corpus", option]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
