"""Which sentences of a flow's prose speak of code that changed, so that its author reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.diff import changed_words, words_beside
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.prose import blocks
from pytest_flowcorpus.rust import last_name
from pytest_flowcorpus.spans import spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.prose import Block
    from pytest_flowcorpus.reading import Said
    from pytest_flowcorpus.spans import Span

# A sentence ends where a blank and a capital follow its mark, or with its block.
_END: Final = re.compile(
    r"(?<=[.!?\u2026])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bcf\.)(?<!\bvs\.)"
    r"[)\]\"'*\u201d\u2019]*(?=\s+[\"'(\[*\u201c\u2018]*(?:`|[^\Wa-z_]))"
)
_NUMBER: Final = re.compile(r"\s*(?:>\s*)*\d{1,9}[.)]")
"""What begins an item of a list, and ends no sentence."""
_WORD: Final = re.compile(r"[^\W\d]\w*")
_COMMON: Final = frozenset(("Err", "None", "Ok", "Some", "Option", "Result", "String", "Vec"))
"""Names of the prelude stand in every other line."""
_FORMAT: Final = (Fate.FORMAT,)
_RENAMED: Final = (Fate.RENAMED,)
_SILENT: Final = frozenset((Fate.FORMAT, Fate.ATTRIBUTES, Fate.COMMENTS, Fate.MOVED, Fate.RENAMED))
"""What does not touch what a fragment does, so that only what speaks of the words is concerned."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a request or a thought."""

    text: str
    """On one line."""
    line: int
    """Where it begins in the spec, counted from 1."""


def sentences(said: Said) -> Iterator[Sentence]:
    """Give the sentences of a request or thought in order; of a fenced block each line is one."""
    return (_sentence(said, place) for place in _places(said.text, spans(said.text)))


def _sentence(said: Said, place: range) -> Sentence:
    lines = said.text[: place.start].count("\n") if said.is_laid_out else 0
    return Sentence(" ".join(said.text[place.start : place.stop].split()), said.line + lines)


def _places(text: str, found: Sequence[Span]) -> Iterator[range]:
    """Give where the sentences of a text stand."""
    for block in blocks(text):
        start = block.start
        for end in (*_ends(text, block, found), block.end):
            part = text[start:end]
            if part.strip():
                yield range(start + len(part) - len(part.lstrip()), end)
            start = end


def _ends(text: str, block: Block, found: Sequence[Span]) -> Iterator[int]:
    """Give where a block's sentences end, but for the last."""
    if block.info is not None:
        return
    covered = [range(span.start, span.end) for span in found]
    for mark in _END.finditer(text, block.start, block.end):
        is_number = _NUMBER.fullmatch(text, block.start, mark.end())
        if not is_number and not any(mark.start() - 1 in span for span in covered):
            yield mark.end()


def concerned(
    said: Iterable[Said], drifted: Drifted, callees: frozenset[str] = frozenset()
) -> list[Sentence]:
    """Give the sentences that speak of what changed in a fragment: by its name, or by its words.

    `callees` are the names that its hops lead to: they count where they stand on a changed line.
    A change of format alone concerns none, and neither does one of no word, or a move; a new name
    concerns those that say the old one.
    """
    names = _names(drifted)
    is_known = drifted.was is not None and drifted.now is not None and drifted.fates != _FORMAT
    words = changed_words(drifted.was, drifted.now) if is_known else frozenset()
    if is_known and not words and drifted.fates != _RENAMED:
        names = frozenset()
    if is_known:
        names |= callees & words_beside(drifted.was, drifted.now)
    return [
        _sentence(one, place)
        for one in said
        for found in (spans(one.text),)
        for place in _places(one.text, found)
        if any(span.start in place and _is_of(span.text, names, words) for span in found)
    ]


def _is_of(span: str, names: frozenset[str], words: frozenset[str]) -> bool:
    said = _WORD.findall(span)
    return bool(said) and (said[-1] in names or words.issuperset(said)) and span not in _COMMON


def _names(drifted: Drifted) -> frozenset[str]:
    """Give the names by which prose speaks of what a fragment does, or is no longer called."""
    address = drifted.accepted.address
    if drifted.now is not None and _SILENT.issuperset(drifted.fates):
        now = drifted.now.address
        return frozenset(_WORD.findall(address)) - frozenset(_WORD.findall(now))
    return frozenset(_WORD.findall(last_name(address)))
