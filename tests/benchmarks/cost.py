"""What a run of pytest takes: a process of its own, as the system counts it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


_LAUNCH: Final = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - begun
print("\\n", wall, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process between: the system counts what a parent held when it forked as its child's."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of user and system together, those of its own children too."""
    mebibytes: float
    """The most memory that it, or one of its children, held at a time."""


def run(folder: Path, *options: str) -> Cost:
    """Run pytest in a folder; ends this program where it fails."""
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    command = ["-m", "pytest", *quiet, "--rootdir", str(folder), *options]
    # What a file compiles to is kept, as it is for whoever runs a corpus.
    settings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    launch = [sys.executable, "-S", "-c", _LAUNCH, *command]
    done = subprocess.run(
        launch, cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-5000:] + done.stderr)
    wall, cpu, held = map(float, done.stdout.splitlines()[-1].split())
    # macOS counts bytes, Linux KiB.
    return Cost(wall, cpu, held / (2**20 if sys.platform == "darwin" else 2**10))
