"""The Svix corpus against pytest and syrupy with as many snapshot tests, and what each check costs.

The revision is fetched beforehand. Each check is left out in turn; what it costs is the difference.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.process import ROOT, Process, race, spent
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.process import Spent

_NO_TOKENS: Final = """
from pytest_flowcorpus.counts import Counts

Counts.count = lambda self, texts: 1
"""
_NO_GROUNDING: Final = """
from pytest_flowcorpus import grounding

grounding.Prose.of = classmethod(lambda cls, *args: None)
grounding.breaches = lambda prose: []
"""
_NO_COMPLAINT: Final = """
from pytest_flowcorpus import grounding

found = grounding.breaches
grounding.breaches = lambda prose: found(prose)[:0]
"""
"""Without its hops much is never spoken of."""
_ASKS: Final = frozenset(("calls", "mentions", "hop"))
_SNAPSHOT: Final = """
from syrupy.extensions.json import JSONSnapshotExtension


def test_it(snapshot):
    data = [{"address": f"Type::member_{i}", "digest": "0" * 64} for i in range(30)]
    assert data == snapshot.use_extension(JSONSnapshotExtension)
"""
_FLOOR: Final = "pytest + syrupy, as many snapshot tests in as many files"
_WHOLE: Final = "the Svix corpus"
_AGAIN: Final = "the Svix corpus again, its counts of tokens in pytest's cache"
_LEFT_OUT: Final = {
    "counting tokens": (_NO_TOKENS, False),
    "asserts about calls and mentions, and hops": (_NO_COMPLAINT, True),
    "grounding": (_NO_GROUNDING, False),
    "all three": (_NO_TOKENS + _NO_GROUNDING, True),
}


def rows(rounds: int) -> Iterator[Row]:
    """Give the processor's seconds of whole processes, and their ratios."""
    with tempfile.TemporaryDirectory() as top:
        taken = race(_processes(Path(top)), rounds)
    floor, whole = taken[_FLOOR].cpu, taken[_WHOLE].cpu
    for name in (_FLOOR, _WHOLE, _AGAIN):
        yield Row(name, f"{taken[name].cpu:.2f} s", f"{taken[name].cpu / floor:.1f} ×")
    for name in _LEFT_OUT:
        yield _cost(name, taken[name], whole, floor)


def _cost(name: str, without: Spent, whole: float, floor: float) -> Row:
    share = 1 - without.cpu / whole
    told = f"{share:.0%} of it; {without.cpu / floor:.1f} × is left"
    return Row(f"of it {name}", f"{whole - without.cpu:.2f} s", told)


def _processes(top: Path) -> dict[str, Process]:
    remembering = _of(_corpus(top / "again", ""))
    remembering = replace(remembering, command=_with_cache(remembering.command))
    return {
        _FLOOR: _of(_snapshots(top / "floor")),
        _WHOLE: _of(_corpus(top / "whole", "")),
        _AGAIN: remembering,
        **{
            name: _of(_corpus(top / f"without-{at}", conftest, is_bare=is_bare))
            for at, (name, (conftest, is_bare)) in enumerate(_LEFT_OUT.items())
        },
    }


def _of(folder: Path) -> Process:
    return Process.pytest("--rootdir", str(folder), str(folder))


def _with_cache(command: tuple[str, ...]) -> tuple[str, ...]:
    at = command.index("no:cacheprovider")
    return (*command[: at - 1], *command[at + 1 :])


def _corpus(folder: Path, conftest: str, *, is_bare: bool = False) -> Path:
    shutil.copytree(ROOT / "corpus", folder)
    for spec in folder.glob("flow_*.py") if is_bare else ():
        _strip(spec)
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    return folder


def _strip(spec: Path) -> None:
    """Take out what asks about calls or mentions, or states a hop."""
    tree = ast.parse(spec.read_text(encoding="utf-8"))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            function.body = [node for node in function.body if not _asks(node)]
    spec.write_text(ast.unparse(tree), encoding="utf-8")


def _asks(node: ast.stmt) -> bool:
    names = {child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)}
    return not names.isdisjoint(_ASKS)


def _snapshots(folder: Path) -> Path:
    folder.mkdir()
    for spec in ROOT.glob("corpus/flow_*.py"):
        name = spec.name.replace("flow_", "test_")
        (folder / name).write_text(_SNAPSHOT, encoding="utf-8")
    spent(Process.pytest("--snapshot-update", "--rootdir", str(folder), str(folder)))
    return folder
