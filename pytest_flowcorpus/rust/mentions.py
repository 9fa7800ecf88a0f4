"""What an item names: types, variants, constants, macros and functions, wherever paths stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_flowcorpus.rust.grammar import CONTAINERS, Kind
from pytest_flowcorpus.rust.module import Def, Module
from pytest_flowcorpus.rust.paths import External, Member, Space, Target
from pytest_flowcorpus.rust.site import Certainty
from pytest_flowcorpus.rust.tokens import Token, TokenKind, significant
from pytest_flowcorpus.rust.types import Sort, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.types import Scope

_LONGEST: Final = 64
"""Names of a path that is followed."""
_HOLDING: Final = frozenset((Kind.IMPL, Kind.TRAIT, Kind.MOD))
_CALL: Final = ([b"!", b"("], [b"!", b"["], [b"!", b"{"])
"""What stands behind the name of a macro that is called."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that stands for an item."""

    name: str
    at: int
    """The byte of the file where it stands."""
    certainty: Certainty
    item: Def | None = None


class _Word(NamedTuple):
    """A segment of a path."""

    name: str
    at: int


def mentions(known: Knowledge, module: Module, item: Item) -> Iterator[Naming]:
    """Give what the paths of an item name, in source order; calls of methods are not paths."""
    code = module.source.rust.code
    pool = [item]
    while pool:
        one = pool.pop(0)
        around = known.workspace.inside(module, one)
        owner = around.source.define(one, around)
        end = one.body[0] if one.kind in _HOLDING else one.end
        reader = _Reader(known, owner)
        if one.kind is Kind.USE:
            yield from reader.imported(one)
        else:
            yield from reader.named(code, one.decl, end)
        if one.kind in _HOLDING:
            pool = [*module.source.rust.members(one), *pool]


class _Reader:
    """Resolves the paths of one item."""

    def __init__(self, known: Knowledge, owner: Def) -> None:
        self._known = known
        self._owner = owner
        self._scope: Scope = known.types.scope(owner)
        self._module = owner.module
        if owner.kind is Kind.FN and owner.module.source.rust.nested(owner.item):
            self._module = owner.module.block(owner.item)

    def named(self, code: bytes, start: int, end: int) -> Iterator[Naming]:
        declared = self._declared()
        for path, is_macro in _paths(list(significant(code, start, end))):
            if path[0].at not in declared:
                yield from self._macro(path) if is_macro else self._path(path)

    def _declared(self) -> frozenset[int]:
        """Give where the names stand that the item gives to itself and to what stands in it."""
        item = self._owner.item
        if item.kind is Kind.MACRO_CALL:  # its name is the macro's
            return frozenset()
        rust = self._owner.module.source.rust
        inside = rust.members(item) if item.kind in CONTAINERS else rust.nested(item)
        return frozenset(one.name_at for one in (item, *inside))

    def imported(self, item: Item) -> Iterator[Naming]:
        """Give what a `use` names."""
        for one in self._owner.module.imports:
            if item.start <= one.at < item.end and not one.is_glob:
                for space in Space:
                    target = self._known.paths.resolve(self._owner.module, one.path, space)
                    yield from self._of(target, _Word(one.path[-1], one.at))

    def _path(self, path: list[_Word]) -> Iterator[Naming]:
        if len(path) > _LONGEST:
            return
        names = [word.name for word in path]
        if names[0] in self._scope.generics or (len(path) == 1 and not names[0][:1].isupper()):
            return
        for end in range(1, len(path)):
            yield from self._of(self._target(names[:end], Space.TYPE), path[end - 1])
        found = [self._target(names, space) for space in Space]
        known = list(dict.fromkeys(target for target in found if target is not None))
        for target in known:
            yield from self._of(target, path[-1])
        is_lost = len(path) > 1 or self._known.paths.is_here(self._module, names[0])
        if not known and is_lost and self._known.workspace.is_declared(names[-1]):
            yield Naming(names[-1], path[-1].at, Certainty.UNDECIDED)

    def _target(self, names: list[str], space: Space) -> Target | None:
        if names[0] != "Self":
            return self._known.paths.resolve(self._module, names, space)
        own = self._scope.self_type
        head = own.head if own is not None else None
        if own is not None and own.sort is Sort.PARAM and own.bounds:
            head = own.bounds[0].head
        if head is None or len(names) > 2:  # noqa: PLR2004 - `Self::Output::new`
            return None
        if len(names) == 1:
            return head
        return self._known.paths.variant(head, names[1]) or Member(head, names[1])

    def _of(self, target: Target | None, word: _Word) -> Iterator[Naming]:
        if isinstance(target, Def):
            is_item = not target.is_made or target.kind is Kind.MACRO_CALL
            certainty = Certainty.RESOLVED if is_item else Certainty.FOREIGN
            yield Naming(word.name, word.at, certainty, target if is_item else None)
            if target.kind is Kind.VARIANT and target.item.parent is not None:
                enum = target.module.source.define(target.item.parent, target.module)
                yield Naming(enum.name, word.at, Certainty.RESOLVED, enum)
        elif isinstance(target, Member):
            yield from self._member(target, word)
        elif isinstance(target, External):
            yield Naming(word.name, word.at, Certainty.FOREIGN)

    def _member(self, target: Member, word: _Word) -> Iterator[Naming]:
        members = self._known.members
        if target.owner.kind is Kind.TRAIT:
            declared = members.trait_member(target.owner, target.name)
            if declared is not None:
                yield Naming(word.name, word.at, Certainty.RESOLVED, declared)
            return
        on: Type | None = Type(Sort.LOCAL, target.owner.name, target.owner)
        if target.owner.kind is Kind.TYPE:
            on = self._known.types.expanded(target.owner, ())
            variant = self._known.paths.variant(on.head, target.name) if on and on.head else None
            if variant is not None:
                yield from self._of(variant, word)
                return
        found = members.find(on, target.name, self._module)
        if found.member is not None:
            yield Naming(word.name, word.at, Certainty.RESOLVED, found.member)
        else:
            open_ = Certainty.UNDECIDED if found.is_open else Certainty.FOREIGN
            yield Naming(word.name, word.at, open_)

    def _macro(self, path: list[_Word]) -> Iterator[Naming]:
        word = path[-1]
        found = [
            module.source.define(item, module)
            for module in self._known.workspace.declaring(word.name)
            for item in module.source.rust.items
            if item.kind is Kind.MACRO and item.name == word.name
        ]
        here = [one for one in found if one.module.source is self._owner.module.source]
        found = here if len(here) == 1 else found
        if len(found) == 1:
            yield Naming(word.name, word.at, Certainty.RESOLVED, found[0])
        else:
            yield Naming(word.name, word.at, Certainty.UNDECIDED if found else Certainty.FOREIGN)


def _paths(code: list[Token]) -> Iterator[tuple[list[_Word], bool]]:
    """Give the paths among tokens, and whether each calls a macro."""
    for index, token in enumerate(code):
        before = code[index - 1].raw if index else b""
        if token.kind is TokenKind.WORD and before not in (b".", b"::"):
            path, after = _path(code, index)
            behind = [one.raw for one in code[after : after + 2]]
            if behind[:1] == [b":"] and path[-1].name.isupper():
                continue  # a field
            yield path, behind in _CALL


def _path(code: list[Token], index: int) -> tuple[list[_Word], int]:
    path = [_Word(code[index].text, code[index].start)]
    index += 1
    while index + 1 < len(code) and code[index].raw == b"::":
        if code[index + 1].kind is TokenKind.WORD:
            path.append(_Word(code[index + 1].text, code[index + 1].start))
            index += 2
            continue
        end = _angle_end(code, index + 1)
        # `Vec::<T>::new` goes on behind its generics, `new::<T>()` does not.
        if [one.raw for one in code[end : end + 1]] != [b"::"]:
            break
        index = end
    return path, index


def _angle_end(code: list[Token], start: int) -> int:
    """Give the index behind the `>` that closes the `<` at `start`, or the end of all."""
    depth = 0
    for index in range(start, min(len(code), start + 200)):
        raw = code[index].raw
        depth += (raw == b"<") - (raw == b">")
        if depth == 0:
            return index + 1
    return len(code)
