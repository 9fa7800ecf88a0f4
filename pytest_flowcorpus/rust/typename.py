"""Types and traits as an address spells them: token by token, with as much left out as is clear.

A spelling is a tuple of token texts. `Error` names `crate::Error<'a, T>` too: what an address
leaves out (lifetimes, generics, a path before a name) does not matter; what it says must be there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.tokens import significant, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

Spelling = tuple[str, ...]
"""The texts of tokens, in order."""

_KEYWORDS: Final = frozenset(
    ("as", "async", "const", "dyn", "extern", "fn", "for", "impl", "in", "mut", "unsafe", "where")
)
_CLOSERS: Final = {")": "(", "]": "[", "}": "{", ">": "<"}
_WIDE: Final = frozenset(("=", "+", "->", "==", "=>", "!=", "&&", "||", "|"))


@lru_cache(maxsize=4096)
def spelling(code: bytes) -> Spelling:
    """Give the normal spelling of a type: comments, `::` before generics and last commas go."""
    out: list[str] = []
    for token in significant(code):
        for text in ("&", "&") if token.raw == b"&&" else (token.text,):
            if text == ">" and out[-1:] == [","]:
                out.pop()
            if text == "<" and out[-1:] == ["::"]:
                out.pop()
            out.append(text)
    return tuple(out)


def is_word(text: str) -> bool:
    """Tell whether a token is a name or keyword."""
    return text[:1].isalpha() or text[:1] == "_" or text[:1] > "\x7f"


def is_name(text: str) -> bool:
    """Tell whether a token can be a segment of a path inside a type."""
    return is_word(text) and text not in _KEYWORDS


def written(spelling: Iterable[str]) -> str:
    """Write tokens as rustfmt would, near enough, and so that they read back as the same."""
    out: list[str] = []
    for text in spelling:
        if out and _is_parted(out[-1], text):
            out.append(" ")
        out.append(text)
    return "".join(out)


def erased(spelling: Spelling) -> Spelling:
    """Leave out all that may be left out: ``&'a crate::Error<T>`` becomes ``&Error``."""
    ends = _groups(spelling)
    out: list[str] = []
    index = 0
    while index < len(spelling):
        text = spelling[index]
        if text == "<" and index in ends:
            index = ends[index]
            if out[-1:] == ["for"]:
                out.pop()
        elif text == "::" and out and is_name(out[-1]):
            out.pop()
        elif text[0] == "'" and not text.endswith("'"):
            if out[-1:] == ["+"]:
                out.pop()
        elif text != "::":
            out.append(text)
        index += 1
    return tuple(out)


def covers(pattern: Spelling, actual: Spelling) -> bool:
    """Tell whether `pattern` names the type `actual`, with nothing in it that `actual` lacks."""
    return _Comparison(pattern, actual).holds()


class _Comparison:
    """Two spellings side by side; linear, as types can be long and nested."""

    def __init__(self, pattern: Spelling, actual: Spelling) -> None:
        self._pattern, self._actual = pattern, actual
        self._groups = _groups(actual)
        self._pattern_groups = _groups(pattern)
        self._at = 0
        self._in_path = False

    def holds(self) -> bool:
        for index, text in enumerate(self._pattern):
            if text == "::" and not self._in_path:
                continue
            self._skip_unsaid(text)
            if is_name(text) and not self._in_path and not self._skip_prefix(index):
                return False
            if self._at >= len(self._actual) or self._actual[self._at] != text:
                return False
            self._at += 1
            is_before_colons = self._pattern[index + 1 : index + 2] == ("::",)
            self._in_path = text == "::" or (is_name(text) and is_before_colons)
        self._skip_unsaid("")
        return self._at == len(self._actual)

    def _skip_unsaid(self, wanted: str) -> None:
        """Pass over generics and lifetimes of the actual type where the pattern has none."""
        while self._at < len(self._actual) and self._actual[self._at] != wanted:
            text = self._actual[self._at]
            if text == "<" and self._at in self._groups and self._at:
                self._at = self._groups[self._at] + 1
            elif text == "for" and self._actual[self._at + 1 : self._at + 2] == ("<",):
                self._at += 1
            elif _is_lifetime(text):
                self._at += 1
                self._skip(",")
            elif text == "+" and _is_lifetime(*self._actual[self._at + 1 : self._at + 2]):
                self._at += 2
            else:
                return

    def _skip(self, text: str) -> None:
        if self._actual[self._at : self._at + 1] == (text,):
            self._at += 1

    def _skip_prefix(self, index: int) -> bool:
        """Move to where the last segments of the actual path begin, as many as the pattern has."""
        self._skip("::")
        said = len(_segments(self._pattern, index, self._pattern_groups))
        actual = _segments(self._actual, self._at, self._groups)
        if not said <= len(actual):
            return False
        self._at = actual[len(actual) - said]
        return True


def _segments(spelling: Spelling, index: int, groups: dict[int, int]) -> list[int]:
    """Give where the segments of the path at `index` stand."""
    found = []
    while index < len(spelling) and is_name(spelling[index]):
        found.append(index)
        index += 1
        if spelling[index : index + 1] == ("<",):
            index = groups.get(index, index) + 1
        if spelling[index : index + 1] != ("::",):
            break
        index += 1
    return found


def _groups(spelling: Spelling) -> dict[int, int]:
    """Match brackets, `<` among them; gives the index of the closing one by that of the opening."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, text in enumerate(spelling):
        if text in _CLOSERS.values():
            opened.append(index)
        elif text in _CLOSERS:
            _close(spelling, opened, pairs, index)
    return pairs


def _close(spelling: Spelling, opened: list[int], pairs: dict[int, int], index: int) -> None:
    opener = _CLOSERS[spelling[index]]
    while opener != "<" and opened and spelling[opened[-1]] == "<":
        opened.pop()
    if opened and spelling[opened[-1]] == opener:
        pairs[opened.pop()] = index


def _is_lifetime(text: str = "") -> bool:
    return text[:1] == "'" and not text.endswith("'")


def _is_parted(before: str, text: str) -> bool:
    if before in (",", ";", ":") or before in _WIDE or text in _WIDE:
        return text not in _CLOSERS or _merge(before, text)
    is_wordy = is_word(text) or text[0] in "'\"0123456789"
    if is_wordy and (is_word(before) or before[0] in "'\"0123456789" or before in _CLOSERS):
        return True
    if before in _KEYWORDS - {"fn", "for"} or (before == "for" and text != "<"):
        return True
    return _merge(before, text)


def _merge(before: str, text: str) -> bool:
    """Tell whether two tokens, written without a space, would read as others."""
    joined = [token.text for token in tokens((before + text).encode())]
    return joined != [before, text]
