"""A walk through a function's body: which calls it makes, and on what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import inference
from pytest_flowcorpus.rust.arguments import arguments, bound, calls, inner
from pytest_flowcorpus.rust.callee import Callees
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.library import (
    EXPRESSION_MACROS,
    KEPT,
    OPERATORS,
    SILENT_MACROS,
    SPEAKS_FOR,
)
from pytest_flowcorpus.rust.locals import Locals
from pytest_flowcorpus.rust.members import NOTHING, OPEN, Finding
from pytest_flowcorpus.rust.patterns import Patterns
from pytest_flowcorpus.rust.piece import Piece, expression, segments
from pytest_flowcorpus.rust.site import Certainty, Site
from pytest_flowcorpus.rust.types import (
    BOOL,
    UNIT,
    Sort,
    Type,
    closure,
    foreign,
    put_in,
    unified,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.module import Def

_DEEPEST: Final = 120
_MOST_MACROS: Final = 8
"""So many are read one inside the other: each reads its arguments anew."""
_LONGEST: Final = 60
_ITEMS: Final = frozenset(
    (
        *("function_item", "impl_item", "struct_item", "enum_item", "trait_item", "mod_item"),
        *("use_declaration", "macro_definition", "type_item", "union_item", "attribute_item"),
        *("inner_attribute_item", "line_comment", "block_comment", "extern_crate_declaration"),
        *("label", "lifetime"),
    )
)
"""Nodes that are no code of the function itself."""
_PATHS: Final = frozenset(("identifier", "scoped_identifier", "generic_function"))
_THROUGH: Final = frozenset(
    (
        *("reference_expression", "parenthesized_expression", "expression_statement"),
        *("async_block", "unsafe_block", "const_block", "try_block", "gen_block"),
    )
)
_SUFFIX: Final = re.compile(r"[iu](?:8|16|32|64|128|size)$|f(?:32|64)$")
_PREFIXES: Final = {"!": "not", "-": "neg"}
_COMPARING: Final = frozenset(("==", "!=", "<", ">", "<=", ">=", "&&", "||"))


_Visit = Callable[["Node"], "Type | None"]


class Body:
    """A walk through one function, constant or static.

    A method ``_on_…`` walks the node of that kind and gives the type of what it stands for.
    """

    def __init__(self, known: Knowledge, owner: Def) -> None:
        self._known = known
        self._members = known.members
        scope = known.types.scope(owner)
        source = owner.module.source
        self._nested = [one for one in source.rust.nested(owner.item) if one.parent is owner.item]
        self._item = owner.item
        self._code = source.rust.code
        self._piece = Piece.of(self._code, self._item.decl, self._item.end)
        self._locals = Locals()
        self._callees = Callees(known, scope)
        self._patterns = Patterns(known, self._callees, self._locals)
        self._depth = 0
        self._macros = 0
        self._sites: list[Site] = []

    def sites(self) -> tuple[Site, ...]:
        """Give the calls, in the order in which they stand."""
        node = self._piece.first(
            "function_item", "const_item", "static_item", "function_signature_item"
        )
        if node is None:
            self._doubt(self._item.decl, self._item.end)
        else:
            self._bind_parameters(node)
            self._visit(node.child_by_field_name("body") or node.child_by_field_name("value"))
        return tuple(dict.fromkeys(sorted(self._sites, key=lambda site: site.at)))

    # What stands where

    def _bind_parameters(self, node: Node) -> None:
        parameters = node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            if child.type == "parameter":
                of = self._type(child.child_by_field_name("type"))
                self._patterns.bind(self._piece, child.child_by_field_name("pattern"), of)

    def _type(self, node: Node | None) -> Type | None:
        return self._known.types.read(self._piece, node, self._callees.scope)

    # Expressions

    def _visit(self, node: Node | None, wanted: Type | None = None) -> Type | None:
        """Walk an expression or statement; `wanted` types a closure's parameters."""
        if node is None or node.type in _ITEMS:
            return None
        if self._depth > _DEEPEST:
            self._doubt(self._piece.at(node), node.end_byte + self._piece.offset)
            return None
        self._depth += 1
        try:
            if node.type == "closure_expression":
                return self._closure(node, wanted)
            if node.type == "ERROR":
                self._doubt(self._piece.at(node), node.end_byte + self._piece.offset)
            visit: _Visit = getattr(self, f"_on_{node.type}", self._children)
            return visit(node)
        finally:
            self._depth -= 1

    def _children(self, node: Node) -> Type | None:
        of: Type | None = None
        for child in node.named_children:
            if child.type not in _ITEMS:
                of = self._visit(child)
        return of if node.type in _THROUGH else None

    def _on_block(self, node: Node) -> Type | None:
        of: Type | None = None
        with self._locals.inside(), self._items_of(node):
            for child in _code(node):
                found = self._visit(child)
                is_dropped = child.type == "expression_statement" and child.children[-1].type == ";"
                of = found if not is_dropped else None
        return of

    @contextmanager
    def _items_of(self, block: Node) -> Iterator[None]:
        """Have the items that stand in a block named inside it, and nowhere else."""
        outside = self._callees.scope
        places = {self._piece.at(child) for child in block.named_children if child.type in _ITEMS}
        items = tuple(item for item in self._nested if item.decl in places)
        if items:
            inside = outside.module.within(items)
            self._callees.scope = replace(outside, module=inside)
        try:
            yield
        finally:
            self._callees.scope = outside

    def _on_self(self, _node: Node) -> Type | None:
        return self._locals.get("self") or self._callees.scope.self_type

    def _on_let_declaration(self, node: Node) -> Type | None:
        declared = self._type(node.child_by_field_name("type"))
        of = self._visit(node.child_by_field_name("value"))
        if declared is not None and declared.name == "Vec" and declared.first is None:
            declared = foreign("Vec", inference.item(of))
        alternative = node.child_by_field_name("alternative")
        self._visit(alternative)
        self._patterns.bind(self._piece, node.child_by_field_name("pattern"), declared or of)
        return None

    def _on_let_condition(self, node: Node) -> Type | None:
        of = self._visit(node.child_by_field_name("value"))
        self._patterns.bind(self._piece, node.child_by_field_name("pattern"), of)
        return BOOL

    def _on_if_expression(self, node: Node) -> Type | None:
        with self._locals.inside():
            self._visit(node.child_by_field_name("condition"))
            of = self._visit(node.child_by_field_name("consequence"))
        alternative = node.child_by_field_name("alternative")
        other = self._else(alternative) if alternative is not None else None
        return of if of not in (None, UNIT) else other

    def _else(self, node: Node) -> Type | None:
        found = [self._visit(child) for child in node.named_children if child.type not in _ITEMS]
        return found[-1] if found else None

    def _on_match_expression(self, node: Node) -> Type | None:
        of = self._visit(node.child_by_field_name("value"))
        body = node.child_by_field_name("body")
        result: Type | None = None
        for arm in body.named_children if body is not None else ():
            if arm.type == "match_arm":
                found = self._arm(arm, of)
                result = result if result is not None and result != UNIT else found
        return result

    def _arm(self, arm: Node, of: Type | None) -> Type | None:
        with self._locals.inside():
            pattern = arm.child_by_field_name("pattern")
            self._patterns.bind(self._piece, pattern, of)
            self._visit(pattern.child_by_field_name("condition") if pattern is not None else None)
            return self._visit(arm.child_by_field_name("value"))

    def _on_for_expression(self, node: Node) -> Type | None:
        value = self._visit(node.child_by_field_name("value"))
        self._overloaded("into_iter", node, value)
        self._overloaded("next", node, value)
        of = inference.item(self._viewed(value))
        with self._locals.inside():
            self._patterns.bind(self._piece, node.child_by_field_name("pattern"), of)
            self._visit(node.child_by_field_name("body"))
        return UNIT

    def _on_while_expression(self, node: Node) -> Type | None:
        with self._locals.inside():
            self._visit(node.child_by_field_name("condition"))
            self._visit(node.child_by_field_name("body"))
        return UNIT

    def _closure(self, node: Node, wanted: Type | None) -> Type:
        known = list(wanted.args) if wanted is not None and wanted.sort is Sort.FN else []
        parameters = node.child_by_field_name("parameters")
        patterns = [
            child
            for child in (parameters.children if parameters is not None else ())
            if child.type not in (*_ITEMS, "|", ",")
        ]
        known += [None] * len(patterns)
        taken: list[Type | None] = []
        with self._locals.inside():
            for child, expected in zip(patterns, known, strict=False):
                declared = self._type(child.child_by_field_name("type"))
                is_typed = child.type == "parameter"
                self._patterns.bind(
                    self._piece,
                    child.child_by_field_name("pattern") if is_typed else child,
                    declared or expected,
                )
                taken.append(declared or expected)
            result = self._visit(node.child_by_field_name("body"))
        declared = self._type(node.child_by_field_name("return_type"))
        return closure(taken, declared or result)

    def _on_await_expression(self, node: Node) -> Type | None:
        of = self._children_of(node)
        if of is not None and of.sort is Sort.LOCAL:
            is_future, output = self._members.awaited(of)
            return output if is_future else of
        return inference.awaited(of)

    def _on_try_expression(self, node: Node) -> Type | None:
        of = self._children_of(node)
        mark = node.children[-1]
        self._note("from", self._piece.at(mark), OPEN, "`?`")
        return inference.tried(of)

    def _children_of(self, node: Node) -> Type | None:
        return self._visit(node.named_children[0]) if node.named_children else None

    def _on_field_expression(self, node: Node) -> Type | None:
        of = self._visit(node.child_by_field_name("value"))
        return self._members.field(of, self._piece.text(node.child_by_field_name("field")))

    def _on_index_expression(self, node: Node) -> Type | None:
        of, *indices = [self._visit(child) for child in _code(node)]
        self._overloaded("index", node, of)
        self._overloaded("index_mut", node, of)
        return inference.after(of, "index", indices)

    def _on_range_expression(self, node: Node) -> Type | None:
        self._children(node)
        return inference.RANGE

    def _on_type_cast_expression(self, node: Node) -> Type | None:
        self._visit(node.child_by_field_name("value"))
        return self._type(node.child_by_field_name("type"))

    def _on_binary_expression(self, node: Node) -> Type | None:
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        left, right = (self._visit(side) for side in sides)
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type in OPERATORS:
            self._overloaded(OPERATORS[operator.type], operator, left, right)
        if operator is not None and operator.type in _COMPARING:
            return BOOL
        return left if left == right and left is not None and left.sort is Sort.FOREIGN else None

    def _on_unary_expression(self, node: Node) -> Type | None:
        of = self._children_of(node)
        if (sign := node.children[0].type) in _PREFIXES:
            self._overloaded(_PREFIXES[sign], node, of)
        if of is None or sign != "*":
            # An operator of a type of the tree can give another type.
            return of if of is not None and of.sort is Sort.FOREIGN else None
        behind = of.first if of.name == "*" else self._members.behind(of)
        # `*x` leads through a reference, which types leave out, or behind a pointer: who knows.
        return behind if of.sort is Sort.FOREIGN and behind else of if behind is None else None

    def _on_tuple_expression(self, node: Node) -> Type | None:
        parts = [self._visit(child) for child in _code(node)]
        # Tuples of tuples can double with each line.
        return foreign("()", *[None if part and part.is_deep else part for part in parts])

    def _on_array_expression(self, node: Node) -> Type | None:
        found = [self._visit(child) for child in _code(node)]
        return foreign("[]", found[0] if found else None)

    def _on_string_literal(self, _node: Node) -> Type | None:
        return foreign("str")

    def _on_boolean_literal(self, _node: Node) -> Type | None:
        return BOOL

    def _on_char_literal(self, _node: Node) -> Type | None:
        return foreign("char")

    def _on_integer_literal(self, node: Node) -> Type | None:
        suffix = _SUFFIX.search(self._piece.text(node))
        return foreign(suffix[0]) if suffix is not None else None

    def _on_struct_expression(self, node: Node) -> Type | None:
        name = node.child_by_field_name("name")
        names = segments(self._piece, name)
        body = node.child_by_field_name("body")
        given: dict[str, Type | None] = {}
        for child in _code(body):
            label = self._piece.text(child.child_by_field_name("field") or child)
            # `S { a, .. } = make()` assigns: there is nothing behind its dots.
            value = next(iter(_code(child)[-1:]), None)
            given[label] = self._visit(value)
        found = self._callees.variant(names)
        return found[1] if found is not None else self._made(name, given)

    def _made(self, name: Node | None, given: Mapping[str, Type | None]) -> Type | None:
        """Give the type of a struct literal; the values tell its type parameters."""
        of = self._callees.unsaid(self._piece, name)
        if of is None or of.head is None or of.args or of.head.is_made:
            return of
        names = self._known.types.names(of.head)
        pattern = replace(of, args=tuple(Type(Sort.PARAM, one) for one in names))
        known: dict[str, Type | None] = {}
        for label, value in given.items():
            known |= unified(self._members.field(pattern, label), value) or {}
        return replace(of, args=tuple(known.get(one) for one in names))

    # Paths and calls

    def _on_identifier(self, node: Node) -> Type | None:
        """Walk a path that stands as a value."""
        names = segments(self._piece, node)
        if len(names) == 1 and self._locals.has(names[0]):
            return self._locals.get(names[0])
        finding, of = self._callees.named(self._piece, node)
        if finding is not NOTHING:
            self._note(names[-1], self._name_at(node), finding, "")
            if finding.member is not None:
                return closure(result=of)
        return of

    def _on_call_expression(self, node: Node) -> Type | None:
        function = node.child_by_field_name("function")
        nodes = _code(node.child_by_field_name("arguments"))
        if function is None:
            return None
        core = function
        if function.type == "generic_function":
            core = function.child_by_field_name("function") or function
        if core.type == "field_expression":
            return self._method(core, function, nodes)
        if core.type in _PATHS:
            return self._function(core, function, nodes)
        of = self._visit(core)
        for child in nodes:
            self._visit(child)
        return of.result if of is not None and of.sort is Sort.FN else None

    def _method(self, core: Node, function: Node, nodes: list[Node]) -> Type | None:
        value = core.child_by_field_name("value")
        field = core.child_by_field_name("field")
        of = self._visit(value)
        name = self._piece.text(field)
        finding = self._members.find(of, name, self._callees.scope.module)
        args: list[Type | None] = []
        for child in nodes if finding.member is None else ():
            seen = inference.seen_by_closure(self._viewed(of), name, args)
            args.append(self._visit(child, closure(seen)))
        finding = self._members.chosen(finding, args)
        if field is not None:
            self._note(name, self._piece.at(field), finding, self._receiver(value, of))
        if finding.member is not None:
            return self._local_result(finding, nodes, args, function)
        if finding.is_open or finding.is_made:
            return None
        viewed = of if name in KEPT else self._viewed(of)
        return inference.after(viewed, name, args, self._turbofish(function))

    def _viewed(self, of: Type | None) -> Type | None:
        """Give a type of the tree as the standard library sees it: an iterator, or what is behind.

        What a foreign iterator or pointer gives is known to `inference` itself.
        """
        seen = 0
        while of is not None and of.sort is Sort.LOCAL and seen < _DEEPEST:
            iterator = self._members.iterated(of)
            if iterator is not None:
                return iterator
            of, seen = self._members.behind(of), seen + 1
        return of

    def _local_result(
        self, finding: Finding, nodes: list[Node], args: list[Type | None], function: Node
    ) -> Type | None:
        """Walk the arguments of a function of the tree, unless `args` knows them already.

        Gives what it returns.
        """
        member = finding.member
        if member is None or member.kind is not Kind.FN:
            for child in nodes[len(args) :]:
                self._visit(child)
            return None
        given: dict[str, Type | None] = {**dict(finding.bound), **self._said(member, function)}
        wanted = self._members.parameters(member)[-len(nodes) :]
        for index, child in enumerate(nodes):
            expected = wanted[index] if index < len(wanted) else None
            of = args[index] if args else self._visit(child, _callable(expected, given))
            given |= {
                name: one
                for name, one in (unified(expected, of) or {}).items()
                if given.get(name) is None
            }
        return self._members.result(member, finding.receiver, given)

    def _said(self, member: Def, function: Node) -> Mapping[str, Type | None]:
        """Give what ``::<…>`` says that a function's type parameters stand for."""
        if function.type != "generic_function":
            return {}
        node = function.child_by_field_name("type_arguments")
        types = [self._type(child) for child in (node.named_children if node else ())]
        return dict(zip(self._known.types.names(member), types, strict=False))

    def _turbofish(self, function: Node) -> Type | None:
        if function.type != "generic_function":
            return None
        node = function.child_by_field_name("type_arguments")
        children = node.named_children if node is not None else []
        return self._type(children[0]) if children else None

    def _function(self, core: Node, function: Node, nodes: list[Node]) -> Type | None:
        names = segments(self._piece, core)
        if len(names) == 1 and self._locals.has(names[0]):
            of = self._locals.get(names[0])
            for child in nodes:
                self._visit(child)
            return of.result if of is not None and of.sort is Sort.FN else None
        finding, of = self._callees.named(self._piece, core)
        args = [self._visit(child) for child in nodes] if finding.member is None else []
        finding = self._members.chosen(finding, args)
        if finding is not NOTHING:
            self._note(names[-1], self._name_at(core), finding, "")
        if finding.member is not None:
            return self._local_result(finding, nodes, args, function)
        if of is not None:
            return of
        if finding.is_open:
            return None
        return inference.constructed(names, args)

    def _name_at(self, node: Node) -> int:
        return self._piece.at(node.child_by_field_name("name") or node)

    def _receiver(self, value: Node | None, of: Type | None) -> str:
        text = " ".join(self._piece.text(value).split())
        text = text if len(text) <= _LONGEST else f"…{text[-_LONGEST:]}"
        if of is None:
            return f"`{text}`, whose type syntax does not tell"
        typed = f"`{text}: {of}`"
        return f"{typed}, an alias of `{of.alias_of}`" if of.alias_of else typed

    def _note(self, name: str, at: int, finding: Finding, receiver: str) -> None:
        """Note a site; one that ends in a function of another name is noted for that one too."""
        certainty = Certainty.FOREIGN
        if finding.member is not None and finding.member.kind is Kind.FN:
            certainty = Certainty.RESOLVED
        elif finding.is_open:
            certainty = Certainty.UNDECIDED
        callee = finding.member if certainty is Certainty.RESOLVED else None
        self._sites.append(Site(name, at, certainty, callee, finding.trait, receiver))
        other = SPEAKS_FOR.get(name)
        if other is not None and callee is None and self._known.workspace.is_declared(other):
            self._sites.append(Site(other, at, Certainty.UNDECIDED, receiver=receiver))

    # Macros

    def _on_macro_invocation(self, node: Node) -> Type | None:
        name = segments(self._piece, node.child_by_field_name("macro"))[-1]
        tree = node.named_children[-1]
        start, end = self._piece.at(tree) + 1, tree.end_byte + self._piece.offset - 1
        found = self._scanned(name, start, end)
        for called in self._members.called(name):
            self._doubt_name(called, self._piece.at(node))
        if name == "vec":
            return foreign("Vec", found[0] if found else None)
        if name in ("join", "try_join"):
            return foreign("()", *found) if name == "join" else _joined(found)
        return foreign("String") if name == "format" else None

    def _scanned(self, macro: str, start: int, end: int) -> list[Type | None]:
        """Walk the arguments of a macro; what one of another crate makes of them is not known."""
        if macro in SILENT_MACROS:
            return []
        if self._macros > _MOST_MACROS:
            self._doubt(start, end)
            return []
        before = len(self._sites)
        self._macros += 1
        with self._locals.inside():
            if macro not in EXPRESSION_MACROS:
                self._forget(start, end)
            found = self._scan(start, end)
        self._macros -= 1
        if macro not in EXPRESSION_MACROS and not self._known.workspace.is_declared(macro):
            self._sites[before:] = [site.doubted() for site in self._sites[before:]]
        return found

    def _forget(self, start: int, end: int) -> None:
        """Take names that a macro of somebody's own could bind for unknown."""
        for name in bound(self._code, start, end):
            self._locals.set(name, None)

    def _scan(self, start: int, end: int) -> list[Type | None]:
        """Walk tokens that could be expressions between separators."""
        found: list[Type | None] = []
        for argument in arguments(self._code, start, end):
            of = self._expression(argument.start, argument.end)
            found.append(of)
            if argument.name_end:
                self._bind_written(argument.name_start, argument.name_end, of)
        return found

    def _expression(self, start: int, end: int) -> Type | None:
        if self._depth > _DEEPEST:
            self._doubt(start, end)
            return None
        found = expression(self._code, start, end)
        if found is None:
            self._loose(start, end)
            return None
        before, self._piece = self._piece, found[0]
        try:
            return self._visit(found[1])
        finally:
            self._piece = before

    def _bind_written(self, start: int, end: int, of: Type | None) -> None:
        piece = Piece.of(self._code, start, end, b"fn f(){let ", b"=x;}")
        if piece.root.has_error:
            return
        function = piece.first("function_item")
        block = function.child_by_field_name("body") if function is not None else None
        if block is None or not block.named_children:
            return
        before, self._piece = self._piece, piece
        try:
            self._patterns.bind(
                self._piece, block.named_children[0].child_by_field_name("pattern"), of
            )
        finally:
            self._piece = before

    def _loose(self, start: int, end: int) -> None:
        """Note what looks like a call in tokens that are no expression, and look into brackets."""
        self._doubt(start, end, is_flat=True)
        self._depth += 1
        for begin, finish in inner(self._code, start, end):
            self._scan(begin, finish)
        self._depth -= 1

    def _doubt(self, start: int, end: int, *, is_flat: bool = False) -> None:
        """Note whatever looks like a call as undecided; flat leaves out what is in brackets."""
        for token in calls(self._code, start, end, is_flat=is_flat):
            self._doubt_name(token.text, token.start)

    def _doubt_name(self, name: str, at: int) -> None:
        if self._known.workspace.is_declared(name):
            self._sites.append(Site(name, at, Certainty.UNDECIDED))

    def _overloaded(self, name: str, node: Node, *operands: Type | None) -> None:
        """Note an operator's member as undecided, unless all operands are of other crates."""
        if any(of is None or of.sort is not Sort.FOREIGN for of in operands):
            self._doubt_name(name, self._piece.at(node))

    _on_compound_assignment_expr = _on_binary_expression
    _on_scoped_identifier = _on_identifier
    _on_generic_function = _on_identifier
    _on_raw_string_literal = _on_string_literal
    _on_float_literal = _on_integer_literal


def _code(node: Node | None) -> list[Node]:
    """Give what stands in brackets, comments and attributes left out."""
    children = node.named_children if node is not None else []
    return [child for child in children if child.type not in _ITEMS]


def _callable(expected: Type | None, given: Mapping[str, Type | None]) -> Type | None:
    """Give the function type that a parameter asks for, with what is known put in."""
    if expected is None:
        return None
    options = (expected, *expected.bounds)
    asked = next((one for one in options if one.sort is Sort.FN), None)
    return put_in(asked, given)


def _joined(found: list[Type | None]) -> Type | None:
    return foreign("Result", foreign("()", *[one.first if one else None for one in found]))
