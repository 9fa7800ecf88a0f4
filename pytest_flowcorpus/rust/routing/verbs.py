"""What a method router serves: which method of HTTP by which handler.

After https://docs.rs/axum/latest/axum/routing/index.html, whose functions aide has too, and again
with ``_with``: https://docs.rs/aide/latest/aide/axum/routing/index.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_flowcorpus.rust.piece import segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_flowcorpus.rust.module import Def
    from pytest_flowcorpus.rust.routing.expression import Called, Expression
    from pytest_flowcorpus.rust.routing.values import Values

UNKNOWN: Final = "?"
_MOST: Final = 256
_EMPTY: Final = ("new", "default")
_ROUTERS: Final = ("MethodRouter", "ApiMethodRouter")
_METHODS: Final = "any|connect|delete|get|head|options|patch|post|put|query|trace"
_VERB: Final = re.compile(rf"({_METHODS}|on)(?:_with|_service)?")
_FILTER: Final = re.compile(rf"\b({_METHODS.upper()})\b")


class Verb(NamedTuple):
    """A method in capitals, and what handles it."""

    method: str
    handler: Expression | None


_LOST: Final = Verb(UNKNOWN, None)


class Verbs:
    """Reads method routers.

    `result` gives what the body of a function ends in.
    """

    def __init__(self, values: Values, result: Callable[[Def], Expression | None]) -> None:
        self._values = values
        self._result = result

    def read(self, router: Expression) -> list[Verb]:
        """Give what a method router serves; what cannot be followed as `UNKNOWN`."""
        found: list[Verb] = []
        seen: set[tuple[int, int]] = set()
        pool = [router.bare()]
        while pool and len(seen) < _MOST:
            here = pool.pop()
            key = (id(here.piece), here.node.id)
            if key not in seen:
                seen.add(key)
                before = self._before(here, found)
                pool += [one.bare() for one in before]
        found += [_LOST] if pool or not found else []
        return found[::-1]

    def _before(self, here: Expression, found: list[Verb]) -> list[Expression]:
        """Note what an expression adds to a method router; gives what it adds it to."""
        call = here.call()
        if call is None:
            return _followed(here.given, found)
        if call.receiver is None:
            return self._made(call, found)
        merged = call.arguments[:1] if call.name == "merge" else []
        found += _added(call)
        return [call.receiver, *merged]

    def _made(self, call: Called, found: list[Verb]) -> list[Expression]:
        """Note what the function serves that makes a method router."""
        function, _ = self._values.function(call.function)
        if function is not None:
            return _followed(self._result(function), found)
        names = segments(call.function.piece, call.function.node)
        is_empty = names[-1] in _EMPTY and names[-2:-1] and names[-2] in _ROUTERS
        found += _added(call) or ([] if is_empty else [_LOST])
        return []


def _followed(to: Expression | None, found: list[Verb]) -> list[Expression]:
    found += [_LOST] if to is None else []
    return [to] if to is not None else []


def _added(call: Called) -> list[Verb]:
    """Give the methods that one call serves, the last first."""
    verb = _VERB.fullmatch(call.name)
    if verb is None or not call.arguments:
        return []
    if verb[1] != "on":
        return [Verb(verb[1].upper(), call.arguments[0])]
    methods = _FILTER.findall(call.arguments[0].text) or [UNKNOWN]
    handler = call.arguments[1] if len(call.arguments) > 1 else None
    return [Verb(method, handler) for method in reversed(methods)]
