"""The arguments of a macro call, as far as they can be read as Rust.

A macro takes tokens, not expressions; yet most macros take expressions between commas, with a few
signs of their own around them: `select!` has ``pattern = future => body``, `json!` has
``"key": value``, tracing's macros have ``name = %value``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_flowcorpus.rust.tokens import Token, TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENERS: Final = (b"(", b"[", b"{")
_CLOSERS: Final = (b")", b"]", b"}")
_SIGILS: Final = (b"%", b"?")


class Argument(NamedTuple):
    """A stretch of tokens between separators, as byte offsets of the file."""

    start: int
    end: int
    name_end: int = 0
    """Where a ``pattern =`` before the value ends, or 0."""
    name_start: int = 0


def arguments(code: bytes, start: int, end: int) -> Iterator[Argument]:
    """Give what stands between the separators of ``code[start:end]``, in order."""
    chunk: list[Token] = []
    depth = 0
    after_arrow = False
    for token in significant(code, start, end):
        depth -= token.raw in _CLOSERS
        is_guard = token.raw == b"if" and chunk and chunk[0].raw not in (b"if", b"let", b"match")
        if depth == 0 and (token.raw in (b",", b";", b"=>") or is_guard):
            yield from _argument(chunk)
            chunk, after_arrow = [], token.raw == b"=>"
            continue
        chunk.append(token)
        depth += token.raw in _OPENERS
        # The block of an arm needs no comma behind it.
        if depth == 0 and token.raw == b"}" and after_arrow and chunk[0].raw == b"{":
            yield from _argument(chunk)
            chunk, after_arrow = [], False
    yield from _argument(chunk)


def inner(code: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the insides of the outermost brackets of ``code[start:end]``."""
    depth = opened = 0
    for token in significant(code, start, end):
        if token.raw in _CLOSERS:
            depth -= 1
            if depth == 0:
                yield opened, token.start
        elif token.raw in _OPENERS:
            if depth == 0:
                opened = token.end
            depth += 1


def bound(code: bytes, start: int, end: int) -> Iterator[str]:
    """Give the names that a macro could bind: ``let x``, ``x in``, ``x =>``."""
    before: Token | None = None
    for token in significant(code, start, end):
        if before is not None and before.kind is TokenKind.WORD:
            if token.raw in (b"in", b"=>"):
                yield before.text
            elif before.raw in (b"let", b"mut") and token.kind is TokenKind.WORD:
                yield token.text
        before = token


def calls(code: bytes, start: int, end: int, *, is_flat: bool) -> Iterator[Token]:
    """Give the names before a ``(`` or ``::<``; flat, those outside of brackets."""
    found = list(significant(code, start, end))
    depth = 0
    for index, token in enumerate(found):
        depth -= token.raw in _CLOSERS
        behind = [one.raw for one in found[index + 1 : index + 3]]
        is_call = behind[:1] == [b"("] or behind == [b"::", b"<"]
        if token.kind is TokenKind.WORD and is_call and not (is_flat and depth):
            yield token
        depth += token.raw in _OPENERS


def _argument(chunk: list[Token]) -> Iterator[Argument]:
    if not chunk:
        return
    equals = _index(chunk, b"=")
    name_start = name_end = 0
    if equals:
        name_start, name_end = chunk[0].start, chunk[equals - 1].end
        chunk = chunk[equals + 1 :]
    elif len(chunk) > 2 and chunk[0].kind is TokenKind.TEXT and chunk[1].raw == b":":  # noqa: PLR2004
        chunk = chunk[2:]
    if chunk and chunk[0].raw == b"if" and all(token.raw != b"{" for token in chunk):
        chunk = chunk[1:]  # the condition of an arm of `select!`
    while chunk and chunk[0].raw in _SIGILS:
        chunk = chunk[1:]
    if chunk:
        yield Argument(chunk[0].start, chunk[-1].end, name_end, name_start)


def _index(chunk: list[Token], raw: bytes) -> int | None:
    depth = 0
    for index, token in enumerate(chunk):
        depth -= token.raw in _CLOSERS
        if depth == 0 and token.raw == raw:
            return index
        depth += token.raw in _OPENERS
    return None
