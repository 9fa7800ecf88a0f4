"""From an address to the items of a file that answer to it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import damage, wording
from pytest_flowcorpus.rust.address import Address, Block, Call, ForeignBlock, Name, Qualified
from pytest_flowcorpus.rust.grammar import BLOCKS, Kind
from pytest_flowcorpus.rust.items import Reading, read, read_body
from pytest_flowcorpus.rust.typename import Spelling, covers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.address import Step
    from pytest_flowcorpus.rust.item import Item


_DEEPEST: Final = 64


class Lookup:
    """The items of one file; function bodies are read when an address leads into them."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._bodies: dict[Item, Reading] = {}
        self._members: dict[Item, list[Item]] = {}
        self._arguments: dict[str, list[Spelling]] = {}
        self._indices: dict[Item | None, dict[str, list[Item]]] = {None: {}}
        self._file = self._learnt(read(code))

    @property
    def items(self) -> tuple[Item, ...]:
        """The items outside of function bodies, in source order."""
        return self._file.items

    @property
    def is_whole(self) -> bool:
        """Whether the grammar accepts all of the file."""
        return self._file.is_whole

    @property
    def is_cut(self) -> bool:
        """Whether containers nest too deep in the file to be entered."""
        return self._file.is_cut

    def members(self, item: Item) -> list[Item]:
        """Give what stands directly in an item's body, as far as it was read."""
        return self._members.get(item, [])

    def nested(self, item: Item) -> tuple[Item, ...]:
        """Give the items that stand in a body, its functions' bodies left out."""
        return self._body(item).items if _is_readable(item) else ()

    def matches(self, address: Address) -> list[Item]:
        """Give the items that answer to an address, in source order.

        Where several do, those that the address spells out in full are preferred to those that it
        merely fits, so that every item whose like has generics or conditions of its own has an
        address.
        """
        found = [item for item in self._reached(address.steps) if self._is_meant(item, address)]
        if len(found) > 1 and not all(map(_is_plain, address.steps)):
            found = [item for item in found if self._is_spelled(item, address)] or found
        if address.attributes:
            wanted = frozenset(address.attributes)
            exact = [item for item in found if wording.conditions(self.code, item) == wanted]
            found = exact or found
        return sorted(found, key=lambda item: item.start)

    def arguments(self, macro: str) -> list[Spelling]:
        """Give what a macro is called with in item position: in order, each once."""
        if macro not in self._arguments:
            calls = (one for one in self.items if one.kind is Kind.MACRO_CALL and one.name == macro)
            self._arguments[macro] = sorted({wording.arguments(self.code, one) for one in calls})
        return self._arguments[macro]

    def lost(self, address: Address) -> int | None:
        """Give where the item seems to be declared in a part of the file that does not parse."""
        if self._file.is_whole:
            return None
        declared = damage.declarations(self.code, address.name)
        return next((offset for offset in declared if self._is_lost(offset)), None)

    def _is_lost(self, offset: int) -> bool:
        around = (item for item in self.items if item.body[0] <= offset < item.body[1])
        block = next((item for item in around if item.kind in BLOCKS and not item.is_broken), None)
        reading = self._file if block is None else self._body(block)
        return not reading.is_whole and all(item.name_at != offset for item in reading.items)

    def _reached(self, steps: tuple[Step, ...]) -> Iterator[Item]:
        """Give the items whose path takes all the steps; reads only the bodies it must."""
        reach = _Reach(self, steps)
        pool = self._named(self._file, steps)
        while pool:
            entered: list[Item] = []
            for item in pool:
                taken = reach.of(item)
                if len(steps) in taken:
                    yield item
                elif taken and _is_readable(item):
                    entered.extend(self._named(self._body(item), steps))
            pool = entered

    def _named(self, reading: Reading, steps: tuple[Step, ...]) -> list[Item]:
        """Give the items that can be what the steps end in, or a body on the way there."""
        if not steps or not isinstance(steps[-1], Name):
            return list(reading.items)
        index = self._index(reading)
        names = dict.fromkeys(step.name for step in steps if isinstance(step, Name))
        return [item for name in names for item in index.get(name, ())]

    def _index(self, reading: Reading) -> dict[str, list[Item]]:
        """Give the items of a reading by name: a file of thousands is asked about each of them."""
        first = reading.items[0] if reading.items else None
        if first not in self._indices:
            index: dict[str, list[Item]] = {}
            for item in reading.items:
                index.setdefault(item.name, []).append(item)
            self._indices[first] = index
        return self._indices[first]

    def _body(self, item: Item) -> Reading:
        if item not in self._bodies:
            self._bodies[item] = self._learnt(read_body(self.code, item))
        return self._bodies[item]

    def _learnt(self, reading: Reading) -> Reading:
        for item in reading.items:
            if item.parent is not None:
                self._members.setdefault(item.parent, []).append(item)
        return reading

    def _is_meant(self, item: Item, address: Address) -> bool:
        if address.kind is not None and item.kind is not address.kind:
            return False
        wanted = address.attributes
        return not wanted or wording.attributes(self.code, item).issuperset(wanted)

    def _is_spelled(self, item: Item, address: Address) -> bool:
        """Tell whether an address leaves nothing out of the types and arguments it speaks of."""
        *outer, last = address.steps
        if isinstance(last, Call):
            return last.arguments == wording.arguments(self.code, item)
        impls = [wording.head(one) for one in (item, *item.enclosing()) if one.kind is Kind.IMPL]
        said = [step for step in (*outer, last) if isinstance(step, Block | Qualified)]
        return [(step.trait, step.self_type) for step in reversed(said)] == impls


class _Reach:
    """How many steps of an address the path to each item takes; several, where it is unclear."""

    def __init__(self, lookup: Lookup, steps: tuple[Step, ...]) -> None:
        self._lookup = lookup
        self._steps = steps
        self._taken: dict[Item | None, frozenset[int]] = {None: frozenset((0,))}

    def of(self, item: Item) -> frozenset[int]:
        """Give the numbers of steps taken."""
        unknown: list[Item] = []
        outer: Item | None = item
        while outer is not None and outer not in self._taken:
            unknown.append(outer)
            outer = outer.parent
        for one in reversed(unknown):
            before = self._taken[one.parent]
            ahead = [index for index in before if index < len(self._steps)]
            found = frozenset(after for index in ahead for after in self._after(one, index))
            self._taken[one] = found
        return self._taken[item]

    def _after(self, item: Item, index: int) -> Iterator[int]:
        if item.kind is Kind.IMPL:
            return self._after_impl(item, index)
        if item.kind is Kind.EXTERN:
            return self._after_extern(item, index)
        return iter((index + 1,) if self._is_named(item, self._steps[index]) else ())

    def _is_named(self, item: Item, step: Step) -> bool:
        if item.kind is not Kind.MACRO_CALL:
            return item.kind is not Kind.USE and step == Name(item.name)
        if not isinstance(step, Call) or step.name != item.name:
            return False
        actual = wording.arguments(self._lookup.code, item)
        return actual[: len(step.arguments)] == step.arguments

    def _after_extern(self, item: Item, index: int) -> Iterator[int]:
        yield index
        step = self._steps[index]
        if isinstance(step, ForeignBlock) and self._is_foreign_block(item, step):
            yield index + 1

    def _is_foreign_block(self, item: Item, step: ForeignBlock) -> bool:
        is_abi = not step.abi or step.abi == wording.abi(self._lookup.code, item)
        return is_abi and (not step.member or self._holds(item, step.member))

    def _after_impl(self, item: Item, index: int) -> Iterator[int]:
        step = self._steps[index]
        is_last = index + 1 == len(self._steps)
        if isinstance(step, Name):
            yield from self._after_type(item, index)
        elif isinstance(step, Block) and is_last and self._is_block(item, step):
            yield index + 1
        elif isinstance(step, Qualified) and not is_last:
            trait, self_type = wording.head(item)
            if _is_trait(step.trait, trait) and covers(step.self_type, self_type):
                yield index + 1

    def _after_type(self, item: Item, index: int) -> Iterator[int]:
        """Read the names ahead as the type's path, and leave at least one for the member."""
        _, self_type = wording.head(item)
        path: list[str] = []
        for end in range(index, len(self._steps) - 1):
            step = self._steps[end]
            if not isinstance(step, Name):
                return
            path += ["::"] * (end > index) + [step.name]
            path += ["<", *step.generics, ">"] if step.generics else []
            if covers(tuple(path), self_type):
                yield end + 1

    def _is_block(self, item: Item, step: Block) -> bool:
        trait, self_type = wording.head(item)
        if not _is_trait(step.trait, trait):
            return False
        if covers(step.self_type, self_type):
            return True
        *path, colons, member = ("", *step.self_type)
        return colons == "::" and self._holds(item, member) and covers(tuple(path[1:]), self_type)

    def _holds(self, item: Item, member: str) -> bool:
        return any(one.name == member for one in self._lookup.members(item))


def _is_readable(item: Item) -> bool:
    """Tell whether a body can hold items that are read; each body in a body is parsed again."""
    around = islice((one for one in item.enclosing() if one.kind in BLOCKS), _DEEPEST, None)
    return item.kind in BLOCKS and not item.is_broken and next(around, None) is None


def _is_plain(step: Step) -> bool:
    return isinstance(step, Name) and not step.generics


def _is_trait(said: Spelling, actual: Spelling) -> bool:
    return bool(said) == bool(actual) and covers(said, actual)
