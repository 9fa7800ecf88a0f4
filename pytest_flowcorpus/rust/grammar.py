"""tree-sitter-rust: which of its nodes are items, and where it keeps their parts."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple, TypeVar

import tree_sitter
import tree_sitter_rust


class Kind(StrEnum):
    """What an item is; `USE` also stands for the imports at the top of a file."""

    FN = "fn"
    STRUCT = "struct"
    ENUM = "enum"
    UNION = "union"
    TRAIT = "trait"
    IMPL = "impl"
    CONST = "const"
    STATIC = "static"
    TYPE = "type"
    MACRO = "macro"
    MOD = "mod"
    USE = "use"
    MACRO_CALL = "macro_call"
    EXTERN_CRATE = "extern_crate"
    EXTERN = "extern"
    VARIANT = "variant"


CONTAINERS: Final = frozenset({Kind.IMPL, Kind.TRAIT, Kind.MOD, Kind.EXTERN, Kind.ENUM})
"""Kinds whose members are addressed through them and shown inside their lines."""

BLOCKS: Final = frozenset({Kind.FN, Kind.CONST, Kind.STATIC, Kind.VARIANT})
"""Kinds whose bodies are expressions, in which items can stand too."""

_NODES: Final = {
    "function_item": (Kind.FN, "name"),
    "function_signature_item": (Kind.FN, "name"),
    "struct_item": (Kind.STRUCT, "name"),
    "enum_item": (Kind.ENUM, "name"),
    "union_item": (Kind.UNION, "name"),
    "trait_item": (Kind.TRAIT, "name"),
    "impl_item": (Kind.IMPL, ""),
    "mod_item": (Kind.MOD, "name"),
    "const_item": (Kind.CONST, "name"),
    "static_item": (Kind.STATIC, "name"),
    "type_item": (Kind.TYPE, "name"),
    "associated_type": (Kind.TYPE, "name"),
    "use_declaration": (Kind.USE, ""),
    "macro_definition": (Kind.MACRO, "name"),
    "macro_invocation": (Kind.MACRO_CALL, "macro"),
    "extern_crate_declaration": (Kind.EXTERN_CRATE, "name"),
    "foreign_mod_item": (Kind.EXTERN, ""),
    "enum_variant": (Kind.VARIANT, "name"),
}
"""What the grammar calls an item, and the field of its name."""

_BODIES: Final = {
    Kind.CONST: "value",
    Kind.STATIC: "value",
    Kind.TYPE: "type",
    Kind.USE: "argument",
    Kind.EXTERN_CRATE: "name",
}
"""The field that is the body, where it is not called so."""


class Shape(NamedTuple):
    """How an item of one sort is laid out; fields by number, 0 where it has none."""

    kind: Kind
    name: int
    body: int
    is_container: bool


class Grammar(NamedTuple):
    """Node kinds and fields by number: asking a node for a number is fast."""

    language: tree_sitter.Language
    shapes: dict[int, Shape]
    """The node kinds that are items."""
    trivia: frozenset[int]
    """Comments and outer attributes: what is held for the item that follows."""
    sound: frozenset[int]
    """Node kinds that are believed even where they stand inside an ERROR."""
    attribute: int
    statement: int
    empty: int
    token_tree: int
    name: int
    alias: int
    trait: int
    type: int
    body: int
    value: int


@cache
def parser() -> tree_sitter.Parser:
    """Give the parser."""
    return tree_sitter.Parser(grammar().language)


def parsed(text: bytes) -> tree_sitter.Node:
    """Give the root of the syntax tree of a text."""
    # tree-sitter takes NUL for the end of a comment; to rustc it is a character of it.
    return parser().parse(text.replace(b"\0", b"\1")).root_node


@cache
def grammar() -> Grammar:
    """Look the grammar's names up, once."""
    language = tree_sitter.Language(tree_sitter_rust.language())

    def node(name: str) -> int:
        return _known(language.id_for_node_kind(name, True), name)  # noqa: FBT003

    def field(name: str) -> int:
        return _known(language.field_id_for_name(name), name) if name else 0

    shapes = {
        node(name): Shape(kind, field(named), field(_BODIES.get(kind, "body")), kind in CONTAINERS)
        for name, (kind, named) in _NODES.items()
    }
    comments = frozenset(map(node, ("line_comment", "block_comment")))
    attributes = frozenset(map(node, ("attribute_item", "inner_attribute_item")))
    statements = frozenset(map(node, ("expression_statement", "empty_statement")))
    return Grammar(
        language=language,
        shapes=shapes,
        trivia=comments | {node("attribute_item")},
        sound=comments | attributes | statements | shapes.keys(),
        attribute=node("attribute_item"),
        statement=node("expression_statement"),
        empty=node("empty_statement"),
        token_tree=node("token_tree"),
        name=field("name"),
        alias=field("alias"),
        trait=field("trait"),
        type=field("type"),
        body=field("body"),
        value=field("value"),
    )


_T = TypeVar("_T")


def _known(number: _T | None, name: str) -> _T:
    if number is None:
        raise LookupError(f"this tree-sitter-rust knows no {name}")
    return number
