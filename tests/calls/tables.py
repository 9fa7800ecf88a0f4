"""Hand-made tables of calls, and how the resolver does on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pytest_flowcorpus.rust import Call, Certainty, Codebase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rust.files import Tree


class Row(NamedTuple):
    """A caller and a callee; of a call that is made, the line too."""

    file: str
    caller: str
    callee: str
    line: int = 0
    is_foreign: bool = False
    """Whether the receiver's type comes out of a signature in another crate."""


def edges(table: Path) -> list[Row]:
    """Read ``file caller line callee [foreign]``."""
    return [
        Row(file, caller, callee, int(line), "foreign" in rest)
        for file, caller, line, callee, *rest in _lines(table)
    ]


def non_edges(table: Path) -> list[Row]:
    """Read ``file caller callee why``."""
    return [Row(file, caller, callee) for file, caller, callee, *_ in _lines(table)]


def _lines(table: Path) -> Iterator[list[str]]:
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


@dataclass
class Judged:
    """What became of the rows of a table."""

    right: list[Row] = field(default_factory=list)
    """Rows that the resolver claims."""
    missed: list[tuple[Row, str]] = field(default_factory=list)
    """Rows that it does not, with what it says instead."""
    wrong: list[str] = field(default_factory=list)
    """Claims that no row bears out."""

    @property
    def precision(self) -> float:
        return len(self.right) / (len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        return len(self.right) / (len(self.right) + len(self.missed))

    def __str__(self) -> str:
        claims = len(self.right) + len(self.wrong)
        rows = len(self.right) + len(self.missed)
        precision = f"precision {len(self.right)}/{claims} = {self.precision:.1%}"
        recall = f"recall {len(self.right)}/{rows} = {self.recall:.1%}"
        lines = [f"{precision}, {recall}"]
        lines += [f"  wrong: {claim}" for claim in self.wrong]
        lines += [f"  missed: {_shown(row)}: {why}" for row, why in self.missed]
        return "\n".join(lines)


class Judge:
    """Asks a code base about the rows of a table; `root` is the folder that their paths are in."""

    def __init__(self, tree: Tree, root: str) -> None:
        self._tree = tree
        self._root = root
        self._codebase = Codebase(tree)

    def judge(self, rows: list[Row]) -> Judged:
        """Hold every claim about the callers of a table against it."""
        judged = Judged()
        for file, caller in dict.fromkeys((row.file, row.caller) for row in rows):
            wanted = [row for row in rows if (row.file, row.caller) == (file, caller)]
            self._judge(judged, wanted, self.calls(file, caller))
        return judged

    def is_claimed(self, row: Row) -> bool:
        """Tell whether the resolver claims that the caller calls the callee, wherever."""
        calls = self.calls(row.file, row.caller)
        return any(self._place(row) in (str(call.callee), str(call.trait)) for call in calls)

    def calls(self, file: str, caller: str) -> tuple[Call, ...]:
        path = self._root + file
        rust = self._tree.rust(path)
        assert rust is not None, path
        return self._codebase.calls(path, rust.find(caller))

    def _judge(self, judged: Judged, rows: list[Row], calls: tuple[Call, ...]) -> None:
        # Two calls of one function on one line are one row.
        claims = {(call.line, str(call.callee)) for call in calls if call.callee}
        for row in rows:
            key = (row.line, self._place(row))
            if key in claims:
                judged.right.append(row)
            else:
                judged.missed.append((row, _instead(row, calls)))
        borne_out = {(row.line, self._place(row)) for row in rows}
        for line, callee in sorted(claims - borne_out):
            judged.wrong.append(f"{rows[0].file}:{line} {rows[0].caller} -> {callee}")

    def _place(self, row: Row) -> str:
        """Give the callee by its full address: a table may write a shorter one."""
        file, _, address = row.callee.partition(".rs::")
        path = f"{self._root}{file}.rs"
        rust = self._tree.rust(path)
        assert rust is not None, path
        return f"{path}::{rust.find(address).address}"


def _instead(row: Row, calls: tuple[Call, ...]) -> str:
    name = row.callee.rpartition("::")[2]
    for call in calls:
        if call.line == row.line and call.name == name:
            said = call.callee if call.certainty is Certainty.RESOLVED else call.certainty
            return f"{said} {call.receiver}"
    return "not seen"


def _shown(row: Row) -> str:
    return f"{row.file}:{row.line} {row.caller} -> {row.callee}"
