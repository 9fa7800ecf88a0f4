"""Two workers against none, on the Svix corpus as it is and eight times over."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.process import ROOT, Process, race
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_COPIES: Final = 8
_MAY_REPEAT: Final = "[limits]\nsimilar = [0, 0]\nrepeated = 0\nitem_flows = 0\n"


def rows(rounds: int) -> Iterator[Row]:
    """Give the seconds of both, and how they stand to each other."""
    with tempfile.TemporaryDirectory() as top:
        big = _copied(Path(top))
        yield from _rows(ROOT / "corpus", "the Svix corpus", rounds)
        # They say the same, for which the copies are refused at the end.
        yield from _rows(big, f"{_COPIES} of it", rounds, status=1)


def _rows(folder: Path, what: str, rounds: int, status: int = 0) -> Iterator[Row]:
    where = ("--rootdir", str(folder), str(folder))
    alone, pair = f"{what}, one process", f"{what}, `-n 2`"
    runs = {
        alone: Process.pytest(*where, status=status),
        pair: Process.pytest("-n2", *where, status=status),
    }
    taken = race(runs, rounds)
    yield Row(alone, f"{taken[alone].seconds:.2f} s")
    ratio = f"{taken[pair].seconds / taken[alone].seconds:.2f} ×"
    yield Row(pair, f"{taken[pair].seconds:.2f} s", ratio)


def _copied(top: Path) -> Path:
    """Give a corpus of several times the same flows, which may say everything again."""
    for at in range(_COPIES):
        shutil.copytree(ROOT / "corpus", top / f"copy-{at}")
        settings = (top / f"copy-{at}" / "flowcorpus.toml").read_text(encoding="utf-8")
        (top / f"copy-{at}" / "flowcorpus.toml").unlink()
    told = re.sub(r"^\[limits\]\n", _MAY_REPEAT, settings, flags=re.MULTILINE)
    (top / "flowcorpus.toml").write_text(told, encoding="utf-8")
    return top
