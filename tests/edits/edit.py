"""Edits of a file, made up at random and always the same for the same seed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Hunk = tuple[int, int, bytes]
"""A half-open span of bytes, and what stands there instead."""

_TOKEN: Final = re.compile(rb"\w+|\s+|[^\w\s]")
_TOKENS: Final = (
    b"fn struct impl pub use mod enum ; , . :: -> => < > & x 1 'a # ! macro_rules!".split()
)
_BRACES: Final = (b"{", b"}", b"(", b")", b"[", b"]", b"{}", b"}{", b"}}", b"#[", b"#![")
_QUOTES: Final = (b'"', b"'", b'b"', b'\\"', b"'\"'", b'""', b"`", b'x"')
_COMMENTS: Final = (b"/*", b"*/", b"//", b"///", b"//!", b"/**", b"/*!", b"/*/", b"//\n", b"///\n")
_RAWS: Final = (b'r"', b'r#"', b'"#', b'br##"', b'r##"', b"r#", b'cr"', b'r#""#')
_BYTES: Final = tuple(bytes([byte]) for byte in range(1, 128))
_ODD: Final = {
    "NUL": b"\0",
    "invalid UTF-8": b"\xff",
    "half a character": b"\xe2\x80",
    "a Latin-1 letter": b"\xe9",
    "line separator": "\u2028".encode(),
    "paragraph separator": "\u2029".encode(),
    "next line": "\x85".encode(),
    "no-break space": "\xa0".encode(),
    "a mark inside": b"\xef\xbb\xbf",
    "right to left": "\u202e".encode(),
    "combining letter": "e\u0301".encode(),
    "lone CR": b"\r",
    "form feed": b"\f",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done to a file, by hunks in the order of the file that do not overlap."""

    kind: str
    hunks: tuple[Hunk, ...]

    def apply(self, code: bytes) -> bytes:
        """Give the file as it is afterwards."""
        for start, end, text in reversed(self.hunks):
            code = code[:start] + text + code[end:]
        return code

    def moved(self, start: int, end: int) -> int | None:
        """Give how far a span moves, or None where the edit touches it or one of its ends."""
        if any(first <= end and start <= last for first, last, _ in self.hunks):
            return None
        return sum(len(text) - (b - a) for a, b, text in self.hunks if b < start)

    def __str__(self) -> str:
        told = (f"[{a}:{b}] = {text[:60]!r}{'…' * (len(text) > 60)}" for a, b, text in self.hunks)
        return f"{self.kind}: {', '.join(told)}"


def made(kind: str, code: bytes, items: Sequence[tuple[int, int]], random: Random) -> Edit:
    """Make one edit of a kind up; `items` are spans in the file."""
    sort, _, what = kind.partition(" ")
    if sort == "insert":
        hunks = [_inserted(what, code, random)]
    elif sort == "delete":
        hunks = [(*_span(what, code, items, random), b"")]
    elif sort == "swap":
        hunks = _swapped(what, code, items, random)
    elif sort == "duplicate":
        start, end = _span(what, code, items, random)
        hunks = [(end, end, (b"\n" if what == "item" else b"") + code[start:end])]
    elif sort == "truncate":
        hunks = [(random.randrange(len(code)), len(code), b"")]
    else:
        return _encoded(code, random)
    return Edit(kind, tuple(sorted(hunks)))


_WHATS: Final = {
    "token": _TOKENS,
    "brace": _BRACES,
    "quote": _QUOTES,
    "comment": _COMMENTS,
    "raw string": _RAWS,
    "byte": _BYTES,
}
KINDS: Final = (
    *(f"insert {what}" for what in _WHATS),
    *(f"delete {what}" for what in ("byte", "token", "line", "range", "item")),
    *(f"swap {what}" for what in ("token", "line", "item")),
    *(f"duplicate {what}" for what in ("token", "line", "range", "item")),
    "truncate",
    "encode",
)


def _inserted(what: str, code: bytes, random: Random) -> Hunk:
    text = random.choice(_WHATS[what])
    at = _span(random.choice(("byte", "token", "line")), code, (), random)[0]
    if what == "token" or random.random() < 0.3:
        text = b" " + text + b" "
    return at, at, text


def _span(
    what: str, code: bytes, items: Sequence[tuple[int, int]], random: Random
) -> tuple[int, int]:
    at = random.randrange(len(code))
    if what == "item" and items:
        return random.choice(items)
    if what == "line":
        start, end = code.rfind(b"\n", 0, at) + 1, code.find(b"\n", at) + 1
        return start, end or len(code)
    if what == "token":
        start = max(code.rfind(b" ", 0, at), code.rfind(b"\n", 0, at)) + 1
        found = next((m for m in _TOKEN.finditer(code, start) if m.end() > at), None)
        return found.span() if found else (at, at + 1)
    return at, min(len(code), at + (1 if what == "byte" else random.choice((2, 9, 40, 200, 1500))))


def _swapped(
    what: str, code: bytes, items: Sequence[tuple[int, int]], random: Random
) -> list[Hunk]:
    one = _span(what, code, items, random)
    for _ in range(20):
        two = _span(what, code, items, random)
        if two[0] >= one[1] or two[1] <= one[0]:
            return [(*one, code[slice(*two)]), (*two, code[slice(*one)])]
    return [(*one, b"")]


def _encoded(code: bytes, random: Random) -> Edit:
    text = code.decode()
    whole = {
        "UTF-16": text.encode("utf-16"),
        "UTF-16 without a mark": text.encode("utf-16-le"),
        "Latin-1": text.encode("latin-1", "replace"),
        "CRLF": code.replace(b"\n", b"\r\n"),
        "CRs": code.replace(b"\n", b"\r"),
        "some CRLF": b"".join(
            line.replace(b"\n", b"\r\n") if random.random() < 0.5 else line
            for line in code.splitlines(keepends=True)
        ),
        "a mark": b"\xef\xbb\xbf" + code,
    }
    name = random.choice((*whole, *_ODD, *_ODD))
    if name == "a mark":
        return Edit(f"encode: {name}", ((0, 0, b"\xef\xbb\xbf"),))
    if name in whole:
        return Edit(f"encode: {name}", ((0, len(code), whole[name]),))
    at = _span(random.choice(("byte", "token", "line")), code, (), random)[0]
    return Edit(f"encode: {name}", ((at, at, _ODD[name]),))
