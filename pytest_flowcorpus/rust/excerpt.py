"""The part of a file that stands in an answer: whole lines, in order."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LineRange = tuple[int, int]
"""First and last line, 1-based and inclusive."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file; each run of lines left out between them is one blank line."""

    text: bytes
    lines: tuple[LineRange, ...]
    """The ranges taken, ascending and apart: between two at least one line is left out."""


class Lines:
    """The lines of a file, which end in LF; a CR before it belongs to the line."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        self._starts = array("Q", [0])  # a list takes five times the memory
        end = code.find(b"\n")
        while end >= 0:
            self._starts.append(end + 1)
            end = code.find(b"\n", end + 1)

    def number(self, offset: int) -> int:
        """Give the 1-based line in which a byte stands."""
        return bisect_right(self._starts, offset)

    def range(self, start: int, end: int) -> LineRange:
        """Give the lines that the bytes of a half-open span stand in."""
        return self.number(start), self.number(max(start, end - 1))

    def text(self, lines: LineRange) -> bytes:
        """Give whole lines with their ends."""
        first, last = lines
        end = self._starts[last] if last < len(self._starts) else len(self._code)
        return self._code[self._starts[first - 1] : end]


def excerpt(lines: Lines, ranges: Iterable[LineRange]) -> Excerpt:
    """Cut `ranges`, in any order and overlapping as they like, out of a file."""
    merged = _merged(ranges)
    parts: list[bytes] = []
    for taken in merged:
        if parts:
            parts.append(b"\r\n" if parts[-1].endswith(b"\r\n") else b"\n")
        parts.append(lines.text(taken))
    return Excerpt(b"".join(parts), tuple(merged))


def _merged(ranges: Iterable[LineRange]) -> list[LineRange]:
    merged: list[LineRange] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
