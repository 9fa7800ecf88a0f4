"""What belongs to an item's way: what runs with it, and the types that its code works with.

`Callgraph.reach` follows what the code calls. An author also quotes what no line calls: what a
framework runs, who takes up a task that is put on a queue, the types in the signature.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.reach import TYPES
from pytest_flowcorpus.rust import Kind
from pytest_flowcorpus.scaffold.frameworks import Frameworks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.reach import Callgraph
    from pytest_flowcorpus.rust import Place
    from pytest_flowcorpus.target import Target


class Way(StrEnum):
    """How one item leads to another."""

    CALL = "call"
    DISPATCH = "dispatch"
    """What it calls is declared by a trait; the other is what an impl makes of that."""
    TASK = "task"
    """It makes a variant that the other, in a later layer, takes up."""
    FRAMEWORK = "framework"
    """A framework runs the other, since the signature names its type."""
    CHECK = "check"
    """A framework runs the other, since a type of the signature holds it or its type."""
    SIGNATURE = "signature"
    TYPE = "type"
    PART = "part"
    """The other is the type of one of its fields or variants."""
    ROW = "row"
    """The other is the row of the table that it works on."""


class Step(NamedTuple):
    """That one item leads to another."""

    target: Target
    way: Way


_HOLDING: Final = frozenset((Kind.STRUCT, Kind.ENUM, Kind.UNION, Kind.TYPE))
_MOST_IMPLS: Final = 4
"""A trait with more impls than this is a mechanism, and no way of one feature."""


class Kin:
    """Gives the items that an item leads to, in the order in which its code does."""

    def __init__(self, graph: Callgraph, entry: Target) -> None:
        self._graph = graph
        self._entry = entry
        self._opened = graph.opened
        self._layers = Layers(graph.opened.corpus.settings)
        self._frameworks = Frameworks(graph)
        self._users: dict[Place, tuple[Target, ...]] = {}

    def steps(self, target: Target, way: Way) -> Iterator[Step]:
        """Give the steps from an item that was come to by `way`."""
        if target.kind is not Kind.FN:
            yield from self._from_type(target, way)
            return
        if target == self._entry:
            yield from self._from_entry()
        yield from self._from_body(target)

    def _from_entry(self) -> Iterator[Step]:
        named = self._signature()
        for target in named:
            yield Step(target, Way.SIGNATURE)
        if self._frameworks.is_handler(self._entry):
            behind = [part for one in named if one.kind is Kind.TYPE for part in self.parts(one)]
            for target in dict.fromkeys((*named, *behind)):
                for member in self._frameworks.run_for(target):
                    yield Step(member, Way.FRAMEWORK)
            for part in dict.fromkeys(part for one in named for part in self.parts(one)):
                for member in self._frameworks.run_for_part(part):
                    yield Step(member, Way.CHECK)

    def _from_body(self, caller: Target) -> Iterator[Step]:
        for callee in self._graph.callees(caller):
            yield Step(callee, Way.CALL)
            for member in self._frameworks.impls_of(callee, _MOST_IMPLS):
                yield Step(member, Way.DISPATCH)
        for target in self._graph.types(caller):
            yield Step(target, Way.TYPE)
        for row in self._frameworks.rows(caller):
            yield Step(row, Way.ROW)
        for taker in self._takers(caller):
            yield Step(taker, Way.TASK)

    def _from_type(self, target: Target, way: Way) -> Iterator[Step]:
        if way is Way.SIGNATURE and self._frameworks.is_handler(self._entry):
            for check in self._frameworks.named_in_attributes(target):
                yield Step(check, Way.CHECK)
        for part in self.parts(target):
            yield Step(part, Way.PART)

    def _signature(self) -> list[Target]:
        """Give the types that the entry's signature names."""
        line = self._body_line(self._entry)
        return [one for one in self._graph.types(self._entry, until=line) if one.kind in TYPES]

    def parts(self, target: Target) -> list[Target]:
        """Give the types that the fields and variants of a type hold, or an alias stands for."""
        return self._graph.types(target) if target.kind in _HOLDING else []

    def _takers(self, maker: Target) -> Iterator[Target]:
        """Give who in a later layer matches on a variant of a task that `maker` names."""
        for mention in self._graph.mentions(maker):
            place = mention.item
            if place is not None and place.kind is Kind.VARIANT and self._is_task(place):
                for user in self._users_of(place):
                    if self._is_later(user.path, maker.path, place.path):
                        yield user

    def _is_task(self, variant: Place) -> bool:
        """Tell whether a variant's enum carries data: others are states, and sent to nobody."""
        enum = self._graph.meant(variant)
        if enum is None:
            return False
        code = self._opened.file(enum.path).rust
        members = (one for one in code.members(code.item(enum.found)) if one.kind is Kind.VARIANT)
        return any(code.code[one.body[0] : one.body[0] + 1] in (b"(", b"{") for one in members)

    def _is_later(self, path: str, *others: str) -> bool:
        """Tell whether a file's layer comes after those of others."""
        order = {name: number for number, name in enumerate(self._layers.names)}
        place = order.get(self._layers.layer_of(path) or "")
        before = [order.get(self._layers.layer_of(other) or "") for other in others]
        return place is not None and all(one is not None and one < place for one in before)

    def _users_of(self, variant: Place) -> tuple[Target, ...]:
        """Give the functions that match on a variant; who only makes another one is no taker."""
        if variant not in self._users:
            name = variant.address.rpartition("::")[2]
            likely = (one for one in self._functions if name.encode() in one.found.text)
            self._users[variant] = tuple(
                one
                for one in likely
                if any(mention.item == variant for mention in self._graph.mentions(one))
                and name in self._matched(one)
            )
        return self._users[variant]

    def _matched(self, function: Target) -> frozenset[str]:
        code = self._opened.file(function.path).rust
        return code.matched(code.item(function.found))

    @cached_property
    def _functions(self) -> tuple[Target, ...]:
        return tuple(self._graph.functions())

    def _body_line(self, function: Target) -> int:
        code = self._opened.file(function.path).rust
        return code.line(code.item(function.found).body[0])
