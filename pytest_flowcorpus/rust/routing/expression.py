"""An expression of a body, with what its names mean there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.piece import Piece
    from pytest_flowcorpus.rust.types import Scope

_WRAPPERS: Final = frozenset(
    ("parenthesized_expression", "reference_expression", "try_expression", "await_expression")
)
_LONGEST: Final = 200
_TRIVIA: Final = frozenset(
    ("line_comment", "block_comment", "attribute_item", "inner_attribute_item")
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A node of a piece of code, and what is known where it stands."""

    piece: Piece
    node: Node
    scope: Scope
    bound: Mapping[int, Expression | None] = field(default_factory=dict, repr=False)
    """What local variables were last given, by the bytes where they are used; None: not known."""

    @property
    def at(self) -> int:
        """The byte of the file where it stands."""
        return self.piece.at(self.node)

    @property
    def end(self) -> int:
        """One past its last byte in the file."""
        return self.node.end_byte + self.piece.offset

    @property
    def text(self) -> str:
        """Its code, on one line; of a long one the beginning."""
        start, end = self.node.byte_range
        code = self.piece.code[start : min(end, start + _LONGEST)].decode("utf-8", "ignore")
        return " ".join(code.split()) + "…" * (end - start > _LONGEST)

    @property
    def name(self) -> str:
        """What it is called, where it is a name."""
        return self.piece.text(self.node)

    @property
    def is_local(self) -> bool:
        """Whether it is the name of a local variable."""
        return self.node.type == "identifier" and self.at in self.bound

    @property
    def given(self) -> Expression | None:
        """What a local variable was given, where that is known."""
        return self.bound.get(self.at) if self.is_local else None

    def to(self, node: Node) -> Expression:
        """Give another node of the same place."""
        return Expression(self.piece, node, self.scope, self.bound)

    def within(self, items: tuple[Item, ...]) -> Expression:
        """Give it as a block in which these items stand."""
        scope = replace(self.scope, module=self.scope.module.within(items))
        return Expression(self.piece, self.node, scope, self.bound)

    def names(self) -> list[str]:
        """Give the names that a pattern binds; one in capitals is a constant or variant."""
        found: list[str] = []
        pool = [self.node]
        while pool:
            node = pool.pop()
            if node.type in ("identifier", "shorthand_field_identifier"):
                found.append(self.piece.text(node))
            elif node.type != "scoped_identifier":
                others = [node.child_by_field_name(part) for part in ("type", "condition")]
                pool += [child for child in node.named_children if child not in others]
        return [name for name in found if not name[:1].isupper()]

    def part(self, name: str) -> Expression | None:
        """Give the part that the grammar calls so."""
        node = self.node.child_by_field_name(name)
        return self.to(node) if node is not None else None

    def bare(self) -> Expression:
        """Give what stands inside parentheses, and before ``?`` and ``.await``."""
        node = self.node
        while node.type in _WRAPPERS and node.named_children:
            node = node.named_children[-1 if node.type == "reference_expression" else 0]
        return self.to(node)

    def result(self) -> Expression | None:
        """Give the expression that a block ends in, or itself where it is none."""
        node = self.node
        while node.type == "block":
            nodes = [child for child in node.named_children if child.type not in _TRIVIA]
            if not nodes:
                return None
            node = nodes[-1]
            if node.type == "expression_statement":
                if node.children[-1].type == ";":
                    return None
                node = node.named_children[0]
        return self.to(node)

    def call(self) -> Called | None:
        """Give what is called, where it is a call of a function by its path, or of a method."""
        function = self.node.child_by_field_name("function")
        if self.node.type != "call_expression" or function is None:
            return None
        if function.type == "generic_function":
            function = function.child_by_field_name("function") or function
        name = function.child_by_field_name("field") or function.child_by_field_name("name")
        if name is None and function.type != "identifier":
            return None
        listed = self.node.child_by_field_name("arguments")
        nodes = listed.named_children if listed is not None else []
        arguments = [self.to(node) for node in nodes if node.type not in _TRIVIA]
        return Called(self.to(function), self.to(name or function), arguments)


@dataclass(frozen=True, slots=True)
class Called:
    """The parts of a call."""

    function: Expression
    """The path, or the method with what stands before it."""
    last: Expression
    """The last name of it."""
    arguments: list[Expression]

    @property
    def name(self) -> str:
        """What is called."""
        return self.last.name

    @property
    def receiver(self) -> Expression | None:
        """What a method is called on."""
        return self.function.part("value")
