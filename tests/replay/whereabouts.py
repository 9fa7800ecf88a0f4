"""Where an item of one snapshot is in the next, as rustc and the lines tell it.

Nothing here is shared with `pytest_flowcorpus`, whose answers are held against these.

*In its file* an item is the one of the same kind and path. Addresses leave out the generics,
lifetimes and modules in the heads of impls where nothing else has the same address without them; so
where one item had, the one that has now is it, and where several have, nobody can tell. Where no
item of its kind has its path, a new one of another kind is it, as a `static` that was a `const`.
Among several of one path (under conditions of their own, or impls of one type) those are paired
whose bytes match, then impls that share most members, then those whose attributes match; where as
many stand there as before, by their order.

*Elsewhere* an item is, which in its file is not: as the one of its kind, in any file that changed,
that holds most of its lines and at least half of them, and among those that hold as many the one
most alike in length, of the same name, in like surroundings, in the same file; where several tie
(a file that is split may keep its helpers twice) each is right. It has to be new: in its file no
counterpart of it stood before. That looks further than ``git diff -M -C --find-copies-harder``
pairs files, and at members whose own lines did not change while the impl around them did. Lines
count without the white space around them, and only if they are longer than a few characters.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tests.replay.truth import IMPORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.replay.truth import Seen

_FEW: Final = 4
"""Characters up to which a line says nothing."""
_ENOUGH: Final = 0.5
_UNNAMED: Final = frozenset(("impl", "use", "macro_call", "variant", "extern"))
"""Kinds that share no names with others."""


Place = tuple["Reading", "Seen"]
"""An item and its file."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A file as rustc sees it."""

    path: str
    code: bytes
    items: Sequence[Seen]

    def text(self, one: Seen) -> bytes:
        """Give an item's bytes, with the comments right above it."""
        return self.code[one.start : one.end]

    def lines(self, one: Seen) -> tuple[int, int]:
        """Give an item's first and last line, counted from 1."""
        first = self.code.count(b"\n", 0, one.start) + 1
        return first, first + self.code.count(b"\n", one.start, one.end)

    def ending(self, kind: str, end: int) -> Seen | None:
        """Give the item of a kind that ends at a byte; the imports are another kind."""
        return self._by_end.get((kind, end))

    @property
    def imports(self) -> Seen | None:
        """The imports at the top."""
        return next((one for one in self.items if one.path == (IMPORTS,)), None)

    def members(self, one: Seen) -> set[str]:
        """Give the names of what stands in an item."""
        inside = (other for other in self.items if one.start <= other.start < one.end)
        return {other.name for other in inside if len(other.path) == len(one.path) + 1}

    def alike(self, one: Seen) -> list[Seen]:
        """Give the items of the same kind and path."""
        return self._by_path.get((one.kind, one.path), [])

    def resembling(self, one: Seen) -> list[Seen]:
        """Give those of the same kind and of a path that is the same but for heads of impls."""
        return self._by_erased.get((one.kind, erased(one.path)), [])

    def namesakes(self, one: Seen) -> list[Seen]:
        """Give those of the same path, whatever their kind."""
        if one.kind in _UNNAMED:
            return []
        path = erased(one.path)
        return [
            other
            for (kind, told), others in self._by_erased.items()
            if told == path and kind not in _UNNAMED
            for other in others
        ]

    @cached_property
    def _by_end(self) -> dict[tuple[str, int], Seen]:
        return {
            (IMPORTS if one.path == (IMPORTS,) else f"{one.kind} ", one.end): one
            for one in self.items
        }

    @cached_property
    def _by_path(self) -> dict[tuple[str, tuple[str, ...]], list[Seen]]:
        found: dict[tuple[str, tuple[str, ...]], list[Seen]] = {}
        for one in self.items:
            found.setdefault((one.kind, one.path), []).append(one)
        return found

    @cached_property
    def _by_erased(self) -> dict[tuple[str, tuple[str, ...]], list[Seen]]:
        found: dict[tuple[str, tuple[str, ...]], list[Seen]] = {}
        for one in self.items:
            found.setdefault((one.kind, erased(one.path)), []).append(one)
        return found


def erased(path: tuple[str, ...]) -> tuple[str, ...]:
    """Take a path without the generics, lifetimes and modules in the heads of impls."""
    return tuple(_erased(label) if label.startswith("<") else label for label in path)


def counterparts(one: Seen, here: Reading, there: Reading) -> list[Seen]:
    """Give what an item of one file is in another; several where it cannot be told."""
    alone, rivals = len(here.resembling(one)) == 1, there.resembling(one)
    if found := there.alike(one):
        return rivals if alone and len(rivals) > len(found) else _paired(one, found, here, there)
    if rivals:
        return rivals if alone and len(rivals) == 1 else []
    return [other for other in there.namesakes(one) if not here.resembling(other)]


def is_set_apart(one: Seen, here: Reading, other: Seen) -> bool:
    """Tell whether only its attributes told an item from its like, and they are others now."""
    return len(here.alike(one)) > 1 and one.parts.attributes != other.parts.attributes


def successors(lost: Seen, here: Reading, after: Iterable[tuple[Reading, Seen]]) -> list[Place]:
    """Give which of the new items of its kind an item is now; several where they tie."""
    wanted = _lines(here.text(lost))
    best: tuple[float, ...] = (0,)
    found: list[Place] = []
    for reading, one in after:
        held = _lines(reading.text(one))
        shared = (wanted & held).total()
        if not shared or shared < _ENOUGH * wanted.total():
            continue
        alike = 2 * shared / (wanted.total() + held.total())
        words = len(_words(one.path) & _words(lost.path))
        rank = (shared, alike, one.name == lost.name, words, reading.path == here.path)
        if rank > best:
            best, found = rank, []
        if rank == best:
            found.append((reading, one))
    return found


def _lines(text: bytes) -> Counter[bytes]:
    stripped = (line.strip() for line in text.splitlines())
    return Counter(line for line in stripped if len(line) > _FEW)


def _paired(one: Seen, found: list[Seen], here: Reading, there: Reading) -> list[Seen]:
    """Give which of several of one path is the item, which may itself be one of several."""
    twins = here.alike(one)
    if len(twins) == 1:
        return found
    text, taken = here.text(one), {here.text(other) for other in twins if other is not one}
    if same := [other for other in found if there.text(other) == text]:
        return same[:1]
    left = [other for other in found if there.text(other) not in taken]
    if one.kind == "impl" and left:
        most = max(len(there.members(other) & here.members(one)) for other in left)
        left = [other for other in left if len(there.members(other) & here.members(one)) == most]
    if len(left) > 1:
        left = [other for other in left if other.parts.attributes == one.parts.attributes] or left
    if len(left) > 1 and len(twins) == len(found):
        return [found[twins.index(one)]]
    return left


def _words(path: tuple[str, ...]) -> set[str]:
    return {word for label in path[:-1] for word in re.findall(r"\w+", label)}


def _erased(label: str) -> str:
    self_type, _, trait = label[1:-1].rpartition(" as ")
    return f"<{_bare(self_type)} as {_bare(trait)}>"


def _bare(written: str) -> str:
    text = re.sub(r"&|'\w+|\bdyn\b|\bmut\b", "", written)
    while (shorter := re.sub(r"(?:::)?<[^<>]*>", "", text.replace("->", ""))) != text:
        text = shorter
    return re.sub(r"\w+::", "", text)
