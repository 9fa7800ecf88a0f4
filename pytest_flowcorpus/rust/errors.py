"""What can keep an address from naming exactly one item."""

from __future__ import annotations

from typing import Final

from pytest_flowcorpus.rust.hidden import escaped

MOST_CANDIDATES: Final = 20
"""How many candidates a message lists: each costs a look at the whole file."""


def visible(text: str) -> str:
    """Give a text on one line, with no character that is not seen or could act on a terminal."""
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return escaped(shown)


class AddressError(Exception):
    """An address does not name exactly one item; ``str()`` is one line, without the file."""


class BadAddress(AddressError):  # noqa: N818  (says what is wrong, as a spec's author would)
    """The address does not parse; the message says at which column (1-based characters)."""


class NoSuchItem(AddressError):  # noqa: N818  (says what is wrong, as a spec's author would)
    """Nothing in the file answers to the address."""

    def __init__(self, message: str, nearest: tuple[str, ...] = ()) -> None:
        self.nearest = nearest
        """Addresses of items whose names look alike, the likest first."""
        near = f"; nearest: {', '.join(f'`{address}`' for address in nearest)}" if nearest else ""
        super().__init__(message + near)


class AmbiguousItem(AddressError):  # noqa: N818  (says what is wrong, as a spec's author would)
    """Several items answer to the address."""

    def __init__(self, address: str, candidates: tuple[tuple[str, int], ...], count: int) -> None:
        self.candidates = candidates
        """The full address and 1-based line of those that do, in source order, the first 20."""
        shown = ", ".join(f"`{full}` (line {line})" for full, line in candidates)
        more = f" and {count - len(candidates)} more" if count > len(candidates) else ""
        super().__init__(f"`{address}` is ambiguous: {shown}{more}")


class BrokenItem(AddressError):  # noqa: N818  (says what is wrong, as a spec's author would)
    """The item stands where the file does not parse, so that its span is in doubt."""
