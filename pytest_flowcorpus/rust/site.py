"""A place in a body where something is called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.module import Def


class Certainty(StrEnum):
    """How much syntax tells of a name."""

    RESOLVED = "resolved"
    """It is an item of the tree, and no other."""
    UNDECIDED = "undecided"
    """It could be an item of the tree: what it stands on cannot be typed from syntax."""
    FOREIGN = "foreign"
    """It is something of another crate, or of the language."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a body where something is called, or a function is named as a value."""

    name: str
    at: int
    """The byte of the file where the name stands."""
    certainty: Certainty
    callee: Def | None = None
    trait: Def | None = None
    receiver: str = ""
    """Of a method: how what it is called on is written, and its type."""

    def doubted(self) -> Site:
        """Give the site as one of which syntax does not tell whether it is a call at all."""
        if self.certainty is not Certainty.RESOLVED:
            return self
        return Site(self.name, self.at, Certainty.UNDECIDED, receiver=self.receiver)
