"""Where an item stands in a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.grammar import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """An item of the tree."""

    path: str
    """Its file, from the top of the tree."""
    address: str
    """The full address, which finds it in its file."""
    kind: Kind
    line: int
    """Where it is declared, counted from 1."""

    def __str__(self) -> str:
        return f"{self.path}::{self.address}"
