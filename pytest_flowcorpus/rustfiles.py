"""The Rust of an open corpus, as `rust/` reads it when a question leads to other files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_flowcorpus import globs
from pytest_flowcorpus.source import FileUnavailable

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from pytest_flowcorpus.rust import RustFile
    from pytest_flowcorpus.settings import SourceSettings
    from pytest_flowcorpus.source import Blob, Source


@dataclass(frozen=True)
class RustFiles:
    """The files below ``root`` and those that ``search`` means."""

    _settings: SourceSettings
    _source: Source
    _blob: Callable[[str], Blob]
    """Gives a file that is read already, or reads it."""
    _parsed: Callable[[str], RustFile]
    """Gives a file that is parsed already, or parses it."""

    def paths(self) -> Iterable[str]:
        """Give the paths of Rust files and of packages' manifests, from the repository's top.

        A repository can hold a client in Rust too, whose names are not the server's.
        """
        return self._paths

    def below_root(self) -> Iterator[str]:
        """Give the paths of the Rust files below ``root``, in the source's order."""
        return (path for path in self._paths if path.endswith(".rs") and self._is_below(path))

    def everything(self) -> Iterable[str]:
        """Give the paths of all files of the source, in its order."""
        return self._source.paths()

    def holds(self, path: str) -> bool:
        """Tell whether a path, of whatever file, is below ``root`` or one that ``search`` means."""
        return self._is_below(path) or self._meant.fullmatch(path) is not None

    def read(self, path: str) -> bytes | None:
        """Give a file's bytes, or None where it cannot be had."""
        try:
            return self._blob(path).data
        except FileUnavailable:
            return None

    def rust(self, path: str) -> RustFile | None:
        """Give a file parsed, or None where it cannot be had or is not UTF-8."""
        if path not in self._there:  # a source takes its time to say what is near
            return None
        try:
            return self._parsed(path)
        except (FileUnavailable, UnicodeDecodeError):
            return None

    def _is_below(self, path: str) -> bool:
        root = self._settings.root
        return path.startswith(f"{root}/" if root else "")

    @cached_property
    def _there(self) -> frozenset[str]:
        return frozenset(self._source.paths())

    @cached_property
    def _meant(self) -> re.Pattern[str]:
        return globs.pattern(self._settings.search)

    @cached_property
    def _paths(self) -> list[str]:
        return [path for path in self._source.paths() if self._is_asked(path)]

    def _is_asked(self, path: str) -> bool:
        is_manifest = path.endswith("Cargo.toml")
        return is_manifest or (path.endswith(".rs") and self.holds(path))
