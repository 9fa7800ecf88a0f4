"""Code spans: what prose says in code's own words, and where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.prose import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator


class Form(Enum):
    """How prose marks a piece of code."""

    CODE = auto()
    """A code span: between two runs of backticks."""
    BARE = auto()
    """A path like ``a::b`` that stands in the running text."""
    LINE = auto()
    """A line of a fenced block of Rust, unless it holds brackets and their like only."""
    UNCLOSED = auto()
    """A run of backticks that nothing closes: meant for a span, and none."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of code in prose."""

    text: str
    """Its content, as CommonMark strips it; of an unclosed one the run itself."""
    start: int = 0
    """Where it begins in the prose, with its backticks: a count of characters."""
    end: int = 0
    """Where it has ended, with its backticks."""
    form: Form = Form.CODE


_GENERICS: Final = r"<(?:[^<>`\n]|<[^<>`\n]*+>)*+>"
_SEGMENT: Final = rf"(?:[^\W\d]\w*|{_GENERICS})"
# CommonMark 0.31: §2.4 backslash escapes, §6.1 code spans, §6.5 autolinks.
_INLINE: Final = re.compile(
    r"\\[!-/:-@\[-`{-~]"
    r"|(?P<ticks>`+)"
    rf"|(?P<bare>(?<!\w){_SEGMENT}(?:::{_SEGMENT})+)"
    r"|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>"
    r"|(?<!\w)[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s<>`]*"
)
_TICKS: Final = re.compile(r"`+")
_QUOTE_MARK: Final = re.compile(r"^\s*(?:>\s?)+", re.MULTILINE)
_RUST: Final = frozenset(("", "rust", "rs"))


def spans(text: str) -> tuple[Span, ...]:
    """Give all code of a text in order, be the text unwrapped or still as a spec has it.

    Outside of fenced blocks: code spans, and bare paths where no url is. Inside of them: the lines
    of Rust, which a block is taken for unless it says another language; of others the bare paths.
    """
    found: list[Span] = []
    for block in blocks(text):
        content = text[block.start : block.end]
        if block.info is None:
            found.extend(_inline(_unquoted(content), block.start))
        elif _is_rust(block.info):
            found.extend(_line(content, block.start))
        else:
            inline = _inline(content, block.start)
            found.extend(span for span in inline if span.form is Form.BARE)
    return tuple(found)


def _is_rust(info: str) -> bool:
    return re.split(r"[\s,{]", info.lower())[0] in _RUST


def _line(content: str, start: int) -> Iterator[Span]:
    code = content.strip()
    if re.search(r"\w", code):
        at = start + len(content) - len(content.lstrip())
        yield Span(code, at, at + len(code), Form.LINE)


def _unquoted(content: str) -> str:
    """Put spaces for the marks of a quote, which stand in no span of it."""
    if not content.lstrip().startswith(">"):
        return content
    return _QUOTE_MARK.sub(lambda mark: mark[0].replace(">", " "), content)


def _inline(content: str, start: int) -> Iterator[Span]:
    """Give the spans of a block's content, which starts at `start` in its text."""
    closers = _runs(content)
    at = 0
    while match := _INLINE.search(content, at):
        begin, at = match.span()
        if match["bare"]:
            yield Span(match["bare"], start + begin, start + at, Form.BARE)
        elif run := match["ticks"]:
            close = _next(closers[len(run)], at)
            if close is None:
                yield Span(run, start + begin, start + at, Form.UNCLOSED)
            else:
                code, at = _stripped(content[at:close]), close + len(run)
                yield Span(code, start + begin, start + at)


def _runs(content: str) -> defaultdict[int, list[int]]:
    """Give where the runs of backticks start, by their length."""
    runs: defaultdict[int, list[int]] = defaultdict(list)
    for run in _TICKS.finditer(content):
        runs[len(run[0])].append(run.start())
    return runs


def _next(starts: list[int], at: int) -> int | None:
    index = bisect_left(starts, at)
    return starts[index] if index < len(starts) else None


def _stripped(content: str) -> str:
    content = content.replace("\n", " ")
    is_padded = content[:1] == content[-1:] == " " and content.strip(" ") != ""
    return content[1:-1] if is_padded else content
