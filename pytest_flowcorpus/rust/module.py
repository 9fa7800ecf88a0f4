"""Modules: what a path can name in each, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.imports import Import, imports
from pytest_flowcorpus.rust.tokens import TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.file import RustFile
    from pytest_flowcorpus.rust.item import Item

TYPES: Final = frozenset((Kind.STRUCT, Kind.ENUM, Kind.UNION, Kind.TRAIT, Kind.TYPE))
VALUES: Final = frozenset((Kind.FN, Kind.CONST, Kind.STATIC))


@dataclass(frozen=True, slots=True, eq=False)
class Def:
    """An item, and where it stands: what a path can lead to."""

    item: Item
    module: Module
    name: str
    is_made: bool = False
    """Whether a macro call makes it: then `item` is that call."""

    @property
    def kind(self) -> Kind:
        """What kind of item it is; of one that a macro makes, the macro call's."""
        return self.item.kind

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} in {self.module.source.path}>"


@dataclass(slots=True, eq=False)
class SourceFile:
    """A file that is part of a crate."""

    path: str
    rust: RustFile
    defs: dict[tuple[Item, str], Def] = field(default_factory=dict)

    def define(self, item: Item, module: Module, name: str = "", *, is_made: bool = False) -> Def:
        """Give the one `Def` of an item."""
        key = (item, name or item.name)
        if key not in self.defs:
            self.defs[key] = Def(item, module, name or item.name, is_made)
        return self.defs[key]


@dataclass(eq=False)
class Module:
    """A module, or a function's body as far as items stand in it."""

    source: SourceFile
    item: Item | None
    """The `mod`, or the function; None where the module is the whole file."""
    parent: Module | None
    name: str
    folder: str
    """Where the files of its child modules stand."""
    is_block: bool = False
    own: tuple[Item, ...] = ()
    """Of a block in a body: the items that stand directly in it."""
    _inline: dict[Item, Module] = field(default_factory=dict, repr=False)

    @cached_property
    def root(self) -> Module:
        """The crate's own module."""
        module = self
        while module.parent is not None:
            module = module.parent
        return module

    @cached_property
    def proper(self) -> Module:
        """The module that ``self`` means here: of a body the one around it."""
        module = self
        while module.is_block and module.parent is not None:
            module = module.parent
        return module

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What stands directly in it."""
        if self.own:
            return self.own
        if self.is_block and self.item is not None:
            nested = self.source.rust.nested(self.item)
            return tuple(item for item in nested if item.parent is self.item)
        found = self.source.rust.members(self.item)
        return tuple(one for item in found for one in self._flat(item))

    @cached_property
    def types(self) -> dict[str, list[Def]]:
        """Types and traits by name."""
        return self._named(TYPES)

    @cached_property
    def values(self) -> dict[str, list[Def]]:
        """Functions, constants and statics by name; structs are values too, as constructors."""
        return self._named(VALUES)

    @cached_property
    def made(self) -> dict[str, list[Def]]:
        """Item macro calls by each name among their arguments: what they could define."""
        found: dict[str, list[Def]] = {}
        for item in self.items:
            if item.kind is Kind.MACRO_CALL:
                for name in _argument_names(self.source.rust.code, item):
                    one = self.source.define(item, self, name, is_made=True)
                    found.setdefault(name, []).append(one)
        return found

    @cached_property
    def implied(self) -> dict[str, list[Def]]:
        """Types that have an inherent impl here, by name: one without an item, a derive made."""
        found: dict[str, list[Def]] = {}
        for item in self.items:
            trait, self_type = item.head
            if item.kind is Kind.IMPL and not trait:
                name = self_type.decode("utf-8", "replace")
                found.setdefault(name, [self.source.define(item, self, name, is_made=True)])
        return found

    @cached_property
    def mods(self) -> dict[str, list[Item]]:
        """The `mod` items by name."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            if item.kind is Kind.MOD:
                found.setdefault(item.name, []).append(item)
        return found

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """What its `use` declarations bring in."""
        uses = (item for item in self.items if item.kind is Kind.USE)
        return tuple(one for item in uses for one in imports(self.source.rust.code, item))

    @cached_property
    def imported(self) -> dict[str, list[Import]]:
        """The imports by the name that they give, globs left out."""
        found: dict[str, list[Import]] = {}
        for one in self.imports:
            if not one.is_glob:
                found.setdefault(one.name, []).append(one)
        return found

    @cached_property
    def globs(self) -> tuple[Import, ...]:
        """The imports that bring in all names of a module or enum."""
        return tuple(one for one in self.imports if one.is_glob)

    def inline(self, item: Item) -> Module:
        """Give the module of a `mod` with a body in this file."""
        if item not in self._inline:
            folder = f"{self.folder}/{item.name}" if self.folder else item.name
            self._inline[item] = Module(self.source, item, self, item.name, folder)
        return self._inline[item]

    def within(self, items: tuple[Item, ...]) -> Module:
        """Give a block in a body of this module, as a place in which these items stand."""
        if items[0] not in self._inline:
            block = Module(self.source, None, self, "", self.folder, is_block=True, own=items)
            self._inline[items[0]] = block
        return self._inline[items[0]]

    def block(self, item: Item) -> Module:
        """Give the body of a function as a place where items can stand."""
        if item not in self._inline:
            body = Module(self.source, item, self, item.name, self.folder, is_block=True)
            self._inline[item] = body
        return self._inline[item]

    def _named(self, kinds: frozenset[Kind]) -> dict[str, list[Def]]:
        found: dict[str, list[Def]] = {}
        for item in self.items:
            if item.kind in kinds:
                found.setdefault(item.name, []).append(self.source.define(item, self))
        return found

    def _flat(self, item: Item) -> Iterator[Item]:
        yield item
        if item.kind is Kind.EXTERN:
            yield from self.source.rust.members(item)


def _argument_names(code: bytes, item: Item) -> Iterator[str]:
    start, end = item.body
    for token in significant(code, start + 1, end):
        if token.kind is TokenKind.WORD:
            yield token.text
        elif token.raw in (b"{", b"=>"):
            return
