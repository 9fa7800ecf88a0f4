"""A tree of Rust files for the tests of names and calls: in memory, or a folder on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_flowcorpus.rust import RustFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass
class Tree:
    """Files by their paths from the top."""

    files: Mapping[str, bytes]
    parsed: dict[str, RustFile] = field(default_factory=dict)

    @classmethod
    def of(cls, **files: str) -> Tree:
        """Give a crate whose files are called as the arguments: ``a__b`` is ``src/a/b.rs``."""
        named = {f"src/{name.replace('__', '/')}.rs": text for name, text in files.items()}
        return cls({path: text.encode() for path, text in named.items()})

    @classmethod
    def on_disk(cls, top: Path) -> Tree:
        found = (path for path in top.rglob("*") if path.suffix in (".rs", ".toml"))
        return cls({path.relative_to(top).as_posix(): path.read_bytes() for path in found})

    def paths(self) -> Iterable[str]:
        return list(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def rust(self, path: str) -> RustFile | None:
        if path not in self.parsed and path in self.files:
            self.parsed[path] = RustFile(self.files[path])
        return self.parsed.get(path)
