"""All Rust of a tree: its crates, their modules, and where names are declared.

Files are read and parsed where a question leads to them. A word index over the bytes of all files
says which of them could hold an answer, so that no order of questions changes one.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.module import Module, SourceFile
from pytest_flowcorpus.rust.package import Package, read_package

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.rust.file import RustFile
    from pytest_flowcorpus.rust.item import Item

_DECLARED: Final = re.compile(
    rb"\b(?:fn|struct|enum|union|trait|type|mod|const(?!\s+(?:async|unsafe|extern|fn)\b)|static"
    rb"|macro_rules!)\s+(?:mut\s+)?(?:r#)?([\w\x80-\xff]+)"
)
_ROOTS: Final = ("lib.rs", "main.rs")


class Files(Protocol):
    """Where the Rust is read from."""

    def paths(self) -> Iterable[str]:
        """Give all paths of the tree, from its top, with ``/``."""

    def read(self, path: str) -> bytes | None:
        """Give a file's bytes, or None where it cannot be had."""

    def rust(self, path: str) -> RustFile | None:
        """Give a file parsed, or None where it cannot be had or is not UTF-8."""


class Workspace:
    """The crates of a tree."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._sources: dict[str, SourceFile | None] = {}
        self._roots: dict[str, Module | None] = {}
        self._modules: dict[str, Module | None] = {}
        self._children: dict[tuple[Module, Item], Module | None] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """All paths of Rust files, and the manifests of packages."""
        return frozenset(
            path for path in self._files.paths() if path.endswith((".rs", "Cargo.toml"))
        )

    @cached_property
    def declared(self) -> dict[bytes, list[str]]:
        """The files that could declare a name, sorted; some of them only seem to."""
        found: dict[bytes, list[str]] = {}
        for path, data in self._texts:
            for name in sorted(set(_DECLARED.findall(data))):
                found.setdefault(name, []).append(path)
        return found

    @cached_property
    def packages(self) -> dict[str, Package]:
        """The packages of the tree, by their folders; ``""`` is the top."""
        manifests = sorted(path for path in self.paths if path.endswith("Cargo.toml"))
        found = {_folder(path): read_package(self._files.read(path) or b"") for path in manifests}
        return {folder: package for folder, package in found.items() if package is not None}

    def source(self, path: str) -> SourceFile | None:
        """Give a file, or None where it cannot be had."""
        if path not in self._sources:
            rust = self._files.rust(path)
            self._sources[path] = SourceFile(path, rust) if rust is not None else None
        return self._sources[path]

    def containing(self, *words: str) -> Iterator[str]:
        """Give the Rust files whose bytes hold all of these texts, sorted."""
        wanted = [word.encode() for word in words]
        for path, data in self._texts:
            if all(word in data for word in wanted):
                yield path

    def is_declared(self, name: str) -> bool:
        """Tell whether a file could declare something of that name."""
        return name.encode() in self.declared

    def declaring(self, name: str) -> list[Module]:
        """Give the modules of the files that could declare a name, sorted by path."""
        modules = (self.module_of(path) for path in self.declared.get(name.encode(), []))
        return [module for module in modules if module is not None]

    def crate(self, name: str, user: Module) -> Module | None:
        """Give the library crate that a module knows by a name, where the tree holds it.

        That is its own package's library, or a dependency that the manifest gives a path.
        """
        folder = self._package_of(user.source.path)
        if folder is None:
            return None
        package = self.packages[folder]
        if package.library == name:
            return self._library(folder)
        where = package.dependency(name)
        if where is None and package.is_shared(name):
            where, folder = self._shared(name, folder)
        return self._library(_joined(folder, where)) if where is not None else None

    def roots(self) -> list[Module]:
        """Give the crates' own modules, sorted by their files."""
        paths = (path for path in sorted(self.paths) if path.rpartition("/")[2] in _ROOTS)
        return [root for path in paths if (root := self._root(path)) is not None]

    def libraries(self) -> list[tuple[str, Module]]:
        """Give the folders of packages, sorted, each with the root of its library."""
        found = ((folder, self._library(folder)) for folder in sorted(self.packages))
        return [(folder, root) for folder, root in found if root is not None]

    @cached_property
    def _texts(self) -> list[tuple[str, bytes]]:
        """The Rust files, sorted, and their bytes; nothing of one that cannot be had."""
        files = sorted(path for path in self.paths if path.endswith(".rs"))
        return [(path, self._files.read(path) or b"") for path in files]

    def _library(self, folder: str) -> Module | None:
        package = self.packages.get(folder)
        return self._root(_joined(folder, package.root)) if package is not None else None

    def _package_of(self, path: str) -> str | None:
        folders = (folder for folder in _folders(path) if folder in self.packages)
        return next(folders, None)

    def _shared(self, name: str, folder: str) -> tuple[str | None, str]:
        """Give what the workspace above says of a dependency, and the folder of its manifest."""
        for above in _folders(f"{folder}/x"):
            package = self.packages.get(above)
            if package is not None and name in package.shared:
                return package.shared[name], above
        return None, folder

    def named(self, name: str) -> list[Module]:
        """Give the modules of that name, sorted by file."""
        files = [path for path in sorted(self.paths) if _stem(path) == name]
        found = [module for path in files if (module := self.module_of(path)) is not None]
        for module in self.declaring(name):
            inner = [item for item in module.source.rust.items if item.kind is Kind.MOD]
            declared = [item for item in inner if item.name == name]
            children = (self.child(self.inside(module, item), item) for item in declared)
            found += [child for child in children if child is not None]
        return list(dict.fromkeys(found))

    def module_of(self, path: str) -> Module | None:
        """Give the module that a whole file is; of one that no crate holds, as if it were one."""
        if path not in self._modules:
            found = (self._in_crate(root, path) for root in self._roots_above(path))
            self._modules[path] = next((one for one in found if one), None) or self._root(path)
        return self._modules[path]

    def child(self, module: Module, item: Item) -> Module | None:
        """Give the module that a `mod` item declares, in this file or in one of its own."""
        if item.body[0] < item.body[1]:
            return module.inline(item)
        if (module, item) not in self._children:
            self._children[module, item] = self._loaded(module, item)
        return self._children[module, item]

    def has_file_for(self, module: Module, name: str) -> bool:
        """Tell whether a file stands where that of a child module of that name would."""
        folder = _joined(module.folder, name)
        return not self.paths.isdisjoint((f"{folder}.rs", f"{folder}/mod.rs"))

    def inside(self, module: Module, item: Item) -> Module:
        """Give the module in which an item of the module's file stands."""
        for outer in reversed([*item.enclosing()]):
            if outer.kind is Kind.MOD:
                module = module.inline(outer)
            elif outer.kind in (Kind.FN, Kind.CONST, Kind.STATIC):
                module = module.block(outer)
        return module

    def _root(self, path: str) -> Module | None:
        if path not in self._roots:
            source, folder = self.source(path), _folder(path)
            root = Module(source, None, None, "", folder) if source is not None else None
            self._roots[path] = root
        return self._roots[path]

    def _roots_above(self, path: str) -> Iterator[str]:
        for folder in _folders(path):
            roots = (_joined(folder, name) for name in _ROOTS)
            yield from (root for root in roots if root in self.paths)

    def _in_crate(self, root_path: str, path: str) -> Module | None:
        """Walk down from a crate's root to the file, by the names that lead there as a rule."""
        root = self._root(root_path)
        if root is None or path == root_path:
            return root
        below = path.removeprefix(root.folder).removeprefix("/").removesuffix(".rs")
        module = root
        for name in below.removesuffix("/mod").split("/"):
            items = module.mods.get(name)
            child = self.child(module, items[0]) if items else None
            if child is None:
                return None
            module = child
        return module if module.source.path == path else None

    def _loaded(self, module: Module, item: Item) -> Module | None:
        for path, folder in _places(module, item):
            source = self.source(path)
            if source is not None:
                return self._elsewhere(module, path) or Module(
                    source, None, module, item.name, folder
                )
        return None

    def _elsewhere(self, module: Module, path: str) -> Module | None:
        """Give the module of a file in the crate that comes first of those that declare it."""
        for root in self._roots_above(path):
            if root == module.root.source.path:
                return None
            if (found := self._in_crate(root, path)) is not None:
                return found
        return None


def _stem(path: str) -> str:
    """Give what the module of a file is called as a rule."""
    return path.removesuffix(".rs").removesuffix("/mod").rpartition("/")[2]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _folders(path: str) -> Iterator[str]:
    """Give the folders that a file stands in, innermost first; the last is ``""``."""
    while path:
        path = _folder(path)
        yield path


def _places(module: Module, item: Item) -> Iterator[tuple[str, str]]:
    """Give where a module's file can stand, and where the files of its children would."""
    here = _folder(module.source.path)
    code = module.source.rust.code[item.outer : item.decl]
    if match := re.search(rb'#\[\s*path\s*=\s*"([^"]+)"', code):
        path = _joined(here, match[1].decode(errors="replace"))
        yield path, path.rpartition("/")[0]
        return
    folder = _joined(module.folder, item.name)
    yield f"{folder}.rs", folder
    yield f"{folder}/mod.rs", folder


def _joined(folder: str, path: str) -> str:
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
