"""What the plugin costs: ratios within one run, as the table that the README shows.

    python -m tests.benchmarks [--rounds N] [NAME ...]

Give it a machine that does nothing else. Medians of whole processes that take turns, unless a row
says something else. The first fetches Svix; `growth` takes most of an hour.
"""

from __future__ import annotations

import argparse
import os
import platform
from typing import TYPE_CHECKING, Final

from tests.benchmarks import corpus, drift, extraction, growth, idle, scanning, workers
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BENCHMARKS: Final[dict[str, Callable[[int], Iterator[Row]]]] = {
    "corpus": corpus.rows,
    "extraction": extraction.rows,
    "idle": idle.rows,
    "growth": growth.rows,
    "workers": workers.rows,
    "scan": scanning.rows,
    "drift": drift.rows,
}


def main() -> None:
    """Print a row as soon as it is known."""
    options = _options()
    cores, python = os.cpu_count(), platform.python_version()
    print(Row(f"{cores} cores, Python {python}", "", "against"), flush=True)  # noqa: T201
    print("|---|---|---|")  # noqa: T201
    for name in options.names or _BENCHMARKS:
        for row in _BENCHMARKS[name](options.rounds):
            print(row, flush=True)  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = "turns of each process (default: 5)"
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help=told)
    # Not `choices`: of an empty list argparse would say that it is none of them.
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_BENCHMARKS))
    options = parser.parse_args()
    if strange := [name for name in options.names if name not in _BENCHMARKS]:
        parser.error(f"no benchmark {strange[0]!r}; there are {', '.join(_BENCHMARKS)}")
    return options


if __name__ == "__main__":
    main()
