"""Where an item went that no longer stands at its address: by its digests, or by its likeness."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.address import last_name
from pytest_flowcorpus.rust.fingerprint import fingerprint
from pytest_flowcorpus.rust.tokens import TokenKind, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
_LOOKED_AT: Final = 12
"""So many of the likest are held against what was there before, besides those that are the same."""


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


class Candidates:
    """All items that a lost one can have become; each is looked at once, whoever is lost."""

    def __init__(self, files: Iterable[tuple[str, RustFile]]) -> None:
        self._files = files

    def of(self, lost: Lost, was_there: Callable[[str, str], bool]) -> list[Successor]:
        """Give the items that the lost one can be now, the likeliest first; most often one.

        One that is as it was, at the same address in another file, leaves no doubt.

        What `was_there` already, at a path and an address, is not one of them.
        """
        ours = _grams(lost.text) if lost.text is not None else None
        name = last_name(lost.address)
        alike = [
            _Like(likeness, shape)
            for shape in self._shapes.get(lost.kind, ())
            if (likeness := _likeness(lost, ours, shape)) >= _least(shape.item.name == name)
        ]
        words = frozenset(re.findall(r"\w+", lost.address))
        alike.sort(key=lambda one: one.rank(lost.path, name, words), reverse=True)
        twins = sum(one.likeness == 1 for one in alike)
        # Addresses are asked last: each costs a look at a whole file.
        known = ((one, one.shape.file.found(one.shape.item)) for one in alike[: twins + _LOOKED_AT])
        fresh = [
            Successor(one.shape.path, item, one.shape.file.fingerprint(item), one.likeness)
            for one, item in known
            if not was_there(one.shape.path, item.address)
        ]
        sure = [one for one in fresh if one.likeness == 1 and one.found.address == lost.address]
        likest = (one for one in fresh if one.likeness >= fresh[0].likeness - _NEAR)
        return (sure or [*likest])[:_MOST]

    @cached_property
    def _shapes(self) -> dict[Kind, list[_Shape]]:
        shapes: dict[Kind, list[_Shape]] = {}
        for path, file in self._files:
            for item in _all_items(file):
                if not item.is_broken:
                    shapes.setdefault(item.kind, []).append(_Shape.at(path, file, item))
        return shapes


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """An item as it is compared: by its runs of three tokens."""

    path: str
    file: RustFile
    item: Item
    text: bytes
    grams: Counter[tuple[str, str, str]]
    size: int

    @classmethod
    def at(cls, path: str, file: RustFile, item: Item) -> _Shape:
        """Take an item of a file."""
        text = file.code[item.start : item.end]
        grams = _grams(text)
        return cls(path, file, item, text, grams, grams.total())


@dataclass(frozen=True, slots=True)
class _Like:
    likeness: float
    shape: _Shape

    def rank(self, path: str, name: str, words: frozenset[str]) -> tuple[float, bool, int, bool]:
        """Tell how likely it is: the same name weighs more than what it stands in, or the file."""
        item = self.shape.item
        shared = len(words & _words(item))
        return round(self.likeness, 2), item.name == name, shared, self.shape.path == path


def _words(item: Item) -> frozenset[str]:
    """Give the names of an item and of what it stands in, and the words in the heads of impls."""
    around = (item, *item.enclosing())
    heads = (part.decode() for one in around for part in one.head)
    names = frozenset(one.name for one in around)
    return names.union(*(re.findall(r"\w+", one) for one in heads))


def _all_items(file: RustFile) -> list[Item]:
    """Give the items of a file, those in bodies too."""
    found = list(file.items)
    for item in found:  # grows on the way
        found += file.nested(item)
    return found


def _least(is_namesake: bool) -> float:  # noqa: FBT001
    return _SAME_NAME if is_namesake else _OTHER_NAME


def _likeness(lost: Lost, grams: Counter[tuple[str, str, str]] | None, shape: _Shape) -> float:
    size = shape.size if grams is None else grams.total()
    if size < _FEW:
        return float(_has_same_text(lost, shape))
    if grams is None:
        return float(_is_same(lost, shape))
    shorter, longer = sorted((size, shape.size))
    if shorter < _SHARE * longer:
        return 0.0
    likeness = 2 * (grams & shape.grams).total() / (shape.size + size)
    return 1.0 if likeness >= _OTHER_NAME and _is_same(lost, shape) else likeness


def _has_same_text(lost: Lost, shape: _Shape) -> bool:
    if lost.text is not None:
        return shape.text == lost.text
    return fingerprint(shape.file.code, shape.item).text == lost.fingerprint.text


def _is_same(lost: Lost, shape: _Shape) -> bool:
    ours, other = lost.fingerprint, fingerprint(shape.file.code, shape.item)
    return (ours.signature, ours.body) == (other.signature, other.body)


def _grams(text: bytes) -> Counter[tuple[str, str, str]]:
    """Count the runs of three tokens, comments left out."""
    found = [one.text for one in tokens(text) if one.kind is not TokenKind.COMMENT]
    return Counter(zip(found, found[1:], found[2:], strict=False))
