"""How a body puts routers together: what it registers and calls, and where that is mounted.

Routers are values: what is nested or merged can be a call, a chain, or a variable that was given
one before.
"""

from __future__ import annotations

import re
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.arguments import arguments
from pytest_flowcorpus.rust.grammar import grammar
from pytest_flowcorpus.rust.piece import Piece, expression
from pytest_flowcorpus.rust.routing.expression import Called, Expression
from pytest_flowcorpus.rust.routing.mounts import Mount
from pytest_flowcorpus.rust.routing.registration import Registration
from pytest_flowcorpus.rust.routing.variables import Variable, Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.module import Def
    from pytest_flowcorpus.rust.routing.values import Values
    from pytest_flowcorpus.rust.types import Scope

_NESTING: Final = frozenset(("nest", "nest_service", "nest_api_service"))
_MERGING: Final = "merge"
_BUILDING: Final = re.compile(rb"\b(?:(?:api_)?route|nest|merge)")
_NO_CODE: Final = frozenset(
    ("attribute_item", "inner_attribute_item", "line_comment", "block_comment")
)


class Wiring:
    """A walk through one function, constant or static, with a stack of its own.

    A method ``_on_…`` looks at the node of that kind, and leaves what stands in it for later.
    """

    def __init__(self, owner: Def, scope: Scope, values: Values) -> None:
        self.owner = owner
        self.registrations: list[Registration] = []
        self.calls: dict[int, tuple[Called, Mount]] = {}
        """By the bytes where the names of the callees stand."""
        self.result: Expression | None = None
        """What the body ends in."""
        self._source = owner.module.source
        self._bound: dict[int, Expression | None] = {}
        self._variables = Variables()
        self._mounts: list[Mount] = []
        self._given = Mount(owner.item.end, prefixes=("",))
        """Where what the body gives goes."""
        self._todo: list[Callable[[], object]] = []
        self._piece = Piece.of(self._source.rust.code, owner.item.decl, owner.item.end)
        self._walk(scope)
        self.registrations.sort(key=lambda one: one.call.last.at)
        for mount in sorted(self._mounts, key=lambda one: -one.end):
            mount.settle(values)

    def _walk(self, scope: Scope) -> None:
        node = self._piece.first("function_item", "const_item", "static_item")
        body = node and (node.child_by_field_name("body") or node.child_by_field_name("value"))
        if node is None or body is None:
            return
        here = Expression(self._piece, body, scope, self._bound)
        self.result = self._inside(here).result()
        self._bind(here.to(node).part("parameters"))
        self._enter(here, self._given)
        while self._todo:
            self._todo.pop()()

    def _enter(self, here: Expression, mount: Mount) -> None:
        getattr(self, f"_on_{here.node.type}", self._children)(here, mount)

    def _children(self, here: Expression, mount: Mount) -> None:
        nodes = here.node.named_children
        self._next([here.to(node) for node in nodes if _is_code(node)], mount)

    def _next(self, parts: Sequence[Expression | None], mount: Mount) -> None:
        """Have parts looked at in their order, before what is left to do already."""
        found = (part for part in reversed(parts) if part is not None)
        self._todo += [partial(self._enter, part, mount) for part in found]

    def _mount(self, here: Expression, outer: Mount | None = None) -> Mount:
        self._mounts.append(Mount(here.end, [outer] if outer is not None else []))
        return self._mounts[-1]

    # Variables

    def _open(self) -> None:
        """Have what is bound from now on forgotten behind what is left for later from now on."""
        self._variables.open()
        self._todo.append(self._variables.close)

    def _bind(self, pattern: Expression | None, given: Variable | None = None) -> None:
        if pattern is not None:
            self._variables.bind(pattern.names(), given or Variable(Mount(pattern.end)))

    def _on_identifier(self, here: Expression, mount: Mount) -> None:
        found = self._variables.get(here.name)
        if found is not None:
            found.mount.outer.append(mount)
            self._bound[here.at] = found.value

    def _on_let_declaration(self, here: Expression, mount: Mount) -> None:
        pattern, value = here.part("pattern"), here.part("value")
        is_plain = pattern is not None and pattern.node.type == "identifier"
        given = Variable(self._mount(value or here), value if is_plain else None)
        self._next([here.part("alternative"), here.part("body")], mount)
        self._todo.append(partial(self._bind, pattern, given))
        self._next([value], given.mount)

    _on_let_condition = _on_let_declaration

    def _on_for_expression(self, here: Expression, mount: Mount) -> None:
        self._open()
        self._on_let_declaration(here, mount)

    def _on_assignment_expression(self, here: Expression, mount: Mount) -> None:
        left, right = here.part("left"), here.part("right")
        is_name = left is not None and left.node.type == "identifier"
        if left is None or right is None or not is_name or self._variables.get(left.name) is None:
            self._children(here, mount)
            return
        given = Variable(self._mount(right), right)
        self._todo.append(partial(self._variables.assign, left.name, given))
        self._next([right], given.mount)

    # What opens a scope

    def _on_block(self, here: Expression, mount: Mount) -> None:
        self._open()
        self._children(self._inside(here), mount)

    def _inside(self, block: Expression) -> Expression:
        """Have the items that stand in a block named inside it."""
        nodes = [node for node in block.node.named_children if node.kind_id in grammar().shapes]
        found = (self._nested.get(block.piece.at(node)) for node in nodes)
        items = tuple(item for item in found if item is not None)
        return block.within(items) if items else block

    @cached_property
    def _nested(self) -> dict[int, Item]:
        item = self.owner.item
        nested = self._source.rust.nested(item)
        return {one.decl: one for one in nested if one.parent is item}

    def _on_if_expression(self, here: Expression, mount: Mount) -> None:
        self._open()
        self._next([here.part(name) for name in ("consequence", "alternative", "body")], mount)
        self._next([here.part("condition")], Mount(here.end))

    _on_while_expression = _on_if_expression

    def _on_closure_expression(self, here: Expression, mount: Mount) -> None:
        self._open()
        self._bind(here.part("parameters"))
        self._next([here.part("body")], mount)

    def _on_match_expression(self, here: Expression, mount: Mount) -> None:
        value, body = here.part("value"), here.part("body")
        if value is None or body is None:
            return
        given = Variable(self._mount(value))
        arms = [body.to(node) for node in body.node.named_children if node.type == "match_arm"]
        self._todo += [partial(self._arm, arm, given, mount) for arm in reversed(arms)]
        self._next([value], given.mount)

    def _arm(self, arm: Expression, given: Variable, mount: Mount) -> None:
        pattern = arm.part("pattern")
        self._open()
        self._bind(pattern, given)
        self._next([arm.part("value")], mount)
        self._next([pattern.part("condition") if pattern else None], Mount(arm.end))

    # What ends the way of a value

    def _on_return_expression(self, here: Expression, _mount: Mount) -> None:
        self._children(here, self._given)

    def _on_expression_statement(self, here: Expression, mount: Mount) -> None:
        is_dropped = here.node.children[-1].type == ";"
        self._children(here, Mount(here.end) if is_dropped else mount)

    # Calls

    def _on_call_expression(self, here: Expression, mount: Mount) -> None:
        call = here.call()
        if call is None:
            self._children(here, mount)
            return
        self.calls[call.last.at] = (call, mount)
        if Registration.is_one(call):
            self.registrations.append(Registration(call, mount))
        self._next(call.arguments, self._mounted(call, mount))
        self._next([call.receiver or call.function], mount)

    def _mounted(self, call: Called, mount: Mount) -> Mount:
        """Give where the arguments of a method go."""
        is_mount = call.receiver is not None and call.name in (*_NESTING, _MERGING)
        if not is_mount or not call.arguments:
            return mount
        inside = self._mount(call.arguments[-1], mount)
        inside.is_mount = True
        inside.prefix = call.arguments[0] if call.name in _NESTING else None
        return inside

    def _on_scoped_identifier(self, _here: Expression, _mount: Mount) -> None:
        """Leave the names of a path alone."""

    def _on_macro_invocation(self, here: Expression, mount: Mount) -> None:
        """Look at arguments that are expressions; the macros in them are left alone."""
        tree = here.node.named_children[-1]
        start, end = here.piece.at(tree) + 1, here.end - 1
        code = self._source.rust.code
        if here.piece is self._piece and _BUILDING.search(code, start, end):
            found = [
                self._argument(here, one.start, one.end) for one in arguments(code, start, end)
            ]
            self._next(found, mount)

    def _argument(self, macro: Expression, start: int, end: int) -> Expression | None:
        found = expression(self._source.rust.code, start, end)
        return Expression(*found, macro.scope, self._bound) if found is not None else None


def _is_code(node: Node) -> bool:
    is_item = node.kind_id in grammar().shapes and node.type != "macro_invocation"
    return not is_item and node.type not in _NO_CODE
