"""What macros by example make of a name that they are called with.

After https://doc.rust-lang.org/reference/macros-by-example.html, without expanding anything: a name
is followed from the call to the parameter that stands for it, and on into the macros that are
called with that parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.tokens import Token, TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST: Final = 64
_OPENERS: Final = (b"(", b"[", b"{")
_CLOSERS: Final = (b")", b"]", b"}")


@dataclass(frozen=True, slots=True)
class Rule:
    """The body of a rule, and what a name is called in it."""

    body: bytes
    parameter: str

    def implements(self, trait: str) -> bool:
        """Tell whether the body holds an impl of the trait for the name."""
        pattern = rb"\b%s\b[^{};]*\bfor\s+\$%s\b" % (trait.encode(), self.parameter.encode())
        return re.search(pattern, self.body) is not None

    def defines(self, name: str) -> bool:
        """Tell whether the body defines a member of that name in an impl for the name."""
        impl = rb"\bimpl\b[^{};]*\$%s\b[^{};]*\{" % self.parameter.encode()
        member = rb"\b(?:fn|const|type)\s+%s\b" % re.escape(name.encode())
        return bool(re.search(impl, self.body) and re.search(member, self.body))

    def is_itself(self, associated: str) -> bool:
        """Tell whether the body says that an associated type is the name itself."""
        pattern = rb"\btype\s+%s\s*=\s*(?:\$%s|Self)\s*;"
        written = pattern % (associated.encode(), self.parameter.encode())
        return re.search(written, self.body) is not None


def rules(
    macro: str, arguments: bytes, name: str, macros: Callable[[str], Iterator[bytes]]
) -> Iterator[Rule]:
    """Give the rules that a call of `macro` leads to, with what `name` is called in each.

    `macros` gives the bodies of the macros of a name.
    """
    seen: set[tuple[str, int, int]] = set()
    pool = [(macro, [_text(one) for one in _split(list(significant(arguments)))], name)]
    while pool and len(seen) < _MOST:  # a macro can call itself with more and more
        called, written, wanted = pool.pop()
        place = written.index(wanted) if wanted in written else -1
        if place < 0 or (called, place, len(written)) in seen:
            continue
        seen.add((called, place, len(written)))
        for body in macros(called):
            for rule in _fitting(body, len(written), place):
                yield rule
                inside = list(significant(rule.body))
                pool += [(*call, f"${rule.parameter}") for call in _calls(inside)]


def called(macro: str, macros: Callable[[str], Iterator[bytes]]) -> tuple[str, ...]:
    """Give the names that the rules of a macro call, and those of the macros that they call."""
    found: dict[str, None] = {}
    seen, pool = {macro}, [macro]
    while pool:
        for body in macros(pool.pop()):
            for word, mark in pairwise(significant(body)):
                if word.kind is TokenKind.WORD and mark.raw == b"(":
                    found.setdefault(word.text)
                elif word.kind is TokenKind.WORD and mark.raw == b"!" and word.text not in seen:
                    seen.add(word.text)
                    pool.append(word.text)
    return tuple(found)


def _fitting(macro: bytes, count: int, place: int) -> list[Rule]:
    """Give the rules of a macro that take so many arguments, or else all of them."""
    found = [(len(pieces), body, pieces) for pieces, body in _rules(macro)]
    exact = [one for one in found if one[0] == count] or found
    named = ((body, _parameter(pieces, place)) for _, body, pieces in exact)
    return [Rule(body, parameter) for body, parameter in named if parameter]


@lru_cache(maxsize=256)
def _rules(macro: bytes) -> tuple[tuple[list[list[Token]], bytes], ...]:
    """Give the pattern of each rule, in pieces between commas, and its body."""
    inside = list(significant(macro))[1:-1]
    groups = list(_groups(inside))
    return tuple(
        (_split(inside[start + 1 : end]), macro[inside[begin].start : inside[finish].end])
        for (start, end), (begin, finish) in zip(groups[::2], groups[1::2], strict=False)
    )


def _groups(code: list[Token]) -> Iterator[tuple[int, int]]:
    """Give where the outermost brackets open and close."""
    depth, start = 0, 0
    for index, token in enumerate(code):
        if token.raw in _OPENERS:
            start = index if depth == 0 else start
            depth += 1
        elif token.raw in _CLOSERS:
            depth -= 1
            if depth == 0:
                yield start, index


def _split(code: list[Token]) -> list[list[Token]]:
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in code:
        depth += (token.raw in _OPENERS) - (token.raw in _CLOSERS)
        if depth == 0 and token.raw in (b",", b";"):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def _parameter(pieces: list[list[Token]], place: int) -> str:
    piece = pieces[place] if place < len(pieces) else []
    for before, token in pairwise(piece):
        if before.raw == b"$" and token.kind is TokenKind.WORD:
            return token.text
    return ""


def _calls(code: list[Token]) -> Iterator[tuple[str, list[str]]]:
    """Give the macro calls among tokens, and what they are called with."""
    for start, end in _all_groups(code):
        if start > 1 and code[start - 1].raw == b"!" and code[start - 2].kind is TokenKind.WORD:
            yield code[start - 2].text, [_text(one) for one in _split(code[start + 1 : end])]


def _all_groups(code: list[Token]) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for index, token in enumerate(code):
        if token.raw in _OPENERS:
            opened.append(index)
        elif token.raw in _CLOSERS and opened:
            yield opened.pop(), index


def _text(code: list[Token]) -> str:
    return "".join(token.text for token in code)
