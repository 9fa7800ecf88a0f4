"""What each mutated function calls: itself as it is written, or the mutant that is switched on."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

MutantDict: TypeAlias = dict[str, Any]
AS_WRITTEN = "_mutmut_orig"

hits: set[str] = set()
"""The functions that were called, each by module and name."""
_switches: list[tuple[str, MutantDict]] = []


def wrap_in_trampoline(
    mutants: MutantDict,
    is_classmethod: bool = False,  # noqa: FBT001, FBT002 - so mutmut calls it
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Stand in for mutmut's function of this name, which asks the environment at each call."""

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        _switches.append((function.__module__, mutants))
        key = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            hits.add(key)
            chosen = mutants[AS_WRITTEN]
            if is_classmethod:
                return getattr(args[0], chosen.__name__)(*args[1:], **kwargs)
            return chosen(*args, **kwargs)

        return switched

    return wrapped


def switch_on(module: str, mutant: str) -> None:
    """Let a mutant take its function's place, in this process and for good."""
    [mutants] = [one for where, one in _switches if where == module and mutant in one]
    mutants[AS_WRITTEN] = mutants[mutant]
