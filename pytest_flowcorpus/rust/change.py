"""What sort of change lies between two readings of an item, by their fingerprints."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.fingerprint import Fingerprint


class Change(StrEnum):
    """A part of an item that is not as it was; each is called as its digest is."""

    SIGNATURE = "signature"
    BODY = "body"
    ATTRIBUTES = "attributes"
    COMMENTS = "comments"
    """Comments or docs."""
    FORMAT = "format"
    """White space, or commas that mean nothing; and no other part."""


_PARTS: Final = (Change.SIGNATURE, Change.BODY, Change.ATTRIBUTES, Change.COMMENTS)


def changes(
    before: Fingerprint, after: Fingerprint, *, renamed: bool = False
) -> tuple[Change, ...]:
    """Give the parts of an item that changed, in the order of `Change`; none where its bytes match.

    The name is in no part but the text: that of an item that was `renamed` differs anyway.
    """
    found = tuple(part for part in _PARTS if getattr(before, part) != getattr(after, part))
    if found or renamed or before.text == after.text:
        return found
    return (Change.FORMAT,)
