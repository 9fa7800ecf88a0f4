"""Whole processes: what each takes, as the system counts it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).parent.parent.parent
_UNSET: Final = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
"""Would have one process do what another has not to."""
_LAUNCH: Final = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
seconds = time.perf_counter() - begun
print("\\n", seconds, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process between: the system counts what a parent held when it forked as its child's."""


@dataclass(frozen=True)
class Process:
    """A command, and where it runs."""

    command: tuple[str, ...]
    folder: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    """How it ends when all is well."""

    @classmethod
    def pytest(cls, *args: str, folder: Path = ROOT, status: int = 0) -> Process:
        """Give pytest as all runs here have it: without hypothesis, which takes longer than ours.

        Without the cache too, so that no run leaves another one something.
        """
        plain = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
        return cls((sys.executable, "-m", "pytest", *plain, *args), folder, status=status)


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    seconds: float
    """From its start to its end."""
    cpu: float
    """Seconds of its own and of the system's for it, its children among them."""
    mebibytes: float
    """The most memory that it, or one of its children, held at a time."""


def spent(process: Process) -> Spent:
    """Run a process to its end; exits with what it said where it failed."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [sys.executable, "-S", "-c", _LAUNCH, *process.command],
            cwd=process.folder,
            env={**kept, **process.environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    if done.returncode != process.status:
        sys.exit("\n".join((" ".join(process.command), *lines)))
    seconds, cpu, held = map(float, lines[-1].split())
    # macOS counts bytes, Linux KiB.
    return Spent(seconds, cpu, held / (2**20 if sys.platform == "darwin" else 2**10))


def race(processes: Mapping[str, Process], rounds: int) -> dict[str, Spent]:
    """Run each in turn, `rounds` times over; gives the medians of each.

    A first turn is not counted, so that nobody pays for compiling or for a cold disk.
    """
    taken: defaultdict[str, list[Spent]] = defaultdict(list)
    for turn in range(rounds + 1):
        for name, process in processes.items():
            one = spent(process)
            if turn:
                taken[name].append(one)
    return {name: _median(ones) for name, ones in taken.items()}


def _median(ones: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(one.seconds for one in ones),
        statistics.median(one.cpu for one in ones),
        statistics.median(one.mebibytes for one in ones),
    )
