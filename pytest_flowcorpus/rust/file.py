"""A Rust file, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_flowcorpus.rust import naming
from pytest_flowcorpus.rust.address import IMPORTS, Address
from pytest_flowcorpus.rust.errors import (
    MOST_CANDIDATES,
    AmbiguousItem,
    BrokenItem,
    NoSuchItem,
)
from pytest_flowcorpus.rust.excerpt import Excerpt, Lines, excerpt
from pytest_flowcorpus.rust.fingerprint import Fingerprint, fingerprint
from pytest_flowcorpus.rust.grammar import CONTAINERS, Kind
from pytest_flowcorpus.rust.item import Item
from pytest_flowcorpus.rust.lookup import Lookup
from pytest_flowcorpus.rust.matching import matched
from pytest_flowcorpus.rust.tokens import significant
from pytest_flowcorpus.rust.wording import attribute_path, own_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.rust.tokens import Token


@dataclass(frozen=True, slots=True)
class Found:
    """An item that an address named."""

    address: str
    """Its full address, which finds it again."""
    kind: Kind
    start: int
    """Its first byte in the file, with attributes, docs and directly attached comments."""
    end: int
    """One past its last byte."""
    first_line: int
    """1-based."""
    last_line: int
    """1-based and inclusive."""
    text: bytes


class RustFile:
    """The items of a Rust file: find them, cut them out, digest them.

    `code` is the whole file in UTF-8; CRLF and a byte order mark are fine. Raises
    `UnicodeDecodeError` if it is not UTF-8.
    """

    def __init__(self, code: bytes) -> None:
        code.decode()
        self.code = code
        self._lookup = Lookup(code)
        self._known: dict[Found, Item] = {}
        self._digested: dict[Item, Fingerprint] = {}

    @property
    def items(self) -> tuple[Item, ...]:
        """The items outside of function bodies, in source order, containers before members."""
        return self._lookup.items

    @property
    def is_whole(self) -> bool:
        """Whether all of it is read; if not, items can be missing."""
        return self._lookup.is_whole

    def members(self, item: Item | None) -> list[Item]:
        """Give what stands directly in a container, or for None at the top of the file."""
        if item is None:
            return [one for one in self.items if one.parent is None]
        return self._lookup.members(item)

    def nested(self, item: Item) -> tuple[Item, ...]:
        """Give the items that stand in a function's body, however deep in its blocks."""
        return self._lookup.nested(item)

    def item(self, found: Found) -> Item:
        """Give the item again that was found; raises `ValueError` if it was in another file."""
        return self._again(found)

    @cached_property
    def line_count(self) -> int:
        """How many lines the file has; an end of line at its very end begins no other."""
        return self.code.count(b"\n") + (not self.code.endswith(b"\n") and bool(self.code))

    def found(self, item: Item) -> Found:
        """Give an item, which is no import, as if its full address had been asked for."""
        found = self._found(item)
        self._known[found] = item
        return found

    def matched(self, item: Item) -> frozenset[str]:
        """Give the last names of the paths on which an item matches."""
        return matched(self.code, item)

    def attributes(self, item: Item) -> tuple[tuple[str, ...], ...]:
        """Give the tokens inside each attribute of an item itself, in order."""
        return tuple(own_attributes(self.code, item))

    def attribute_paths(self, item: Item) -> tuple[tuple[str, ...], ...]:
        """Give the names of the path that each attribute of an item itself begins with."""
        return tuple(map(attribute_path, self.attributes(item)))

    def address(self, item: Item) -> str:
        """Give the full address of an item, which finds it again."""
        return str(naming.address(self._lookup, item))

    def line(self, offset: int) -> int:
        """Give the line, counted from 1, of a byte of the file."""
        return self._lines.number(offset)

    def find(self, address: str) -> Found:
        """Give the one item that an address names.

        Raises `BadAddress`, `NoSuchItem`, `AmbiguousItem` or `BrokenItem`.
        """
        item = self._item(Address.parse(address))
        found = self._found(item)
        self._known[found] = item
        return found

    def excerpt(self, found: Iterable[Found]) -> Excerpt:
        """Cut items out, inside the lines of the `impl`, `trait`, `mod`, `enum` or `extern` around.

        A member of a trait's impl brings that impl's associated types and constants. Raises
        `ValueError` for what was found in another file.
        """
        items = [self._again(one) for one in found]
        return excerpt(self._lines, (lines for item in items for lines in self._ranges(item)))

    def fingerprint(self, found: Found) -> Fingerprint:
        """Digest an item. Raises `ValueError` for what was found in another file."""
        item = self._again(found)
        if item not in self._digested:  # many flows take the same items
            self._digested[item] = fingerprint(self.code, item)
        return self._digested[item]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.code)

    def _item(self, address: Address) -> Item:
        if address == IMPORTS:
            return self._sound(self._imports(), address)
        matches = self._lookup.matches(address)
        if len(matches) > 1:
            raise self._ambiguous(address, matches)
        if not matches:
            raise self._missing(address)
        return self._sound(matches[0], address)

    def _sound(self, item: Item, address: Address) -> Item:
        if item.is_broken:
            raise self._broken(address, item.decl)
        return item

    def _broken(self, address: Address, offset: int) -> BrokenItem:
        line = self._lines.number(offset)
        return BrokenItem(f"`{address}` (line {line}) stands where the file does not parse")

    def _unread(self, address: Address, offset: int) -> BrokenItem:
        if not self._lookup.is_cut:
            return self._broken(address, offset)
        line = self._lines.number(offset)
        return BrokenItem(f"`{address}` (line {line}) stands where blocks nest too deep to be read")

    def _imports(self) -> Item:
        """Give the imports at the top as if they were one item."""
        leading = [*self._leading()]
        uses = [item for item in leading if item.kind is not Kind.MOD]
        if not uses:
            raise NoSuchItem("no `use` stands at the top of the file")
        start, end = uses[0].start, uses[-1].end
        taken = [item for item in leading if item.end <= end]
        is_broken = any(item.is_broken for item in taken) or self._has_lost(leading, taken)
        return Item(Kind.USE, "", start, start, start, end, (start, end), is_broken=is_broken)

    def _leading(self) -> Iterator[Item]:
        """Give the imports at the top, and the modules in other files among them."""
        for item in self.items:
            is_module = item.kind is Kind.MOD and item.body[0] == item.body[1]
            if not is_module and item.kind not in (Kind.USE, Kind.EXTERN_CRATE):
                return
            yield item

    def _has_lost(self, leading: list[Item], taken: list[Item]) -> bool:
        """Tell whether code that the grammar made no item of is among imports, or one itself."""
        between = ((one.end, other.start) for one, other in pairwise(taken))
        if self.is_whole:  # the grammar takes statements too; a `;` too many does no harm
            return any(token.raw != b";" for gap in between for token in self._tokens(gap))
        after = self.items[len(leading)].start if len(leading) < len(self.items) else len(self.code)
        outside = (0, taken[0].start), (leading[-1].end, after)
        return any(any(self._tokens(gap)) for gap in between) or any(
            token.raw == b"use" for gap in outside for token in self._tokens(gap)
        )

    def _tokens(self, gap: tuple[int, int]) -> Iterator[Token]:
        return significant(self.code, *gap)

    def _ambiguous(self, address: Address, matches: list[Item]) -> AmbiguousItem:
        candidates = tuple(
            (str(naming.address(self._lookup, item)), self._lines.number(item.decl))
            for item in matches[:MOST_CANDIDATES]
        )
        return AmbiguousItem(str(address), candidates, len(matches))

    def _missing(self, address: Address) -> NoSuchItem | BrokenItem:
        lost = self._lookup.lost(address)
        if lost is not None:
            return self._unread(address, lost)
        return NoSuchItem(f"no item `{address}`", naming.nearest(self._lookup, address))

    def _found(self, item: Item) -> Found:
        is_imports = item.kind is Kind.USE
        address = IMPORTS if is_imports else naming.address(self._lookup, item)
        first, last = self._lines.range(item.start, item.end)
        text = self.code[item.start : item.end]
        return Found(str(address), item.kind, item.start, item.end, first, last, text)

    def _again(self, found: Found) -> Item:
        if found in self._known:
            return self._known[found]
        item = self._item(Address.parse(found.address))
        if (item.start, item.end) != (found.start, found.end):
            raise ValueError(f"`{found.address}` was found in another file")
        return item

    def _ranges(self, item: Item) -> Iterator[tuple[int, int]]:
        yield self._lines.range(item.start, item.end)
        for companion in self._companions(item):
            yield self._lines.range(companion.start, companion.end)
        for outer in item.enclosing():
            if outer.kind in CONTAINERS:
                yield self._lines.number(outer.start), self._lines.number(outer.body[0])
                yield self._lines.range(outer.end - 1, outer.end)

    def _companions(self, item: Item) -> Iterator[Item]:
        """Give the associated types and constants of the trait impl that a member stands in."""
        impl = item.parent
        if impl is not None and impl.kind is Kind.IMPL and impl.head[0]:
            for member in self._lookup.members(impl):
                if member.kind in (Kind.TYPE, Kind.CONST):
                    yield member
