"""Corpora of any size, written by a program: load for a benchmark, thrown away with its folder.

Their code is real, and every claim about it holds; their prose is words at random, which keeps
every rule and says nothing. No such prose is ever part of a corpus: people write those.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import accumulate
from random import Random
from textwrap import indent
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.corpus import Corpus, OpenCorpus
from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.rust import AddressError, Kind
from pytest_flowcorpus.settings import Settings, SourceSettings
from pytest_flowcorpus.source import Worktree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_flowcorpus.rust import Found, Place
    from pytest_flowcorpus.rust.codebase import Call

_MOST_BYTES: Final = 12_000
"""Of the code of one flow."""
_MOST_ITEMS: Final = 10
_REQUEST: Final = 80
_THOUGHT: Final = 70
_APART: Final = 12
"""How many words stand between two spans of a thought; one in 40 is asked for."""
_PHRASES: Final = 400
_PHRASE: Final = 6
_DOC: Final = re.compile(rb"^\s*//[/!](.*)", re.MULTILINE)
_WORD: Final = re.compile(rb"\b[a-z]{2,}\b")
_WORDS: Final = re.compile(r"\w+")
_FILLER: Final = re.compile(r"robust|scalab|seamless|practice|leverag|ensur")
_SETTINGS: Final = """\
system = "You maintain this code."

[source]
path = "{tree}"
root = "crates"
license = ["LICENSE"]
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A function as a spec asks for it."""

    path: str
    address: str
    name: str

    @property
    def where(self) -> str:
        return f"{self.path}::{self.address}"


@dataclass(frozen=True, slots=True)
class Hop:
    """A call; both ends are places in a feature's items."""

    caller: int
    callee: int
    is_one_way: bool
    """Whether the callee calls nothing of the caller's name."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What one flow tells: a function, what it calls and what that calls, and words about it."""

    items: tuple[Item, ...]
    hops: tuple[Hop, ...]
    request: str
    thoughts: tuple[str, ...]


def features(tree: Path) -> Iterator[Feature]:
    """Give a flow for one function of a tree after another, in an order that never changes."""
    opened = OpenCorpus(Corpus(tree, _settings(tree)), Worktree(tree))
    paths = sorted(opened.rust_files.below_root())
    dice = Random(7)
    prose = Prose(opened, paths, dice)
    dice.shuffle(paths)
    for path in paths:
        for item in opened.file(path).rust.items:
            if item.kind is Kind.FN and not item.is_broken:
                way = _Way(opened)
                way.walk(path, opened.file(path).rust.found(item))
                if way.is_feature:
                    items, hops = way.told
                    thoughts = prose.of([item.name for item in items])
                    yield Feature(items, hops, prose.text(_REQUEST), thoughts)


class Prose:
    """Words of the tree's own documentation, as often as they stand there, but in no order.

    Now and then comes a phrase that others have too, as people have phrases of their own.
    """

    def __init__(self, opened: OpenCorpus, paths: Sequence[str], dice: Random) -> None:
        self._dice = dice
        counts: Counter[bytes] = Counter()
        for path in paths:
            for line in _DOC.findall(opened.rust_files.read(path) or b""):
                counts.update(_WORD.findall(line))
        common = sorted((word.decode(), count) for word, count in counts.items() if count > 1)
        told = [(word, count) for word, count in common if not _FILLER.match(word)]
        self._words = [word for word, _ in told]
        self._weights = list(accumulate(count for _, count in told))
        self._phrases = [self._drawn(_PHRASE) for _ in range(_PHRASES)]

    def text(self, words: int) -> str:
        """Give so many words."""
        return " ".join(self._drawn(words))

    def of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Give a thought for each aspect, with the names in all of them."""
        return tuple(self._thought(names) for _ in ASPECTS)

    def _thought(self, names: Sequence[str]) -> str:
        words = self._drawn(_THOUGHT)
        words[_THOUGHT // 2 : _THOUGHT // 2] = self._dice.choice(self._phrases)
        for at in range(len(words) - 1, 0, -_APART):
            words.insert(at, f"`{self._dice.choice(names)}`")
        return " ".join(words)

    def _drawn(self, count: int) -> list[str]:
        return self._dice.choices(self._words, cum_weights=self._weights, k=count)


def write_settings(folder: Path, tree: Path) -> None:
    """Make a folder a corpus over the tree."""
    (folder / "flowcorpus.toml").write_text(_SETTINGS.format(tree=tree), encoding="utf-8")


def one_a_file(folder: Path, features: Sequence[Feature]) -> None:
    """Write a spec for each feature."""
    for number, feature in enumerate(features):
        (folder / f"flow_{number:05}.py").write_text(_spec(number, feature), encoding="utf-8")


def as_tests(folder: Path, features: Sequence[Feature]) -> None:
    """Write each feature's spec as a test module, which nobody but pytest's collection takes."""
    for number, feature in enumerate(features):
        text = _spec(number, feature).replace("def flow_", "def test_")
        (folder / f"test_{number:05}.py").write_text(text, encoding="utf-8")


def all_in_one(folder: Path, features: Sequence[Feature]) -> None:
    """Write one spec with a parametrized flow for all features."""
    data = json.dumps([asdict(feature) for feature in features])
    (folder / "features.json").write_text(data, encoding="utf-8")
    (folder / "flow_features.py").write_text(_PARAMETRIZED, encoding="utf-8")


class _Way:
    """The functions that are reached from one by calls, breadth first."""

    def __init__(self, opened: OpenCorpus) -> None:
        self._opened = opened
        self._found: dict[tuple[str, str], Found] = {}
        self._hops: list[tuple[int, int]] = []

    def walk(self, path: str, found: Found) -> None:
        """Go from a function to what it calls, and from there on."""
        self._found[path, found.address] = found
        for number in range(_MOST_ITEMS):
            for call in self._calls(number):
                if call.callee is not None and self._is_fit(call.callee):
                    ends = (number, self._place(call.callee))
                    self._hops += [ends] if ends not in self._hops else []

    @property
    def is_feature(self) -> bool:
        """Whether it has code of two files at least, and not too much."""
        size = sum(len(found.text) for found in self._found.values())
        return len({path for path, _ in self._found}) > 1 and size <= _MOST_BYTES

    @property
    def told(self) -> tuple[tuple[Item, ...], tuple[Hop, ...]]:
        """Give the functions and the calls between them."""
        names = [_WORDS.findall(address)[-1] for _, address in self._found]
        items = tuple(
            Item(self._opened.corpus.spec_path(path), address, name)
            for (path, address), name in zip(self._found, names, strict=True)
        )
        called = [{call.name for call in self._calls(number)} for number in range(len(items))]
        hops = (Hop(one, other, names[one] not in called[other]) for one, other in self._hops)
        return items, tuple(hops)

    def _calls(self, number: int) -> Sequence[Call]:
        if number >= len(self._found):
            return ()
        (path, _), found = [*self._found.items()][number]
        return self._opened.codebase.calls(path, found)

    def _place(self, callee: Place) -> int:
        return [*self._found].index((callee.path, callee.address))

    def _is_fit(self, callee: Place) -> bool:
        """Tell whether a callee can be extracted; takes it in where it is new and there is room."""
        if (callee.path, callee.address) in self._found:
            return True
        room = _MOST_BYTES - sum(len(found.text) for found in self._found.values())
        is_asked = self._opened.rust_files.holds(callee.path) and callee.kind is Kind.FN
        if not is_asked or len(self._found) == _MOST_ITEMS:
            return False
        with suppress(AddressError):
            found = self._opened.file(callee.path).rust.find(callee.address)
            if found.text.endswith(b"}") and len(found.text) <= room:
                self._found[callee.path, callee.address] = found
                return True
        return False


def _settings(tree: Path) -> Settings:
    source = SourceSettings(None, None, str(tree), "crates", (), ("LICENSE",))
    return Settings("You maintain this code.", source)


def _spec(number: int, feature: Feature) -> str:
    asked = [*_asked(feature)]
    parts = [asked[part :: len(feature.thoughts)] for part in range(len(feature.thoughts))]
    lines = [
        "flow.request(",
        f'    """\n{indent(_wrapped(feature.request), " " * 8)}',
        '    """',
        ")",
    ]
    lines += _extracted(feature.items)
    for thought, aspect, asserts in zip(feature.thoughts, ASPECTS, parts, strict=True):
        text = indent(_wrapped(thought), " " * 8)
        lines += [
            "flow.think(",
            f'    """\n{text}',
            f'    """,\n    covers=["{aspect}"],',
            ")",
            *asserts,
        ]
    body = indent("\n".join(lines), "    ")
    head = f'"""Feature {number}: what `{feature.items[0].name}` does."""\n\n'
    return (
        f"{head}from pytest_flowcorpus import Flow\n\n\n"
        f"def flow_{number:05}(flow: Flow) -> None:\n{body}\n"
    )


def _extracted(items: Sequence[Item]) -> Iterator[str]:
    for at, path in enumerate(dict.fromkeys(item.path for item in items)):
        yield f"file_{at} = flow.file({path!r})"
        for number, item in enumerate(items):
            if item.path == path:
                yield f"item_{number} = file_{at}.extract({item.address!r})"


def _asked(feature: Feature) -> Iterator[str]:
    for hop in feature.hops:
        callee = feature.items[hop.callee]
        yield f"assert item_{hop.callee} in item_{hop.caller}.calls"
        yield f"assert item_{hop.callee} in item_{hop.caller}.mentions"
        yield f"assert {callee.where!r} in item_{hop.caller}.calls"
        yield f"assert {'fn ' + callee.name!r} in item_{hop.callee}"
        if hop.is_one_way:
            yield f"assert item_{hop.caller} not in item_{hop.callee}.calls"


def _wrapped(text: str) -> str:
    words = text.split()
    return "\n".join(" ".join(words[at : at + 14]) for at in range(0, len(words), 14))


_PARAMETRIZED: Final = '''\
"""All features in one file."""

import json
from pathlib import Path

import pytest

FEATURES = json.loads(Path(__file__).with_name("features.json").read_text(encoding="utf-8"))
ASPECTS = ("orchestration", "boundaries", "errors", "performance", "testing")


@pytest.mark.parametrize("number", range(len(FEATURES)))
def flow_feature(flow, number):
    feature = FEATURES[number]
    flow.request(feature["request"])
    told = feature["items"]
    items = [flow.file(item["path"]).extract(item["address"]) for item in told]
    for thought, aspect in zip(feature["thoughts"], ASPECTS):
        flow.think(thought, covers=[aspect])
    for hop in feature["hops"]:
        caller, callee, to = items[hop["caller"]], items[hop["callee"]], told[hop["callee"]]
        assert callee in caller.calls
        assert callee in caller.mentions
        assert to["path"] + "::" + to["address"] in caller.calls
        assert "fn " + to["name"] in callee
        if hop["is_one_way"]:
            assert caller not in callee.calls
'''
