"""The local variables of a body, with their types as far as they are known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.types import Type


class Locals:
    """A stack of scopes: what an inner one binds hides what is outside, until it ends."""

    def __init__(self) -> None:
        self._scopes: list[dict[str, Type | None]] = [{}]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Have what is bound inside forgotten afterwards."""
        self._scopes.append({})
        try:
            yield
        finally:
            self._scopes.pop()

    def set(self, name: str, of: Type | None) -> None:
        """Bind a name in the innermost scope."""
        self._scopes[-1][name] = of

    def has(self, name: str) -> bool:
        """Tell whether a name is a local variable."""
        return any(name in names for names in self._scopes)

    def get(self, name: str) -> Type | None:
        """Give the type of a local variable, or None where that or the variable is not known."""
        scope = next((names for names in reversed(self._scopes) if name in names), {})
        return scope.get(name)
