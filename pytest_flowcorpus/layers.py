"""The layers of a code base: which one a file lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus import globs

if TYPE_CHECKING:
    from pytest_flowcorpus.settings import Settings


class Layers:
    """The layers that a ``flowcorpus.toml`` declares, in the order in which a flow runs through."""

    def __init__(self, settings: Settings) -> None:
        root = f"{settings.source.root}/" if settings.source.root else ""
        self._patterns = [
            (name, globs.pattern(_from_top(glob, root) for glob in meant))
            for name, meant in settings.layers
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The layers in order; none where the corpus declares none."""
        return tuple(name for name, _ in self._patterns)

    def layer_of(self, path: str) -> str | None:
        """Give the first layer with a glob that means `path`, a path from the repository's top.

        Globs start where a spec's paths do: ``v1/**`` at `root`, ``/v1/**`` at the top.
        """
        return next((name for name, meant in self._patterns if meant.fullmatch(path)), None)


def _from_top(glob: str, root: str) -> str:
    return glob.lstrip("/") if glob.startswith("/") else root + glob
