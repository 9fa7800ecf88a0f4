"""A stretch of a Rust file, parsed by itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.rust.damage import tamed
from pytest_flowcorpus.rust.grammar import parsed

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Piece:
    """A syntax tree whose nodes know where they stand in the file."""

    code: bytes
    """What was parsed: a stretch of the file between `before` and what closes it."""
    offset: int
    """What to add to a node's place to get the byte of the file."""
    root: Node

    @classmethod
    def of(
        cls, code: bytes, start: int, end: int, before: bytes = b"", after: bytes = b""
    ) -> Piece:
        """Parse `code[start:end]`, put between two texts that make an item of it."""
        text = before + code[start:end] + after
        return cls(text, start - len(before), parsed(tamed(text)))

    def text(self, node: Node | None) -> str:
        """Give a node's code; of a name without ``r#`` and in NFC."""
        if node is None:
            return ""
        text = self.code[node.start_byte : node.end_byte].decode("utf-8", "replace")
        return unicodedata.normalize("NFC", text.removeprefix("r#"))

    def at(self, node: Node) -> int:
        """Give the byte of the file where a node stands."""
        return node.start_byte + self.offset

    def first(self, *kinds: str) -> Node | None:
        """Give the first node of one of these kinds at the top, or right below it."""
        nodes = list(self.root.named_children)
        nodes += [below for node in nodes for below in node.named_children]
        return next((node for node in nodes if node.type in kinds), None)


def expression(code: bytes, start: int, end: int) -> tuple[Piece, Node] | None:
    """Parse `code[start:end]` as an expression, or give None where it is none."""
    piece = Piece.of(code, start, end, b"fn f(){_=", b";}")
    node = piece.first("function_item")
    while node is not None and node.type != "assignment_expression" and not piece.root.has_error:
        node = node.named_children[-1] if node.named_children else None
    value = node.child_by_field_name("right") if node is not None else None
    return (piece, value) if value is not None else None


def segments(piece: Piece, node: Node | None) -> list[str]:
    """Give the names of a path without their generics; ``<T as X>`` counts as ``<>``."""
    found: list[str] = []
    while node is not None:
        if node.type in ("scoped_identifier", "scoped_type_identifier", "scoped_use_list"):
            found.append(piece.text(node.child_by_field_name("name")))
            node = node.child_by_field_name("path")
            if node is None:
                found.append("")
        elif node.type in ("generic_type", "generic_type_with_turbofish"):
            node = node.child_by_field_name("type")
        elif node.type == "generic_function":
            node = node.child_by_field_name("function")
        else:
            found.append("<>" if node.type == "bracketed_type" else piece.text(node))
            node = None
    return found[::-1]
