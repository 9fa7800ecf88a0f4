"""What a corpus costs as it grows: whole processes, over a big tree of Rust out of a registry.

Corpora of 100, 1,000 and 10,000 flows are generated into a temporary folder, their snapshots
accepted, and then each is run with ``--flowcorpus-out``. Beside them stand pytest with as many
empty tests, pytest + syrupy with as many snapshots of that size, in as many files, with the same
plugins, and pytest without ours that collects the specs as tests: what those cost is not ours. All
of it takes about an hour.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.load import all_in_one, as_tests, features, one_a_file, write_settings
from tests.benchmarks.process import Process, Spent, spent
from tests.benchmarks.row import Row
from tests.calls.registry import Sdist, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.load import Feature

_SIZES: Final = (100, 1_000, 10_000)
_TREE: Final = Sdist(
    "polars-runtime-32",
    "2.1.0",
    "c575f5f3cdb8a5f9be65477b9b4202b062593687fe62a0082add87fbd4571067",
)
_EMPTY: Final = "def test_it():\n    pass\n"
_SNAPSHOT: Final = """\
from syrupy.extensions.json import JSONSnapshotExtension

DIGESTS = {name: "0" * 64 for name in ("text", "comments", "attributes", "signature", "body")}
PLACE = {"file": "crates/core/src/a.rs", "address": "Type::member", "kind": "fn"}


def test_it(snapshot):
    fragments = [PLACE | DIGESTS | {"line": at} for at in range(8)]
    assert {"fragments": fragments} == snapshot.use_extension(JSONSnapshotExtension)
"""
_OUT: Final = "--flowcorpus-out=examples.jsonl"
_UPDATE: Final = "--snapshot-update"
_COLLECT: Final = "--collect-only"
_WITHOUT: Final = ("-p", "no:pytest_flowcorpus.plugin")


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is run in every size."""

    name: str
    make: Callable[[Path, Sequence[Feature]], None]
    options: tuple[str, ...] = ()
    accepts: tuple[str, ...] | None = None
    """How its snapshots are accepted beforehand, where it has any."""
    most: int = _SIZES[-1]
    """What it is run with at most: syrupy's time for many snapshots in one file is quadratic."""


def _measured(sizes: Sequence[int]) -> dict[str, dict[int, Spent]]:
    """Run each kind in each size, the sizes ascending; gives what each took."""
    tree = unpacked(_TREE, Path(tempfile.gettempdir(), "pytest-flowcorpus-benchmarks"))
    told = list(islice(features(tree), max(sizes)))
    if len(told) < max(sizes):
        sys.exit(f"{_TREE} is good for {len(told):,} flows, not for {max(sizes):,}")
    costs: dict[str, dict[int, Spent]] = {kind.name: {} for kind in _kinds(tree)}
    for size in sorted(sizes):
        for kind in (kind for kind in _kinds(tree) if size <= kind.most):
            costs[kind.name][size] = _spent(kind, told[:size])
    return costs


def rows(_rounds: int = 1, sizes: Sequence[int] = _SIZES) -> Iterator[Row]:
    """Give what a flow costs, its growth by the decade, and how it compares with bare pytest.

    Each process runs once: those of the biggest corpus take minutes.
    """
    costs = _measured(sizes)
    for kind, by_size in costs.items():
        for (less, before), (more, after) in pairwise(by_size.items()):
            decade = f"{kind}, {less:,} to {more:,}"
            yield _grown(f"{decade}: time a flow", before.cpu / less, after.cpu / more, "ms")
            yield _grown(
                f"{decade}: memory a flow", before.mebibytes / less, after.mebibytes / more, "KiB"
            )
    for kind, by_size in costs.items():
        for size, cost in by_size.items():
            bare = costs["bare pytest"][size]
            ratio = f"{cost.mebibytes / bare.mebibytes:.2f} × bare pytest"
            yield Row(f"{kind}, {size:,}: peak memory", f"{cost.mebibytes:.0f} MiB", ratio)


def _grown(what: str, before: float, after: float, unit: str) -> Row:
    thousandths = 1000 if unit == "ms" else 1024
    return Row(
        what, f"{after * thousandths:.1f} {unit}", f"{after / before:.2f} × the smaller one's"
    )


def _kinds(tree: Path) -> Iterator[Kind]:
    def flows(folder: Path, told: Sequence[Feature]) -> None:
        write_settings(folder, tree)
        one_a_file(folder, told)

    def flow(folder: Path, told: Sequence[Feature]) -> None:
        write_settings(folder, tree)
        all_in_one(folder, told)

    yield Kind("bare pytest", _tests(_EMPTY))
    yield Kind("pytest + syrupy", _tests(_SNAPSHOT), accepts=(_UPDATE,))
    yield Kind("pytest + syrupy, collected", _tests(_SNAPSHOT), (_COLLECT,))
    yield Kind("pytest, the specs collected as tests", as_tests, (*_WITHOUT, _COLLECT))
    yield Kind("flows, collected", flows, (_COLLECT,))
    yield Kind("flows", flows, (_OUT,), accepts=(_UPDATE,))
    yield Kind("pytest + syrupy, all in one file", _all(_SNAPSHOT), (), (_UPDATE,), most=1_000)
    yield Kind("flows, all in one file", flow, (_OUT,), (_UPDATE,), most=1_000)


def _tests(text: str) -> Callable[[Path, Sequence[Feature]], None]:
    def write(folder: Path, told: Sequence[Feature]) -> None:
        for number in range(len(told)):
            (folder / f"test_{number:05}.py").write_text(text, encoding="utf-8")

    return write


def _all(text: str) -> Callable[[Path, Sequence[Feature]], None]:
    def write(folder: Path, told: Sequence[Feature]) -> None:
        mark = f'import pytest\n\npytestmark = pytest.mark.parametrize("n", range({len(told)}))\n'
        asked = text.replace("(snapshot)", "(snapshot, n)")
        (folder / "test_all.py").write_text(f"{mark}{asked}", encoding="utf-8")

    return write


def _spent(kind: Kind, told: Sequence[Feature]) -> Spent:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, "corpus")
        folder.mkdir()
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        kind.make(folder, told)
        if kind.accepts is None:
            # So that nobody pays for the first compilation of a file.
            _run(folder, *kind.options, _COLLECT)
        else:
            _run(folder, *kind.accepts)
        taken = _run(folder, *kind.options)
        shutil.rmtree(folder)
    return taken


def _run(folder: Path, *options: str) -> Spent:
    return spent(Process.pytest("--rootdir", str(folder), *options, folder=folder))
