"""What a path that stands as a value names: a function, a constructor, a constant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.library import SPEAKS_FOR
from pytest_flowcorpus.rust.members import NOTHING, OPEN, Finding
from pytest_flowcorpus.rust.module import Def
from pytest_flowcorpus.rust.paths import External, Member, Space
from pytest_flowcorpus.rust.piece import Piece, segments
from pytest_flowcorpus.rust.types import Sort, Type, foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.types import Scope


_REVERSED: Final = {"Into": "From", "TryInto": "TryFrom", "ToString": "Display"}
"""Traits that the standard library gives to all types which have another."""


class Callees:
    """Follows the paths of one body."""

    def __init__(self, known: Knowledge, scope: Scope) -> None:
        self._known = known
        self.scope = scope
        """What names mean where the walk is."""

    def unsaid(self, piece: Piece, node: Node | None) -> Type | None:
        """Give the type that an expression writes: what it leaves out is inferred, no default."""
        of = self._type(piece, node)
        is_bare = of is not None and of.sort is Sort.LOCAL and not of.alias_of
        return replace(of, args=()) if of and is_bare and "<" not in piece.text(node) else of

    def _type(self, piece: Piece, node: Node | None) -> Type | None:
        return self._known.types.read(piece, node, self.scope)

    def named(self, piece: Piece, node: Node) -> tuple[Finding, Type | None]:
        """Give the function that a path names, or the type of the value that it is."""
        names = segments(piece, node)
        scope = self.scope
        path = node.child_by_field_name("path")
        if names[0] == "<>" and path is not None:
            return self._qualified(piece, path, names)
        if names[0] == "Self" or (names[0] in scope.generics and len(names) > 1):
            return self._of_self(names)
        target = self._known.paths.resolve(scope.module, names, Space.VALUE)
        if isinstance(target, Def):
            return self._defined(target)
        if isinstance(target, Member):
            return self._member(piece, target, path)
        if isinstance(target, External) and len(target.path) > 1:
            return self._foreign(target, self._type(piece, path))
        is_lost = target is None and (len(names) > 1 or self._is_here(names[0]))
        return (self._open(names[-1]) if is_lost else NOTHING), None

    def _is_here(self, name: str) -> bool:
        """Tell whether a name is declared here, more than once where it leads nowhere."""
        return self._known.paths.is_here(self.scope.module, name)

    def _open(self, name: str) -> Finding:
        is_function = not name[:1].isupper()
        return OPEN if is_function and self._known.workspace.is_declared(name) else NOTHING

    def _foreign(self, target: External, of: Type | None) -> tuple[Finding, Type | None]:
        """Look at a type of another crate: a trait of the tree can give it a function."""
        *_, owner, name = target.path
        of = of or foreign(owner)
        if name.isupper():
            return NOTHING, of
        ends_in = SPEAKS_FOR.get(name, name)
        if self._known.members.is_given(_REVERSED.get(owner, owner), ends_in):
            return self._open(ends_in), None
        return self._given(self._known.members.find(of, name, self.scope.module))

    def _defined(self, target: Def) -> tuple[Finding, Type | None]:
        if target.kind is Kind.FN:
            return self._given(Finding(target))
        if target.kind is Kind.VARIANT and target.item.parent is not None:
            enum = target.module.source.define(target.item.parent, target.module)
            return NOTHING, Type(Sort.LOCAL, enum.name, enum)
        if target.kind in (Kind.CONST, Kind.STATIC):
            return NOTHING, self._constant(target)
        return NOTHING, Type(Sort.LOCAL, target.name, target)

    def _constant(self, target: Def) -> Type | None:
        piece = self._known.types.header(target)
        node = piece.first("const_item", "static_item")
        declared = node.child_by_field_name("type") if node is not None else None
        return self._known.types.read(piece, declared, self._known.types.scope(target))

    def _member(
        self, piece: Piece, target: Member, path: Node | None
    ) -> tuple[Finding, Type | None]:
        of = self.unsaid(piece, path)
        if target.owner.kind is Kind.TRAIT:
            declared = self._known.members.trait_member(target.owner, target.name)
            return self._given(Finding(declared) if declared is not None else NOTHING)
        return self._on_type(of, target.name)

    def _of_self(self, names: Sequence[str]) -> tuple[Finding, Type | None]:
        own = self.scope.self_type if names[0] == "Self" else self.scope.generics[names[0]]
        if len(names) == 1:
            return NOTHING, own
        found = self.variant(names)
        if found is not None:
            return NOTHING, found[1]
        if len(names) > 2:  # noqa: PLR2004 - `Self::Output::new`
            return self._open(names[-1]), None
        return self._on_type(own, names[1])

    def _on_type(self, of: Type | None, name: str) -> tuple[Finding, Type | None]:
        finding = self._known.members.find(of, name, self.scope.module)
        if finding.member is None:
            is_own = name in ("default", "new", "from")
            return finding, of if is_own else None
        return self._given(finding)

    def _qualified(
        self, piece: Piece, path: Node, names: Sequence[str]
    ) -> tuple[Finding, Type | None]:
        """Give what ``<Type as Trait>::name`` means."""
        inside = path.named_children[0] if path.named_children else None
        if inside is None or inside.type != "qualified_type":
            return self._on_type(self._type(piece, inside), names[-1])
        of = self._type(piece, inside.child_by_field_name("type"))
        trait = self._type(piece, inside.child_by_field_name("alias"))
        finding = self._known.members.find(of, names[-1], self.scope.module)
        if trait is None or trait.head is None:
            is_other = finding.member is not None and finding.trait is not None
            return (NOTHING, None) if is_other else self._given(finding)
        declared = self._known.members.trait_member(trait.head, names[-1])
        if finding.member is not declared and finding.trait is not declared:
            finding = Finding(declared) if declared is not None else OPEN
        return self._given(finding)

    def _given(self, finding: Finding) -> tuple[Finding, Type | None]:
        """Give a function with what it returns; a constant is none, and has a type of its own."""
        member = finding.member
        if member is not None and member.kind is Kind.CONST:
            return NOTHING, self._constant(member)
        if member is None or member.kind is not Kind.FN:
            return finding, None
        return finding, self._known.members.result(member, finding.receiver, dict(finding.bound))

    def variant(self, names: Sequence[str]) -> tuple[Def, Type] | None:
        """Give the variant of an enum that a path names, and the enum's type."""
        target: object
        own = self.scope.self_type
        if names[0] == "Self" and len(names) == 2 and own is not None and own.head is not None:  # noqa: PLR2004
            target = self._known.paths.variant(own.head, names[1])
        else:
            target = self._known.paths.resolve(self.scope.module, names, Space.VALUE)
            if isinstance(target, Member) and target.owner.kind is Kind.TYPE:
                alias = self._known.types.expanded(target.owner, ())
                head = alias.head if alias is not None else None
                target = self._known.paths.variant(head, target.name) if head else None
        if not isinstance(target, Def) or target.kind is not Kind.VARIANT:
            return None
        if target.item.parent is None:
            return None
        enum = target.module.source.define(target.item.parent, target.module)
        return target, Type(Sort.LOCAL, enum.name, enum)
