"""Where a path leads, by Rust's rules of name resolution.

After https://doc.rust-lang.org/reference/names/name-resolution.html, as far as syntax alone goes:
what procedural macros define is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.module import Def, Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_flowcorpus.rust.imports import Import
    from pytest_flowcorpus.rust.workspace import Workspace


class Space(Enum):
    """Which names are meant: a struct and a function can have one name."""

    TYPE = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class External:
    """Something of another crate, or of the language."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Something that belongs to a type or trait: still to be looked up there."""

    owner: Def
    name: str


Target = Def | Module | Member | External
"""What a path can lead to."""

ROOTS: Final = ("crate", "self", "super")
"""What a path begins with that can lead nowhere but into its own crate."""

_DEEPEST: Final = 64


class Paths:
    """Follows paths through the modules of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[tuple[Module, tuple[str, ...], Space], Target | None] = {}
        self._scopes: dict[Module, frozenset[Def]] = {}
        self._reached: dict[Module, list[Module | Def]] = {}
        self._lost: set[Module] = set()
        """Those with a glob that leads nowhere."""
        self._open: set[tuple[Module, str, Space]] = set()

    def resolve(self, module: Module, path: Sequence[str], space: Space) -> Target | None:
        """Give what a path means in a module; None where several things are or none is found."""
        key = (module, tuple(path), space)
        if key in self._known:
            return self._known[key]
        found = self._walk(module, key[1], space)
        if not self._open:  # what is found inside a circle of globs is not the whole answer
            self._known[key] = found
        return found

    def variant(self, owner: Def, name: str) -> Def | None:
        """Give the variant of an enum."""
        if owner.kind is not Kind.ENUM:
            return None
        source = owner.module.source
        found = [one for one in source.rust.members(owner.item) if one.name == name]
        return source.define(found[0], owner.module) if found else None

    def is_here(self, module: Module, name: str) -> bool:
        """Tell whether a module, or a body around the place, could have a name, lead where it may.

        It declares or imports it, a macro declares the module whose file stands in its place, or a
        glob brings it in, be it one of which nobody knows what it brings.
        """
        here: Module | None = module
        while here is not None:
            if _has(here, name) or self._could_glob(here, name):
                return True
            here = here.parent if here.is_block else None
        return self._workspace.has_file_for(module.proper, name)

    def _could_glob(self, module: Module, name: str) -> bool:
        reached = [target for target in self._globbed(module) if isinstance(target, Module)]
        if any(_has(target, name) for target in reached):
            return True
        return not self._lost.isdisjoint((module, *reached)) and self._workspace.is_declared(name)

    def traits_in_scope(self, module: Module) -> frozenset[Def]:
        """Give the traits of the workspace whose methods can be called in a module."""
        if module not in self._scopes:
            found = frozenset(self._traits(module))
            outside = module.parent if module.is_block else None
            around = self.traits_in_scope(outside) if outside is not None else frozenset()
            self._scopes[module] = found | around
        return self._scopes[module]

    def _traits(self, module: Module) -> Iterator[Def]:
        """Give the traits that a module and those of its globs declare and import."""
        seen, pool = {module}, [module]
        while pool:
            here = pool.pop()
            for defs in here.types.values():
                yield from (one for one in defs if one.kind is Kind.TRAIT)
            for one in here.imports:
                target = self._brought(here, one, Space.TYPE)
                if isinstance(target, Def) and target.kind is Kind.TRAIT:
                    yield target
                elif one.is_glob and isinstance(target, Module) and target not in seen:
                    seen.add(target)
                    pool.append(target)

    def _walk(self, module: Module, path: tuple[str, ...], space: Space) -> Target | None:
        target = self._follow(*self._start(module, path), space)
        if isinstance(target, External):
            return self._foreign(target, space, module)
        return target

    def _follow(self, start: Target, names: tuple[str, ...], space: Space) -> Target | None:
        target = start
        for index, name in enumerate(names, 1):
            is_last = index == len(names)
            found = self._step(target, name, space if is_last else Space.TYPE, is_last=is_last)
            if found is None:
                return None
            target = found
        return target

    def _start(self, module: Module, path: tuple[str, ...]) -> tuple[Target, tuple[str, ...]]:
        first = path[0]
        if first == "crate":
            return module.root, path[1:]
        if first in ("self", "super"):
            here: Module = module.proper
            rest = path[1:] if first == "self" else path
            while rest and rest[0] == "super":
                here, rest = (here.parent or here).proper, rest[1:]
            return here, rest
        if first == "":
            return External(()), path[1:]
        is_lost = len(path) > 1 and self._local(module, first, Space.TYPE) is None
        if is_lost and not self.is_here(module, first):
            return External(()), path
        return module, path

    def _step(self, target: Target, name: str, space: Space, *, is_last: bool) -> Target | None:
        if isinstance(target, Module):
            return self._local(target, name, space)
        if isinstance(target, External):
            return External((*target.path, name))
        if isinstance(target, Def) and is_last:
            return self.variant(target, name) or Member(target, name)
        return None

    def _local(self, module: Module, name: str, space: Space) -> Target | None:
        """Give what a name means in a module, or in the bodies around it."""
        here: Module | None = module
        while here is not None:
            found = self._own(here, name, space)
            if found:
                return found[0] if len(set(found)) == 1 else None
            here = here.parent if here.is_block else None
        return None

    def _own(self, module: Module, name: str, space: Space) -> list[Target]:
        key = (module, name, space)
        if key in self._open or len(self._open) > _DEEPEST:
            return []
        self._open.add(key)
        try:
            for found in self._sources(module, name, space):
                if targets := [*found]:
                    return targets
        finally:
            self._open.discard(key)
        return []

    def _sources(self, module: Module, name: str, space: Space) -> Iterator[Iterable[Target]]:
        """Give where a module can have a name from; what comes first hides the rest."""
        yield self._declared(module, name, space)
        yield self._imported(module, name, space)
        yield self._by_glob(module, name, space)
        if not self._workspace.has_file_for(module, name):  # else the macro call declares a module
            yield module.made.get(name, [])[:1] or module.implied.get(name, [])

    def _declared(self, module: Module, name: str, space: Space) -> list[Target]:
        types = module.types.get(name, [])
        if space is Space.TYPE:
            mods = (self._workspace.child(module, item) for item in module.mods.get(name, []))
            return [*types, *(child for child in mods if child is not None)]
        return [*(module.values.get(name) or types)]

    def _imported(self, module: Module, name: str, space: Space) -> Iterator[Target]:
        for one in module.imported.get(name, []):
            target = self._brought(module, one, space)
            # `use foo;` of a crate called foo leads to itself.
            if target is not None and one.path != (name,):
                yield target
            elif one.path == (name,):
                yield External(one.path)

    def _brought(self, module: Module, one: Import, space: Space) -> Target | None:
        """Give what an import leads to: a name alone that is not here is a crate's."""
        target = self.resolve(module, one.path, space)
        if target is None and len(one.path) == 1 and not self.is_here(module, one.path[0]):
            return self._workspace.crate(one.path[0], module) or External(one.path)
        return target

    def _by_glob(self, module: Module, name: str, space: Space) -> Iterator[Target]:
        for target in self._globbed(module):
            found: Iterable[Target] = ()
            if isinstance(target, Module):
                sources = (self._declared, self._imported)
                found = (one for source in sources for one in source(target, name, space))
            elif (variant := self.variant(target, name)) is not None:
                found = (variant,)
            yield from (one for one in found if not isinstance(one, External))

    def _globbed(self, module: Module) -> list[Module | Def]:
        """Give the modules and enums whose names globs bring in, those of their globs too."""
        if module not in self._reached:
            # Inside a circle what is found so far has to do: it ends there.
            self._reached[module] = []
            found: dict[Module | Def, None] = {}
            pool = [module]
            while pool:
                for target in self._glob_targets(pool.pop()):
                    if isinstance(target, Module) and target not in found:
                        pool.append(target)
                    found.setdefault(target)
            self._reached[module] = list(found)
        return self._reached[module]

    def _glob_targets(self, module: Module) -> Iterator[Module | Def]:
        for one in module.globs:
            target = self._brought(module, one, Space.TYPE)
            if isinstance(target, Module | Def):
                yield target
            elif target is None:
                self._lost.add(module)

    def _foreign(self, target: External, space: Space, user: Module) -> Target | None:
        """Give what another crate of the workspace has at a path, or the path itself."""
        crate = self._workspace.crate(target.path[0], user) if target.path else None
        return self._follow(crate, target.path[1:], space) if crate is not None else target


def _has(module: Module, name: str) -> bool:
    """Tell whether a module declares or imports a name."""
    return any(name in of for of in (module.values, module.types, module.imported, module.mods))
