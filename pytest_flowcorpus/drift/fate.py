"""The sorts of change that a fragment can have undergone since its review."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What happened to a fragment; several can have."""

    MOVED = "moved"
    """It stands in another file."""
    RENAMED = "renamed"
    """It has another address."""
    GONE = "gone"
    AMBIGUOUS = "ambiguous"
    """Several items answer to its address."""
    UNPARSABLE = "unparsable"
    """It stands where its file does not parse, or is no text."""
    SIGNATURE = "signature"
    BODY = "body"
    ATTRIBUTES = "attributes"
    COMMENTS = "comments"
    """Comments or docs."""
    FORMAT = "format"
    """White space, or commas that mean nothing; and no other part."""


WORDS: Final = {**{fate: str(fate) for fate in Fate}, Fate.COMMENTS: "comments or docs"}
"""What people are told of each."""
BREAKING: Final = frozenset((Fate.MOVED, Fate.RENAMED, Fate.GONE, Fate.AMBIGUOUS, Fate.UNPARSABLE))
"""Those of a fragment whose address no longer finds it."""
