"""The code as reviewed against the code as it is, as a unified diff."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.drift.fate import Standing

_HUNK: Final = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")
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
    """Give the words of the lines that only one of the two has."""
    return frozenset(word for line in _changed(was, now) for word in _WORD.findall(line))


def _changed(was: Standing | None, now: Standing | None) -> Iterator[str]:
    lines = difflib.unified_diff(_lines(was), _lines(now), n=0, lineterm="")
    return (line[1:] for line in [*lines][2:] if not line.startswith("@@"))


def _lines(standing: Standing | None) -> list[str]:
    text = standing.text.decode() if standing else ""
    return [visible(line.expandtabs(4)) for line in text.splitlines()]


def _numbered(line: str, firsts: tuple[int, int]) -> str:
    """Count a hunk's lines from the top of the files, not of the fragment."""
    if (hunk := _HUNK.fullmatch(line)) is None:
        return line
    old, new = (int(hunk[group]) + first - 1 for group, first in zip((1, 3), firsts, strict=True))
    return f"@@ -{max(old, 0)}{hunk[2] or ''} +{max(new, 0)}{hunk[4] or ''} @@"
