"""What an item leads to: the functions that run when it runs, as far as syntax tells."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import AddressError, Certainty, Kind
from pytest_flowcorpus.target import Target

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.rust import Call, Item, Mention, Place

TYPES: Final = frozenset((Kind.STRUCT, Kind.ENUM, Kind.UNION, Kind.TYPE, Kind.MACRO_CALL))
"""Kinds that a type can be of; an item macro's call makes one, as far as is known."""
_VALUES: Final = frozenset((Kind.CONST, Kind.STATIC))


@dataclass(frozen=True, slots=True)
class Reach:
    """A function and all that its resolved calls lead to."""

    targets: tuple[Target, ...]
    """The function itself first, then each item once, in the order in which they first run."""
    undecided: tuple[tuple[Target, Call], ...]
    """The calls on the way of which syntax does not tell where they lead, each with its caller.

    Those to what no spec could name among them.
    """
    ends: tuple[Target, ...] = ()
    """Where something else begins, so that it was followed no further; none of its own items."""

    @property
    def entry(self) -> Target:
        """Where it begins."""
        return self.targets[0]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it runs through, in that order."""
        return tuple(dict.fromkeys(target.path for target in self.targets))


@dataclass(frozen=True, eq=False)
class Callgraph:
    """Who calls whom in an open corpus; everything is asked once."""

    opened: OpenCorpus
    _targets: dict[Place, Target | None] = field(default_factory=dict)
    _calls: dict[Target, tuple[Call, ...]] = field(default_factory=dict)

    def target(self, place: Place) -> Target | None:
        """Give the item that stands at a place; None where no spec could name it.

        An attribute with control characters can be all that tells it from another.
        """
        if place not in self._targets:
            self._targets[place] = self._found(place)
        return self._targets[place]

    def _found(self, place: Place) -> Target | None:
        try:
            return Target(place.path, self.opened.file(place.path).rust.find(place.address))
        except AddressError:
            return None

    def at(self, path: str, item: Item) -> Target:
        """Give an item of a file."""
        return Target(path, self.opened.file(path).rust.found(item))

    def functions(self, head: bytes = b"") -> Iterator[Target]:
        """Give the functions with bodies below ``root``, but for those of tests alone.

        With `head` only those that have such bytes among docs and attributes.
        """
        for path in self.opened.rust_files.below_root():
            code = self.opened.rust_files.read(path) or b""
            for item in self.items(path):
                if is_running(item) and head in code[item.outer : item.decl]:
                    yield self.at(path, item)

    def items(self, path: str) -> Iterator[Item]:
        """Give the items of a file outside of function bodies, but for those of tests alone."""
        code = self.opened.rust_files.rust(path)
        tests = self.opened.codebase.test_lines(path)
        for item in code.items if code is not None else ():
            line = code.line(item.decl) if code is not None else 0
            at = bisect_right(tests, line, key=lambda lines: lines[0])
            if not at or tests[at - 1][1] < line:
                yield item

    def calls(self, caller: Target) -> tuple[Call, ...]:
        """Give the calls in an item's body, in source order."""
        if caller not in self._calls:
            self._calls[caller] = self.opened.codebase.calls(caller.path, caller.found)
        return self._calls[caller]

    def callees(self, caller: Target) -> Iterator[Target]:
        """Give what an item's resolved calls lead to, in source order."""
        for call in self.calls(caller):
            callee = self.target(call.callee) if call.callee is not None else None
            if call.certainty is Certainty.RESOLVED and callee is not None:
                yield callee

    def mentions(self, target: Target) -> Iterator[Mention]:
        """Give what an item names, as far as that is resolved, in source order."""
        for mention in self.opened.codebase.mentions(target.path, target.found):
            if mention.certainty is Certainty.RESOLVED and mention.item is not None:
                yield mention

    def types(self, target: Target, until: int | None = None) -> list[Target]:
        """Give the types, constants and statics that an item names, down to a line of its file."""
        named = (
            self.meant(mention.item)
            for mention in self.mentions(target)
            if mention.item is not None and (until is None or mention.line <= until)
        )
        return list(dict.fromkeys(one for one in named if one is not None and one != target))

    def meant(self, place: Place) -> Target | None:
        """Give the type, constant or static at a place, of a variant its enum; else None."""
        if place.kind is Kind.VARIANT:
            variant = self.target(place)
            code = self.opened.file(place.path).rust
            enum = code.item(variant.found).parent if variant is not None else None
            return self.at(place.path, enum) if enum is not None else None
        return self.target(place) if place.kind in TYPES | _VALUES else None

    def reach(self, entry: Target, others: Collection[Target] = ()) -> Reach:
        """Give all that runs when `entry` runs, down to where one of `others` begins."""
        seen: dict[Target, None] = {}
        ends: dict[Target, None] = {}
        waiting = [entry]
        while waiting:
            target = waiting.pop()
            if target in others and target != entry:
                ends[target] = None
            elif target not in seen:
                seen[target] = None
                waiting += reversed([one for one in self.callees(target) if one not in seen])
        return Reach(tuple(seen), tuple(self._undecided(seen)), tuple(ends))

    def _undecided(self, callers: dict[Target, None]) -> Iterator[tuple[Target, Call]]:
        for caller in callers:
            for call in self.calls(caller):
                is_nameless = call.callee is not None and self.target(call.callee) is None
                if call.certainty is Certainty.UNDECIDED or is_nameless:
                    yield caller, call


def is_running(item: Item) -> bool:
    """Tell whether an item is a function with a body that parses."""
    return item.kind is Kind.FN and not item.is_broken and item.body[0] < item.body[1]
