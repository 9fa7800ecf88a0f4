"""The bodies of a tree: whose a place in a file is, and how it puts routers together."""

from __future__ import annotations

from bisect import bisect_right
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.body import Body
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.routing.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_flowcorpus.rust.excerpt import LineRange
    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.module import Def, Module
    from pytest_flowcorpus.rust.routing.values import Values

_RUNNING: Final = frozenset((Kind.FN, Kind.CONST, Kind.STATIC))
_DEEPEST: Final = 16
_TESTING: Final = frozenset(("tests", "benches"))


class Bodies:
    """Each is walked once, when asked for; what only tests compile is left out.

    `test_lines` gives the lines of a file that are of tests alone, ascending and apart.
    """

    def __init__(
        self,
        known: Knowledge,
        values: Values,
        test_lines: Callable[[str], tuple[LineRange, ...]],
    ) -> None:
        self._known = known
        self._values = values
        self._test_lines = test_lines
        self._tests: dict[str, tuple[LineRange, ...]] = {}
        self._running: dict[tuple[str, Item | None], list[Item]] = {}
        self._wirings: dict[Def, Wiring] = {}
        self._callees: dict[Def, dict[int, Def | None]] = {}

    def at(self, path: str, offset: int) -> Wiring | None:
        """Give the innermost body around a byte of a file."""
        is_test = not _TESTING.isdisjoint(_above_source(path))
        module = self._known.workspace.module_of(path) if not is_test else None
        if module is None or self._is_test(module, offset):
            return None
        found: Item | None = None
        items = self._within(module, None)
        for _ in range(_DEEPEST):
            index = bisect_right(items, offset, key=lambda item: item.start) - 1
            if index < 0 or offset >= items[index].end:
                break
            found = items[index]
            items = self._within(module, found)
        return self.of(self._define(module, found)) if found is not None else None

    def of(self, owner: Def) -> Wiring:
        """Give how a function, constant or static puts routers together."""
        if owner not in self._wirings:
            scope = self._known.types.scope(owner)
            self._wirings[owner] = Wiring(owner, scope, self._values)
        return self._wirings[owner]

    def method(self, owner: Def, at: int) -> Def | None:
        """Give the method whose name stands at a byte of a body, where its receiver tells."""
        if owner not in self._callees:
            sites = Body(self._known, owner).sites()
            self._callees[owner] = {site.at: site.callee for site in sites}
        return self._callees[owner].get(at)

    def _define(self, module: Module, item: Item) -> Def:
        around = self._known.workspace.inside(module, item)
        return around.source.define(item, around)

    def _within(self, module: Module, item: Item | None) -> list[Item]:
        """Give what runs directly in a file or in another body, by place."""
        rust = module.source.rust
        key = (module.source.path, item)
        if key not in self._running:
            found: Iterable[Item] = rust.nested(item) if item is not None else rust.items
            self._running[key] = [one for one in found if one.kind in _RUNNING]
        return self._running[key]

    def _is_test(self, module: Module, offset: int) -> bool:
        path = module.source.path
        if path not in self._tests:
            self._tests[path] = self._test_lines(path)
        lines, line = self._tests[path], module.source.rust.line(offset)
        before = bisect_right(lines, line, key=lambda one: one[0]) - 1
        return before >= 0 and line <= lines[before][1]


def _above_source(path: str) -> Iterator[str]:
    return takewhile(lambda folder: folder != "src", path.split("/")[:-1])
