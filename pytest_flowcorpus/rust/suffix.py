"""Paths as people write them: without what stands before, `message_app::CreateMessageApp`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.module import TYPES, Def, Module
from pytest_flowcorpus.rust.paths import External, Member, Space, Target
from pytest_flowcorpus.rust.types import Sort, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.knowledge import Knowledge

_NEAREST: Final = 3


class Suffixes:
    """Finds what the end of a path names, in all crates of the tree."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._made: dict[str, tuple[Def, ...]] = {}

    def find(self, path: Sequence[str], user: Module | None) -> Iterator[Target | None]:
        """Give what the path can mean: items and modules, or None for what only a macro makes.

        Names that are merely imported somewhere count for that file alone: `user`.
        """
        for start, rest in self._starts(path, user):
            yield from self._follow(start, rest)

    def nearest(self, path: Sequence[str], user: Module | None) -> list[str]:
        """Give real paths like one that is not there, the likest first."""
        for owner in self._owners(path[:-1], user) if len(path) > 1 else ():
            names = self._names_in(owner)
            if near := difflib.get_close_matches(path[-1], names):
                return ["::".join((*path[:-1], name)) for name in near]
        holders = self._holders(path[-1])
        return holders[:_NEAREST]

    def _owners(self, path: Sequence[str], user: Module | None) -> Iterator[Def | Module]:
        """Give the types and modules that a path can mean."""
        for start, rest in self._starts(path, user):
            target: Target | None = start
            if rest:
                target = (
                    self._public(start, rest, Space.TYPE) if isinstance(start, Module) else None
                )
            if isinstance(target, Def | Module):
                yield target

    def _starts(
        self, path: Sequence[str], user: Module | None
    ) -> Iterator[tuple[Target, Sequence[str]]]:
        """Give the modules and types that the first name can mean, and what is left of the path."""
        first, rest = path[0], path[1:]
        if user is not None and (target := self._resolved(user, path[:1])):
            yield target, rest
        workspace = self._known.workspace
        if first == "crate":
            yield from ((root, rest) for root in workspace.roots())
        for folder, root in workspace.libraries():
            if first == workspace.packages[folder].library:
                yield root, rest
        for module in workspace.named(first):
            yield module, rest
        for one in self._types(first):
            yield one, rest

    def _resolved(self, module: Module, names: Sequence[str]) -> Target | None:
        target = self._known.paths.resolve(module, names, Space.TYPE)
        return None if isinstance(target, External) else target

    def _types(self, name: str) -> Iterator[Def]:
        for module in self._known.workspace.declaring(name):
            for item in module.source.rust.items:
                if item.name == name and item.kind in TYPES and not _is_associated(item):
                    around = self._known.workspace.inside(module, item)
                    yield around.source.define(item, around)
        if name not in self._made:  # every file that says the name is read for it
            self._made[name] = tuple(self._made_by_macros(name))
        yield from self._made[name]

    def _made_by_macros(self, name: str) -> Iterator[Def]:
        for path in self._known.workspace.containing(name):
            module = self._known.workspace.module_of(path)
            if module is not None:
                yield from module.made.get(name) or module.implied.get(name, [])

    def _follow(self, start: Target, rest: Sequence[str]) -> Iterator[Target | None]:
        if not rest:
            yield start
            return
        if isinstance(start, Module):
            if len(rest) == 1:
                yield from self._macros(start, rest[0])
            for space in Space:
                target = self._public(start, rest, space)
                if isinstance(target, Def | Module):
                    yield target
                elif isinstance(target, Member):
                    yield from self._member(target.owner, target.name)
        elif isinstance(start, Def) and len(rest) == 1:
            yield from self._member(start, rest[0])

    def _macros(self, module: Module, name: str) -> Iterator[Def]:
        """Give a macro by example: an exported one stands at the crate's root for everybody."""
        for other in self._known.workspace.declaring(name):
            is_here = module in (other, other.root)
            for item in other.source.rust.items if is_here else ():
                if item.kind is Kind.MACRO and item.name == name:
                    yield other.source.define(item, other)

    def _public(self, module: Module, names: Sequence[str], space: Space) -> Target | None:
        """Follow names as somebody outside would: what a module merely imports is not its own."""
        imported = module.imported.get(names[0])
        if imported and not any(one.is_public for one in imported):
            return None
        return self._known.paths.resolve(module, names, space)

    def _member(self, owner: Def, name: str) -> Iterator[Def | None]:
        if owner.kind is Kind.TYPE:
            alias = self._known.types.expanded(owner, ())
            if alias is None or alias.head is None:
                return
            owner = alias.head
        variant = self._known.paths.variant(owner, name)
        if variant is not None:
            yield variant
            return
        members = self._known.members
        if owner.kind is Kind.TRAIT:
            declared = members.trait_member(owner, name)
            if declared is not None:
                yield declared
            return
        found = members.find(Type(Sort.LOCAL, owner.name, owner), name, owner.module)
        if found.member is not None:
            yield found.member
        elif found.is_open or found.is_made:
            yield None

    def _names_in(self, start: Def | Module) -> list[str]:
        if isinstance(start, Module):
            return sorted({*start.types, *start.values, *start.mods, *start.made})
        members = self._known.members.names(start)
        return sorted(members)

    def _holders(self, name: str) -> list[str]:
        """Give the paths, of type and member, under which a name does exist."""
        found = [
            module.source.rust.address(item)
            for module in self._known.workspace.declaring(name)
            for item in module.source.rust.items
            if item.name == name and item.kind is not Kind.USE
        ]
        return sorted(dict.fromkeys(found))


def _is_associated(item: Item) -> bool:
    return item.parent is not None and item.parent.kind in (Kind.IMPL, Kind.TRAIT)
