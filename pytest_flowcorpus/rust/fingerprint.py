"""Digests of a fragment that tell one sort of change from another.

They are taken over tokens, so white space never matters, nor do line ends, nor the last comma of a
list where it means nothing. What counts as signature and as body:

    fn                      all before the block          the block
    struct, enum, union     all but the fields            the fields or variants
    impl, trait, mod, extern  the header                  the members
    const, static           with the type                 the value
    type                    generics and bounds           the type it stands for
    macro                   `macro_rules!`                the rules
    macro call              the macro's name              the arguments
    variant                 nothing                       fields and discriminant
    use                     `use` and visibility          the path; of the imports as a whole: all
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.tokens import Token, TokenKind, tokens
from pytest_flowcorpus.rust.typename import is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.rust.item import Item

_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")
# A parenthesis behind one of these is a tuple's: its last comma tells `(a,)` from `(a)`.
_NO_CALLEES: Final = frozenset(
    (
        *("as", "async", "await", "box", "break", "const", "continue", "dyn", "else", "for", "if"),
        *("impl", "in", "let", "loop", "match", "move", "mut", "pub", "ref", "return", "static"),
        *("unsafe", "where", "while", "yield"),
    )
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Five sha256 digests in hex."""

    text: str
    """The exact bytes."""
    comments: str
    """Comments and docs in order, the white space at both ends of each line left out."""
    attributes: str
    """Outer attributes, and inner ones at the top of the body; docs are not among them."""
    signature: str
    """The declaration without the item's own name."""
    body: str
    """What stands in the body, with the attributes in it, without comments."""


def fingerprint(code: bytes, item: Item) -> Fingerprint:
    """Digest the span of `item` in the file `code`."""
    found = list(tokens(code, item.start, item.end))
    comments = [token for token in found if token.kind is TokenKind.COMMENT]
    plain = [token for token in found if token.kind is not TokenKind.COMMENT]
    docs, attributes = _attributes(plain, item)
    taken = {token.start for token in (*docs, *attributes)}
    first, last = item.body
    rest = [token for token in _without_idle_commas(plain) if token.start not in taken]
    return Fingerprint(
        text=hashlib.sha256(code[item.start : item.end]).hexdigest(),
        comments=_digest(_folded(token) for token in sorted([*comments, *docs], key=_start)),
        attributes=_digest(map(_text, attributes)),
        signature=_digest(
            _text(token)
            for token in rest
            if not first <= token.start < last and token.start != item.name_at
        ),
        body=_digest(_text(token) for token in rest if first <= token.start < last),
    )


def _attributes(plain: list[Token], item: Item) -> tuple[list[Token], list[Token]]:
    """Give the tokens of the item's own attributes: those that are docs, then the others."""
    docs: list[Token] = []
    attributes: list[Token] = []
    index, decl = 0, bisect_left(plain, item.decl, key=_start)
    while index < decl:
        index = _sort(plain, index, docs, attributes)
    index = bisect_right(plain, item.body[0], key=_start)
    while _is_inner(plain, index):
        index = _sort(plain, index, docs, attributes)
    return docs, attributes


def _is_inner(plain: list[Token], index: int) -> bool:
    return [token.raw for token in plain[index : index + 3]] == [b"#", b"!", b"["]


def _sort(plain: list[Token], index: int, docs: list[Token], attributes: list[Token]) -> int:
    """Put the attribute at `index` where it belongs; gives the index behind it."""
    depth = 0
    for end in range(index, len(plain)):
        depth += (plain[end].raw == b"[") - (plain[end].raw == b"]")
        if depth == 0 and plain[end].raw == b"]":
            break
    attribute = plain[index : end + 1]
    words = [token.raw for token in attribute if token.raw not in (b"#", b"!", b"[")]
    (docs if words[:2] == [b"doc", b"="] else attributes).extend(attribute)
    return end + 1


@dataclass(slots=True)
class _Group:
    """An open delimiter, and what its last comma means."""

    is_macro: bool = False
    """Whether it stands in the arguments of a macro or attribute, where every token counts."""
    is_tuple: bool = False
    is_arm: bool = False
    is_callee: bool = False
    """Whether a call can follow where it is closed."""
    angles: int = 0
    """How many lists of generics are open in it."""


def _without_idle_commas(plain: list[Token]) -> Iterator[Token]:
    """Drop the commas before a closing delimiter, and after a match arm's block, that say nothing.

    rustfmt puts them in and takes them out. Those of tuples and of macro arguments stay.
    """
    reader = _CommaReader()
    pending: Token | None = None
    for token in plain:
        is_idle = reader.take(token)
        if pending is not None:
            if not is_idle:
                yield pending
            pending = None
        if token.raw == b",":
            if reader.is_arm_comma:
                continue
            pending = token
        else:
            yield token
    if pending is not None:
        yield pending


@dataclass(slots=True)
class _CommaReader:
    """Follows the delimiters, token by token."""

    is_arm_comma: bool = False
    """Whether the token is the comma that follows a match arm's block."""
    _groups: list[_Group] = field(default_factory=lambda: [_Group()])
    _last: tuple[str, ...] = ("", "", "")
    _ends_callee: bool = False
    _ends_arm: bool = False

    def take(self, token: Token) -> bool:
        """Tell whether a comma right before `token` means nothing."""
        text = token.text
        group = self._groups[-1]
        is_idle = False
        self.is_arm_comma = text == "," and self._ends_arm and not group.is_macro
        ends_callee = ends_arm = False
        if text in _OPENERS:
            self._groups.append(self._opened(text, group))
        elif text in _CLOSERS and len(self._groups) > 1:
            self._groups.pop()
            is_idle = not group.is_macro and not group.is_tuple
            ends_callee, ends_arm = group.is_callee, group.is_arm
        elif text == "<":
            self._open_angle(group)
        elif text == ">":
            is_idle = not group.is_macro
            ends_callee = group.angles > 0
            group.angles -= ends_callee
        else:
            ends_callee = self._can_be_called(token)
        self._last = (*self._last[1:], text)
        self._ends_callee, self._ends_arm = ends_callee, ends_arm
        return is_idle

    def _opened(self, text: str, around: _Group) -> _Group:
        before = self._last[-1]
        is_vis = text == "(" and before == "pub"
        is_attribute = text == "[" and (before == "#" or self._last[-2:] == ("#", "!"))
        return _Group(
            is_macro=around.is_macro or is_attribute or self._is_macro_call(),
            is_tuple=text == "(" and not self._ends_callee,
            is_arm=text == "{" and before == "=>",
            is_callee=text in ("(", "[") and not is_vis and not is_attribute,
        )

    def _is_macro_call(self) -> bool:
        first, second, third = self._last
        if third == "!":
            return is_word(second) and second not in _NO_CALLEES
        return first == "macro_rules" and second == "!"

    def _open_angle(self, group: _Group) -> None:
        if group.angles or self._last[-1] == "::" or self._last[-2] in ("fn", "struct"):
            group.angles += 1

    def _can_be_called(self, token: Token) -> bool:
        if token.kind is TokenKind.WORD:
            return token.text not in _NO_CALLEES
        return token.kind is TokenKind.NUMBER or token.raw == b"?"


def _folded(token: Token) -> str:
    """Take a comment without the white space at both ends of its lines."""
    return "\n".join(line.strip() for line in token.text.split("\n"))


def _text(token: Token) -> str:
    return token.text.replace("\r\n", "\n")


def _start(token: Token) -> int:
    return token.start


def _digest(texts: Iterable[str]) -> str:
    """Hash texts so that no two lists of them give the same bytes."""
    sha = hashlib.sha256()
    for text in texts:
        data = text.encode()
        sha.update(b"%d:" % len(data) + data)
    return sha.hexdigest()
