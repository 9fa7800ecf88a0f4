"""An item of a file: its kind, its name, its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.grammar import Kind


# Final, not frozen: thousands are made at once, and frozen ones take three times as long.
@dataclass(slots=True, eq=False)
class Item:
    """An item and its place; all offsets are bytes from the start of the file.

    `start` is the first byte with attributes, docs and directly attached comments, `outer` the
    first of attributes and docs alone (what rustc counts), `decl` the first of the declaration,
    `end` one past the last. `body` is the half-open span of fields, members, block, value or macro
    arguments, delimiters included; empty where there is none.
    """

    kind: Final[Kind]
    name: Final[str]
    """Without ``r#`` and in NFC; of a macro call its macro's; empty for `impl`, `extern`, `use`."""
    start: Final[int]
    outer: Final[int]
    decl: Final[int]
    end: Final[int]
    body: Final[tuple[int, int]]
    name_at: Final[int] = -1
    """Where the name stands, or -1."""
    head: Final[tuple[bytes, bytes]] = (b"", b"")
    """Of an `impl` its trait (with ``!``; empty if inherent) and type, as written."""
    parent: Final[Item | None] = field(default=None, repr=False)
    """The item whose body this one stands in."""
    is_broken: Final[bool] = False
    """Whether the file does not parse here, so that the span or the place is in doubt."""

    def enclosing(self) -> Iterator[Item]:
        """Give the items in whose bodies this one stands, innermost first."""
        outer = self.parent
        while outer is not None:
            yield outer
            outer = outer.parent
