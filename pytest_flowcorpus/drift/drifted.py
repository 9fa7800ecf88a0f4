"""A fragment that is not as it was reviewed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.drift.fate import BREAKING, Fate

if TYPE_CHECKING:
    from pytest_flowcorpus.drift.review import Accepted
    from pytest_flowcorpus.drift.standing import Standing
    from pytest_flowcorpus.rust import Fingerprint


@dataclass(frozen=True, slots=True)
class Drifted:
    """A fragment that is not as it was reviewed."""

    accepted: Accepted
    fates: tuple[Fate, ...]
    was: Standing | None = None
    """None where the revision that it was reviewed at cannot be had."""
    now: Standing | None = None
    """None where it is gone; of several that it can have become, the likeliest."""
    fingerprint: Fingerprint | None = None
    """The digests of that."""
    others: tuple[str, ...] = ()
    """The other addresses, each with its path, that it may have now."""
    note: str = ""
    """What the source says of an address that is ambiguous, or of a file that does not parse."""

    @property
    def is_broken(self) -> bool:
        """Whether its address no longer finds it."""
        return not BREAKING.isdisjoint(self.fates)

    @property
    def is_gone(self) -> bool:
        """Whether nothing like it stands in the source."""
        return Fate.GONE in self.fates
