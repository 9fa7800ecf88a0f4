"""From an item to its own address, and to the names that look like one that is not there."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import wording
from pytest_flowcorpus.rust.address import Address, Block, Call, ForeignBlock, Name, Qualified
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.typename import Spelling, erased, is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.address import Step
    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.lookup import Lookup

_NEAREST: Final = 3
_DEEPEST: Final = 32


class _Detail(IntEnum):
    """How much an address says of the impl blocks on its way."""

    SHORT = 0
    """`Type::member`, `<Type as Trait>::member`."""
    INHERENT = 1
    """`<Type>::member`: of no trait."""
    FULL = 2
    """Types with all that is written: paths, generics, lifetimes."""


def address(lookup: Lookup, item: Item) -> Address:
    """Give the shortest full address that only `item` answers to.

    Where syntax cannot tell it from another, the fullest one, to which both answer.
    """
    option = Address(())
    for option in _options(lookup, item):
        if lookup.matches(option) == [item]:
            break
    return option


def nearest(lookup: Lookup, missing: Address) -> tuple[str, ...]:
    """Give the addresses of the few items most like the one that is not there."""
    items = [item for item in lookup.items if item.kind is not Kind.USE and not _is_deep(item)]
    paths = {str(Address(_path(lookup, item, _Detail.SHORT))): item for item in items}
    same = [item for item in items if _is_called(lookup, item, missing.name)]
    near = difflib.get_close_matches(str(Address(missing.steps)), paths, n=_NEAREST)
    names = difflib.get_close_matches(missing.name, {item.name for item in items}, n=_NEAREST)
    alike = [item for name in names for item in items if item.name == name]
    found = dict.fromkeys((*same, *(paths[path] for path in near), *alike))
    return tuple(str(address(lookup, item)) for item in islice(found, _NEAREST))


def _is_deep(item: Item) -> bool:
    return any(True for _ in islice(item.enclosing(), _DEEPEST, None))


def _is_called(lookup: Lookup, item: Item, name: str) -> bool:
    """Tell whether an item has that name, or is the macro call that could make what has it."""
    if item.kind is Kind.MACRO_CALL:
        return wording.arguments(lookup.code, item)[:1] == (name,)
    return item.name == name != ""


def _options(lookup: Lookup, item: Item) -> Iterator[Address]:
    """Give the ways to name an item, from short to full."""
    paths = list(dict.fromkeys(_paths(lookup, item)))
    kind = item.kind if isinstance(paths[0][-1], Name) else None
    yield from (Address(path) for path in paths)
    if kind is not None:
        yield from (Address(path, kind) for path in paths)
    conditions = tuple(sorted(wording.conditions(lookup.code, item)))
    if conditions:
        yield from (Address(path, kind, conditions) for path in paths)


def _paths(lookup: Lookup, item: Item) -> Iterator[tuple[Step, ...]]:
    yield from (_path(lookup, item, detail) for detail in _Detail)
    if item.kind is Kind.MACRO_CALL:
        call = Call(item.name, wording.arguments(lookup.code, item))
        yield (*_outer_path(item, _Detail.FULL), call)
    for detail in (_Detail.SHORT, _Detail.FULL):
        if member := _by_member(lookup, item, detail):
            yield (*_outer_path(item, detail), member)


def _path(lookup: Lookup, item: Item, detail: _Detail) -> tuple[Step, ...]:
    return (*_outer_path(item, detail), _last_step(lookup, item, detail))


def _outer_path(item: Item, detail: _Detail) -> tuple[Step, ...]:
    outer = [step for one in item.enclosing() if (step := _through(one, detail))]
    return tuple(reversed(outer))


def _through(outer: Item, detail: _Detail) -> Step | None:
    """Give how an address says that it goes through an enclosing item."""
    if outer.kind is Kind.EXTERN:
        return None
    if outer.kind is not Kind.IMPL:
        return Name(outer.name)
    block = _block(outer, detail)
    is_short = detail is _Detail.SHORT and not block.trait and len(block.self_type) == 1
    if is_short and is_name(block.self_type[0]):
        return Name(block.self_type[0])
    return Qualified(block.self_type, block.trait)


def _last_step(lookup: Lookup, item: Item, detail: _Detail) -> Step:
    if item.kind is Kind.IMPL:
        return _block(item, detail)
    if item.kind is Kind.EXTERN:
        return ForeignBlock(wording.abi(lookup.code, item))
    if item.kind is Kind.MACRO_CALL:
        return Call(item.name, _first_arguments(lookup, item))
    return Name(item.name)


def _block(item: Item, detail: _Detail) -> Block:
    trait, self_type = wording.head(item)
    if detail is _Detail.FULL:
        return Block(self_type, trait)
    return Block(erased(self_type), erased(trait))


def _by_member(lookup: Lookup, item: Item, detail: _Detail) -> Step | None:
    """Name a block by a member which no block like it has."""
    if item.kind not in (Kind.IMPL, Kind.EXTERN):
        return None
    step = _last_step(lookup, item, detail)
    alike = lookup.matches(Address((*_outer_path(item, detail), step)))
    others = (member for one in alike if one is not item for member in lookup.members(one))
    taken = {member.name for member in others} | {""}
    own = next((one.name for one in lookup.members(item) if one.name not in taken), None)
    if own is None:
        return None
    if isinstance(step, Block):
        return Block((*step.self_type, "::", own), step.trait)
    return ForeignBlock(wording.abi(lookup.code, item), own)


def _first_arguments(lookup: Lookup, item: Item) -> Spelling:
    """Give as many of a call's first arguments as tell it from the others of its macro."""
    own = wording.arguments(lookup.code, item)
    others = lookup.arguments(item.name)
    # In order the most alike are neighbours.
    at = bisect_left(others, own)
    around = others[max(0, at - 1) : at + 2]
    shared = max((_shared(own, other) for other in around if other != own), default=0)
    return own[: next((cut for cut in _cuts(own) if cut > shared), len(own))]


def _shared(one: Spelling, other: Spelling) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cuts(arguments: Spelling) -> Iterator[int]:
    """Give where macro arguments can be cut: before a comma, semicolon or block."""
    depth = 0
    for index, text in enumerate(arguments):
        if depth == 0 and index and text in (",", ";", "=>", "{"):
            yield index
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
    yield len(arguments)
