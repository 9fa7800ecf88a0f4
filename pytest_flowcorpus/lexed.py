"""Code as its tokens: what stands in it whole, comments left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.tokens import Token, TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Iterable

_PART: Final = "\0"
"""Stands between tokens and in none of them."""


class Lexed:
    """The tokens of some texts of Rust; none of a comment or of a doc comment is among them."""

    def __init__(self, texts: Iterable[str]) -> None:
        words: set[str] = set()
        joined = []
        for text in texts:
            spelled = [(token.kind, token.text) for token in significant(encoded(text))]
            words.update(text for kind, text in spelled if kind is TokenKind.WORD)
            joined.append(_joined(text for _, text in spelled))
        self.words: Final = frozenset(words)
        """Every identifier and keyword, in NFC and without ``r#``."""
        self._joined = _PART.join(joined)

    def has(self, sequence: Iterable[Token]) -> bool:
        """Tell whether the tokens stand side by side in one of the texts, in this order."""
        return _joined(token.text for token in sequence) in self._joined


def encoded(text: str) -> bytes:
    """Give a text as bytes, a lone surrogate too."""
    return text.encode("utf-8", "surrogatepass")


def _joined(texts: Iterable[str]) -> str:
    # A search in one text takes linear time, however often a token repeats.
    return _PART + "".join(text.replace(_PART, "\ufffd") + _PART for text in texts)
