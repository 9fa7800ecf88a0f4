"""Two neighbouring snapshots: what drift says became of each item, and what truth says."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.corpus import Corpus, OpenCorpus, load_corpus
from pytest_flowcorpus.drift.fate import BREAKING, Fate
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.tracer import Tracer
from pytest_flowcorpus.rust import AddressError, Kind
from pytest_flowcorpus.source import Blob, FileMissing, FileUnavailable, SourceUnavailable
from tests.replay import truth
from tests.replay.truth import IMPORTS, Seen
from tests.replay.whereabouts import Place, Reading, counterparts, is_set_apart, successors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.rust import Item, RustFile
    from pytest_flowcorpus.source import History
    from tests.replay.repository import Repository

ROOT: Final = Path(__file__).parent.parent.parent
SERVER: Final = "server"
"""What of upstream is read; the corpus looks for names in all of its Rust."""


SORTS: Final = ("attributes", "body", "comments", "format", "signature")
"""The parts of an item that can change; `format` where only white space and idle commas did."""


class State(StrEnum):
    """What truth says of an item."""

    SAME = "same"
    CHANGED = "changed"
    AMBIGUOUS = "ambiguous"
    """Several of its kind and path stand where one stood."""
    LOST = "gone"
    ELSEWHERE = "elsewhere"
    """It has another path, or stands in another file."""


@dataclass(frozen=True)
class Truth:
    """What became of an item, by rustc and git."""

    state: State
    sorts: tuple[str, ...] = ()
    """Which parts changed."""
    places: tuple[Place, ...] = ()
    """Where it is now; several where they tie."""


@dataclass(frozen=True)
class Verdict:
    """What truth and drift say of one item; of those that both call the same there is none."""

    snapshot: str
    path: str
    address: str
    kind: str
    state: State
    sorts: tuple[str, ...] = ()
    """Which parts changed, by truth."""
    went: tuple[str, ...] = ()
    """Where it is now, by truth; several where they tie."""
    fates: tuple[str, ...] = ()
    """What drift says; nothing where it says nothing."""
    proposed: str = ""
    """What drift proposes."""
    is_right: bool = False
    """Whether it proposes what truth says; of what is nowhere, whether it proposes nothing."""
    is_among: bool = False
    """Whether what truth says is among the others that it names."""

    @property
    def told(self) -> tuple[str, ...]:
        """Give which parts changed, by drift."""
        return tuple(sorted(fate for fate in self.fates if Fate(fate) not in BREAKING))


@dataclass
class Tally:
    """What came out for all items, or for those that the corpus holds."""

    compared: int = 0
    untouched: int = 0
    """Items of files that did not change."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Items that could not be compared, by why."""
    verdicts: list[Verdict] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """What drift took, for each snapshot."""

    def add(self, other: Tally) -> None:
        """Count another's in."""
        self.compared += other.compared
        self.untouched += other.untouched
        self.skipped += other.skipped
        self.verdicts += other.verdicts
        self.seconds += other.seconds


@dataclass(frozen=True)
class Snapshot:
    """A source: one revision of upstream's server, read from its blobs."""

    revision: str
    tree: Mapping[str, str]
    repository: Repository

    def read(self, path: str) -> Blob:
        if path not in self.tree:
            raise FileMissing(path)
        return Blob.of(path, self.repository.blob(self.tree[path]))

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.tree))

    def since(self, revision: str) -> History:
        raise SourceUnavailable(revision)

    def close(self) -> None:
        pass


class Walk:
    """Goes from snapshot to snapshot; what was opened for one pair is kept for the next."""

    def __init__(self, repository: Repository, readings: Path) -> None:
        self._repository = repository
        self._readings = readings
        self._corpus = load_corpus(ROOT / "corpus")
        self._fragments = sorted(set(extracted(self._corpus)))
        self._opened: dict[str, OpenCorpus] = {}
        self._read: dict[str, list[Seen] | None] = {}

    def compare(self, before: str, after: str) -> tuple[Tally, Tally]:
        """Compare two snapshots: all items of the files that changed, and the corpus's own."""
        past, now = self._open(before), self._open(after)
        self._opened = {before: past, after: now}
        pair = _Pair(self, past, now)
        # These first, as a run of the corpus does, which has parsed nothing yet.
        fragments = pair.fragments(self._fragments)
        return pair.items(), fragments

    def reading(self, of: OpenCorpus, path: str) -> Reading | None:
        """Give a file as rustc sees it; None where it refuses it."""
        sha = _tree(of)[path]
        if sha not in self._read:
            data = json.loads((self._readings / f"{sha}.json").read_bytes())
            self._read[sha] = truth.loaded(data) if data is not None else None
        seen = self._read[sha]
        return None if seen is None else Reading(path, self._repository.blob(sha), seen)

    def _open(self, revision: str) -> OpenCorpus:
        if revision not in self._opened:
            tree = self._repository.tree(revision, SERVER)
            return OpenCorpus(self._corpus, Snapshot(revision, tree, self._repository))
        return self._opened[revision]


class _Pair:
    """Two neighbouring snapshots."""

    def __init__(self, walk: Walk, past: OpenCorpus, now: OpenCorpus) -> None:
        self._walk = walk
        self._past = past
        self._now = now
        self._read: dict[tuple[bool, str], Reading | None] = {}
        trees = _tree(past), _tree(now)
        paths = sorted(path for path in trees[0].keys() | trees[1] if self._is_asked(path))
        self._changed = [path for path in paths if trees[0].get(path) != trees[1].get(path)]

    def items(self) -> Tally:
        """Compare all items of the files below the corpus's root that changed."""
        tally = Tally()
        tree = _tree(self._past)
        for path in tree:
            is_untouched = self._is_asked(path) and path not in self._changed
            if is_untouched and (reading := self._before(path)):
                tally.untouched += len(reading.items)
        asked: list[Accepted] = []
        for path in self._changed:
            if path in tree:
                asked += self._accepted(path, tally)
        self._judge(asked, tally)
        return tally

    def fragments(self, known: Iterable[tuple[str, str]]) -> Tally:
        """Compare what the corpus holds and this snapshot has."""
        tally = Tally()
        asked: dict[Accepted, None] = {}
        for path, address in known:
            try:
                code = self._past.file(path)
                found = code.rust.find(address)
            except (AddressError, FileUnavailable):
                tally.skipped["not there yet"] += 1
                continue
            one = Accepted(path, found.address, str(found.kind), code.rust.fingerprint(found))
            asked[one] = None
        self._judge(asked, tally)
        return tally

    def _is_asked(self, path: str) -> bool:
        root = self._past.corpus.settings.source.root
        return path.startswith(f"{root}/") and path.endswith(".rs")

    def _accepted(self, path: str, tally: Tally) -> Iterator[Accepted]:
        """Give the items of a file as a snapshot would keep them."""
        rust = self._past.file(path).rust
        for address in dict.fromkeys(_addresses(rust)):
            try:
                found = rust.find(address)
            except AddressError as error:
                tally.skipped[type(error).__name__] += 1
                continue
            yield Accepted(path, found.address, str(found.kind), rust.fingerprint(found))

    def _judge(self, asked: Iterable[Accepted], tally: Tally) -> None:
        fragments = list(asked)
        started = time.perf_counter()
        found = {one.accepted: one for one in Tracer(self._now, self._past).drifted(fragments)}
        tally.seconds.append(time.perf_counter() - started)
        for one in fragments:
            verdict = self._verdict(one, found.get(one))
            if isinstance(verdict, str):
                tally.skipped[verdict] += 1
                continue
            tally.compared += 1
            if verdict.state is not State.SAME or verdict.fates:
                tally.verdicts.append(verdict)

    def _verdict(self, one: Accepted, drifted: Drifted | None) -> Verdict | str:
        """Give what both say of an item, or why truth says nothing."""
        told = self._asked(one) if one.path in self._changed else Truth(State.SAME)
        if isinstance(told, str):
            return told
        now = drifted.now if drifted and drifted.is_broken else None
        places = {(reading.path, reading.lines(seen)): seen for reading, seen in told.places}
        is_there = now is not None and (now.path, now.lines) in places
        others = self._others(drifted) if drifted else set()
        return Verdict(
            (self._now.source.revision or "")[:10],
            one.path,
            one.address,
            one.kind,
            told.state,
            told.sorts,
            tuple(self._address(*place) for place in told.places),
            tuple(map(str, drifted.fates)) if drifted else (),
            f"{now.path}::{now.address}" if now else "",
            is_right=is_there if told.state is State.ELSEWHERE else now is None,
            is_among=not others.isdisjoint(places),
        )

    def _asked(self, one: Accepted) -> Truth | str:
        here = self._before(one.path)
        found = self._past.file(one.path).rust.find(one.address)
        kind = IMPORTS if found.kind is Kind.USE else f"{found.kind} "
        seen = here.ending(kind, found.end) if here else None
        if here is None or seen is None:
            return "rustc reads no such item"
        return self._truth(seen, here) if seen.start == found.start else "its span is another"

    def _truth(self, seen: Seen, here: Reading) -> Truth | str:
        found: list[Place] = []
        if here.path in _tree(self._now):
            there = self._after(here.path)
            if there is None:
                return "rustc refuses the file"
            found = [(there, one) for one in counterparts(seen, here, there)]
        if len(found) > 1:
            return Truth(State.AMBIGUOUS)
        if found and not is_set_apart(seen, here, found[0][1]):
            sorts = _sorts((here, seen), found[0])
            return Truth(State.CHANGED if sorts else State.SAME, sorts, tuple(found))
        if seen.path == (IMPORTS,):
            found = self._imports(here)
        elif not found:
            found = successors(seen, here, self._new(seen))
        sorts = _sorts((here, seen), found[0]) if found else ()
        return Truth(State.ELSEWHERE if found else State.LOST, sorts, tuple(found))

    def _imports(self, here: Reading) -> list[Place]:
        """Give the imports of the files to which went what stood in a file that is gone."""
        if here.path in _tree(self._now):
            return []
        lost = (one for one in here.items if one.kind != "use")
        found = (place for one in lost for place in successors(one, here, self._new(one)))
        readings = {reading.path: reading for reading, _ in found}
        return [(one, one.imports) for one in readings.values() if one.imports is not None]

    def _new(self, lost: Seen) -> Iterator[Place]:
        """Give the items of a kind that the files that changed did not have before."""
        for path, reading in self._all(self._after).items():
            past = self._before(path)
            for one in reading.items:
                if one.kind == lost.kind and (past is None or not counterparts(one, reading, past)):
                    yield reading, one

    def _address(self, reading: Reading, seen: Seen) -> str:
        """Give by which address we know an item."""
        rust = self._now.file(reading.path).rust
        found = (item for item in _items(rust) if (item.kind, item.end) == (seen.kind, seen.end))
        item = None if seen.path == (IMPORTS,) else next(found, None)
        return f"{reading.path}::{rust.address(item) if item else IMPORTS}"

    def _others(self, drifted: Drifted) -> set[tuple[str, tuple[int, int]]]:
        found = set()
        for other in drifted.others:
            path, _, address = other.partition(".rs::")
            one = self._now.file(f"{path}.rs").rust.find(address)
            found.add((f"{path}.rs", (one.first_line, one.last_line)))
        return found

    def _all(self, side: Callable[[str], Reading | None]) -> dict[str, Reading]:
        """Give those of the changed files that there are on a side."""
        found = ((path, side(path)) for path in self._changed)
        return {path: reading for path, reading in found if reading is not None}

    def _before(self, path: str) -> Reading | None:
        return self._side(self._past, path, is_after=False)

    def _after(self, path: str) -> Reading | None:
        return self._side(self._now, path, is_after=True)

    def _side(self, opened: OpenCorpus, path: str, *, is_after: bool) -> Reading | None:
        key = (is_after, path)
        if key not in self._read:
            is_there = path in _tree(opened)
            self._read[key] = self._walk.reading(opened, path) if is_there else None
        return self._read[key]


def _tree(of: OpenCorpus) -> Mapping[str, str]:
    assert isinstance(of.source, Snapshot)
    return of.source.tree


def extracted(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Give path and address of all that the specs extract, as their snapshots keep them."""
    for path in sorted((corpus.folder / "__snapshots__").glob("*/*.json")):
        for one in json.loads(path.read_bytes())["fragments"]:
            yield one["file"], one["address"]


def _addresses(rust: RustFile) -> Iterator[str]:
    """Give the full addresses of all items of a file."""
    yield IMPORTS
    for item in _items(rust):
        if item.kind is not Kind.USE:
            yield rust.address(item)


def _items(rust: RustFile) -> Iterator[Item]:
    """Give the items of a file, those in bodies too."""
    waiting = deque(rust.items)
    while waiting:
        item = waiting.popleft()
        yield item
        waiting.extend(rust.nested(item))


def _sorts(before: tuple[Reading, Seen], after: tuple[Reading, Seen]) -> tuple[str, ...]:
    """Give which parts of an item differ; none where its bytes match."""
    (here, old), (there, new) = before, after
    texts = here.text(old), there.text(new)
    if texts[0] == texts[1]:
        return ()
    found = [
        part
        for part in ("attributes", "body", "signature")
        if getattr(old.parts, part) != getattr(new.parts, part)
    ]
    if truth.comments(texts[0].decode()) != truth.comments(texts[1].decode()):
        found.append("comments")
    is_renamed = old.path != new.path and old.path[-1] != new.path[-1]
    return tuple(sorted(found)) or (() if is_renamed else ("format",))
