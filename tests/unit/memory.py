"""Corpora whose source is in memory, for the rooms that ask about code and not about disks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_flowcorpus.corpus import Corpus, OpenCorpus
from pytest_flowcorpus.settings import Entries
from pytest_flowcorpus.source import Blob, FileMissing, SourceUnavailable
from pytest_flowcorpus.target import target_at
from tests.unit.examples import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_flowcorpus.source import History
    from pytest_flowcorpus.target import Target


@dataclass(frozen=True)
class Memory:
    """A source that is a mapping."""

    files: Mapping[str, bytes]
    revision: str | None = None

    def read(self, path: str) -> Blob:
        if path not in self.files:
            raise FileMissing(path)
        return Blob.of(path, self.files[path])

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def since(self, revision: str) -> History:
        raise SourceUnavailable(revision)

    def close(self) -> None:
        pass


def opened(
    files: Mapping[str, str | bytes],
    layers: tuple[tuple[str, tuple[str, ...]], ...] = (),
    entries: Iterable[str] = (),
    attributes: Iterable[str] = (),
    **limits: Any,
) -> OpenCorpus:
    """Give a corpus over `files`, by their paths from the top; its root is ``src``."""
    made = settings(layers, root="src", **limits)
    source = replace(made.source, search=("tests/**/*.rs",))
    begins = Entries(tuple(attributes), tuple(entries))
    corpus = Corpus(Path("corpus"), replace(made, source=source, entries=begins))
    data = {
        path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
    }
    return OpenCorpus(corpus, Memory(data))


def item(of: OpenCorpus, text: str) -> Target:
    """Give the item that ``a.rs::go`` names."""
    return target_at(of, text)
