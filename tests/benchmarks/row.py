"""A line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured: a figure, and how it stands to another one of the same run."""

    what: str
    figure: str
    ratio: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.figure} | {self.ratio} |"
