"""The items of a file: what they are, what they are called, where they stand.

In tree-sitter-rust's trees the attributes, comments and docs of an item are its siblings, and so is
the `;` of a macro call; here they are the item's, as they are for rustc.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_flowcorpus.rust.damage import Doubts, mask, tamed
from pytest_flowcorpus.rust.grammar import Grammar, Kind, Shape, grammar, parsed
from pytest_flowcorpus.rust.item import Item
from pytest_flowcorpus.rust.tokens import is_inner_doc, is_outer_doc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


_DECLARING: Final = re.compile(
    rb"\b(?:const|enum|extern|fn|impl|macro_rules|mod|static|struct|trait|type|union|use)\b"
)
"""One of these stands in every declaration of an item."""


_DEEPEST: Final = 1_000
"""So many containers are entered one inside the other; nobody's code nests like that."""


class Reading(NamedTuple):
    """What stands in a file or body."""

    items: tuple[Item, ...]
    """In source order, containers before their members."""
    is_whole: bool
    """Whether all of it is read; if not, items can be missing."""
    is_cut: bool = False
    """Whether containers nest too deep in it to be entered."""


def read(code: bytes) -> Reading:
    """Give the items of a file, those in function bodies left out.

    Members of `impl`, `trait`, `mod`, `extern` and variants of `enum` follow their container.
    """
    return _read(code, 0, None)


def read_body(code: bytes, item: Item) -> Reading:
    """Give the items that stand in the body of a sound item of one of `BLOCKS`.

    The bodies of functions in it are not entered; read those in turn.
    """
    start, end = item.body
    if _DECLARING.search(code, start, end) is None:  # most bodies declare nothing: no need to parse
        return Reading((), is_whole=True)
    is_braced = code[start : start + 1] == b"{"
    return _read(code[: end - is_braced], start + is_braced, item)


def _read(code: bytes, base: int, parent: Item | None) -> Reading:
    text = code[base:]
    root = parsed(tamed(text))
    if not root.has_error:
        walk = _Walk(code, base, parent)
        items = tuple(item for item, _ in walk.items(root))
        return Reading(items, not walk.is_cut, walk.is_cut)
    root = parsed(tamed(mask(text)))
    doubts = Doubts(text, base, root, grammar().sound)
    judged: dict[Item | None, Item] = {}
    walk = _Walk(code, base, parent)
    for item, depth in walk.items(root):
        outer = judged.get(item.parent)
        is_broken = (outer is not None and outer.is_broken) or doubts.about(item, depth)
        judged[item] = replace(item, parent=outer or parent, is_broken=is_broken)
    return Reading(tuple(judged.values()), is_whole=False, is_cut=walk.is_cut)


class _Trivia(NamedTuple):
    """A comment or attribute before an item; `is_own` if its line holds no code before it."""

    start: int
    end: int
    is_outer: bool
    is_own: bool


@dataclass(slots=True)
class _Level:
    """The children of one node on their way to become items of `parent`."""

    nodes: list[Node]
    parent: Item | None
    last: int
    """Where the previous sibling ends."""
    depth: int
    """How many braces are open around them."""
    is_block: bool = False
    """Whether they are statements, among which macro calls are no items."""
    is_error: bool = False
    """Whether the node is an ERROR, whose last comments can be those of what follows it."""
    is_lost: bool = False
    """Whether they stand somewhere inside an ERROR."""
    next: int = 0
    pending: list[_Trivia] = field(default_factory=list)


class _Walk:
    """A way through a tree, with a stack of its own: code nests as deep as it likes."""

    def __init__(self, code: bytes, base: int, parent: Item | None) -> None:
        self._code = code
        self._base = base
        self._parent = parent
        self._grammar = grammar()
        self._levels: list[_Level] = []
        self.is_cut = False
        """Whether something nests too deep to be entered."""

    def items(self, root: Node) -> Iterator[tuple[Item, int]]:
        """Give the items beneath `root`, and how many braces are open around each."""
        is_block, trivia = self._parent is not None, self._grammar.trivia
        self._levels = [_Level(root.children, self._parent, self._base, 0, is_block=is_block)]
        while self._levels:
            level = self._levels[-1]
            if level.next == len(level.nodes):
                self._leave(level)
                continue
            node = level.nodes[level.next]
            level.next += 1
            if node.kind_id in trivia:
                self._hold(node, level)
                continue
            item = self._take(node, level)
            level.pending = []
            level.last = node.end_byte + self._base
            if item is not None:
                yield item, level.depth

    def _leave(self, level: _Level) -> None:
        self._levels.pop()
        if level.is_error:
            outer = self._levels[-1]
            outer.pending, outer.last = level.pending, level.last

    def _hold(self, node: Node, level: _Level) -> None:
        """Keep a comment or attribute for the item that follows."""
        is_attribute = node.kind_id == self._grammar.attribute
        start, end = node.start_byte + self._base, node.end_byte + self._base
        head = self._code[start : start + 4]
        while self._code[end - 1] in b"\r\n":  # a doc comment has its line's end
            end -= 1
        if not is_attribute and is_inner_doc(head):
            level.pending = []
        else:
            is_outer = is_attribute or is_outer_doc(head)
            level.pending.append(_Trivia(start, end, is_outer, self._is_own(level, start)))
        level.last = end

    def _is_own(self, level: _Level, start: int) -> bool:
        gap = self._code[level.last : start]
        if b"\n" in gap or (level.last == 0 and not gap.strip(b"\xef\xbb\xbf \t")):
            return True
        return bool(level.pending) and level.pending[-1].is_own and not level.pending[-1].is_outer

    def _take(self, node: Node, level: _Level) -> Item | None:
        """Make an item of a node, or step into it if items can stand inside."""
        shape, core = self._classify(node, level)
        if shape is not None:
            item = self._item(shape, node, core, level)
            body = core.child_by_field_id(shape.body) if shape.is_container else None
            if body is not None and len(self._levels) > _DEEPEST:
                self.is_cut = True
            elif body is not None:
                inside = _Level(body.children, item, item.body[0], level.depth + 1)
                self._levels.append(inside)
            return item
        if node.is_error or (level.is_block and node.is_named):
            self._step_into(node, level)
        return None

    def _step_into(self, node: Node, level: _Level) -> None:
        if node.kind_id == self._grammar.token_tree:
            return
        nodes = node.children
        is_lost = level.is_lost or node.is_error
        # Braces in an ERROR are not counted: they can be those of an impl that fell apart.
        is_braced = not is_lost and bool(nodes) and nodes[0].type == "{"
        inside = _Level(nodes, level.parent, node.start_byte + self._base, level.depth + is_braced)
        inside.is_block, inside.is_error, inside.is_lost = True, node.is_error, is_lost
        self._levels.append(inside)

    def _classify(self, node: Node, level: _Level) -> tuple[Shape | None, Node]:
        shapes = self._grammar.shapes
        if node.kind_id == self._grammar.statement and not level.is_block:
            core = (node.named_child_count and node.named_child(0)) or node
            return shapes.get(core.kind_id), core
        shape = shapes.get(node.kind_id)
        if level.is_block and shape is not None and shape.kind is Kind.MACRO_CALL:
            return None, node
        return shape, node

    def _item(self, shape: Shape, node: Node, core: Node, level: _Level) -> Item:
        base = self._base
        decl = node.start_byte + base
        start, outer = self._lead(level.pending, decl)
        name = _name(self._grammar, shape, core)
        first, last = _body(self._grammar, shape, core, name)
        return Item(
            shape.kind,
            self._identifier(name) if name else "",
            start,
            outer,
            decl,
            self._end(shape, node, core, level),
            (first + base, last + base),
            name.start_byte + base if name else -1,
            self._head(core) if shape.kind is Kind.IMPL else (b"", b""),
            level.parent,
        )

    def _lead(self, pending: list[_Trivia], decl: int) -> tuple[int, int]:
        """Give where what belongs to an item begins: with attached comments, and without."""
        outer = next((trivia.start for trivia in pending if trivia.is_outer), decl)
        start = outer
        comments = [*takewhile(lambda trivia: not trivia.is_outer, pending)]
        for trivia in reversed(comments):
            if not trivia.is_own or self._code.count(b"\n", trivia.end, start) > 1:
                break
            start = trivia.start
        return start, outer

    def _end(self, shape: Shape, node: Node, core: Node, level: _Level) -> int:
        end = node.end_byte + self._base
        is_bare_call = shape.kind is Kind.MACRO_CALL and node is core
        if is_bare_call and self._code[end - 1 : end] != b"}" and level.next < len(level.nodes):
            following = level.nodes[level.next]
            if following.kind_id == self._grammar.empty:
                return following.end_byte + self._base
        return end

    def _head(self, node: Node) -> tuple[bytes, bytes]:
        trait = node.child_by_field_id(self._grammar.trait)
        self_type = node.child_by_field_id(self._grammar.type)
        return self._written(trait), self._written(self_type)

    def _written(self, node: Node | None) -> bytes:
        if node is None:
            return b""
        before = node.prev_sibling
        while before is not None and before.is_extra:
            before = before.prev_sibling
        is_negative = before is not None and before.type == "!"
        return b"!" * is_negative + self._slice(node)

    def _identifier(self, node: Node) -> str:
        name = self._slice(node).removeprefix(b"r#").decode(errors="replace")
        return name if name.isascii() else unicodedata.normalize("NFC", name)

    def _slice(self, node: Node) -> bytes:
        return self._code[node.start_byte + self._base : node.end_byte + self._base]


def _name(grammar: Grammar, shape: Shape, node: Node) -> Node | None:
    name = node.child_by_field_id(shape.name)
    if name is not None and shape.kind is Kind.MACRO_CALL:
        return name.child_by_field_id(grammar.name) or name
    if shape.kind is Kind.EXTERN_CRATE:
        return node.child_by_field_id(grammar.alias) or name
    return name


def _body(grammar: Grammar, shape: Shape, node: Node, name: Node | None) -> tuple[int, int]:
    end = node.end_byte
    if shape.kind is Kind.MACRO_CALL:
        return node.children[-1].start_byte, end
    if shape.kind is Kind.MACRO and name is not None:
        return name.end_byte, end
    body = node.child_by_field_id(shape.body)
    if shape.kind is Kind.VARIANT:
        value = node.child_by_field_id(grammar.value)
        first, last = body or value, value or body
        return (first.start_byte, last.end_byte) if first and last else (end, end)
    return body.byte_range if body else (end, end)
