"""What a span of the prose rests on: the flow's own code, its hops, a test, a file, the source."""

from __future__ import annotations

import difflib
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import Verdict
from pytest_flowcorpus.lexed import Lexed, encoded
from pytest_flowcorpus.rust import AddressError, Kind, Place
from pytest_flowcorpus.rust.tokens import Token, TokenKind, tokens
from pytest_flowcorpus.spans import Form, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.example import Example

_NEAREST: Final = 3
_ADDRESSES: Final = frozenset(("<", "impl", "#"))
"""Begins an address that is no path; a macro call is one too."""
_ROOTS: Final = frozenset(("crate", "self", "super"))


class Ground(StrEnum):
    """What a span rests on."""

    EXCERPT = "excerpt"
    """It stands in the flow's own excerpts."""
    HOP = "hop"
    """It is what one of the flow's hops leads to."""
    TEST = "test"
    """A test of the source is called so."""
    FILE = "file"
    """A file of the source is called so."""
    SOURCE = "source"
    """It stands elsewhere in the source."""
    NOWHERE = "nowhere"
    """Nothing is called so."""


class Evidence:
    """All that the spans of one example may rest on."""

    def __init__(self, example: Example, opened: OpenCorpus) -> None:
        self._example = example
        self._opened = opened
        self._codebase = opened.codebase
        self._files = opened.search
        self._own = Lexed(excerpt.code for excerpt in example.excerpts)
        proven = [hop for hop in example.hops if hop.verdict is not Verdict.ABSENT]
        self._callees = frozenset(hop.callee for hop in proven)
        self._ends = frozenset(last_name(callee) for callee in self._callees)

    def ground(self, span: Span) -> Ground:
        """Give what a span rests on: of several things the first in the order of `Ground`."""
        pieces = _pieces(span)
        if span.form is Form.UNCLOSED or not _says_something(pieces):
            return Ground.NOWHERE
        if self._own.has(pieces):
            return Ground.EXCERPT
        segments = path_of(pieces)
        if len(segments) == 1:
            return self._of_name(segments[0])
        if "Self" in segments:
            return Ground.NOWHERE
        if segments:
            return self._of_path(segments, pieces)
        return self._of_sequence(span.text, pieces)

    def is_declared(self, item: str) -> bool:
        """Tell whether an item, ``path::address``, is what a trait declares."""
        file, _, address = item.partition(".rs::")
        rust = self._opened.file(f"{file}.rs").rust
        parent = rust.item(rust.find(address)).parent
        return parent is not None and parent.kind is Kind.TRAIT

    def complaint(self, span: Span) -> str:
        """Say of a span that rests on nothing why that is so, and what real name is near."""
        pieces = _pieces(span)
        segments = path_of(pieces)
        if span.form is Form.UNCLOSED:
            return "opens a code span that nothing closes"
        if any(token.kind is TokenKind.COMMENT for token in pieces):
            return "holds a comment, and a comment is no code"
        if not _says_something(pieces):
            return "is no code: it has neither a name nor a literal"
        if len(segments) == 1:
            return self._nameless(segments[0], pieces)
        if segments:
            return f"is no path of the source{_hint(self._near_path(segments))}"
        return self._broken(span)

    def is_way(self, via: str, caller: str, imports: str) -> bool:
        """Tell whether a stated hop can go through `via`.

        It is a path that is grounded, or the path of a method that the caller's text calls, of a
        type or trait that the caller or the ``use`` of its file names.
        """
        span = Span(via)
        segments = path_of(_pieces(span))
        if len(segments) > 1 and self.ground(span) is not Ground.NOWHERE:
            return True
        method = tokens(encoded(f".{segments[-1]}")) if segments else ()
        code = _lexed(caller)
        is_called = len(segments) > 1 and code.has(method)
        return is_called and segments[-2] in code.words | _lexed(imports).words

    def _of_name(self, name: str) -> Ground:
        if name in self._own.words:
            return Ground.EXCERPT
        if name in self._ends:
            return Ground.HOP
        if self._files.test(name):
            return Ground.TEST
        return Ground.FILE if self._files.file(name) else Ground.NOWHERE

    def _of_path(self, segments: tuple[str, ...], pieces: Sequence[Token]) -> Ground:
        place = self._resolved(segments) if self._knows_generics(segments, pieces) else False
        is_macro = pieces[-1].text == "!"
        if place is True and not is_macro:
            return Ground.SOURCE
        if isinstance(place, Place) and (place.kind is Kind.MACRO or not is_macro):
            return self._of_place(place)
        # `Error::Http` may be another crate's, but whoever reads it here thinks of our `Error`.
        is_ours = self._codebase.names(segments[:1])
        is_real = not is_ours and self._files.code(_bare(pieces))
        return Ground.SOURCE if is_real else Ground.NOWHERE

    def _resolved(self, segments: Sequence[str]) -> Place | bool:
        path = _below_roots(segments)
        # Only a name that a file imports under another needs that file, which then uses it.
        is_used = path[0] in self._own.words
        users = [excerpt.path for excerpt in self._example.excerpts] if is_used else []
        found = (self._codebase.names(path, user) for user in (None, *users))
        return next((place for place in found if place), False)

    def _of_place(self, place: Place) -> Ground:
        if self._is_own(place.path, place.line):
            return Ground.EXCERPT
        return Ground.HOP if str(place) in self._callees else Ground.SOURCE

    def _is_own(self, path: str, line: int) -> bool:
        own = (one.lines for one in self._example.fragments if one.path == path)
        return any(first <= line <= last for first, last in own)

    def _knows_generics(self, segments: Sequence[str], pieces: Sequence[Token]) -> bool:
        """Tell whether what a path has in angle brackets stands in the excerpts."""
        words = {token.text for token in pieces if token.kind is TokenKind.WORD}
        return words - {*segments} <= self._own.words

    def _of_sequence(self, text: str, pieces: Sequence[Token]) -> Ground:
        if pieces[0].text in _ADDRESSES or any(token.text == "!" for token in pieces):
            return self._of_address(text)
        return Ground.FILE if self._files.file(text) else Ground.NOWHERE

    def _of_address(self, text: str) -> Ground:
        """Give what an address means in the flow's files, as ``<Type as Trait>::member`` does."""
        for path in (excerpt.path for excerpt in self._example.excerpts):
            with suppress(AddressError):
                found = self._opened.file(path).rust.find(text)
                return Ground.EXCERPT if self._is_own(path, found.last_line) else Ground.SOURCE
        return Ground.NOWHERE

    def _nameless(self, name: str, pieces: Sequence[Token]) -> str:
        if elsewhere := self._files.code(pieces):
            return f"is none of the names in the flow's excerpts; it stands in {elsewhere}"
        near = _hint(self._near(name))
        return f"is no name of the flow's excerpts, no test and no file{near}"

    def _broken(self, span: Span) -> str:
        words = words_of(span.text)
        strange = next((word for word in words if word not in self._own.words), None)
        rust = "; a fenced block is Rust unless it names another language"
        aside = rust if span.form is Form.LINE else ""
        if strange is None:
            return f"does not stand in the flow's excerpts, token by token{aside}"
        near = _hint(self._near(strange))
        return f"does not stand in the flow's excerpts: they hold no `{strange}`{near}{aside}"

    def _near(self, name: str) -> list[str]:
        known = {*self._own.words, *self._ends, *self._files.names()}
        alike = sorted(other for other in known if other.lower() == name.lower())
        close = difflib.get_close_matches(name, sorted(known), n=_NEAREST)
        around = sorted(
            (other for other in self._own.words if name in other),
            key=lambda other: (len(other), other),
        )
        return list(islice(dict.fromkeys((*alike, *close, *around)), _NEAREST))

    def _near_path(self, segments: Sequence[str]) -> Sequence[str]:
        return self._codebase.nearest(segments) or self._near(segments[-1])


def last_name(address: str) -> str:
    """Give the last name of ``path::address``, or of a bare name."""
    return next(reversed(words_of(address)), "")


def words_of(code: str) -> list[str]:
    """Give the identifiers and keywords in a piece of code."""
    return [token.text for token in tokens(encoded(code)) if token.kind is TokenKind.WORD]


def path_of(pieces: Sequence[Token]) -> tuple[str, ...]:
    """Give the names of a path, be it one name only; empty for what is no path.

    A ``()`` at the end is not part of it, and of two names or more neither are generics and ``!``.
    """
    bare = _bare(pieces)
    if len(bare) == 1:
        return (bare[0].text,) if bare[0].kind is TokenKind.WORD else ()
    rest = _without_generics(bare[:-1] if bare[-1:] and bare[-1].text == "!" else bare)
    names, links = rest[::2], rest[1::2]
    is_path = len(names) == len(links) + 1 > 1 and all(link.text == "::" for link in links)
    are_names = all(name.kind is TokenKind.WORD for name in names)
    return tuple(name.text for name in names) if is_path and are_names else ()


# Hops begin in the same few fragments, whose files have the same imports.
@lru_cache(maxsize=64)
def _lexed(text: str) -> Lexed:
    return Lexed([text])


def _bare(pieces: Sequence[Token]) -> Sequence[Token]:
    """Leave out a ``::`` before a path and a ``()`` after it."""
    texts = [token.text for token in pieces]
    start = 1 if texts[:1] == ["::"] else 0
    end = -2 if texts[-2:] == ["(", ")"] else None
    return pieces[start:end]


def _without_generics(pieces: Iterable[Token]) -> list[Token]:
    """Leave out what is in angle brackets, with a ``::`` before it; all, if they are not closed."""
    out: list[Token] = []
    depth = 0
    for token in pieces:
        if token.text == "<" and depth == 0 and out and out[-1].text == "::":
            out.pop()
        depth += (token.text == "<") - (token.text == ">")
        if depth < 0:
            return []
        if depth == 0 and token.text != ">":
            out.append(token)
    return out if depth == 0 else []


def _below_roots(segments: Sequence[str]) -> Sequence[str]:
    names = [name for name in segments if name not in _ROOTS]
    return names if len(names) > 1 else segments


def _pieces(span: Span) -> list[Token]:
    """Give a span's tokens; a comment that only leaves something out is none."""
    pieces = tokens(encoded(span.text))
    return [token for token in pieces if not (span.form is Form.LINE and _leaves_out(token))]


def _leaves_out(token: Token) -> bool:
    return token.kind is TokenKind.COMMENT and not any(map(str.isalnum, token.text))


def _says_something(pieces: Sequence[Token]) -> bool:
    kinds = {token.kind for token in pieces}
    return TokenKind.COMMENT not in kinds and kinds - {TokenKind.PUNCT} != set()


def _hint(near: Sequence[str]) -> str:
    return f"; near it: {', '.join(f'`{name}`' for name in near)}" if near else ""
