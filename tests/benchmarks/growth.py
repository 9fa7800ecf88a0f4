"""What a corpus costs as it grows: whole processes, over a big tree of Rust out of a registry.

    python -m tests.benchmarks.growth [FLOWS …]

Corpora of 100, 1,000 and 10,000 flows are generated into a temporary folder, their snapshots
accepted, and then each is run with ``--flowcorpus-out``. Beside them stand pytest with as many
empty tests, and pytest + syrupy with as many snapshots of that size, in as many files, with the
same plugins: what those cost is not ours. All of it takes about an hour.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.load import all_in_one, features, one_a_file, write_settings
from tests.benchmarks.cost import Cost, run
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


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is run in every size."""

    name: str
    make: Callable[[Path, Sequence[Feature]], None]
    options: tuple[str, ...] = ()
    accepts: tuple[str, ...] | None = None
    """How its snapshots are accepted beforehand, where it has any."""


@dataclass(frozen=True, slots=True)
class Row:
    """A ratio, or a growth by the decade, where 1 is none at all."""

    what: str
    ratio: float


def measure(sizes: Sequence[int] = _SIZES) -> dict[str, dict[int, Cost]]:
    """Run each kind in each size, the sizes ascending; gives what each took."""
    tree = unpacked(_TREE, Path(tempfile.gettempdir(), "pytest-flowcorpus-benchmarks"))
    told = list(islice(features(tree), max(sizes)))
    if len(told) < max(sizes):
        sys.exit(f"{_TREE} is good for {len(told):,} flows, not for {max(sizes):,}")
    costs: dict[str, dict[int, Cost]] = {kind.name: {} for kind in _kinds(tree)}
    for size in sorted(sizes):
        for kind in _kinds(tree):
            costs[kind.name][size] = _cost(kind, told[:size])
            _show(kind.name, size, costs[kind.name][size])
    return costs


def rows(costs: dict[str, dict[int, Cost]]) -> Iterator[Row]:
    """Give the growth of what a flow costs by the decade, and how it compares with bare pytest."""
    for kind, by_size in costs.items():
        for (less, before), (more, after) in pairwise(by_size.items()):
            decade = f"{kind}, {less:,} to {more:,}"
            yield Row(f"{decade}: time a flow", after.cpu / more / (before.cpu / less))
            yield Row(
                f"{decade}: memory a flow", after.mebibytes / more / (before.mebibytes / less)
            )
    for kind, by_size in costs.items():
        for size, cost in by_size.items():
            bare = costs["bare pytest"][size]
            yield Row(f"{kind}, {size:,}: memory / bare pytest", cost.mebibytes / bare.mebibytes)


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
    yield Kind("flows", flows, (_OUT,), accepts=(_UPDATE,))
    yield Kind("flows, collected", flows, (_COLLECT,))
    yield Kind("pytest + syrupy, all in one file", _all(_SNAPSHOT), accepts=(_UPDATE,))
    yield Kind("flows, all in one file", flow, (_OUT,), accepts=(_UPDATE,))


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


def _cost(kind: Kind, told: Sequence[Feature]) -> Cost:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, "corpus")
        folder.mkdir()
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        kind.make(folder, told)
        if kind.accepts is None:
            run(folder, _COLLECT)  # so that nobody pays for the first compilation of a file
        else:
            run(folder, *kind.accepts)
        cost = run(folder, *kind.options)
        shutil.rmtree(folder)
    return cost


def _show(kind: str, size: int, cost: Cost) -> None:
    each = f"{cost.cpu / size * 1000:10.2f} ms{cost.mebibytes / size * 1024:10.1f} KiB"
    print(f"{kind:36}{size:8,}{cost.wall:9.1f} s{cost.cpu:9.1f} s{cost.mebibytes:8.0f} MiB{each}")  # noqa: T201


def main(sizes: Sequence[int]) -> None:
    """Print the costs, then the ratios."""
    for row in rows(measure(sizes)):
        print(f"{row.what:60}{row.ratio:8.2f}")  # noqa: T201 - a table is what it is for


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or _SIZES)
