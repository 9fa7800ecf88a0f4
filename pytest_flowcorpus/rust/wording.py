"""What is written at an item, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus.rust.tokens import TokenKind, significant
from pytest_flowcorpus.rust.typename import Spelling, spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.tokens import Token


def attributes(code: bytes, item: Item) -> frozenset[Spelling]:
    """Give the tokens inside each outer attribute of an item and of all that encloses it."""
    owners = (item, *item.enclosing())
    return frozenset(found for owner in owners for found in own_attributes(code, owner))


def own_attributes(code: bytes, item: Item) -> Iterator[Spelling]:
    """Give the tokens inside each outer attribute of an item, in order."""
    return bracketed(significant(code, item.outer, item.decl))


def conditions(code: bytes, item: Item) -> frozenset[Spelling]:
    """Give those of an item's `attributes` that are a ``cfg``."""
    return frozenset(found for found in attributes(code, item) if found[:1] == ("cfg",))


def head(item: Item) -> tuple[Spelling, Spelling]:
    """Give an impl's trait, empty if it is inherent, and type."""
    trait, self_type = item.head
    return spelling(trait), spelling(self_type)


def abi(code: bytes, item: Item) -> str:
    """Give the string literal behind an extern block's ``extern``, or nothing."""
    head = significant(code, item.decl, item.body[0])
    return next((token.text for token in head if token.kind is TokenKind.TEXT), "")


def arguments(code: bytes, item: Item) -> Spelling:
    """Give the tokens between the delimiters of a macro call."""
    start, end = item.body
    is_closed = code[end - 1 : end] in (b")", b"]", b"}")  # not so at the end of a damaged file
    return tuple(token.text for token in significant(code, start + 1, end - is_closed))


def attribute_path(attribute: Spelling) -> Spelling:
    """Give the path that an attribute begins with: of ``tokio::main(x)`` `tokio` and `main`."""
    end = 1
    while attribute[end : end + 1] == ("::",):
        end += 2
    return attribute[:end:2]


def bracketed(tokens: Iterable[Token]) -> Iterator[Spelling]:
    """Give what stands in each pair of square brackets that is in no other."""
    inside: list[str] = []
    depth = 0
    for token in tokens:
        depth -= token.raw == b"]"
        if depth:
            inside.append(token.text)
        elif token.raw == b"]":
            yield tuple(inside)
            inside = []
        depth += token.raw == b"["
