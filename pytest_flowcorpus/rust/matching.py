"""The names that a piece of code matches on: where its patterns stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.piece import Piece
from pytest_flowcorpus.rust.tokens import TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item

_MATCHING: Final = ("matches", "assert_matches", "debug_assert_matches")
"""Macros whose second argument is a pattern."""


def matched(code: bytes, item: Item) -> frozenset[str]:
    """Give the last names of the paths that stand in patterns of an item: of ``A::B(x)`` `B`.

    A guard is no pattern; of a macro such as ``matches!`` all names behind its first comma count.
    """
    piece = Piece.of(code, item.decl, item.end)
    found: set[str] = set()
    waiting: list[tuple[Node, bool]] = [(piece.root, False)]
    while waiting:
        node, is_inside = waiting.pop()
        if node.type == "macro_invocation":
            found |= set(_in_macro(piece, node))
        elif is_inside and node.type in ("identifier", "type_identifier"):
            found.add(piece.text(node))
        waiting += [(child, _is_pattern(node, child, is_inside)) for child in node.children]
    return frozenset(found)


def _is_pattern(node: Node, child: Node, is_inside: bool) -> bool:  # noqa: FBT001
    """Tell whether a child of a node stands in a pattern."""
    if node.type == "match_pattern":
        return child != node.child_by_field_name("condition")
    if node.type in ("let_condition", "let_declaration"):
        return child == node.child_by_field_name("pattern")
    return is_inside


def _in_macro(piece: Piece, node: Node) -> Iterator[str]:
    if piece.text(node.child_by_field_name("macro")) in _MATCHING:
        inside = [*significant(piece.code, node.start_byte, node.end_byte)]
        commas = [at for at, token in enumerate(inside) if token.raw == b","]
        behind = inside[commas[0] :] if commas else []
        yield from (token.text for token in behind if token.kind is TokenKind.WORD)
