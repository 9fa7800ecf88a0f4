"""The spec of a new flow as text: code, hops and hints, and no word of prose.

What the resolver knows stands as an assert that holds; what it does not, as a comment that says
how it would be claimed.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.rust import Address, Certainty, Kind
from pytest_flowcorpus.rust.address import Qualified
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.typename import erased
from pytest_flowcorpus.scaffold.kin import Way
from pytest_flowcorpus.scaffold.names import Names, file_words, words
from pytest_flowcorpus.scaffold.upstream import tests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_flowcorpus.scaffold.scaffold import Scaffold
    from pytest_flowcorpus.target import Target

_STATED: Final = (Way.FRAMEWORK, Way.CHECK, Way.DISPATCH)
_MOST_TESTS: Final = 8


def spec_name(entry: Target, others: Iterable[Target] = ()) -> str:
    """Give the name of the flow that begins at a function, and of its file: ``flow_…``.

    Where one of the `others` would have it too, the name of the entry's file stands before it.
    """
    own = words(entry.address, with_traits=False)
    rivals = (words(one.address, with_traits=False) for one in others if one != entry)
    where = file_words(entry.path)[-1:] if own in rivals else []
    return f"flow_{'_'.join([*where, *own])}"


def skeleton(made: Scaffold, name: str) -> str:
    """Give the spec of a flow of that name, which extracts what a scaffold has taken."""
    return "".join(f"{line.rstrip()}\n" for line in _Skeleton(made, name).lines())


class _Skeleton:
    def __init__(self, made: Scaffold, name: str) -> None:
        self._made = made
        self._name = name
        self._graph = made.graph
        self._opened = made.graph.opened
        self._layers = Layers(self._opened.corpus.settings)
        self._names = Names.of([path for path, _ in made.files], [p.target for p in made.taken])
        routes = self._opened.codebase.routes()
        self._routes = [route for route in routes if made.entry.is_at(route.handler)]

    def lines(self) -> Iterator[str]:
        yield _quoted(self._title(), '"""')
        yield from ("", "from pytest_flowcorpus import Flow", "", "")
        yield f"def {self._name}(flow: Flow) -> None:"
        yield from (f"    {line}" for line in self._body())

    def _title(self) -> str:
        routes = ", ".join(f"{route.method} {route.path}" for route in self._routes[:1])
        more = len(self._routes) - 1
        routes += f" (and {more} more)" if more > 0 else ""
        entry = self._made.entry
        where = f"{entry.address}, {self._written(entry.path)}"
        return f"{routes}: {where}" if routes else where

    def _body(self) -> Iterator[str]:
        proofs: dict[str, Callable[[], Iterator[str]]] = {
            "orchestration": lambda: chain(self._calls(), self._stated(), self._undecided()),
            "boundaries": self._mentions,
            "testing": self._tests,
        }
        yield from ('flow.request("""', '""")')
        yield from self._extracts()
        yield from self._cut()
        for aspect in ASPECTS:
            yield from ("", "flow.think(", '    """', '    """,', f'    covers=["{aspect}"],', ")")
            yield from proofs.get(aspect, lambda: iter(()))()

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
        """Give a hop for each resolved call, also to what is not extracted."""
        for caller in self._functions():
            for callee in dict.fromkeys(self._graph.callees(caller)):
                address = _quoted(f"{self._written(callee.path)}::{callee.address}")
                named = self._item(callee) if self._names.has(callee) else address
                yield f"assert {named} in {self._item(caller)}.calls"

    def _mentions(self) -> Iterator[str]:
        """Give a hop for each type, constant or variant that a function names.

        That a type names those of its fields proves no step, nor that an enum stands before its
        variant.
        """
        for function in self._functions():
            named = dict.fromkeys(self._named_by(function))
            enums = {meant for meant, variant in named if variant}
            for meant, variant in named:
                if variant or meant not in enums:
                    claimed = variant or self._item(meant)
                    yield f"assert {claimed} in {self._item(function)}.mentions"

    def _named_by(self, function: Target) -> Iterator[tuple[Target, str]]:
        """Give what a function names of what is taken, and of a variant its address, quoted."""
        for mention in self._graph.mentions(function):
            meant = self._graph.meant(mention.item) if mention.item is not None else None
            if mention.item is not None and meant is not None and self._names.has(meant):
                address = f"{self._written(mention.item.path)}::{mention.item.address}"
                is_variant = mention.item.kind is Kind.VARIANT
                yield meant, _quoted(address) if is_variant else ""

    def _stated(self) -> Iterator[str]:
        """Give what no line of the code says, as it would be stated."""
        for pick in self._made.taken:
            via = _via(pick.target) if pick.way in _STATED else ""
            if via and pick.origin is not None and self._names.has(pick.origin):
                ends = f"{self._item(pick.origin)}, {self._item(pick.target)}"
                yield _comment(f"flow.hop({ends}, via={_quoted(via)})")

    def _undecided(self) -> Iterator[str]:
        """Give the calls that could be of what is taken, as weaker claims of them would stand."""
        names = {function.name for function in self._functions()}
        for caller in self._functions():
            lines: dict[str, list[int]] = {}
            for call in self._graph.calls(caller):
                if call.certainty is Certainty.UNDECIDED and call.name in names:
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
