"""The item index of all Svix files, cold, against tree-sitter's parser alone on the same bytes."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from pytest_flowcorpus.corpus import Override, load_corpus
from pytest_flowcorpus.rust import RustFile
from pytest_flowcorpus.rust.grammar import parser
from tests.benchmarks.process import ROOT
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def rows(rounds: int) -> Iterator[Row]:
    """Give milliseconds for all files, and the median of the ratios of neighbours."""
    files = _files()
    floor, ours = [], []
    for turn in range(10 * rounds + 1):
        one, other = _spent(_parsed, files), _spent(_indexed, files)
        if turn:  # the first one looks the grammar's names up
            floor.append(one)
            ours.append(other)
    lines = sum(code.count(b"\n") for code in files)
    what = f"{len(files)} files, {lines:,} lines"
    yield Row(f"`Parser.parse` of {what}", f"{statistics.median(floor) * 1000:.0f} ms")
    ratio = statistics.median(index / parse for index, parse in zip(ours, floor, strict=True))
    yield Row(f"the item index of {what}", f"{statistics.median(ours) * 1000:.0f} ms", _x(ratio))


def _x(ratio: float) -> str:
    return f"{ratio:.2f} ×"


def _files() -> list[bytes]:
    opened = load_corpus(ROOT / "corpus").open(Override())
    try:
        paths = [path for path in opened.source.paths() if _is_servers(path)]
        return [opened.source.read(path).data for path in paths]
    finally:
        opened.source.close()


def _is_servers(path: str) -> bool:
    return path.startswith("server/") and path.endswith(".rs")


def _parsed(code: bytes) -> object:
    return parser().parse(code)


def _indexed(code: bytes) -> object:
    return RustFile(code).items


def _spent(do: Callable[[bytes], object], files: list[bytes]) -> float:
    """Give the processor's seconds: nobody else's work counts."""
    begun = time.process_time()
    for code in files:
        do(code)
    return time.process_time() - begun
