"""What the checks of calls and grounding cost: ratios of whole processes, within one run.

    python -m tests.benchmarks.checks [ROUNDS]

Runs the Svix corpus, its revision fetched beforehand, (a) as it is, (b) without asserts about calls
and without grounding, (c) as pytest with as many syrupy snapshot tests in as many files, the same
plugins installed. The three take turns; of each the median counts.
"""

from __future__ import annotations

import ast
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
_HANDLES: Final = ("calls", "mentions")
_UNGROUNDED: Final = """
from pytest_flowcorpus import grounding

grounding.Prose.of = classmethod(lambda cls, *args: None)
grounding.breaches = lambda prose: []
"""
_SNAPSHOT: Final = """
from syrupy.extensions.json import JSONSnapshotExtension


def test_it(snapshot):
    data = [{"address": f"Type::member_{i}", "digest": "0" * 64} for i in range(30)]
    assert data == snapshot.use_extension(JSONSnapshotExtension)
"""


def main(rounds: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as top:
        folders = {
            "(a) the Svix corpus": _whole(Path(top, "whole")),
            "(b) without calls and grounding": _bare(Path(top, "bare")),
            "(c) pytest + syrupy, as many tests": _snapshots(Path(top, "snapshots")),
        }
        for folder in folders.values():
            _run(folder)  # so that nobody pays for the first compilation of a spec
        taken: dict[str, list[float]] = {name: [] for name in folders}
        for _ in range(rounds):
            for name, folder in folders.items():
                taken[name].append(_run(folder))
    _print({name: statistics.median(times) for name, times in taken.items()})


def _print(medians: dict[str, float]) -> None:
    whole, bare, floor = medians.values()
    for name, seconds in medians.items():
        print(f"{name:40}{seconds:8.2f} s")  # noqa: T201 - a table is what it is for
    print(f"{'(a) / (b), what the checks cost':40}{whole / bare:8.2f}")  # noqa: T201
    print(f"{'(a) / (c)':40}{whole / floor:8.2f}")  # noqa: T201


def _whole(folder: Path) -> Path:
    shutil.copytree(ROOT / "corpus", folder)
    return folder


def _bare(folder: Path) -> Path:
    _whole(folder)
    for spec in folder.glob("flow_*.py"):
        tree = ast.parse(spec.read_text(encoding="utf-8"))
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                function.body = [node for node in function.body if not _asks(node)]
        spec.write_text(ast.unparse(tree), encoding="utf-8")
    (folder / "conftest.py").write_text(_UNGROUNDED, encoding="utf-8")
    return folder


def _asks(node: ast.stmt) -> bool:
    """Tell whether a statement asks about calls or mentions, or states a hop."""
    names = {child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)}
    return bool(names & {*_HANDLES, "hop"})


def _snapshots(folder: Path) -> Path:
    folder.mkdir()
    for spec in ROOT.glob("corpus/flow_*.py"):
        name = spec.name.replace("flow_", "test_")
        (folder / name).write_text(_SNAPSHOT, encoding="utf-8")
    subprocess.run(_command(folder, "--snapshot-update"), check=False, capture_output=True)
    return folder


def _run(folder: Path) -> float:
    begun = time.perf_counter()
    run = subprocess.run(_command(folder), capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stdout)
    return time.perf_counter() - begun


def _command(folder: Path, *more: str) -> list[str]:
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *more]
    return [sys.executable, "-m", "pytest", *quiet, "--rootdir", str(folder), str(folder)]


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 9)
