"""Which sentences of a flow's prose speak of code that changed, so that its author reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.diff import changed_words
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.rust import Address, AddressError
from pytest_flowcorpus.spans import spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.drift.fate import Drifted
    from pytest_flowcorpus.reading import Said

# A sentence ends where a blank follows its mark, or the paragraph ends.
_END: Final = re.compile(r"(?<=[.!?])[)\"\u201d]?(?=\s+[\w`\"(\u201c])|\n\s*\n")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_COMMON: Final = frozenset(("Err", "None", "Ok", "Some", "Option", "Result", "String", "Vec"))
"""Names of the prelude stand in every other line."""
_FORMAT: Final = (Fate.FORMAT,)
_SILENT: Final = frozenset((Fate.FORMAT, Fate.ATTRIBUTES, Fate.COMMENTS))
"""What does not touch what a fragment does, so that only what speaks of the words is concerned."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a request or a thought."""

    text: str
    """On one line."""
    line: int
    """Where it begins in the spec, counted from 1."""


def sentences(said: Said) -> Iterator[Sentence]:
    """Give the sentences of a request or thought in order."""
    covered = [range(span.start, span.start + len(span.text) + 2) for span in spans(said.text)]
    ends = (end.end() for end in _END.finditer(said.text))
    outside = (end for end in ends if not any(end - 1 in span for span in covered))
    start = 0
    for end in (*outside, len(said.text)):
        text = said.text[start:end]
        if text.strip():
            begins = start + len(text) - len(text.lstrip())
            yield Sentence(" ".join(text.split()), said.line + said.text.count("\n", 0, begins))
        start = end


def concerned(said: Iterable[Said], drifted: Drifted) -> list[Sentence]:
    """Give the sentences that speak of what changed in a fragment: by its name, or by its words.

    A change of format alone concerns none.
    """
    names = frozenset() if _SILENT.issuperset(drifted.fates) else _names(drifted.accepted.address)
    is_known = drifted.was is not None and drifted.now is not None and drifted.fates != _FORMAT
    words = changed_words(drifted.was, drifted.now) if is_known else frozenset()
    return [
        sentence
        for one in said
        for sentence in sentences(one)
        if any(_is_of(span.text, names, words) for span in spans(sentence.text))
    ]


def _is_of(span: str, names: frozenset[str], words: frozenset[str]) -> bool:
    said = _WORD.findall(span)
    return bool(said) and (said[-1] in names or words.issuperset(said)) and span not in _COMMON


def _names(address: str) -> frozenset[str]:
    try:
        name = Address.parse(address).name
    except AddressError:
        name = ""
    return frozenset((name,) if name else _WORD.findall(address))
