"""What the flows of a corpus must not say twice: compared after the run, over plain data."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf
from sys import intern
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.example import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_flowcorpus.example import Example
    from pytest_flowcorpus.settings import Limits

_WORD: Final = re.compile(r"\w+(?:['\u2019]\w+)*")
_OPENING: Final = 6
_SHINGLE: Final = 5
_RUN: Final = 8
_NAMED: Final = 3
_BITS_A_RUN: Final = 16
_RECENT: Final = 256
_EXACT: Final = 9
"""Decimals to which a product of a fraction is told from a whole number."""


def words(text: str) -> str:
    """Give the words of a prose in lower case, parted by single spaces, and nothing else of it."""
    return " ".join(_WORD.findall(text.lower()))


def said(example: Example) -> dict[str, Any]:
    """Give what is compared of an example, as a report can carry it."""
    led_to = {hop.callee for hop in example.hops if hop.verdict is not Verdict.ABSENT}
    items = (str(fragment) for fragment in example.fragments if fragment.kind != "use")
    return {
        "request": words(example.request),
        "reasoning": words(example.reasoning),
        "items": [item for item in items if item not in led_to],
    }


class Vocabulary:
    """Numbers words, so that a text takes four bytes a word."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []

    def numbered(self, text: str) -> array[int]:
        """Give the numbers of a text's words, as `words` gave it."""
        return array("I", map(self._number, text.split(" ")) if text else ())

    def text(self, numbers: Iterable[int]) -> str:
        """Give the words again."""
        return " ".join(self._words[number] for number in numbers)

    def _number(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self._words)
            self._words.append(word)
        return self._numbers[word]


@dataclass(frozen=True, slots=True)
class Told:
    """What is compared of a flow: some kilobytes."""

    flow: str
    """How it is called."""
    request: array[int]
    """The numbers of its words."""
    reasoning: array[int]
    items: tuple[str, ...] = ()
    """What it extracts and none of its hops leads to, as ``path::address``."""

    @classmethod
    def of(cls, flow: str, said: Mapping[str, Any], vocabulary: Vocabulary) -> Told:
        """Take what a report carried."""
        request, reasoning = (vocabulary.numbered(said[part]) for part in ("request", "reasoning"))
        # Most items of a big corpus are in more flows than one.
        return cls(flow, request, reasoning, tuple(map(intern, said["items"])))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is said too often."""

    flow: str
    """The later flow of a pair; empty where it is about no flow in particular."""
    problem: str
    fails: bool
    """Whether that flow is left out; else it is only warned of."""

    def __str__(self) -> str:
        told = f"{self.flow}: {self.problem}" if self.flow else self.problem
        return f"{told}; the flow is left out" if self.fails else f"warning: {told}"


def findings(flows: Sequence[Told], vocabulary: Vocabulary, limits: Limits) -> list[Finding]:
    """Compare each flow with those before it; `flows` come in the order of the output.

    One that fails is not kept: of three alike the first stays, and the others are each compared
    with that one. Takes time in proportion to the words of all flows, where most runs of words
    are a flow's own.
    """
    openings = _Openings(flows)
    repeats = _Repeats(flows, vocabulary, limits)
    requests = _Likeness("request", flows, [told.request for told in flows], limits.similar)
    reasonings = _Likeness("reasoning", flows, [told.reasoning for told in flows], limits.similar)
    kept: list[Told] = []
    found: list[Finding] = []
    for index, told in enumerate(flows):
        # What all flows say would make each of them like every other, and the search for it long.
        new = repeats.of(index) or [*openings.of(index), *requests.of(index), *reasonings.of(index)]
        found += new
        if not any(finding.fails for finding in new):
            kept.append(told)
            for room in (openings, repeats, requests, reasonings):
                room.keep(index)
    return [*found, *_items(kept, limits.item_flows)]


class _Openings:
    """How requests begin: no two alike."""

    def __init__(self, flows: Sequence[Told]) -> None:
        self._flows = flows
        self._kept: dict[tuple[int, ...], str] = {}

    def of(self, index: int) -> list[Finding]:
        told = self._flows[index]
        first = self._kept.get(tuple(told.request[:_OPENING]))
        if first is None:
            return []
        problem = f"its request begins with the same {_OPENING} words as that of {first}"
        return [Finding(told.flow, problem, fails=True)]

    def keep(self, index: int) -> None:
        told = self._flows[index]
        if opening := tuple(told.request[:_OPENING]):
            self._kept[opening] = told.flow


class _Repeats:
    """Runs of words in the reasonings: none in more than a share of them."""

    def __init__(self, flows: Sequence[Told], vocabulary: Vocabulary, limits: Limits) -> None:
        self._flows = flows
        self._vocabulary = vocabulary
        self._most = max(1, floor(round(limits.repeated * len(flows), _EXACT)))
        is_on = limits.repeated and len(flows) >= limits.repeated_from
        common = _common([told.reasoning for told in flows], _RUN) if is_on else {}
        self._frequent = {run: count for run, count in common.items() if count > self._most}
        self._kept: defaultdict[int, list[str]] = defaultdict(list)

    def of(self, index: int) -> list[Finding]:
        told = self._flows[index]
        for at, run in enumerate(_runs(told.reasoning, _RUN) if self._frequent else ()):
            if run in self._frequent and len(self._kept[run]) >= self._most:
                said = self._vocabulary.text(told.reasoning[at : at + _RUN])
                problem = (
                    f'"{said}" stands in {self._frequent[run]} of {len(self._flows)} reasonings, '
                    f"in that of {self._kept[run][0]} first; it may stand in {self._most} "
                    "([limits] repeated)"
                )
                return [Finding(told.flow, problem, fails=True)]
        return []

    def keep(self, index: int) -> None:
        told = self._flows[index]
        for run in set(_runs(told.reasoning, _RUN) if self._frequent else ()):
            if run in self._frequent:
                self._kept[run].append(told.flow)


class _Likeness:
    """How like texts are: the Jaccard index of their runs of five words.

    Candidates come from an inverted index of a text's rarest runs alone. Two texts that are `least`
    alike have that share of their runs in common, so that these cannot all be among the most
    common ones, which are left out (prefix filtering: Bayardo, Ma, Srikant, WWW 2007).
    """

    def __init__(
        self,
        what: str,
        flows: Sequence[Told],
        texts: Sequence[array[int]],
        bounds: tuple[float, float],
    ) -> None:
        self._what = what
        self._flows = flows
        self._warn, self._fail = (bound or inf for bound in bounds)
        self._least = min(self._warn, self._fail)
        self._common = _common(texts, _SHINGLE) if self._least < inf else {}
        self._shingles = lru_cache(_RECENT)(lambda index: frozenset(_runs(texts[index], _SHINGLE)))
        self._kept: defaultdict[int, list[int]] = defaultdict(list)

    def of(self, index: int) -> list[Finding]:
        """Tell which of the texts kept is likest, where one is like enough."""
        candidates = {other for run in self._rarest(index) for other in self._kept.get(run, ())}
        if not candidates:
            return []
        likest = max(candidates, key=lambda other: (self._likeness(index, other), -other))
        if (likeness := self._likeness(index, likest)) < self._least:
            return []
        problem = (
            f"its {self._what} is like that of {self._flows[likest].flow}: {likeness:.2f} of their "
            "runs of five words are the same ([limits] similar)"
        )
        return [Finding(self._flows[index].flow, problem, fails=likeness >= self._fail)]

    def keep(self, index: int) -> None:
        for run in self._rarest(index):
            self._kept[run].append(index)

    def _rarest(self, index: int) -> list[int]:
        """Give the runs of which a text that is like enough has one at least."""
        if not self._common:
            return []
        runs = self._shingles(index)
        shared = sorted((self._common[run], run) for run in runs if run in self._common)
        needed = ceil(round(self._least * len(runs), _EXACT))
        return [run for _, run in shared[: max(0, len(shared) - needed + 1)]]

    def _likeness(self, index: int, other: int) -> float:
        ours, theirs = self._shingles(index), self._shingles(other)
        both = len(ours & theirs)
        return both / (len(ours) + len(theirs) - both)


def _items(kept: Sequence[Told], most: int) -> Iterator[Finding]:
    """Give the items that too many flows extract without a hop to them."""
    flows: defaultdict[str, list[str]] = defaultdict(list)
    for told in kept if most else ():
        for item in told.items:
            flows[item].append(told.flow)
    for item, names in sorted(flows.items()):
        if len(names) > most:
            named = ", ".join(names[:_NAMED]) + f" and {len(names) - _NAMED} more" * (
                len(names) > _NAMED
            )
            problem = f"{item} is extracted in {len(names)} flows in which no hop leads to it"
            yield Finding("", f"{problem}: {named} ([limits] item_flows)", fails=False)


def _runs(text: array[int], size: int) -> list[int]:
    """Give the runs of so many words in order, by 64-bit hashes; a shorter text is one run.

    Hashes of tuples of numbers are not salted.
    """
    if len(text) < size:
        return [hash(tuple(text))] if text else []
    return list(map(hash, zip(*(text[at:] for at in range(size)), strict=False)))


def _common(texts: Sequence[array[int]], size: int) -> dict[int, int]:
    """Give the runs that more than one text has, and how many have them.

    Nearly all runs are of one text alone. A bitmap of a few bits for each finds most of these, so
    that millions of them are never held.
    """
    mask = (1 << (_BITS_A_RUN * sum(map(len, texts))).bit_length()) - 1
    seen, again = bytearray(mask // 8 + 1), set()
    for text in texts:
        for run in set(_runs(text, size)):
            at, bit = (run & mask) >> 3, 1 << (run & 7)
            if seen[at] & bit:
                again.add(run)
            seen[at] |= bit
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(again.intersection(_runs(text, size)))
    return {run: count for run, count in counts.items() if count > 1}
