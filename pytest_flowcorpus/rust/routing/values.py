"""What an expression stands for, as far as it is written down: a function, a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.callee import Callees
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.module import Def
from pytest_flowcorpus.rust.paths import External, Space
from pytest_flowcorpus.rust.piece import Piece, segments
from pytest_flowcorpus.rust.routing.expression import Expression
from pytest_flowcorpus.rust.site import Certainty
from pytest_flowcorpus.rust.types import Scope

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.knowledge import Knowledge

_PATHS: Final = frozenset(("identifier", "scoped_identifier", "generic_function"))
_MOST: Final = 64
_SAME_TEXT: Final = frozenset(("as_str", "as_ref", "clone", "into", "to_owned", "to_string"))
_TEXT: Final = re.compile(r'[bcr]*#*"(.*)"#*', re.DOTALL)

Function = tuple[Def | None, Certainty]


class Values:
    """Follows paths, local variables and constants."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known

    def function(self, path: Expression) -> Function:
        """Give the function that a path names."""
        if path.is_local:
            return None, Certainty.UNDECIDED
        names = segments(path.piece, path.node)
        target: object = None
        if names[0] not in ("Self", "<>", *path.scope.generics):
            target = self._known.paths.resolve(path.scope.module, names, Space.VALUE)
        if isinstance(target, External):
            return None, Certainty.FOREIGN
        if isinstance(target, Def) and target.kind is Kind.FN:
            return target, Certainty.RESOLVED
        finding, _ = Callees(self._known, path.scope).named(path.piece, path.node)
        if finding.member is not None and finding.member.kind is Kind.FN:
            return finding.member, Certainty.RESOLVED
        is_open = finding.is_open or isinstance(target, Def)
        return None, Certainty.UNDECIDED if is_open else Certainty.FOREIGN

    def handler(self, written: Expression) -> Function:
        """Give the function that serves requests: a path to it, adapted by methods or not."""
        here = _root(written)
        call = here.call()
        if call is not None:
            _, certainty = self.handler(call.function)
            return None, certainty if certainty is Certainty.FOREIGN else Certainty.UNDECIDED
        if here.node.type in _PATHS:
            return self.function(here)
        is_plain = here.node.type == "closure_expression" or here.node.type.endswith("_literal")
        return None, Certainty.FOREIGN if is_plain else Certainty.UNDECIDED

    def text(self, written: Expression) -> str:
        """Give the text of a literal, or of a variable or constant that holds one.

        Of any other expression its code, in angle brackets.
        """
        here: Expression | None = written
        for _ in range(_MOST):
            here = _root(here, _SAME_TEXT) if here is not None else None
            if here is not None and here.node.type.endswith("string_literal"):
                found = _TEXT.fullmatch(here.piece.text(here.node))
                return found[1] if found else f"<{written.text}>"
            here = self._constant(here) if here is not None else None
        return f"<{written.text}>"

    def _constant(self, path: Expression) -> Expression | None:
        if path.node.type not in _PATHS or path.is_local:
            return None
        names = segments(path.piece, path.node)
        target = self._known.paths.resolve(path.scope.module, names, Space.VALUE)
        if not isinstance(target, Def) or target.kind not in (Kind.CONST, Kind.STATIC):
            return None
        code = target.module.source.rust.code
        piece = Piece.of(code, target.item.decl, target.item.end)
        node = piece.first("const_item", "static_item")
        value = node.child_by_field_name("value") if node is not None else None
        return Expression(piece, value, Scope(target.module)) if value is not None else None


def _root(written: Expression, through: frozenset[str] | None = None) -> Expression:
    """Follow local variables to what they were given, and methods to what they are called on."""
    here = written.bare()
    for _ in range(_MOST):
        call = here.call()
        is_through = call is not None and (through is None or call.name in through)
        before = call.receiver if call is not None and is_through else here.given
        if before is None:
            break
        here = before.bare()
    return here
