"""rustc's reading of edited files, one process at a time; each file is asked about once."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.rust.rustc_ast import Refused, RustcItem, rustc_items

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEFT_OUT: Final = ("use", "macro_call", "extern", "impl")
"""What has no name of its own, so that several of one path are no twins."""


@dataclass(frozen=True)
class Reading:
    """The items of a file as rustc sees them."""

    items: tuple[RustcItem, ...]
    at: Mapping[tuple[str, int, int], RustcItem]
    """By kind, first byte with attributes and docs, and end."""

    def named(self, path: tuple[str, ...]) -> list[RustcItem]:
        """Give the items of a path that have a name of their own."""
        alike = (item for item in self.items if item.path == path)
        return [item for item in alike if item.kind not in _LEFT_OUT]


@dataclass
class Oracle:
    """Asks rustc; keeps what it said."""

    _known: dict[bytes, Reading | None] = field(default_factory=dict)
    asked: int = 0

    def read(self, code: bytes) -> Reading | None:
        """Give a file's items, or None where rustc does not accept it."""
        digest = hashlib.sha256(code).digest()
        if digest not in self._known:
            self.asked += 1
            self._known[digest] = _read(code)
        return self._known[digest]


def _read(code: bytes) -> Reading | None:
    with tempfile.TemporaryDirectory(prefix="edits-") as folder:
        path = Path(folder, "file.rs")
        path.write_bytes(code)
        try:
            items = tuple(rustc_items(path))
        except Refused:
            return None
    return Reading(items, {(item.kind, item.start, item.end): item for item in items})
