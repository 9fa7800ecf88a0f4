"""Prose of a spec: dedented, and its paragraphs joined as Markdown reads them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# CommonMark 0.31: §4.2 headings, §4.5 fences, §5.1 quotes, §5.2 list items; GFM: tables.
# §2.1: LF, CRLF or CR end a line, and nothing else does.
_LINE_END = re.compile(r"\r\n?|\n")
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<run>`{3,}|~{3,})(?P<info>[^\n]*)$")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_OWN_LINE = re.compile(rf"{_LIST_ITEM.pattern}|\s*[>|]")
_QUOTE = re.compile(r"\s*>")


class Block(NamedTuple):
    """What Markdown reads by itself: a paragraph, a list item, a line inside a fence.

    It is `text[start:end]`, whole lines without the last one's end.
    """

    start: int
    end: int
    info: str | None = None
    """Of a line inside a fence what stands after the opening run; else None."""


def unwrap(text: str) -> str:
    """Give a triple-quoted text as one line for each paragraph, parted by blank lines.

    List items, headings, quotes and tables keep lines of their own; fenced blocks keep theirs.
    """
    return textwrap.dedent("\n".join(_joined(_dedent(text).split("\n")))).strip("\n")


def open_fence(text: str) -> str | None:
    """Give the line that opens a fenced block of `text` which is never closed, if one is."""
    fence: re.Match[str] | None = None
    for line in _LINE_END.split(text):
        fence = _after(line, fence)
    return None if fence is None else fence.group()


def blocks(text: str) -> Iterator[Block]:
    """Give the blocks of a text in order, whether it is unwrapped or not."""
    paragraph: Block | None = None
    fence: re.Match[str] | None = None
    for start, line in _numbered(text):
        was, fence = fence, _after(line, fence)
        block = Block(start, start + len(line), was["info"].strip() if was else None)
        alone = was or fence or not line.strip() or _HEADING.match(line)
        if paragraph and (alone or _begins(line, text, paragraph)):
            yield paragraph
            paragraph = None
        if not alone:
            paragraph = block if paragraph is None else Block(paragraph.start, block.end)
        elif bool(was) == bool(fence):
            yield block
    if paragraph:
        yield paragraph


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Give each line and where it starts."""
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _begins(line: str, text: str, paragraph: Block) -> bool:
    """Tell whether a line begins a block; one of a quote goes on with that quote."""
    is_quoted = _QUOTE.match(line) and _QUOTE.match(text, paragraph.start)
    return bool(_OWN_LINE.match(line)) and not is_quoted


def _dedent(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return first.strip() + newline + textwrap.dedent(rest)


def _joined(lines: list[str]) -> Iterator[str]:
    paragraph = ""
    fence: re.Match[str] | None = None
    for line in lines:
        was, fence = fence, _after(line, fence)
        alone = was or fence or not line.strip() or _HEADING.match(line)
        if paragraph and (alone or _OWN_LINE.match(line)):
            yield paragraph
            paragraph = ""
        if alone:
            yield line if was else line.rstrip()
        else:
            paragraph = _continued(paragraph, line)
    if paragraph:
        yield paragraph


def _continued(paragraph: str, line: str) -> str:
    if paragraph:
        return f"{paragraph} {line.strip()}"
    # Only a list's indentation carries meaning: it nests one item in another.
    return line.rstrip() if _LIST_ITEM.match(line) else line.strip()


def _after(line: str, fence: re.Match[str] | None) -> re.Match[str] | None:
    """Give the fence that is open once `line` has been read."""
    match = _FENCE.match(line)
    if fence is None:
        # §4.5: the info string of a backtick fence holds no backtick.
        opens = match and not ("`" in match["run"] and "`" in match["info"])
        return match if opens else None
    closes = match and match["run"].startswith(fence["run"]) and not match["info"].strip()
    # A closing run that is set in by four columns more is a line of the block.
    return None if match and closes and _column(match) < _column(fence) + 4 else fence


def _column(fence: re.Match[str]) -> int:
    return len(fence["indent"].expandtabs(4))
