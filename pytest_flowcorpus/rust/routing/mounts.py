"""Where a body puts a router: the paths under which it nests it, plain where it merges it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_flowcorpus.rust.routing.expression import Expression
    from pytest_flowcorpus.rust.routing.values import Values

_MOST: Final = 64
_LONGEST: Final = 4096
"""Bounds for code whose mounts double at every step: no server takes longer paths."""


def joined(prefix: str, path: str) -> str:
    """Give the path under which a nested router serves one of its own.

    A route ``/`` nested at ``/p`` is served as ``/p``, not as ``/p/``: in axum's documentation
    ``/teams`` serves the ``/`` of what it nests, and "a nested router at `/foo` will match the path
    `/foo` (but not `/foo/`)"; https://docs.rs/axum/latest/axum/struct.Router.html#method.nest
    """
    if prefix.endswith("/"):
        return prefix + path.lstrip("/")
    return prefix if prefix and path == "/" else prefix + path


def joins(prefixes: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Give each path under each prefix, once, in the order of the paths."""
    above = tuple(prefixes)
    found = (joined(prefix, path) for path in paths for prefix in above)
    return distinct(one for one in found if len(one) <= _LONGEST)


def distinct(paths: Iterable[str]) -> tuple[str, ...]:
    """Give the first paths, each once."""
    return tuple(islice(dict.fromkeys(paths), _MOST))


@dataclass(slots=True, eq=False)
class Mount:
    """A place in a body where a router can stand, and where it goes from there."""

    end: int
    """One past its last byte in the file: it goes to what ends there or later."""
    outer: list[Mount] = field(default_factory=list)
    is_mount: bool = False
    """Whether it is nested or merged here."""
    prefix: Expression | None = None
    """Where it is nested."""
    prefixes: tuple[str, ...] = ()
    """The paths under which it leaves the body or is mounted there; empty where it is neither."""
    is_mounted: bool = False
    """Whether it is nested or merged here, or further on."""

    def settle(self, values: Values) -> None:
        """Find the prefixes; what it goes to is to be settled before."""
        self.prefixes = distinct(one for mount in self.outer for one in mount.prefixes)
        self.is_mounted = self.is_mount or any(mount.is_mounted for mount in self.outer)
        if self.is_mount:
            own = values.text(self.prefix) if self.prefix is not None else ""
            self.prefixes = joins(self.prefixes or ("",), (own,))
