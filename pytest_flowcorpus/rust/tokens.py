"""Rust's tokens, as far as addresses, fingerprints and brace matching need them.

After the lexical structure in the Rust reference (https://doc.rust-lang.org/reference/tokens.html),
on bytes, so that every position is a byte offset. Never fails: what is no token comes out as a
one-byte `PUNCT`, what is unterminated ends with the text.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class TokenKind(Enum):
    """What a token is."""

    COMMENT = auto()
    WORD = auto()
    LIFETIME = auto()
    NUMBER = auto()
    TEXT = auto()
    PUNCT = auto()


class Token(NamedTuple):
    """A token and where it starts (byte offset)."""

    kind: TokenKind
    start: int
    raw: bytes

    @property
    def end(self) -> int:
        """One past its last byte."""
        return self.start + len(self.raw)

    @property
    def text(self) -> str:
        """Its spelling; of a word and a lifetime in NFC and without ``r#``, as rustc takes them."""
        text = self.raw.decode("utf-8", "surrogateescape")
        if self.kind not in (TokenKind.WORD, TokenKind.LIFETIME):
            return text
        name = text.replace("r#", "", 1)
        return name if name.isascii() else unicodedata.normalize("NFC", name)


_SPACE: Final = rb"[\t\n\v\f\r ]|\xc2\x85|\xe2\x80[\x8e\x8f\xa8\xa9]"
_WORD: Final = (
    rb"(?:[A-Za-z_]|(?!\xc2\x85|\xe2\x80[\x8e\x8f\xa8\xa9])[\x80-\xff])"
    rb"(?:[A-Za-z0-9_]|(?!\xc2\x85|\xe2\x80[\x8e\x8f\xa8\xa9])[\x80-\xff])*"
)
# `<` and `>` stay single: `>>` closes two lists of generics, and `a > > b` is no Rust.
_PUNCT: Final = rb"::|->|=>|==|!=|&&|\|\||[-+*/%^&|]=|\.\.[.=]?|."
_TOKEN: Final = re.compile(
    rb"(?:" + _SPACE + rb")*+(?:"
    rb"(//[^\n]*)"
    rb"|(/\*)"
    rb'|([bc]?r(\#*)".*?(?:"\4|\Z)|[bc]?"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)'
    rb"|b?'(?:\\[^\n][^'\n]*|[^\\'\n\r\t\x80-\xff]|[\xc2-\xf7][\x80-\xbf]{1,3})')"
    rb"|('(?:r\#)?" + _WORD + rb")"
    rb"|((?:r\#)?" + _WORD + rb")"
    rb"|(0[box][0-9A-Za-z_]*"
    rb"|[0-9][0-9_]*(?:\.(?![._A-Za-z\x80-\xff])[0-9_]*)?(?:[eE][+-]?[0-9_]+)?[0-9A-Za-z_]*)"
    rb"|(" + _PUNCT + rb"))",
    re.DOTALL,
)
_BLOCK: Final = 2
_KINDS: Final = {
    1: TokenKind.COMMENT,
    _BLOCK: TokenKind.COMMENT,
    3: TokenKind.TEXT,
    5: TokenKind.LIFETIME,
    6: TokenKind.WORD,
    7: TokenKind.NUMBER,
    8: TokenKind.PUNCT,
}
"""What the groups of `_TOKEN` match; the fourth is inside the third."""
_COMMENT_MARK: Final = re.compile(rb"/\*|\*/")
# A shebang and a byte order mark are no tokens; `#![` is an attribute.
_PRELUDE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\#!(?!\s*\[)[^\n]*)?")


def tokens(code: bytes, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Give the tokens of `code[start:end]`, comments included, white space left out."""
    end = len(code) if end is None else end
    position = start
    if start == 0 and (prelude := _PRELUDE.match(code)):
        position = prelude.end()
    while match := _TOKEN.match(code, position, end):
        group = match.lastindex or 0
        begin = match.start(group)
        position = _block_end(code, begin, end) if group == _BLOCK else match.end()
        yield Token(_KINDS[group], begin, code[begin:position])


def significant(code: bytes, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Give the tokens of `code[start:end]` that mean something to rustc: all but comments."""
    return (token for token in tokens(code, start, end) if token.kind is not TokenKind.COMMENT)


def is_outer_doc(comment: bytes) -> bool:
    """Tell whether a comment documents what follows (``///`` and ``/**``, not ``////``, ``/**/``).

    https://doc.rust-lang.org/reference/comments.html#doc-comments
    """
    if comment.startswith(b"///"):
        return comment[3:4] != b"/"
    return comment.startswith(b"/**") and comment[3:4] not in (b"*", b"/")


def is_inner_doc(comment: bytes) -> bool:
    """Tell whether a comment documents what it stands in (``//!`` and ``/*!``)."""
    return comment[2:3] == b"!"


def _block_end(code: bytes, start: int, end: int) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(code, start, end):
        depth += 1 if mark.group() == b"/*" else -1
        if depth == 0:
            return mark.end()
    return end
