"""How deep in braces each token of a Rust file stands: for files that rustc does not accept.

Reads like rustc's lexer (https://doc.rust-lang.org/reference/tokens.html), left to right, and
shares no code with `pytest_flowcorpus`. Where rustc stops, at a character whose second quote is
lost, it goes on as if that quote alone was too many. Every run holds it against rustc on the files
that rustc does accept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PRELUDE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:#!(?!\s*\[)[^\n]*)?")
_LEXEME: Final = re.compile(
    rb"(?P<space>(?:\s|\xc2\x85|\xe2\x80[\x8e\x8f\xa8\xa9])+)"
    rb"|(?P<line>//[^\n]*)"
    rb"|(?P<block>/\*)"
    rb'|(?P<raw>(?:b|c)?r(?P<hashes>#*)")'
    rb'|(?P<text>[bc]?"(?:\\.|[^"\\])*(?P<close>"?))'
    rb"|(?P<char>b?'(?:\\[^\n][^'\n]*|[^\\'\n\x80-\xff]|[\xc0-\xff][\x80-\xbf]+)')"
    rb"|(?P<lifetime>'(?:r#)?[A-Za-z0-9_\x80-\xff]+)"
    rb"|(?P<word>(?:r#)?[A-Za-z0-9_\x80-\xff]+)"
    rb"|(?P<sign>.)",
    re.DOTALL,
)
_COMMENTS: Final = ("line", "block")
_MARK: Final = re.compile(rb"/\*|\*/")
_PAIRS: Final = {b"(": b")", b"[": b"]", b"{": b"}"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token, or a comment; offsets are bytes."""

    sort: str
    start: int
    end: int
    raw: bytes
    around: tuple[int, ...]
    """Where the braces stand that are open around it, the outermost first."""


def lexemes(code: bytes) -> list[Lexeme]:
    """Give tokens and comments; a brace too many closes nothing, what is not closed runs on."""
    found: list[Lexeme] = []
    around: tuple[int, ...] = ()
    for sort, start, end in _spans(code):
        raw = code[start:end]
        if raw == b"}":
            around = around[:-1]
        found.append(Lexeme(sort, start, end, raw, around))
        if raw == b"{":
            around = (*around, start)
    return found


def _spans(code: bytes) -> Iterator[tuple[str, int, int]]:
    prelude = _PRELUDE.match(code)
    position = prelude.end() if prelude else 0
    while match := _LEXEME.match(code, position):
        sort, start = match.lastgroup or "", position
        # `lastgroup` is the outermost that matched last, never the one inside.
        position = _end(code, sort, match)
        if sort != "space":
            yield sort, start, position


def _end(code: bytes, sort: str, match: re.Match[bytes]) -> int:
    if sort == "block":
        return _block_end(code, match.start())
    if sort == "raw":
        close = code.find(b'"' + match["hashes"], match.end())
        return close + 1 + len(match["hashes"]) if close >= 0 else len(code)
    return match.end()


def _block_end(code: bytes, start: int) -> int:
    depth = 0
    for mark in _MARK.finditer(code, start):
        depth += 1 if mark[0] == b"/*" else -1
        if not depth:
            return mark.end()
    return len(code)


def plain(found: Sequence[Lexeme]) -> list[Lexeme]:
    """Give the tokens alone."""
    return [one for one in found if one.sort not in _COMMENTS]


def things(code: Sequence[Lexeme]) -> Iterator[list[Lexeme]]:
    """Part tokens into items, attributes included: each ends with its first `;` or block.

    A constant's, a type's and an import's ends with its `;` only.
    """
    thing: list[Lexeme] = []
    opened: list[bytes] = []
    for token in code:
        thing.append(token)
        _follow(opened, token.raw)
        is_end = token.raw == b";" or (token.raw == b"}" and _ends_with_block(thing))
        if is_end and not opened:
            yield thing
            thing, opened = [], []
    if thing:
        yield thing


def _follow(opened: list[bytes], raw: bytes) -> None:
    """Open or close; a brace closes its partner over what was forgotten in between."""
    if raw in _PAIRS:
        opened.append(raw)
    elif opened and _PAIRS[opened[-1]] == raw:
        opened.pop()
    elif raw == b"}" and b"{" in opened:
        while opened.pop() != b"{":
            pass


def _ends_with_block(thing: Sequence[Lexeme]) -> bool:
    words = [token.raw for token in declaration(thing)[:6]]
    while words and words[0] in (b"pub", b"default", b"unsafe", b"(", b"crate", b"super", b")"):
        words.pop(0)
    if words[:1] == [b"const"]:
        return words[1:2] in ([b"fn"], [b"unsafe"], [b"async"], [b"extern"])
    return words[:1] not in ([b"static"], [b"type"], [b"use"])


def declaration(thing: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Give an item's tokens behind its attributes."""
    at = 0
    while at < len(thing) and thing[at].raw == b"#":
        at, depth = at + 1, 0
        while at < len(thing):
            depth += (thing[at].raw in _PAIRS) - (thing[at].raw in _PAIRS.values())
            at += 1
            if depth <= 0 and thing[at - 1].raw != b"!":
                break
    return thing[at:]
