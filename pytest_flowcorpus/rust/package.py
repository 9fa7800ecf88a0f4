"""What a package's manifest says of its library and of the crates that it knows.

https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_DOTS: Final = 1_000
"""Of a key: `tomllib` takes the square of their number in time."""
_TABLES: Final = ("dependencies", "dev-dependencies", "build-dependencies")


@dataclass(frozen=True, slots=True)
class Package:
    """A manifest, or a workspace's where `library` is empty."""

    library: str
    """What other crates call its library."""
    root: str
    """The library's root file, from the manifest's folder."""
    dependencies: Mapping[str, str | None] = field(default_factory=dict)
    """Folders, from the manifest's, by the names of the crates; None: the workspace says."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """What the members of this workspace can share, in the same way."""

    def dependency(self, name: str) -> str | None:
        """Give the folder of a crate that is a dependency with a path."""
        return self.dependencies.get(name)

    def is_shared(self, name: str) -> bool:
        """Tell whether the workspace says where a dependency is."""
        return name in self.dependencies and self.dependencies[name] is None


def read_package(manifest: bytes) -> Package | None:
    """Read a ``Cargo.toml``; None where it is not one."""
    keys = (line.partition(b"=")[0] for line in manifest.splitlines())
    if any(key.count(b".") > _MOST_DOTS for key in keys):
        return None
    try:
        return _package(tomllib.loads(manifest.decode()))
    # ValueError: a number of thousands of digits, too; RecursionError: lists of lists of lists.
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None


def _package(data: dict[str, Any]) -> Package:
    library = data.get("lib", {})
    name = str(library.get("name") or data.get("package", {}).get("name", ""))
    tables = [data, *data.get("target", {}).values()]
    found = (table.get(kind, {}) for table in tables for kind in _TABLES)
    return Package(
        library=_crate(name),
        root=str(library.get("path", "src/lib.rs")),
        dependencies={key: path for table in found for key, path in _known(table)},
        shared={
            key: path
            for key, path in _known(data.get("workspace", {}).get("dependencies", {}))
            if path is not None
        },
    )


def _known(table: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for key, value in table.items():
        if isinstance(value, dict) and value.get("path"):
            yield _crate(key), str(value["path"])
        elif isinstance(value, dict) and value.get("workspace"):
            yield _crate(key), None


def _crate(name: str) -> str:
    return name.replace("-", "_")
