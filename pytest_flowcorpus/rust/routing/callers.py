"""Which bodies call a function: those that could are found by its name in the bytes of files."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.module import Def
    from pytest_flowcorpus.rust.routing.bodies import Bodies
    from pytest_flowcorpus.rust.routing.expression import Called
    from pytest_flowcorpus.rust.routing.mounts import Mount
    from pytest_flowcorpus.rust.routing.values import Values
    from pytest_flowcorpus.rust.routing.wiring import Wiring

_NAME: Final = rb"(?<![\w\x80-\xff])([\w\x80-\xff]++)"
_CALLED: Final = re.compile(_NAME + rb"\s*+(?:\(|::\s*+<)")
_RENAMED: Final = re.compile(_NAME + rb"\s++as\s++([\w\x80-\xff]++)")
_SPACED: Final = re.sub(rb"[^\w\x80-\xff]", b" ", bytes(range(256)))
"""What translates all but names to spaces."""

_Site = tuple["Wiring", "Mount"]


class Callers:
    """Looks each name up once, whatever is called so."""

    def __init__(self, files: dict[str, bytes], bodies: Bodies, values: Values) -> None:
        self._files = files
        self._bodies = bodies
        self._values = values
        self._names: dict[bytes, tuple[bytes, ...]] = {}
        self._places: dict[str, dict[bytes, list[int]]] = {}
        self._renamed: dict[str, dict[bytes, list[bytes]]] = {}
        self._sites: dict[tuple[bytes, bool], dict[Def, list[_Site]]] = {}

    def of(self, callee: Def) -> Iterator[_Site]:
        """Give the bodies that call a function, and where what it gives is mounted there."""
        around = callee.item.parent
        is_member = around is not None and around.kind in (Kind.IMPL, Kind.TRAIT)
        for name in self._called(callee.name.encode()):
            for is_method in (False, True)[: 1 + is_member]:
                key = (name, is_method)
                if key not in self._sites:
                    self._sites[key] = self._resolved(name, is_method=is_method)
                yield from self._sites[key].get(callee, ())

    def _called(self, name: bytes) -> tuple[bytes, ...]:
        """Give a name, and those that imports give it."""
        if name not in self._names:
            files = self._words.get(name, ())
            found = [new for path in files for new in self._renames(path).get(name, ())]
            self._names[name] = tuple(dict.fromkeys((name, *found)))
        return self._names[name]

    def _resolved(self, name: bytes, *, is_method: bool) -> dict[Def, list[_Site]]:
        """Give the calls of a name by what they lead to."""
        found: dict[Def, list[_Site]] = {}
        for wiring, call, mount in self._named(name):
            if (call.receiver is not None) is is_method:
                callee = self._callee(wiring, call)
                if callee is not None:
                    found.setdefault(callee, []).append((wiring, mount))
        return found

    def _named(self, name: bytes) -> Iterator[tuple[Wiring, Called, Mount]]:
        for path in self._words.get(name, ()):
            for at in self._calls(path).get(name, ()):
                wiring = self._bodies.at(path, at)
                if wiring is not None and at in wiring.calls:
                    yield wiring, *wiring.calls[at]

    def _callee(self, wiring: Wiring, call: Called) -> Def | None:
        if call.receiver is not None:
            return self._bodies.method(wiring.owner, call.last.at)
        return self._values.function(call.function)[0]

    @cached_property
    def _words(self) -> dict[bytes, list[str]]:
        """The files that hold a word, in order."""
        found: dict[bytes, list[str]] = {}
        for path, code in self._files.items():
            for word in set(code.translate(_SPACED).split()):
                found.setdefault(word, []).append(path)
        return found

    def _calls(self, path: str) -> dict[bytes, list[int]]:
        """Give where a file could call what, by name."""
        if path not in self._places:
            found = self._places[path] = {}
            for call in _CALLED.finditer(self._files[path]):
                found.setdefault(call[1], []).append(call.start(1))
        return self._places[path]

    def _renames(self, path: str) -> dict[bytes, list[bytes]]:
        if path not in self._renamed:
            found = self._renamed[path] = {}
            for old, new in _RENAMED.findall(self._files[path]):
                found.setdefault(old, []).append(new)
        return self._renamed[path]
