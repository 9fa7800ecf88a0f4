"""The code as reviewed against the code as it is, as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from pytest_flowcorpus.drift.standing import Standing

_HUNK: Final = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")
_BORROW: Final = re.compile(r"[&*]")
_WORD: Final = re.compile(r"[^\W\d]\w*")


def unified(was: Standing | None, now: Standing | None) -> list[str]:
    """Give the lines of the diff, with the line numbers of the files; none where both are alike.

    Unprintable characters are escaped: what is read here was written by anybody.
    """
    before, after = _lines(was), _lines(now)
    found = difflib.unified_diff(before, after, lineterm="")
    firsts = (was.lines[0] if was else 1, now.lines[0] if now else 1)
    return [_numbered(line, firsts) for line in [*found][2:]]


def changed_words(was: Standing | None, now: Standing | None) -> frozenset[str]:
    """Give the words that stand more often in the one than in the other.

    Where there are none, those of the lines that changed, unless by no more than a borrow.
    """
    before, after = (Counter(_WORD.findall("\n".join(_lines(one)))) for one in (was, now))
    return frozenset((before - after) + (after - before)) or words_beside(was, now)


def words_beside(was: Standing | None, now: Standing | None) -> frozenset[str]:
    """Give the words of the lines that changed, unless by no more than a borrow."""
    before, after = ([*map(_plain, _lines(one))] for one in (was, now))
    lines = difflib.unified_diff(before, after, n=0)  # whose heads have no word
    return frozenset(word for line in lines for word in _WORD.findall(line))


def _plain(line: str) -> str:
    return " ".join(_BORROW.sub("", line).replace(",", " ").split())


def _lines(standing: Standing | None) -> list[str]:
    # A line ends where the file's do: not at a form feed, nor at what else ends one in Python.
    lines = standing.text.decode().split("\n") if standing else []
    return [visible(line.removesuffix("\r").expandtabs(4)) for line in lines]


def _numbered(line: str, firsts: tuple[int, int]) -> str:
    """Count a hunk's lines from the top of the files, not of the fragment."""
    if (hunk := _HUNK.fullmatch(line)) is None:
        return line
    old, new = int(hunk[1]) + firsts[0] - 1, int(hunk[3]) + firsts[1] - 1
    return f"@@ -{max(old, 0)}{hunk[2] or ''} +{max(new, 0)}{hunk[4] or ''} @@"
