"""Which helpers say nothing new: a reader of one feature learns nothing from their code.

* members of an inherent impl of a type called ``…Error``: they make errors;
* getters: one expression with one call at most, none of it into the source, that neither branches
  nor compares, holds no number, and names no variant, constant or static;
* functions that only a trait declares;
* what more than half of the entry points run through, unless it stands in the entry's own file.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.entries import entries
from pytest_flowcorpus.rust import Certainty, Kind
from pytest_flowcorpus.rust.tokens import TokenKind, significant
from pytest_flowcorpus.rust.typename import erased, spelling

if TYPE_CHECKING:
    from pytest_flowcorpus.reach import Callgraph
    from pytest_flowcorpus.rust.tokens import Token
    from pytest_flowcorpus.target import Target

_SAYING: Final = frozenset(
    (
        *("if", "match", "while", "for", "loop", "!", "|", ";", "=>"),
        *("==", "!=", "<=", ">=", "&&", "||"),
    )
)
_NAMED: Final = frozenset((Kind.VARIANT, Kind.CONST, Kind.STATIC))
_FEW: Final = 5
"""What so few entry points run through is common to none."""


class Novelty:
    """Judges the items of one source."""

    def __init__(self, graph: Callgraph) -> None:
        self._graph = graph
        self._plain: dict[Target, bool] = {}

    def is_common(self, target: Target, entry: Target) -> bool:
        """Tell whether more than a third of the features name a type, and not for their own."""
        return target.path != entry.path and 3 * self._named[target] > max(self._features, 3 * _FEW)

    def is_common_call(self, function: Target, entry: Target) -> bool:
        """Tell whether more than half of the features run through a function."""
        least = max(self._features, 2 * _FEW)
        return function.path != entry.path and 2 * self._run[function] > least

    def is_plain(self, function: Target) -> bool:
        """Tell whether a function makes errors, gets something, or is only declared."""
        if function not in self._plain:
            self._plain[function] = self._says_nothing(function)
        return self._plain[function]

    def _says_nothing(self, function: Target) -> bool:
        code = self._graph.opened.file(function.path).rust
        item = code.item(function.found)
        start, end = item.body
        if start >= end:
            return True
        impl = item.parent
        if impl is not None and impl.kind is Kind.IMPL and not impl.head[0]:
            of = erased(spelling(impl.head[1]))
            if of and of[-1].endswith("Error"):
                return True
        return self._is_getter(function, code.code[start : end - 1])

    def _is_getter(self, function: Target, body: bytes) -> bool:
        tokens = [*significant(body)]
        calls = sum(
            two.raw == b"(" and (one.kind is TokenKind.WORD or one.raw == b">")
            for one, two in pairwise(tokens)
        )
        says_something = (_says_something(body, one, two) for one, two in pairwise(tokens))
        if calls > 1 or any(says_something) or any(one.text in _SAYING for one in tokens):
            return False
        return not any(self._graph.callees(function)) and not self._names_something(function)

    def _names_something(self, function: Target) -> bool:
        mentions = self._graph.opened.codebase.mentions(function.path, function.found)
        return any(
            one.certainty is Certainty.RESOLVED and one.item is not None and one.item.kind in _NAMED
            for one in mentions
        )

    @property
    def _features(self) -> int:
        return len(self._reaches)

    @cached_property
    def _reaches(self) -> tuple[frozenset[Target], ...]:
        found = entries(self._graph)
        return tuple(frozenset(self._graph.reach(entry).targets) for entry in found)

    @cached_property
    def _run(self) -> Counter[Target]:
        """How many features run through a function."""
        return Counter(target for reach in self._reaches for target in reach)

    @cached_property
    def _named(self) -> Counter[Target]:
        """How many features name a type on their way."""
        return Counter(
            named for reach in self._reaches for named in {t for f in reach for t in self._types(f)}
        )

    def _types(self, function: Target) -> frozenset[Target]:
        return frozenset(self._graph.types(function))


def _says_something(body: bytes, before: Token, token: Token) -> bool:
    """Tell whether a token is a number, and no index of a tuple, or compares.

    What rustfmt parts by blanks on both sides is no bracket of generics.
    """
    if token.kind is TokenKind.NUMBER:
        return before.raw != b"."
    is_apart = before.end < token.start and body[token.end : token.end + 1].isspace()
    return token.raw in (b"<", b">") and is_apart
