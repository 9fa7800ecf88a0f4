"""What can be trusted of a file that the grammar does not accept as a whole.

Most errors are syntax that the grammar does not know yet, inside a function's body. The body is a
pair of braces whatever stands in it: blanked out, it leaves a file that mostly parses (so does a
new name for a macro called like a primitive type, `u8!`). Of what is left an item is doubted when
an error touches its header or what could belong to it, when its body's braces are not a pair (what
lacks the parser makes up), or when another number of braces is open around it than the tree says,
so that it may be a member of something that fell apart.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.tokens import Token, TokenKind, is_outer_doc, significant, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item

_CODE: Final = re.compile(rb"[^\r\n]")
_OPENERS: Final = {b"(": b")", b"[": b"]", b"{": b"}"}
_CLOSERS: Final = frozenset(_OPENERS.values())
_ENDS: Final = frozenset((b"{", b"}", b";", b","))
_PRIMITIVES: Final = frozenset(
    b"bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64".split()
)
_RAW: Final = re.compile(rb'r(#+)"')
_RAW_END: Final = re.compile(rb'"(#+)')
_DECLARING: Final = frozenset(
    b"fn struct enum union trait const static mut type mod macro !".split()
)


def mask(code: bytes) -> bytes:
    """Blank out function bodies and rename macros called like a type; every offset stays."""
    found = list(significant(code))
    masked = bytearray(code)
    for macro in _type_macros(found):
        masked[macro.start : macro.end] = b"m" * len(macro.raw)
    for start, end in _bodies(found):
        masked[start:end] = _CODE.sub(b" ", code[start:end])
    return bytes(masked)


def tamed(code: bytes) -> bytes:
    """Take the hashes from raw strings that nothing closes; every offset stays.

    tree-sitter's scanner reads to the end of the text for each of them, and then goes back.
    """
    ends = _last_ends(code)

    def closed(raw: re.Match[bytes]) -> bytes:
        index = bisect_left(ends, (len(raw[1]),))
        is_closed = index < len(ends) and ends[index][1] >= raw.end()
        return raw[0] if is_closed else raw[0].replace(b"#", b"`")

    return _RAW.sub(closed, code)


def _last_ends(code: bytes) -> list[tuple[int, int]]:
    """Give numbers of hashes, ascending, and where a raw string of so many is last closed."""
    last = {len(end[1]): end.start() for end in _RAW_END.finditer(code)}
    ends: list[tuple[int, int]] = []
    for count, at in sorted(last.items(), reverse=True):
        ends.append((count, max(at, ends[-1][1]) if ends else at))
    return ends[::-1]


def _type_macros(code: list[Token]) -> Iterator[Token]:
    for token, after in pairwise(code):
        if token.raw in _PRIMITIVES and after.raw == b"!":
            yield token


def _bodies(code: list[Token]) -> Iterator[tuple[int, int]]:
    """Give the insides of the functions' bodies, those inside others left out, in order."""
    pairs = _pairs(code)
    index = 0
    while index < len(code):
        body = _body_after(code, index, pairs) if _is_function(code, index) else None
        if body is not None:
            yield code[body].end, code[pairs[body]].start
            index = pairs[body]
        index += 1


def _is_function(code: list[Token], index: int) -> bool:
    """Tell whether a token is the `fn` before a name, not that of a type `fn(…)`."""
    following = code[index + 1 : index + 2] if code[index].raw == b"fn" else []
    return any(token.kind is TokenKind.WORD for token in following)


def _body_after(code: list[Token], start: int, pairs: dict[int, int]) -> int | None:
    angles, index = 0, start
    while index < len(code):
        raw = code[index].raw
        angles += (raw == b"<") - (raw == b">")
        if raw == b";" or raw in _CLOSERS or (index > start and _is_function(code, index)):
            return None
        if raw == b"{" and angles <= 0:
            return index if index in pairs else None
        index = pairs.get(index, index) + 1
    return None


def _pairs(code: list[Token]) -> dict[int, int]:
    """Match the delimiters; one that has no partner of its sort is left out."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(code):
        if token.raw in _OPENERS:
            opened.append(index)
        elif token.raw in _CLOSERS:
            if opened and _OPENERS[code[opened[-1]].raw] == token.raw:
                pairs[opened.pop()] = index
            elif token.raw == b"}":
                _close_brace(code, opened, pairs, index)
    return pairs


def _close_brace(code: list[Token], opened: list[int], pairs: dict[int, int], index: int) -> None:
    """Let a brace close its partner over forgotten parentheses, which stay without one."""
    while opened and code[opened[-1]].raw != b"{":
        opened.pop()
    if opened:
        pairs[opened.pop()] = index


def declarations(code: bytes, name: str) -> Iterator[int]:
    """Give where `name` is declared, or called as a macro, as far as single tokens can tell."""
    for before, after in pairwise(significant(code)):
        is_call = after.raw == b"!"
        token = before if is_call else after
        if (is_call or before.raw in _DECLARING) and token.text == name:
            yield token.start


class Doubts:
    """The errors of a tree, and the tokens beneath it, to judge items by.

    `code` is what was parsed before masking, `base` its offset in the file, `root` the masked tree;
    a node of one of the kinds `sound` is believed even inside an ERROR.
    """

    def __init__(self, code: bytes, base: int, root: Node, sound: frozenset[int]) -> None:
        self._base = base
        self._code = code
        lexemes = list(tokens(code))
        self._starts = [token.start for token in lexemes]
        self._errors = sorted(_errors(root, sound))
        # rustc reads no further than a character whose second quote is lost: its line is unclear.
        self._unended = [token.start for token in lexemes if token.raw == b"'"]
        plain = [token for token in lexemes if token.kind is not TokenKind.COMMENT]
        pairs = _pairs(plain)
        self._braces = {plain[a].start: plain[b].start for a, b in pairs.items()}
        self._depths = _depths(plain)
        inner = {plain[b].start for a, b in pairs.items() if _is_inner(plain, a)}
        self._boundaries = [True, *_boundaries(lexemes, inner)]

    def about(self, item: Item, depth: int) -> bool:
        """Tell whether `item`, which should stand inside `depth` containers, is in doubt."""
        start, outer = item.start - self._base, item.outer - self._base
        body, end = (offset - self._base for offset in item.body)
        whole = item.end - self._base
        is_braced = self._braces.get(body) == end - 1
        return (
            (not is_braced and self._code[body : body + 1] == b"{")
            or self._has_error(start, body if is_braced else whole)
            or (is_braced and self._has_error(end, whole))
            or bisect_left(self._unended, start) < bisect_left(self._unended, whole)
            or self._depth(outer) != depth
            or not self._is_boundary(start)
        )

    def _has_error(self, start: int, end: int) -> bool:
        """Tell whether an error begins in the half-open span, or something lacks at its end."""
        first = bisect_left(self._errors, (start,))
        if first == len(self._errors):
            return False
        error = self._errors[first]
        return error[0] < end or error == (end, end)

    def _depth(self, offset: int) -> int:
        index = bisect_right(self._depths, (offset,)) - 1
        return self._depths[index][1] if index >= 0 else 0

    def _is_boundary(self, offset: int) -> bool:
        """Tell whether what stands before `offset` ends something, and nothing is lost there."""
        return self._boundaries[bisect_left(self._starts, offset)]


def _is_inner(code: list[Token], index: int) -> bool:
    """Tell whether a bracket opens an inner attribute."""
    return [token.raw for token in code[index - 1 : index + 1]] == [b"!", b"["]


def _boundaries(code: list[Token], inner: set[int]) -> Iterator[bool]:
    """Tell for every token whether an item can begin behind it, where no docs are lost.

    `inner` is where inner attributes end.
    """
    is_boundary = True
    for token in code:
        if token.kind is TokenKind.COMMENT:
            is_boundary = is_boundary and not is_outer_doc(token.raw)
        else:
            is_boundary = token.raw in _ENDS or token.start in inner
        yield is_boundary


def _depths(code: list[Token]) -> list[tuple[int, int]]:
    """Give, for every brace, its offset and how many are open behind it."""
    depths, depth = [], 0
    for token in code:
        if token.raw in (b"{", b"}"):
            depth = max(0, depth + (1 if token.raw == b"{" else -1))
            depths.append((token.start, depth))
    return depths


def _errors(root: Node, sound: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Give the spans of what tree-sitter could not read or made up.

    An ERROR can span half the file; what is `sound` in it (items, attributes, comments) is none.
    """
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.is_missing or (node.is_error and not node.child_count):
            yield node.start_byte, node.end_byte
        elif node.is_error:
            nodes.extend(child for child in node.children if child.kind_id in sound)
            yield from (child.byte_range for child in node.children if child.kind_id not in sound)
        elif node.has_error:
            nodes.extend(node.children)
