"""The variables of a body that can hold a router, as they are bound and assigned to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_flowcorpus.rust.routing.expression import Expression
    from pytest_flowcorpus.rust.routing.mounts import Mount


class Variable(NamedTuple):
    """What a variable holds from one assignment to the next."""

    mount: Mount
    """Where that goes."""
    value: Expression | None = None
    """What it was given, where that is one expression."""


class Variables:
    """A stack of scopes: what an inner one binds hides what is outside, until it ends."""

    def __init__(self) -> None:
        self._held: dict[str, list[Variable]] = {}
        self._scopes: list[list[str]] = [[]]

    def open(self) -> None:
        """Begin a scope."""
        self._scopes.append([])

    def close(self) -> None:
        """End the innermost scope."""
        for name in self._scopes.pop():
            self._held[name].pop()

    def bind(self, names: Iterable[str], given: Variable) -> None:
        """Bind names in the innermost scope."""
        for name in names:
            self._held.setdefault(name, []).append(given)
            self._scopes[-1].append(name)

    def assign(self, name: str, given: Variable) -> None:
        """Give another value to a variable, in whichever scope it is."""
        self._held[name][-1] = given

    def get(self, name: str) -> Variable | None:
        """Give what a name means, or None where it is no local variable."""
        held = self._held.get(name)
        return held[-1] if held else None
