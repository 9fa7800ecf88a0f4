"""A sha as people are shown it."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = 12


def short(sha: str) -> str:
    """Give its first digits."""
    return sha[:_DIGITS]
