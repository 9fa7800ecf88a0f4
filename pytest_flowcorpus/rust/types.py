"""Types, as far as syntax tells them.

References are left out, since method calls look through them; so are lifetimes. What is not known
is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.module import Def, Module
from pytest_flowcorpus.rust.paths import ROOTS, External, Member, Paths, Space
from pytest_flowcorpus.rust.piece import Piece, segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tree_sitter import Node


class Sort(Enum):
    """What a type is."""

    LOCAL = auto()
    """Of the workspace: its `head` is the `Def`."""
    FOREIGN = auto()
    """Of another crate or the language; tuples are called ``()``, slices and arrays ``[]``, raw
    pointers ``*``."""
    PARAM = auto()
    """A type parameter, `impl Trait` or `dyn Trait`: known by its bounds."""
    FN = auto()
    """A closure or function pointer: `args` are its parameters, `result` what it gives."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type, its arguments and what is known of its behaviour."""

    sort: Sort
    name: str
    head: Def | None = None
    args: tuple[Type | None, ...] = ()
    bounds: tuple[Type, ...] = ()
    result: Type | None = None
    written: str = field(default="", compare=False)
    """How the source writes it."""
    alias_of: str = field(default="", compare=False)
    """What the alias stands for by which it is written."""
    origin: str = field(default="", compare=False)
    """Of a foreign type: the crate from which it is imported, as far as a path tells."""

    def __str__(self) -> str:
        if self.written:
            return self.written
        args = ", ".join("_" if one is None else str(one) for one in self.args)
        if self.name in ("()", "[]"):
            return f"{self.name[0]}{args}{self.name[1]}"
        return f"{self.name}<{args}>" if args else self.name

    @property
    def is_deep(self) -> bool:
        """Whether types nest in it so deep that nobody would write it."""
        level: list[Type] = [self]
        for _ in range(_DEEP):
            level = [arg for one in level for arg in one.args if arg is not None]
        return bool(level)

    @property
    def first(self) -> Type | None:
        """Its first argument."""
        return self.args[0] if self.args else None


def foreign(name: str, *args: Type | None) -> Type:
    """Give a type of another crate or of the language."""
    return Type(Sort.FOREIGN, name, args=args)


def closure(args: Iterable[Type | None] = (), result: Type | None = None) -> Type:
    """Give the type of a closure or of a pointer to a function."""
    return Type(Sort.FN, "fn", args=tuple(args), result=result)


UNIT: Final = foreign("()")
BOOL: Final = foreign("bool")
UNKNOWN: Final = foreign("_")
"""A bound of which nobody knows what it asks."""
_DEEPEST: Final = 24
_LONGEST: Final = 80
_DEEP: Final = 6
_HEADERS: Final = 512
"""How many headers are kept parsed."""
_STD: Final = ("std", "core", "alloc")
_NAMED: Final = (
    *("type_identifier", "scoped_type_identifier", "generic_type", "identifier"),
    *("scoped_identifier", "generic_type_with_turbofish", "primitive_type"),
)
_NAMELESS: Final = "impl"
"""What an ``impl Trait`` and a ``dyn Trait`` are called, since they have no name."""
_FREE: Final = ("dynamic_type", "abstract_type", "bounded_type", "higher_ranked_trait_bound")


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean at a place: the module, the type parameters and ``Self``."""

    module: Module
    generics: Mapping[str, Type | None] = field(default_factory=dict)
    self_type: Type | None = None
    impl: Def | None = None
    """The impl or trait around it, for its associated types."""

    def having(self, generics: Mapping[str, Type | None]) -> Scope:
        """Give the scope inside, where there are more type parameters."""
        return replace(self, generics={**self.generics, **generics}) if generics else self


class Types:
    """Reads types from syntax."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        # A syntax tree takes far more memory than its text, and is soon made again.
        self._headers = lru_cache(_HEADERS)(_header)

    def read(self, piece: Piece, node: Node | None, scope: Scope, depth: int = 0) -> Type | None:
        """Give the type that a node writes."""
        if node is None or depth > _DEEPEST:
            return None
        if node.type == "reference_type":
            return self.read(piece, node.child_by_field_name("type"), scope, depth + 1)
        if node.type == "pointer_type":
            return foreign("*", self.read(piece, node.child_by_field_name("type"), scope, depth))
        if node.type in _NAMED:
            return self._named(piece, node, scope, depth + 1)
        if node.type in _FREE:
            return self._free(piece, node, scope, depth + 1)
        return self._built(piece, node, scope, depth + 1)

    def header(self, owner: Def) -> Piece:
        """Give an item parsed without its body, where that is a block or members."""
        return self._headers(owner)

    def parameters(self, piece: Piece, node: Node, scope: Scope) -> dict[str, Type | None]:
        """Give the type parameters that an item declares, known by their bounds."""
        found = _declared(piece, node)
        inner = scope.having({name: Type(Sort.PARAM, name) for name in found})
        for name, nodes in _bounds(piece, node).items():
            if name in found:
                found[name] = [*found[name], *nodes]
        return {
            name: Type(Sort.PARAM, name, bounds=self._traits(piece, nodes, inner, 0))
            for name, nodes in found.items()
        }

    def names(self, owner: Def) -> list[str]:
        """Give the names of an item's type parameters, in order."""
        piece = self.header(owner)
        node = _item_node(piece)
        return list(_declared(piece, node)) if node is not None else []

    def given(self, owner: Def, args: tuple[Type | None, ...]) -> dict[str, Type | None]:
        """Give what an item's type parameters stand for; one that is left out has its default."""
        piece = self.header(owner)
        node = _item_node(piece)
        found = self._defaults(piece, node, owner) if node is not None else {}
        return {**found, **dict(zip(found, args, strict=False))}

    def _defaults(self, piece: Piece, node: Node, owner: Def) -> dict[str, Type | None]:
        parameters = node.child_by_field_name("type_parameters")
        scope = Scope(owner.module)
        return {
            piece.text(child.child_by_field_name("name")): self.read(
                piece, child.child_by_field_name("default_type"), scope
            )
            for child in (parameters.named_children if parameters is not None else ())
            if child.type == "type_parameter"
        }

    def scope(self, owner: Def) -> Scope:
        """Give what names mean inside an item: its own type parameters, those around it, `Self`."""
        module, item = owner.module, owner.item
        scope = Scope(module)
        for outer in reversed([*item.enclosing()]):
            if outer.kind in (Kind.IMPL, Kind.TRAIT):
                scope = self._inside(module.source.define(outer, module), Scope(module))
        node = _item_node(self.header(owner))
        if owner.kind in (Kind.IMPL, Kind.TRAIT):
            return self._inside(owner, scope)
        if node is None:
            return scope
        return scope.having(self.parameters(self.header(owner), node, scope))

    def expanded(self, owner: Def, args: tuple[Type | None, ...], depth: int = 0) -> Type | None:
        """Give what an alias stands for."""
        piece = self.header(owner)
        node = _item_node(piece)
        if node is None or depth > _DEEPEST:
            return None
        scope = Scope(owner.module)
        scope = scope.having(self.given(owner, args))
        target = node.child_by_field_name("type")
        found = self.read(piece, target, scope, depth + 1)
        return replace(found, alias_of=_short(piece.text(target))) if found else None

    def associated(self, scope: Scope, name: str, depth: int = 0) -> Type | None:
        """Give an associated type of the impl around a place."""
        impl = scope.impl
        if impl is None or impl.kind is not Kind.IMPL:
            return None
        for item in impl.module.source.rust.members(impl.item):
            if item.kind is Kind.TYPE and item.name == name:
                piece = Piece.of(impl.module.source.rust.code, item.decl, item.end)
                node = piece.first("type_item")
                if node is not None:
                    written = node.child_by_field_name("type")
                    return self.read(piece, written, scope, depth + 1)
        return None

    def _inside(self, owner: Def, scope: Scope) -> Scope:
        piece = self.header(owner)
        node = _item_node(piece)
        if node is None:
            return scope
        scope = replace(scope.having(self.parameters(piece, node, scope)), impl=owner)
        if owner.kind is Kind.IMPL:
            self_type = self.read(piece, node.child_by_field_name("type"), scope)
            return replace(scope, self_type=self_type)
        bounds = node.child_by_field_name("bounds")
        itself = Type(Sort.LOCAL, owner.name, owner)
        above = self._traits(piece, bounds.named_children if bounds else [], scope, 0)
        self_type = Type(Sort.PARAM, "Self", bounds=(itself, *above))
        return replace(scope, self_type=self_type)

    def _named(self, piece: Piece, node: Node, scope: Scope, depth: int) -> Type | None:
        names = segments(piece, node)
        if "" in names[1:] or names == [""]:  # the grammar makes a name up where one is missing
            return None
        if names[0] == "Self" or names[0] in scope.generics or names == ["_"]:
            return self._param(names, scope, depth)
        args = self._arguments(piece, node, scope, depth)
        written = _short(piece.text(node))
        target = self._paths.resolve(scope.module, names, Space.TYPE)
        if isinstance(target, Def):
            return self._of(target, args, written, depth)
        is_lost = target is None and (
            names[0] in ROOTS or self._paths.is_here(scope.module, names[0])
        )
        if isinstance(target, Member | Module) or "<>" in names or is_lost:
            return None
        path = target.path if isinstance(target, External) else tuple(names)
        origin = "std" if path[0] in _STD else path[0] if len(path) > 1 else ""
        return Type(Sort.FOREIGN, path[-1], args=args, written=written, origin=origin)

    def _param(self, names: list[str], scope: Scope, depth: int) -> Type | None:
        """Give what a type parameter stands for, `Self`, or an associated type of `Self`."""
        if len(names) == 1:
            return scope.self_type if names[0] == "Self" else scope.generics.get(names[0])
        is_own = names[0] == "Self" and len(names) == 2  # noqa: PLR2004
        return self.associated(scope, names[1], depth) if is_own else None

    def _of(
        self, target: Def, args: tuple[Type | None, ...], written: str, depth: int
    ) -> Type | None:
        if target.kind is Kind.TYPE:
            found = self.expanded(target, args, depth)
            return replace(found, written=written) if found else None
        if target.kind is Kind.VARIANT:
            return None
        if not target.is_made:
            args = tuple(self.given(target, args).values())
        return Type(Sort.LOCAL, target.name, target, args, written=written)

    def applied(self, scope: Scope) -> Scope:
        """Give a scope in an impl with `Self` as its type parameters now say."""
        if scope.impl is None or scope.impl.kind is not Kind.IMPL:
            return scope
        piece = self.header(scope.impl)
        node = _item_node(piece)
        written = node.child_by_field_name("type") if node is not None else None
        return replace(scope, self_type=self.read(piece, written, scope))

    def _arguments(
        self, piece: Piece, node: Node, scope: Scope, depth: int
    ) -> tuple[Type | None, ...]:
        inner = node
        if node.type in ("scoped_type_identifier", "scoped_identifier"):
            inner = node.child_by_field_name("name") or node
        arguments = inner.child_by_field_name("type_arguments")
        if arguments is None:
            return ()
        found: list[Type | None] = []
        for child in arguments.named_children:
            if child.type == "type_binding":
                found.append(self.read(piece, child.child_by_field_name("type"), scope, depth))
            elif child.type not in ("lifetime", "line_comment", "block_comment"):
                found.append(self.read(piece, child, scope, depth))
        return tuple(found)

    def _free(self, piece: Piece, node: Node, scope: Scope, depth: int) -> Type | None:
        traits = self._traits(piece, [node], scope, depth)
        return Type(Sort.PARAM, _NAMELESS, bounds=traits, written=_short(piece.text(node)))

    def _traits(
        self, piece: Piece, nodes: list[Node], scope: Scope, depth: int
    ) -> tuple[Type, ...]:
        found: list[Type] = []
        pool = list(nodes)
        while pool:
            node = pool.pop(0)
            if node.type in ("bounded_type", *_FREE):
                pool = [*node.named_children, *pool]
            elif node.type == "function_type":
                found.append(self._function(piece, node, scope, depth))
            elif node.type in _NAMED:
                found.append(self._named(piece, node, scope, depth + 1) or UNKNOWN)
        return tuple(found)

    def _function(self, piece: Piece, node: Node, scope: Scope, depth: int) -> Type:
        parameters = node.child_by_field_name("parameters")
        nodes = parameters.named_children if parameters is not None else []
        args = [self.read(piece, child, scope, depth + 1) for child in nodes]
        result = self.read(piece, node.child_by_field_name("return_type"), scope, depth + 1)
        return closure(args, result)

    def _built(self, piece: Piece, node: Node, scope: Scope, depth: int) -> Type | None:
        if node.type in ("tuple_type", "unit_type"):
            parts = (self.read(piece, child, scope, depth) for child in node.named_children)
            return foreign("()", *parts)
        if node.type == "array_type":  # a slice is one, too
            element = node.child_by_field_name("element")
            return foreign("[]", self.read(piece, element, scope, depth))
        if node.type == "function_type":
            return self._function(piece, node, scope, depth)
        return None


def unified(pattern: Type | None, actual: Type | None) -> dict[str, Type | None] | None:
    """Give what the parameters of a pattern stand for on a type, or None where it does not fit."""
    if pattern is None or actual is None:
        return None
    found: dict[str, Type | None] = {}
    pool: list[tuple[Type | None, Type | None]] = [(pattern, actual)]
    while pool:
        left, right = pool.pop()
        if left is None or right is None:
            continue
        if left.sort is Sort.PARAM:
            found.setdefault(left.name, right)
            pool += _by_bounds(left, right)
        elif left.sort is Sort.FN and right.sort is Sort.FN:
            pool += [*zip(left.args, right.args, strict=False), (left.result, right.result)]
        elif right.sort is not Sort.PARAM:
            if (left.sort, left.name, left.head) != (right.sort, right.name, right.head):
                return None
            pool += zip(left.args, right.args, strict=False)
        elif right is actual:
            return None
    return found


def put_in(of: Type | None, given: Mapping[str, Type | None]) -> Type | None:
    """Give a type with what its parameters stand for; one of which nothing is known is unknown."""
    if of is None or (of.sort is Sort.PARAM and of.name == _NAMELESS):
        return of
    if of.sort is Sort.PARAM:
        return given.get(of.name, of if of.bounds else None)
    return replace(of, args=tuple(put_in(one, given) for one in of.args))


def _by_bounds(left: Type, right: Type) -> list[tuple[Type | None, Type | None]]:
    """Give what the bounds of a parameter say of the type that stands for it."""
    pairs: list[tuple[Type | None, Type | None]] = []
    for bound in left.bounds:
        if bound.sort is Sort.FN and right.sort is Sort.FN:
            pairs += [*zip(bound.args, right.args, strict=False), (bound.result, right.result)]
        elif bound.name == "Future":  # an async block has the type of what it gives
            pairs.append((bound.first, right))
        elif bound.name in ("Iterator", "IntoIterator") and right.sort is Sort.FOREIGN:
            pairs.append((bound.first, right.first))
    return pairs


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _header(owner: Def) -> Piece:
    """Parse an item with an empty body: what it declares is needed far more often than its code."""
    item, code = owner.item, owner.module.source.rust.code
    start, end = item.body
    is_block = item.kind in (Kind.FN, Kind.IMPL, Kind.TRAIT, Kind.MOD) and start < end
    if item.kind is Kind.VARIANT:
        return Piece.of(code, item.decl, item.end, b"enum E {", b"}")
    if is_block:
        return Piece.of(code, item.decl, start, b"", b"{}")
    return Piece.of(code, item.decl, item.end)


def _item_node(piece: Piece) -> Node | None:
    nodes = (node for node in piece.root.named_children if node.type.endswith(("_item", "_type")))
    return next(nodes, None)


def _declared(piece: Piece, node: Node) -> dict[str, list[Node]]:
    """Give the type parameters of an item, each with its bounds."""
    found: dict[str, list[Node]] = {}
    parameters = node.child_by_field_name("type_parameters")
    for child in parameters.named_children if parameters is not None else ():
        if child.type == "type_parameter":
            bounds = child.child_by_field_name("bounds")
            name = piece.text(child.child_by_field_name("name"))
            found[name] = list(bounds.named_children) if bounds is not None else []
    return found


def _bounds(piece: Piece, node: Node) -> dict[str, list[Node]]:
    """Give what the where clause asks of each type."""
    found: dict[str, list[Node]] = {}
    for clause in node.named_children:
        if clause.type == "where_clause":
            for predicate in clause.named_children:
                bounds = predicate.child_by_field_name("bounds")
                if bounds is not None:
                    name = piece.text(predicate.child_by_field_name("left"))
                    found.setdefault(name, []).extend(bounds.named_children)
    return found
