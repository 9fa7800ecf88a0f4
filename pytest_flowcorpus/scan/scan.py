"""What a corpus tells of its source, and what it does not tell yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.entries import entries
from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.reach import Callgraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.reach import Reach
    from pytest_flowcorpus.rust import Route
    from pytest_flowcorpus.scan.holding import Holding
    from pytest_flowcorpus.target import Target

Lines = frozenset[tuple[str, int]]
"""Lines of the source: path and number, counted from 1."""


@dataclass(frozen=True, slots=True)
class Feature:
    """An entry point, what it runs through, and the flows that tell of it."""

    reach: Reach
    routes: tuple[Route, ...]
    """The routes that lead to it."""
    layers: tuple[str, ...]
    """The layers that it runs through, in the order of the corpus."""
    lines: int
    """Of all items that it runs through."""
    told: int
    """How many of them stand in a flow."""
    held: tuple[str, ...]
    """The flows that extract the entry itself, sorted."""
    touched: tuple[tuple[str, int], ...]
    """The other flows that extract something along its calls, and how many items; most first."""

    @property
    def untold(self) -> int:
        """How many of its lines stand in no flow."""
        return self.lines - self.told


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many lines of a file, or of all of them, stand in a flow."""

    name: str
    """The file's path from the top of the repository, or the layer's name."""
    lines: int
    """All lines but those that only tests compile."""
    told: int
    untold: tuple[tuple[int, int], ...] = ()
    """Of a file the ranges of lines that stand in no flow, first and last."""

    @property
    def percent(self) -> float:
        """What share of them is told, cut to two decimals; 100 where there are none."""
        return 10_000 * self.told // self.lines / 100 if self.lines else 100.0


@dataclass(frozen=True, slots=True)
class Scan:
    """All that is known of a corpus against its source."""

    features: tuple[Feature, ...]
    """Those that no flow holds first, and among each the one with most that is untold."""
    files: tuple[tuple[str, tuple[Coverage, ...]], ...]
    """Layer by layer its files; the layer of files that are in none is empty."""
    astray: tuple[Route, ...]
    """The routes that lead to no entry point."""
    notes: tuple[str, ...]
    """What could not be read of the specs."""
    is_whole: bool = True
    """Whether it knows all flows of the corpus, and not a selection of them."""

    @property
    def held(self) -> int:
        """How many features a flow holds."""
        return sum(bool(feature.held) for feature in self.features)

    @property
    def touched(self) -> int:
        """How many of the others a flow touches."""
        return sum(bool(one.touched) and not one.held for one in self.features)

    @property
    def undecided(self) -> int:
        """How many calls along all features are undecided; one on two ways is one."""
        # By callers: three calls of one name on a line are equal.
        open_calls = {
            caller: [call for one, call in feature.reach.undecided if one == caller]
            for feature in self.features
            for caller in dict.fromkeys(caller for caller, _ in feature.reach.undecided)
        }
        return sum(map(len, open_calls.values()))

    @property
    def layers(self) -> tuple[Coverage, ...]:
        """The coverage of each layer."""
        return tuple(summed(name, files) for name, files in self.files)

    @property
    def total(self) -> Coverage:
        """The coverage of all files."""
        return summed("TOTAL", [file for _, files in self.files for file in files])


def scan(opened: OpenCorpus, holdings: Sequence[Holding], *, is_whole: bool = True) -> Scan:
    """Hold what flows extract against the source; raises `EntryError`.

    `is_whole` tells whether `holdings` are of all flows of the corpus.
    """
    return _Scanner(opened, holdings).scan(is_whole=is_whole)


def summed(name: str, parts: Iterable[Coverage]) -> Coverage:
    """Give the coverage of several files together."""
    found = [*parts]
    return Coverage(name, sum(part.lines for part in found), sum(part.told for part in found))


class _Scanner:
    def __init__(self, opened: OpenCorpus, holdings: Sequence[Holding]) -> None:
        self._opened = opened
        self._holdings = sorted(holdings, key=lambda holding: holding.flow)
        self._graph = Callgraph(opened)
        self._layers = Layers(opened.corpus.settings)
        self._routes = opened.codebase.routes()
        self._told = self._told_lines()
        self._spans = self._taken_spans()
        self._tellers: dict[Target, frozenset[str]] = {}

    def scan(self, *, is_whole: bool) -> Scan:
        found = entries(self._graph)
        features = [self._feature(entry, frozenset(found)) for entry in found]
        return Scan(
            features=tuple(sorted(features, key=_rank)),
            files=tuple(self._covered()),
            astray=tuple(self._astray(found)),
            notes=(*self._unread(), *(note for one in self._holdings for note in one.notes)),
            is_whole=is_whole,
        )

    def _feature(self, entry: Target, entries: frozenset[Target]) -> Feature:
        reach = self._graph.reach(entry, entries)
        lines = lines_of(reach.targets)
        held = sorted(self._tellers_of(entry))
        return Feature(
            reach=reach,
            routes=tuple(route for route in self._routes if entry.is_at(route.handler)),
            layers=self._layers_of(reach.paths),
            lines=len(lines),
            told=len(lines & self._told),
            held=tuple(held),
            touched=tuple(self._touching(reach, held)),
        )

    def _layers_of(self, paths: Iterable[str]) -> tuple[str, ...]:
        found = {self._layers.layer_of(path) for path in paths}
        return tuple(name for name in self._layers.names if name in found)

    def _touching(self, reach: Reach, held: Sequence[str]) -> list[tuple[str, int]]:
        counts = Counter(flow for one in reach.targets for flow in self._tellers_of(one))
        touching = [(flow, count) for flow, count in counts.items() if flow not in held]
        return sorted(touching, key=lambda counted: (-counted[1], counted[0]))

    def _tellers_of(self, target: Target) -> frozenset[str]:
        """Give the flows that extract an item, or one that it stands in."""
        if target not in self._tellers:
            self._tellers[target] = frozenset(
                flow
                for (start, end), flows in self._spans.get(target.path, {}).items()
                if start <= target.found.start and target.found.end <= end
                for flow in flows
            )
        return self._tellers[target]

    def _taken_spans(self) -> dict[str, dict[tuple[int, int], list[str]]]:
        """Give by file the spans that flows extract, each with its flows."""
        spans: dict[str, dict[tuple[int, int], list[str]]] = {}
        for holding in self._holdings:
            for one in holding.targets:
                inside = spans.setdefault(one.path, {})
                inside.setdefault((one.found.start, one.found.end), []).append(holding.flow)
        return spans

    def _unread(self) -> Iterator[str]:
        """Say which files are not scanned, or not in full."""
        for path in sorted(self._opened.rust_files.below_root()):
            code = self._opened.rust_files.rust(path)
            where = self._opened.corpus.spec_path(path)
            if code is None:
                yield f"{where} is not scanned: it is not UTF-8, or no file"
            elif not code.is_whole:
                yield f"{where} does not parse as a whole: what stands in the rest is left out"

    def _told_lines(self) -> Lines:
        taken: dict[str, dict[tuple[int, int], Target]] = {}
        for holding in self._holdings:
            for target in holding.targets:
                span = (target.found.start, target.found.end)
                taken.setdefault(target.path, {})[span] = target
        return frozenset(
            (path, line)
            for path, targets in taken.items()
            for line in self._excerpt_lines(path, targets.values())
        )

    def _excerpt_lines(self, path: str, targets: Iterable[Target]) -> Iterator[int]:
        excerpt = self._opened.file(path).rust.excerpt(target.found for target in targets)
        return _numbers(excerpt.lines)

    def _covered(self) -> Iterator[tuple[str, tuple[Coverage, ...]]]:
        files: dict[str, list[Coverage]] = {name: [] for name in (*self._layers.names, "")}
        for path in sorted(self._opened.rust_files.below_root()):
            if (code := self._opened.rust_files.rust(path)) is not None:
                numbers = {*range(1, code.line_count + 1)}
                numbers -= {*_numbers(self._opened.codebase.test_lines(path))}
                covered = self._coverage(path, numbers)
                files[self._layers.layer_of(path) or ""].append(covered)
        return ((name, tuple(found)) for name, found in files.items() if found)

    def _coverage(self, path: str, numbers: set[int]) -> Coverage:
        untold = sorted(number for number in numbers if (path, number) not in self._told)
        return Coverage(path, len(numbers), len(numbers) - len(untold), tuple(ranges(untold)))

    def _astray(self, found: Iterable[Target]) -> Iterator[Route]:
        places = {(entry.path, entry.address) for entry in found}
        for route in self._routes:
            handler = route.handler
            if handler is None or (handler.path, handler.address) not in places:
                yield route


def lines_of(targets: Iterable[Target]) -> Lines:
    """Give all lines of some items."""
    return frozenset(
        (target.path, line)
        for target in targets
        for line in range(target.found.first_line, target.found.last_line + 1)
    )


def ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give ascending numbers as ranges, first and last."""
    first = last = None
    for number in numbers:
        if first is not None and last is not None and number != last + 1:
            yield first, last
            first = None
        first, last = number if first is None else first, number
    if first is not None and last is not None:
        yield first, last


def _numbers(lines: Iterable[tuple[int, int]]) -> Iterator[int]:
    return (number for first, last in lines for number in range(first, last + 1))


def _rank(feature: Feature) -> tuple[bool, int, str]:
    return bool(feature.held), -feature.untold, str(feature.reach.entry)
