"""Snapshots of upstream's history that drift explains in a second; see `tests.replay`."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from platformdirs import user_cache_path

from tests.benchmarks.process import ROOT
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEWEST: Final = 40
_WHAT: Final = ("all items of the files that changed", "what the corpus extracts")
_TOGETHER: Final = re.compile(r"seconds of drift per snapshot: .*; together ([\d.]+)")


def rows(_rounds: int) -> Iterator[Row]:
    """Give snapshots a second, parsing included, rustc's part left out: one process, once."""
    cache = user_cache_path("flowcorpus-replay")
    asked = ("--last", str(_NEWEST + 1), "--jobs", "1", "--cache", str(cache))
    command = [sys.executable, "-m", "tests.replay", *asked]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for what, seconds in zip(_WHAT, map(float, _TOGETHER.findall(said)), strict=True):
        yield Row(f"drift of {_NEWEST} snapshots, {what}", f"{_NEWEST / seconds:.1f} a second")
