"""What the names of a pattern stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import inference
from pytest_flowcorpus.rust.piece import Piece, segments
from pytest_flowcorpus.rust.types import Sort, Type

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_flowcorpus.rust.callee import Callees
    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.locals import Locals

_TRIVIA: Final = frozenset(("line_comment", "block_comment", "attribute_item"))
_UNKNOWN: Final = 1000
"""A place that no tuple has."""


_Parts = list[tuple["Node", "Type | None"]]


class Patterns:
    """Binds the names of patterns in one body.

    A method ``_in_…`` gives the patterns inside one of that kind, each with its type.
    """

    def __init__(self, known: Knowledge, callees: Callees, names: Locals) -> None:
        self._known = known
        self._callees = callees
        self._locals = names

    def bind(self, piece: Piece, node: Node | None, of: Type | None) -> None:
        """Bind the names of a pattern to the parts of a type."""
        pool: _Parts = [(node, of)] if node is not None else []
        while pool:
            node, of = pool.pop(0)
            if node.type in ("identifier", "shorthand_field_identifier", "self"):
                self._name(piece.text(node), of)
            else:
                pool += self._parts(piece, node, of)

    def _name(self, name: str, of: Type | None) -> None:
        # A name in capitals is a constant or variant: rustc warns where it is not.
        if not name[:1].isupper():
            self._locals.set(name, of)

    def _parts(self, piece: Piece, node: Node, of: Type | None) -> _Parts:
        nodes = [child for child in node.named_children if child.type not in _TRIVIA]
        parts = getattr(self, f"_in_{node.type}", None)
        if parts is not None:
            found: _Parts = parts(piece, node, of)
            return found
        if node.type == "match_pattern":
            guard = node.child_by_field_name("condition")
            return [(child, of) for child in nodes if child != guard]
        if node.type in ("scoped_identifier", "range_pattern", "const_block", "macro_invocation"):
            return []
        return [(child, of) for child in nodes]

    def _in_tuple_pattern(self, _piece: Piece, node: Node, of: Type | None) -> _Parts:
        args = of.args if of is not None and of.name == "()" else ()
        places = _places(node.children)
        return [(child, args[at] if at < len(args) else None) for child, at in places]

    def _in_slice_pattern(self, _piece: Piece, node: Node, of: Type | None) -> _Parts:
        return [(child, inference.item(of)) for child, _ in _places(node.children)]

    def _in_struct_pattern(self, piece: Piece, node: Node, of: Type | None) -> _Parts:
        name = node.child_by_field_name("type")
        fields = [child for child in node.named_children if child.type == "field_pattern"]
        names = [piece.text(child.child_by_field_name("name")) for child in fields]
        types = self._fields(piece, name, of, names)
        return list(zip(fields, types, strict=True))

    def _in_tuple_struct_pattern(self, piece: Piece, node: Node, of: Type | None) -> _Parts:
        name = node.child_by_field_name("type")
        names = segments(piece, name)
        places = _places(node.children[1:])
        if (written := self._written(piece, name)) is None or written.head is not None:
            types = self._fields(piece, name, of, [str(at) for _, at in places])
            return [(one, found) for (one, _), found in zip(places, types, strict=True)]
        return [(one, _unwrapped(names[-1], of) if not at else None) for one, at in places]

    def _fields(
        self, piece: Piece, name: Node | None, of: Type | None, labels: list[str]
    ) -> list[Type | None]:
        """Give the types of fields of the struct or variant that a pattern names."""
        variant = self._callees.variant(segments(piece, name))
        written = variant[1] if variant is not None else self._written(piece, name)
        if written is not None and of is not None and written.head is of.head:
            written = of
        members = self._known.members
        if variant is not None and written is not None:
            return [members.variant_field(variant[0], label, written) for label in labels]
        return [members.field(written, label) for label in labels]

    def _written(self, piece: Piece, name: Node | None) -> Type | None:
        return self._known.types.read(piece, name, self._callees.scope)


def _unwrapped(name: str, of: Type | None) -> Type | None:
    """Give what stands in a tuple struct of another crate: `Some(x)`, `Json(x)`, `Err(x)`."""
    if of is None or of.sort is not Sort.FOREIGN:
        return None
    if name == "Err":
        return of.args[1] if of.name == "Result" and len(of.args) > 1 else None
    return of.first if name in ("Some", "Ok", of.name) else None


def _places(children: list[Node]) -> list[tuple[Node, int]]:
    """Give the patterns between parentheses with their places; behind ``..`` they are unknown."""
    found: list[tuple[Node, int]] = []
    place = 0
    for child in children:
        if child.type == "remaining_field_pattern":
            place = _UNKNOWN
        elif child.type == "_" or (child.is_named and child.type not in _TRIVIA):
            if child.is_named:
                found.append((child, place))
            place += 1
    return found
