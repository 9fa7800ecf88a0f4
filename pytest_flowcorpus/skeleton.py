"""The spec of a new flow as text: code, hops and hints, and no word of prose.

What the resolver knows stands as an assert that holds; what it does not, as a comment that says
how it would be claimed.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.kin import Way
from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.names import Names, words
from pytest_flowcorpus.rust import Address, Certainty, Kind
from pytest_flowcorpus.rust.address import Qualified
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.typename import erased
from pytest_flowcorpus.upstream import tests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_flowcorpus.rust import Call, Mention
    from pytest_flowcorpus.scaffold import Scaffold
    from pytest_flowcorpus.target import Target

_STATED: Final = (Way.FRAMEWORK, Way.CHECK, Way.DISPATCH)
_MOST_TESTS: Final = 8
_EVERYWHERE: Final = frozenset(
    (
        *("as_ref", "borrow", "clone", "cmp", "default", "eq", "fmt", "from_iter", "hash"),
        *("into_iter", "is_empty", "iter", "len", "map", "ne", "next", "not", "to_string"),
    )
)
"""Methods that most types have: that one of them is called says nothing."""


def spec_name(entry: Target) -> str:
    """Give the name of the flow that begins at a function, and of its file: ``flow_…``."""
    return f"flow_{'_'.join(words(entry.address, with_traits=False))}"


def skeleton(made: Scaffold) -> str:
    """Give the spec of a flow that extracts what a scaffold has taken."""
    return "".join(f"{line.rstrip()}\n" for line in _Skeleton(made).lines())


class _Skeleton:
    def __init__(self, made: Scaffold) -> None:
        self._made = made
        self._graph = made.graph
        self._opened = made.graph.opened
        self._layers = Layers(self._opened.corpus.settings)
        self._names = Names.of([path for path, _ in made.files], [p.target for p in made.taken])
        routes = self._opened.codebase.routes()
        self._routes = [route for route in routes if made.entry.is_at(route.handler)]

    def lines(self) -> Iterator[str]:
        yield _quoted(self._title(), '"""')
        yield from ("", "from pytest_flowcorpus import Flow", "", "")
        yield f"def {spec_name(self._made.entry)}(flow: Flow) -> None:"
        yield from (f"    {line}" for line in self._body())

    def _title(self) -> str:
        routes = ", ".join(f"{route.method} {route.path}" for route in self._routes)
        entry = self._made.entry
        where = f"{entry.address}, {self._written(entry.path)}"
        return f"{routes}: {where}" if routes else where

    def _body(self) -> Iterator[str]:
        proofs: dict[str, Callable[[], Iterator[str]]] = {
            "orchestration": self._calls,
            "boundaries": self._mentions,
            "errors": self._stated,
            "performance": self._undecided,
            "testing": self._tests,
        }
        yield from ('flow.request("""', '""")')
        yield from self._extracts()
        yield from self._cut()
        for aspect in ASPECTS:
            yield from ("", "flow.think(", '    """', '    """,', f'    covers=["{aspect}"],', ")")
            yield from proofs[aspect]()

    def _extracts(self) -> Iterator[str]:
        files = self._made.files
        for layer, group in groupby(files, key=lambda file: self._layers.layer_of(file[0])):
            yield ""
            yield _comment(layer or "in no layer")
            for path, picks in group:
                handle = self._names.file(path)
                yield f"{handle} = flow.file({_quoted(self._written(path))})"
                if self._made.imports is not None and path == self._made.entry.path:
                    yield f'{handle}.extract("use")'
                for pick in picks:
                    yield f"{self._item(pick.target)} = {handle}.{_extract(pick.target)}"

    def _cut(self) -> Iterator[str]:
        if self._made.cut:
            yield ""
            yield "# What it leads to besides, the nearest first, with its tokens: no room is left."
        yield from (
            _comment(f"{self._file(pick.target)}.{_extract(pick.target)}  # {pick.tokens}")
            for pick in self._made.cut
        )

    def _calls(self) -> Iterator[str]:
        for caller in self._functions():
            for callee in dict.fromkeys(self._graph.callees(caller)):
                if self._names.has(callee):
                    yield f"assert {self._item(callee)} in {self._item(caller)}.calls"

    def _mentions(self) -> Iterator[str]:
        lines = (
            self._mention(pick.target, mention)
            for pick in self._made.taken
            for mention in self._graph.mentions(pick.target)
        )
        yield from dict.fromkeys(line for line in lines if line)

    def _mention(self, teller: Target, mention: Mention) -> str:
        """Give the assert that an item names another that is taken, or a variant of it."""
        place = mention.item
        meant = self._graph.meant(place) if place is not None else None
        if place is None or meant is None or meant == teller or not self._names.has(meant):
            return ""
        variant = _quoted(f"{self._written(place.path)}::{place.address}")
        named = variant if place.kind is Kind.VARIANT else self._item(meant)
        return f"assert {named} in {self._item(teller)}.mentions"

    def _stated(self) -> Iterator[str]:
        """Give what no line of the code says, as it would be stated."""
        for pick in self._made.taken:
            via = _via(pick.target) if pick.way in _STATED else ""
            if via and pick.origin is not None and self._names.has(pick.origin):
                ends = f"{self._item(pick.origin)}, {self._item(pick.target)}"
                yield _comment(f"flow.hop({ends}, via={_quoted(via)})")

    def _undecided(self) -> Iterator[str]:
        """Give the calls that syntax does not decide, as weaker claims of them would stand."""
        for caller in self._functions():
            lines: dict[str, list[int]] = {}
            for call in self._graph.calls(caller):
                if call.certainty is Certainty.UNDECIDED and _is_telling(caller, call):
                    lines.setdefault(call.name, []).append(call.line)
            for name, numbers in lines.items():
                claim = f"assert {self._item(caller)}.calls.named({_quoted(name)})"
                places = ", ".join(map(str, dict.fromkeys(numbers)))
                yield _comment(f"{claim}  # line {places}")

    def _tests(self) -> Iterator[str]:
        entry = self._made.entry
        for test in tests_of(self._opened, entry, self._routes, _MOST_TESTS):
            yield _comment(f"{self._file(test)}.{_extract(test)}")

    def _functions(self) -> Iterator[Target]:
        return (one.target for one in self._made.taken if one.target.kind is Kind.FN)

    def _item(self, target: Target) -> str:
        return self._names.item(target)

    def _file(self, target: Target) -> str:
        return f"flow.file({_quoted(self._written(target.path))})"

    def _written(self, path: str) -> str:
        return self._opened.corpus.spec_path(path)


def _is_telling(caller: Target, call: Call) -> bool:
    """Tell whether a call stands there by its name, and the name says something.

    Operators and macros call without naming, and what every type can do says nothing.
    """
    lines = caller.found.text.split(b"\n")
    line = lines[call.line - caller.found.first_line]
    is_written = re.search(rb"\b" + re.escape(call.name.encode()) + rb"\b", line) is not None
    return is_written and call.name not in _EVERYWHERE


def _extract(target: Target) -> str:
    return f"extract({_quoted(target.address)})"


def _via(target: Target) -> str:
    """Give the function of a trait that a member of its impl is run as; else an empty text."""
    block = Address.parse(target.address).steps[-2:][0]
    if not (isinstance(block, Qualified) and block.trait):
        return ""
    return "::".join((*erased(block.trait)[-1:], target.name))


def _comment(text: str) -> str:
    return f"# {visible(text)}"


def _quoted(text: str, quote: str = '"') -> str:
    """Give a text as Python writes it; what cannot be printed is escaped."""
    if not text.isprintable():
        return ascii(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f"{quote}{escaped}{quote}"
