"""What a `use` declaration brings in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_flowcorpus.rust.piece import Piece, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item


class Import(NamedTuple):
    """One name, or by a glob all names of a module or enum."""

    name: str
    """What it is called here; ``_`` for a trait that is only to be in scope."""
    path: tuple[str, ...]
    at: int
    """The byte of the file where the last name of the path stands."""
    is_glob: bool = False
    is_public: bool = False


def imports(code: bytes, item: Item) -> tuple[Import, ...]:
    """Give the imports of a `use` item, in the order in which they are written."""
    piece = Piece.of(code, item.decl, item.end)
    node = piece.first("use_declaration")
    argument = node.child_by_field_name("argument") if node is not None else None
    if node is None or argument is None:
        return ()
    is_public = any(child.type == "visibility_modifier" for child in node.named_children)
    found = _below(piece, argument, ())
    return tuple(one._replace(is_public=is_public) for one in found)


def _below(piece: Piece, node: Node, before: tuple[str, ...]) -> Iterator[Import]:
    """Walk one tree of imports; `use` trees nest as deep as they like, so with a stack."""
    pool = [(node, before)]
    while pool:
        node, before = pool.pop()
        if node.type == "use_list":
            pool += [(child, before) for child in reversed(node.named_children)]
        elif node.type == "scoped_use_list":
            path = node.child_by_field_name("path")
            inner = node.child_by_field_name("list")
            if inner is not None:
                pool.append((inner, (*before, *(segments(piece, path) if path else ("",)))))
        elif node.type not in ("line_comment", "block_comment"):
            yield _single(piece, node, before)


def _single(piece: Piece, node: Node, before: tuple[str, ...]) -> Import:
    path_node: Node | None = node
    alias = None
    if node.type == "use_wildcard":
        path_node = node.named_children[0] if node.named_children else None
        # `use *;` is of the edition of 2015, whose paths begin at the crate.
        path = (*before, *segments(piece, path_node)) or ("crate",)
        return Import("*", path, piece.at(node), is_glob=True)
    if node.type == "use_as_clause":
        path_node = node.child_by_field_name("path")
        alias = piece.text(node.child_by_field_name("alias"))
    path = (*before, *segments(piece, path_node))
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    last = path_node.child_by_field_name("name") if path_node is not None else None
    return Import(alias or path[-1], path, piece.at(last or path_node or node))
