"""Where a spec tells its prose: from a span of it to a line and column of the file."""

from __future__ import annotations

import ast
import inspect
import re
import tokenize
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.prose import unwrap
from pytest_flowcorpus.spans import spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LINE_END: Final = re.compile(r"\r\n?")
# https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals
_OPENING: Final = re.compile(r"""(?P<prefix>[a-zA-Z]{0,2})(?P<quote>'''|\"""|'|")""")
_BETWEEN: Final = re.compile(r"(?:\s|\\\n|#[^\n]*)*")
_ESCAPE: Final = re.compile(
    r"\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL
)


@dataclass(frozen=True)
class Places:
    """Where a flow's prose stands in its spec; the file is read when it is asked for."""

    spec: Path
    shown: str
    """How a message calls the spec."""
    lines: tuple[int | None, ...]
    """Where the calls began that told the request and each thought; None is unknown."""

    def of_span(self, part: int, told: str, index: int) -> str:
        """Give the place of a span: `part` is 0 for the request, 1 for the first thought.

        It is ``flow_x.py:31:18`` where the text is a plain literal, else the line of the call.
        """
        line = self.lines[part] if part < len(self.lines) else None
        place = self._text.place(told, line or 0, index)
        return self._joined(*place) if place else self.of_part(part)

    def of_part(self, part: int) -> str:
        """Give the place of the call that told a part, which is counted as for `of_span`."""
        return self._joined(self.lines[part] if part < len(self.lines) else None)

    def of_literal(self, text: str) -> str:
        """Give the line of the literal that says `text`, if only one does."""
        return self._joined(self._text.line_of(text))

    def _joined(self, *numbers: int | None) -> str:
        known = (str(number) for number in numbers if number is not None)
        return ":".join((self.shown, *known))

    @cached_property
    def _text(self) -> SpecText:
        try:
            return SpecText(self.spec.read_bytes())
        except OSError:
            return SpecText(b"")


def line_in(path: str) -> int | None:
    """Give the line, counted from 1, at which the file at `path` led to this call; None if not."""
    frame = inspect.currentframe()
    # Not its code's file: where a folder was moved, compiled specs say the place of before.
    while frame is not None and frame.f_globals.get("__file__") != path:
        frame = frame.f_back
    return frame.f_lineno if frame else None


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal of a spec, of one piece or of several that stand side by side."""

    value: str
    line: int
    """Its first line, counted from 1."""
    start: int
    """Its first character in the text of the spec."""
    end: int
    """One past its last."""


class SpecText:
    """The text of a spec file, read to find prose in it; raises nothing, whatever it holds."""

    def __init__(self, data: bytes) -> None:
        self._text = _LINE_END.sub("\n", _decoded(data))
        self._written: dict[tuple[str, int], list[int] | None] = {}

    def place(self, told: str, line: int, index: int) -> tuple[int, int] | None:
        """Give line and column, counted from 1, of the span at `index` in a text that was told.

        `told` is the text as unwrapped, `line` where the call began. Gives None where the text is
        not one plain literal of the file.
        """
        if (told, line) not in self._written:
            self._written[told, line] = self._starts_of(told, line)
        starts = self._written[told, line]
        return self._line_and_column(starts[index]) if starts is not None else None

    def line_of(self, text: str) -> int | None:
        """Give the line of the only literal that says exactly `text`; None if there is none."""
        lines = [literal.line for literal in self._literals if literal.value == text]
        return lines[0] if len(lines) == 1 else None

    def _starts_of(self, told: str, line: int) -> list[int] | None:
        """Give where each span of a text that was told begins in the spec."""
        literal = self._literal(told, line)
        origins = _origins(self._text, literal) if literal else None
        if literal is None or origins is None:
            return None
        written, meant = spans(literal.value), spans(told)
        if [_plain(span.text) for span in written] != [_plain(span.text) for span in meant]:
            return None
        return [origins[span.start] for span in written]

    def _literal(self, told: str, line: int) -> Literal | None:
        """Give the literal that was told: of several alike the one in the call at `line`."""
        alike = [literal for literal in self._literals if unwrap(literal.value) == told]
        if len(alike) == 1:
            return alike[0]
        return next((literal for literal in alike if literal.line >= line), None)

    @cached_property
    def _literals(self) -> tuple[Literal, ...]:
        try:
            with _silence():
                tree = ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
        found = (self._read(node) for node in _strings(tree))
        return tuple(sorted(found, key=lambda literal: literal.start))

    def _read(self, node: ast.Constant) -> Literal:
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Literal(str(node.value), node.lineno, start, end)

    def _offset(self, line: int, column: int) -> int:
        """Give the character at a line, counted from 1, and a column in bytes of UTF-8."""
        start = self._starts[line - 1]
        text = self._text[start : start + column]
        return start + len(text.encode("utf-8", "replace")[:column].decode(errors="ignore"))

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = self._text.count("\n", 0, offset)
        return line + 1, offset - self._starts[line] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]


def _decoded(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return ""


def _strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Give the plain string literals; the parts of an f-string are none."""
    pool = [tree]
    while pool:
        node = pool.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        if not isinstance(node, ast.JoinedStr):
            pool.extend(ast.iter_child_nodes(node))


def _origins(text: str, literal: Literal) -> list[int] | None:
    """Give where each character of a literal's value is written, or None if that is unclear."""
    pieces = list(_pieces(text, literal.start, literal.end))
    if "".join(value for value, _ in pieces) != literal.value:
        return None
    return list(chain.from_iterable([start] * len(value) for value, start in pieces))


def _pieces(text: str, at: int, end: int) -> Iterator[tuple[str, int]]:
    """Give the characters and escapes of the pieces of a literal: what each says, and where."""
    while at < end and (opening := _OPENING.match(text, at)):
        at = opening.end()
        is_raw = "r" in opening["prefix"].lower()
        while at < end and not text.startswith(opening["quote"], at):
            escape = _ESCAPE.match(text, at)
            piece = escape[0] if escape else text[at]
            yield (piece if is_raw or not escape else _unescaped(piece)), at
            at += len(piece)
        between = _BETWEEN.match(text, at + len(opening["quote"]))
        at = between.end() if between else end


def _unescaped(escape: str) -> str:
    with _silence():
        return str(ast.literal_eval(f"'{escape}'"))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Python from warning again of an escape that it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _plain(text: str) -> str:
    """Give a span with its white space made one, as unwrapping may have changed it."""
    return " ".join(text.split())
