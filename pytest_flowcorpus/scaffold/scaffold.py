"""What the spec of a new flow begins with: an entry point's kin, the nearest first.

How near an item is, is the sum of the costs of the steps that lead to it. Steps into another file
cost more, since a feature's own file is where most of it stands; what a framework's code leads on
to, and constructors, cost more, since they are the same for many features. The costs were set
against lists that readers made of what ten features of Svix run through (``tests/kin``).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.rust import AddressError, Kind
from pytest_flowcorpus.scaffold.kin import Kin, Step, Way
from pytest_flowcorpus.scaffold.novelty import Novelty
from pytest_flowcorpus.settings import Limits
from pytest_flowcorpus.target import Target
from pytest_flowcorpus.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_flowcorpus.reach import Callgraph

_COSTS: Final = {
    Way.CALL: 1,
    Way.DISPATCH: 1,
    Way.TASK: 3,
    Way.FRAMEWORK: 1,
    Way.CHECK: 1,
    Way.SIGNATURE: 0,
    Way.TYPE: 0,
    Way.PART: 3,
    Way.ROW: 0,
}
_OTHER_FILE: Final = 3
_INSIDE_FRAMEWORK: Final = 2
_REST: Final = 3
"""For what lies in the last layer: where there are more than two, it holds the rest by custom."""
_STAGES: Final = 2
_CONSTRUCTOR: Final = 2
_COMMON: Final = 6
_BEHIND: Final = (Way.FRAMEWORK, Way.CHECK)
_TOKENS_A_WORD: Final = 1.5
"""Of prose with code spans; the flows of both our corpora have 1.3 to 1.5."""
_TOKENS_AROUND: Final = (2, 15)
"""What an item needs besides its lines (a gap), and a file (its path, a fence)."""
_TOKENS_OF_A_RECORD: Final = 12
"""What stands between its texts, where pieces also fall into other tokens than they do alone."""


@dataclass(frozen=True, slots=True)
class Pick:
    """An item for a spec, how it was come to, and how many tokens it has."""

    target: Target
    way: Way
    origin: Target | None
    """What led to it; None of the entry."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Scaffold:
    """The items of a new flow, for which its records have room."""

    graph: Callgraph
    entry: Target
    imports: Pick | None
    """The imports of the entry's file."""
    files: tuple[tuple[str, tuple[Pick, ...]], ...]
    """What is taken, by file: the files by layer, then as they are come to, as are the items."""
    cut: tuple[Pick, ...]
    """For what there is no room: the nearest first, until they would fill another record."""

    @property
    def taken(self) -> tuple[Pick, ...]:
        """All items that are taken, file by file."""
        return tuple(pick for _, picks in self.files for pick in picks)

    @property
    def tokens(self) -> int:
        """How many tokens of code are taken, and what the files need around it."""
        around = _TOKENS_AROUND[1] * len(self.files)
        return around + sum(pick.tokens for pick in (*self.taken, *filter(None, (self.imports,))))

    @property
    def summary(self) -> str:
        """What it holds, in a line."""
        more = f"; {len(self.cut)} more as comments" if self.cut else ""
        held = f"{_counted(len(self.taken), 'item')} of {_counted(len(self.files), 'file')}"
        return f"{held}, about {self.tokens:,} tokens of code{more}"


def scaffold(graph: Callgraph, entry: Target) -> Scaffold:
    """Choose the items of a flow that begins at `entry`; raises `EntryError` for bad settings."""
    return _Chooser(graph, entry).chosen()


class _Chooser:
    def __init__(self, graph: Callgraph, entry: Target) -> None:
        self._opened = graph.opened
        self._entry = entry
        self._graph = graph
        self._kin = Kin(self._graph, entry)
        self._layers = Layers(graph.opened.corpus.settings)
        self._novelty = Novelty(self._graph)
        self._taken: dict[Target, Pick] = {}
        self._cut: dict[Target, Pick] = {}
        self._sizes: dict[Target, int] = {}
        self._steps_from: dict[tuple[Target, Way], tuple[Step, ...]] = {}

    def chosen(self) -> Scaffold:
        self._choose()
        order = self._in_order()
        ordered = sorted(self._taken.values(), key=lambda pick: order[pick.target])
        cut = _as_many(self._cut.values(), self._room)
        return Scaffold(
            self._graph, self._entry, self._imports, tuple(self._by_file(ordered)), tuple(cut)
        )

    @cached_property
    def _room(self) -> int:
        """The tokens of code for which a record has room."""
        settings = self._opened.corpus.settings
        limits = settings.limits
        usual = Limits()
        words = limits.request_words[1] or usual.request_words[1]  # 0 switches a bound off
        words += limits.reasoning_words[1] or usual.reasoning_words[1]
        spent = int(_TOKENS_A_WORD * words) + count_tokens([settings.system])
        return max(0, limits.max_tokens - spent - _TOKENS_OF_A_RECORD)

    @cached_property
    def _imports(self) -> Pick | None:
        try:
            found = self._opened.file(self._entry.path).rust.find("use")
        except AddressError:
            return None
        target = Target(self._entry.path, found)
        return Pick(target, Way.CALL, None, count_tokens([target.found.text.decode()]))

    def _choose(self) -> None:
        """Take the entry's kin by their distance, and at one distance as they are come to.

        What only something that does not fit leads to is cut too: it would hang in the air.
        """
        number, left = count(), self._room - (self._imports.tokens if self._imports else 0)
        waiting: list[tuple[int, int, Step, Target | None]]
        waiting = [(0, next(number), Step(self._entry, Way.CALL), None)]
        while waiting:
            distance, _, step, origin = heapq.heappop(waiting)
            pick = self._pick(step, origin)
            needed = pick.tokens + self._around(step.target.path)
            # The entry is taken in any case: without it there is no flow.
            fits = origin is None or (origin in self._taken and needed <= left)
            if step.target in self._taken or (step.target in self._cut and not fits):
                continue
            left -= needed if fits else 0
            self._put(pick, fits=fits)
            for further in self._steps(*step):
                if further.target not in self._taken and self._is_worth(step.target, further):
                    cost = self._cost(step.target, step.way, further)
                    heapq.heappush(waiting, (distance + cost, next(number), further, step.target))

    def _put(self, pick: Pick, *, fits: bool) -> None:
        if fits:
            self._taken[pick.target] = pick
            self._cut.pop(pick.target, None)
        else:
            self._cut[pick.target] = pick

    def _pick(self, step: Step, origin: Target | None) -> Pick:
        if step.target not in self._sizes:
            code = self._opened.file(step.target.path).rust
            alone = code.excerpt([step.target.found]).text.decode()
            self._sizes[step.target] = count_tokens([alone]) + _TOKENS_AROUND[0]
        return Pick(step.target, step.way, origin, self._sizes[step.target])

    def _around(self, path: str) -> int:
        """Give what a file needs besides its items, where it is not there yet."""
        return 0 if any(one.path == path for one in self._taken) else _TOKENS_AROUND[1]

    def _steps(self, origin: Target, way: Way) -> Iterator[Step]:
        """Give the steps from an item, and of what stands in its body those that lead out."""
        if (origin, way) not in self._steps_from:
            self._steps_from[origin, way] = tuple(self._found_steps(origin, way))
        return iter(self._steps_from[origin, way])

    def _found_steps(self, origin: Target, way: Way) -> Iterator[Step]:
        waiting, seen = [Step(origin, way)], set()
        while waiting:
            inner = waiting.pop()
            seen.add(inner.target)
            for step in self._kin.steps(*inner):
                if not _is_inside(step.target, origin):
                    yield step
                elif step.target not in seen:
                    waiting.append(step)

    def _is_worth(self, origin: Target, step: Step) -> bool:
        target = step.target
        if not target.address.isprintable():
            return False
        if target.kind is Kind.FN:
            common = step.way is Way.CALL and self._novelty.is_common_call(target, self._entry)
            return not common and not self._novelty.is_plain(target)
        if target.kind is Kind.MACRO_CALL:
            return step.way is Way.TYPE and target.path == origin.path
        return target.name != "Result"

    def _cost(self, origin: Target, way: Way, step: Step) -> int:
        target, extra = step.target, 0
        if way in _BEHIND and step.way in (Way.CALL, Way.TYPE):
            extra += _INSIDE_FRAMEWORK
        if target.path != origin.path:
            extra += _OTHER_FILE
        if self._layers.layer_of(target.path) in self._layers.names[_STAGES:][-1:]:
            extra += _REST
        if target.kind is Kind.FN and target.name == "new":
            extra += _CONSTRUCTOR
        if target.kind is not Kind.FN and step.way is not Way.ROW:
            extra += _COMMON * self._novelty.is_common(target, self._entry)
        return _COSTS[step.way] + extra

    def _in_order(self) -> dict[Target, int]:
        """Number the items in the order in which they run: each right behind what led to it."""
        order: dict[Target, int] = {}
        waiting = [(self._entry, Way.CALL)]
        while waiting:
            target, way = waiting.pop()
            if target in self._taken and target not in order:
                order[target] = len(order)
                steps = [*self._steps(target, way)]
                waiting += [(step.target, step.way) for step in reversed(steps)]
        return order | {one: len(order) for one in self._taken if one not in order}

    def _by_file(self, picks: Sequence[Pick]) -> Iterator[tuple[str, tuple[Pick, ...]]]:
        files: dict[str, list[Pick]] = {}
        for pick in picks:
            files.setdefault(pick.target.path, []).append(pick)
        names = (*self._layers.names, None)
        for path in sorted(files, key=lambda path: names.index(self._layers.layer_of(path))):
            yield path, tuple(files[path])


def _as_many(picks: Iterable[Pick], room: int) -> list[Pick]:
    """Give the first picks, until they would fill a room together.

    One that fills it alone is told of, and stands in no other's way.
    """
    found: list[Pick] = []
    left = room
    for pick in picks:
        if left > 0:
            found.append(pick)
            left -= pick.tokens if pick.tokens < room else 0
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _is_inside(target: Target, origin: Target) -> bool:
    is_there = target.path == origin.path and origin.found.start <= target.found.start
    return is_there and target.found.end <= origin.found.end
