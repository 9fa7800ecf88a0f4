"""Where an item went that no longer stands at its address: by its digests, or by its likeness."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.address import Address
from pytest_flowcorpus.rust.errors import AddressError
from pytest_flowcorpus.rust.fingerprint import fingerprint
from pytest_flowcorpus.rust.tokens import TokenKind, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_flowcorpus.rust.file import Found, RustFile
    from pytest_flowcorpus.rust.fingerprint import Fingerprint
    from pytest_flowcorpus.rust.grammar import Kind
    from pytest_flowcorpus.rust.item import Item

_SAME_NAME: Final = 0.4
"""How alike two items of one name have to be for the one to be taken for the other."""
_OTHER_NAME: Final = 0.6
"""The same where their names differ."""
_FEW: Final = 8
"""Tokens below which items are alike by chance."""
_SHARE: Final = 0.4
"""An item that is shorter than this share of the other cannot be alike enough."""
_NEAR: Final = 0.1
"""By how much less alike the second may be before the first is no longer the one that is meant."""
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """An item as it was, at an address where it no longer stands."""

    path: str
    address: str
    kind: Kind
    fingerprint: Fingerprint
    text: bytes | None = None
    """Its code; None where no more than its digests are known."""


@dataclass(frozen=True, slots=True)
class Successor:
    """An item that seems to be the lost one."""

    path: str
    found: Found
    fingerprint: Fingerprint
    likeness: float
    """From 0 to 1, which means: the same signature and body."""


def successors(
    lost: Lost,
    files: Iterable[tuple[str, RustFile]],
    was_there: Callable[[str, str], bool],
) -> list[Successor]:
    """Give the items that the lost one can have become, the likeliest first; most often one.

    `files` are all that it can stand in now, by path. What `was_there` already, at a path and an
    address, is no successor.
    """
    measure = _Measure(lost)
    found = [one for path, file in files for one in measure.among(path, file)]
    fresh = [one for one in found if not was_there(one.path, one.found.address)]
    ranked = sorted(fresh, key=measure.rank, reverse=True)
    return [one for one in ranked if one.likeness >= ranked[0].likeness - _NEAR][:_MOST]


class _Measure:
    """How like a lost item others are."""

    def __init__(self, lost: Lost) -> None:
        self._lost = lost
        self._name = _name(lost.address)
        self._grams = _grams(lost.text) if lost.text is not None else None

    def among(self, path: str, file: RustFile) -> Iterator[Successor]:
        """Give the items of a file that are alike enough."""
        for item in file.items:
            if item.kind is not self._lost.kind or item.is_broken:
                continue
            likeness = self._likeness(file.code, item)
            if likeness >= (_SAME_NAME if item.name == self._name else _OTHER_NAME):
                # Its address is asked last: that costs a look at the whole file.
                found = file.found(item)
                yield Successor(path, found, file.fingerprint(found), likeness)

    def rank(self, one: Successor) -> tuple[float, bool, bool]:
        """Tell how likely a successor is: the same name weighs more than the same file."""
        return (
            round(one.likeness, 2),
            _name(one.found.address) == self._name,
            one.path == self._lost.path,
        )

    def _likeness(self, code: bytes, item: Item) -> float:
        if self._grams is None or self._lost.text is None:
            return float(self._is_same(fingerprint(code, item)))
        text = code[item.start : item.end]
        if not _SHARE <= len(text) / len(self._lost.text) <= 1 / _SHARE:
            return 0.0
        total = self._grams.total()
        if total < _FEW:
            return float(text == self._lost.text)
        grams = _grams(text)
        likeness = 2 * (grams & self._grams).total() / (grams.total() + total)
        is_same = likeness >= _OTHER_NAME and self._is_same(fingerprint(code, item))
        return 1.0 if is_same else likeness

    def _is_same(self, other: Fingerprint) -> bool:
        ours = self._lost.fingerprint
        return (ours.signature, ours.body) == (other.signature, other.body)


def _name(address: str) -> str:
    """Give the last name of an address; of an `impl` block and of what has none, all of it."""
    try:
        return Address.parse(address).name or address
    except AddressError:
        return address


def _grams(text: bytes) -> Counter[tuple[str, str, str]]:
    """Count the runs of three tokens, comments left out."""
    found = [one.text for one in tokens(text, 0, len(text)) if one.kind is not TokenKind.COMMENT]
    return Counter(zip(found, found[1:], found[2:], strict=False))
