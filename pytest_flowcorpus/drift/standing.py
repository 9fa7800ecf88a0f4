"""Where a fragment's code stands in one revision, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_flowcorpus.corpus import CodeFile
    from pytest_flowcorpus.rust import Found


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fragment's code stands in one revision, and what it is."""

    path: str
    address: str
    lines: tuple[int, int]
    """First and last, counted from 1."""
    text: bytes
    """Whole lines, but for what stands before it on its first and is no blank."""

    @classmethod
    def of(cls, code: CodeFile, found: Found) -> Standing:
        """Take an item that was found in a file."""
        before = code.blob.data[: found.start].rpartition(b"\n")[2]
        indent = b"" if before.strip() else before
        lines = (found.first_line, found.last_line)
        return cls(code.blob.path, found.address, lines, indent + found.text)
