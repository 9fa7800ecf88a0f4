"""All Rust of a tree, and what its items call and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.body import Body
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.knowledge import Knowledge
from pytest_flowcorpus.rust.mentions import Naming, mentions
from pytest_flowcorpus.rust.module import Def
from pytest_flowcorpus.rust.place import Place
from pytest_flowcorpus.rust.routing import Route, Routes
from pytest_flowcorpus.rust.suffix import Suffixes
from pytest_flowcorpus.rust.testonly import test_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.rust.excerpt import LineRange
    from pytest_flowcorpus.rust.file import Found
    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.module import Module
    from pytest_flowcorpus.rust.site import Certainty, Site
    from pytest_flowcorpus.rust.workspace import Files

_RUNNING: Final = frozenset((Kind.FN, Kind.CONST, Kind.STATIC))
_HOLDING: Final = frozenset((Kind.IMPL, Kind.TRAIT, Kind.MOD))


@dataclass(frozen=True, slots=True)
class Call:
    """A call in an item's body, or a function that is named there as a value."""

    name: str
    """What the callee is called there."""
    line: int
    """Where that name stands in the file, counted from 1."""
    certainty: Certainty
    callee: Place | None
    """Of a resolved call."""
    trait: Place | None
    """What the callee's trait declares, where the callee is a member of an impl."""
    receiver: str
    """Of a method: what it is called on, with its type; made for people."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a fragment that stands for an item."""

    name: str
    line: int
    """Where it stands in the file, counted from 1."""
    certainty: Certainty
    item: Place | None
    """Of a resolved one."""


class Codebase:
    """Answers questions about the items of a tree; each file is parsed once, when asked for."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known = Knowledge.of(files)
        self._workspace = self._known.workspace
        self._suffixes = Suffixes(self._known)
        self._calls: dict[Def, tuple[Call, ...]] = {}
        self._mentions: dict[tuple[str, int, int], tuple[Mention, ...]] = {}
        self._places: dict[Def, Place] = {}
        self._test_lines: dict[str, tuple[LineRange, ...]] = {}
        self._routes: tuple[Route, ...] | None = None

    def calls(self, path: str, found: Found) -> tuple[Call, ...]:
        """Give the calls in an item's body, in source order; of an impl those of all members."""
        module = self._workspace.module_of(path)
        if module is None:
            return ()
        item = module.source.rust.item(found)
        running = (one for one in self._running(module, item))
        return tuple(call for one in running for call in self._calls_of(module, one))

    def mentions(self, path: str, found: Found) -> tuple[Mention, ...]:
        """Give what an item names, in source order: its paths, and the methods it calls."""
        key = (path, found.start, found.end)
        if key not in self._mentions:
            named = (*self._told(path, found), *self._called(path, found))
            self._mentions[key] = tuple(dict.fromkeys(sorted(named, key=lambda one: one.line)))
        return self._mentions[key]

    def _told(self, path: str, found: Found) -> Iterator[Mention]:
        module = self._workspace.module_of(path)
        if module is not None:
            item = module.source.rust.item(found)
            for named in mentions(self._known, module, item):
                yield self._mention(module, named)

    def _called(self, path: str, found: Found) -> Iterator[Mention]:
        for call in self.calls(path, found):
            yield Mention(call.name, call.line, call.certainty, call.callee)
            if call.trait is not None:
                yield Mention(call.name, call.line, call.certainty, call.trait)

    def names(self, path: Sequence[str], user: str | None = None) -> Place | bool:
        """Give what a path of two names or more means when it is read as the end of a full one.

        True for what a macro makes; False where nothing is called so. `user` is a file whose
        imports count too.
        """
        module = self._workspace.module_of(user) if user is not None else None
        for found in self._suffixes.find(path, module):
            return self._place(found) if isinstance(found, Def) and not found.is_made else True
        return False

    def nearest(self, path: Sequence[str], user: str | None = None) -> tuple[str, ...]:
        """Give at most three real paths like one that is not there, the likest first."""
        module = self._workspace.module_of(user) if user is not None else None
        return tuple(self._suffixes.nearest(path, module))

    def test_lines(self, path: str) -> tuple[LineRange, ...]:
        """Give the lines of a file that are compiled for tests alone: ascending and apart."""
        if path not in self._test_lines:
            module = self._workspace.module_of(path)
            self._test_lines[path] = test_lines(module) if module is not None else ()
        return self._test_lines[path]

    def routes(self) -> tuple[Route, ...]:
        """Give the HTTP routes that the tree registers, by file and line; tests are left out."""
        if self._routes is None:
            found = Routes(self._known, self._files, self._place, self.test_lines)
            self._routes = tuple(found.all())
        return self._routes

    def place(self, path: str, found: Found) -> Place:
        """Give where an item stands."""
        module = self._workspace.module_of(path)
        if module is None:
            raise ValueError(f"{path} is not in the tree")
        item = module.source.rust.item(found)
        return Place(path, found.address, found.kind, module.source.rust.line(item.decl))

    def _running(self, module: Module, item: Item) -> Iterator[Item]:
        pool = [item]
        while pool:
            item = pool.pop(0)
            if item.kind in _RUNNING:
                yield item
            elif item.kind in _HOLDING:
                pool = [*module.source.rust.members(item), *pool]

    def _calls_of(self, module: Module, item: Item) -> tuple[Call, ...]:
        around = self._workspace.inside(module, item)
        owner = around.source.define(item, around)
        if owner not in self._calls:
            sites = Body(self._known, owner).sites()
            self._calls[owner] = tuple(self._call(owner, site) for site in sites)
        return self._calls[owner]

    def _mention(self, module: Module, named: Naming) -> Mention:
        item = self._place(named.item) if named.item is not None else None
        line = module.source.rust.line(named.at)
        return Mention(named.name, line, named.certainty, item)

    def _call(self, owner: Def, site: Site) -> Call:
        callee = self._place(site.callee) if site.callee is not None else None
        trait = self._place(site.trait) if site.trait is not None else None
        line = owner.module.source.rust.line(site.at)
        return Call(site.name, line, site.certainty, callee, trait, site.receiver)

    def _place(self, one: Def) -> Place:
        if one not in self._places:
            source = one.module.source
            address = source.rust.address(one.item)
            line = source.rust.line(one.item.decl)
            self._places[one] = Place(source.path, address, one.kind, line)
        return self._places[one]
