"""What belongs to a type: methods, associated functions and constants, fields."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.expansion import Rule, called, rules
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.library import (
    DEREFERENCED,
    KNOWN,
    METHODS,
    OWN_METHODS,
    POINTERS,
    SEQUENCES,
    SLICES,
)
from pytest_flowcorpus.rust.types import (
    UNIT,
    UNKNOWN,
    Scope,
    Sort,
    Type,
    Types,
    foreign,
    unified,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.module import Def, Module
    from pytest_flowcorpus.rust.paths import Paths
    from pytest_flowcorpus.rust.piece import Piece
    from pytest_flowcorpus.rust.workspace import Workspace

_MEMBERS: Final = frozenset((Kind.FN, Kind.CONST, Kind.TYPE))
_DEEPEST: Final = 6
_OBJECT: Final = (Sort.PARAM, "impl")


@dataclass(frozen=True, slots=True, eq=False)
class Impl:
    """An impl block, read."""

    owner: Def
    scope: Scope
    self_type: Type | None
    trait: Def | None
    """Of the workspace."""
    trait_name: str
    """Empty if it is inherent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a name means on a type."""

    member: Def | None = None
    """The one member that syntax leads to."""
    trait: Def | None = None
    """The trait's declaration of it, where it is a member of an impl."""
    bound: tuple[tuple[str, Type | None], ...] = ()
    """What the type parameters of its impl stand for."""
    is_open: bool = False
    """Whether it could be a member of the workspace, and syntax does not tell which."""
    receiver: Type | None = None
    """The type on which it was found, behind smart pointers."""
    is_made: bool = False
    """Whether a macro makes it, so that no item is it."""
    options: tuple[Finding, ...] = ()
    """The members among which only the arguments can tell, as those of several ``From`` impls."""


NOTHING: Final = Finding()
OPEN: Final = Finding(is_open=True)


class Members:
    """Looks members up, by the rules of method calls as far as syntax tells them."""

    def __init__(self, workspace: Workspace, paths: Paths, types: Types) -> None:
        self._workspace = workspace
        self._paths = paths
        self._types = types
        self._impls: dict[Def, Impl] = {}
        self._holders: dict[str, tuple[list[tuple[Impl, Def]], list[tuple[Def, Def]]]] = {}
        self._rules: dict[Def, list[Rule]] = {}
        self._parameters: dict[Def, list[Type | None]] = {}
        self._implementing: dict[str, list[Impl]] = {}
        self._called: dict[str, tuple[str, ...]] = {}

    def find(self, on: Type | None, name: str, user: Module, depth: int = 0) -> Finding:
        """Give the member that `name` means on a type, for code that stands in `user`."""
        if on is None:
            return OPEN if self._workspace.is_declared(name) else NOTHING
        if depth > _DEEPEST:
            return OPEN
        if on.sort in (Sort.PARAM, Sort.FN):
            return self._on_bounds(on, name, user)
        found = self._direct(on, name, user)
        return found if found is not NOTHING else self._behind(on, name, user, depth)

    def _behind(self, on: Type, name: str, user: Module, depth: int) -> Finding:
        """Look behind a pointer, for what the pointer does not have itself."""
        if on.sort is Sort.FOREIGN and on.name in POINTERS and name in OWN_METHODS:
            is_own = name == "clone" or not self._workspace.is_declared(name)
            return NOTHING if is_own else OPEN
        behind = self.behind(on)
        if behind is not None:
            return self.find(behind, name, user, depth + 1)
        return self._inside(on, name, user, depth)

    def _inside(self, on: Type, name: str, user: Module, depth: int) -> Finding:
        """Doubt a type of another crate: it could be a pointer to one of its arguments."""
        if on.sort is not Sort.FOREIGN or on.name in KNOWN:
            return NOTHING
        found = (self.find(arg, name, user, depth + 1) for arg in on.args if arg is not None)
        return OPEN if any(one.member is not None or one.is_open for one in found) else NOTHING

    def behind(self, on: Type) -> Type | None:
        """Give what a smart pointer leads to."""
        if on.sort is Sort.FOREIGN and on.name in SLICES:
            return foreign(SLICES[on.name], *on.args)
        if on.sort is Sort.FOREIGN:
            return on.first if on.name in DEREFERENCED else None
        if on.head is None:
            return None
        return self._associated(on, "Deref", "Target")

    def iterated(self, on: Type) -> Type | None:
        """Give what a type of the tree gives one by one, or a foreign type as it is."""
        for trait in ("Iterator", "IntoIterator", "Stream"):
            if (found := self._associated(on, trait, "Item")) is not None:
                return foreign("Iterator", found)
        return None

    def awaited(self, on: Type) -> tuple[bool, Type | None]:
        """Tell whether a type of the tree is a future, and what it gives."""
        for trait in ("Future", "IntoFuture"):
            impls = [one for one in self._implementing_of(trait) if not _is_blanket(one)]
            if any(unified(one.self_type, on) is not None for one in impls):
                return True, self._associated(on, trait, "Output")
        return False, None

    def _associated(self, on: Type, trait: str, name: str) -> Type | None:
        for impl in self._implementing_of(trait):
            bound = unified(impl.self_type, on)
            if impl.trait is None and bound is not None and not _is_blanket(impl):
                return self._types.associated(impl.scope.having(bound), name)
        return None

    def field(self, on: Type | None, name: str, depth: int = 0) -> Type | None:
        """Give the type of a field, by name or number."""
        if on is None or depth > _DEEPEST:
            return None
        if on.sort is Sort.FOREIGN and on.name == "()" and name.isdigit():
            return on.args[int(name)] if int(name) < len(on.args) else None
        if on.head is not None and on.sort is Sort.LOCAL and not on.head.is_made:
            nodes = self._fields(on.head)
            if name in nodes:
                return self._types.read(*nodes[name], self._applied(on))
        behind = self.behind(on)
        return self.field(behind, name, depth + 1) if behind is not None else None

    def variant_field(self, variant: Def, name: str, on: Type) -> Type | None:
        """Give the type of a field of a variant, `on` being the enum's type."""
        nodes = self._fields(variant)
        return self._types.read(*nodes[name], self._applied(on)) if name in nodes else None

    def result(self, member: Def, on: Type | None, given: Mapping[str, Type | None]) -> Type | None:
        """Give what a function returns; `given` says what type parameters stand for."""
        piece = self._types.header(member)
        node = piece.first("function_item", "function_signature_item")
        if node is None:
            return None
        scope = self._types.scope(member)
        unsaid = {
            name: None
            for name, of in scope.generics.items()
            if of is not None and of.sort is Sort.PARAM and not of.bounds
        }
        scope = self._types.applied(scope.having({**unsaid, **given}))
        own = scope.self_type
        if on is not None and (own is None or own.sort is Sort.PARAM or _says_more(on, own)):
            scope = replace(scope, self_type=on)
        returned = node.child_by_field_name("return_type")
        if returned is None:
            return UNIT
        return self._types.read(piece, returned, scope) or self._own(piece.text(returned), scope)

    def _own(self, written: str, scope: Scope) -> Type | None:
        """Give what a trait's ``Self::Output`` is on a type for which a macro says it is itself."""
        owner, _, name = written.partition("::")
        on = scope.self_type
        if owner != "Self" or on is None or on.head is None:
            return None
        return on if any(rule.is_itself(name) for rule in self._makers(on.head)) else None

    def parameters(self, member: Def) -> list[Type | None]:
        """Give the types of a function's parameters, `self` among them.

        A method's call has no argument for `self`: arguments are counted from the last.
        """
        if member not in self._parameters:
            piece = self._types.header(member)
            node = piece.first("function_item", "function_signature_item")
            parameters = node.child_by_field_name("parameters") if node is not None else None
            scope = self._types.scope(member)
            self._parameters[member] = [
                self._types.read(piece, child.child_by_field_name("type"), scope)
                if child.type == "parameter"
                else scope.self_type
                for child in (parameters.named_children if parameters is not None else ())
                if child.type in ("parameter", "self_parameter")
            ]
        return self._parameters[member]

    def chosen(self, finding: Finding, args: Sequence[Type | None]) -> Finding:
        """Give the one option whose parameters the arguments fit, or the finding as it is."""
        fits = [one for one in finding.options if self._takes(one, args)]
        return fits[0] if len(fits) == 1 else finding

    def trait_member(self, trait: Def, name: str) -> Def | None:
        """Give what a trait declares."""
        source = trait.module.source
        found = [one for one in source.rust.members(trait.item) if one.name == name]
        return source.define(found[0], trait.module) if found else None

    def implements(self, on: Type, trait: Def) -> bool:
        """Tell whether an impl, a derive or a macro gives a type a trait of the workspace."""
        for impl in self._implementing_of(trait.name):
            if impl.trait is trait and unified(impl.self_type, on) is not None:
                return True
        return on.head is not None and self._is_made_for(on.head, trait)

    def names(self, owner: Def) -> frozenset[str]:
        """Give the names of an item's own members, and of those in impls for it that are read."""
        found = {one.name for one in owner.module.source.rust.members(owner.item)}
        for impl in self._impls_near(owner):
            found |= {one.name for one in owner.module.source.rust.members(impl)}
        return frozenset(name for name in found if name)

    def makes(self, owner: Def, name: str) -> bool:
        """Tell whether a macro call that names a type defines something called `name` for it."""
        return any(rule.defines(name) for rule in self._makers(owner))

    def called(self, macro: str) -> tuple[str, ...]:
        """Give the names that macros by example of that name call, wherever they stand."""
        if macro not in self._called:
            self._called[macro] = called(macro, self._macro_bodies)
        return self._called[macro]

    def _takes(self, option: Finding, args: Sequence[Type | None]) -> bool:
        """Tell whether arguments are surely of the types that a function asks for."""
        wanted = self.parameters(option.member) if option.member is not None else []
        pairs = list(zip(wanted[-len(args) :], args, strict=False))
        is_concrete = all(one is not None and one.sort is not Sort.PARAM for one, _ in pairs)
        return bool(pairs) and is_concrete and all(unified(*pair) is not None for pair in pairs)

    def _impls_near(self, owner: Def) -> list[Item]:
        """Give the impls of a type in its own file."""
        name = owner.name.encode()
        pattern = re.compile(rb"\b" + re.escape(name) + rb"\b")
        items = owner.module.source.rust.items
        return [one for one in items if one.kind is Kind.IMPL and pattern.search(one.head[1])]

    def _direct(self, on: Type, name: str, user: Module) -> Finding:
        impls, traits = self._candidates(name)
        fitting = [
            (impl, member, bound)
            for impl, member in impls
            if not _is_object(impl) and (bound := unified(impl.self_type, on)) is not None
        ]
        if fitting and all(_is_namesake(one[0].self_type, on) for one in fitting):
            return OPEN
        inherent = [one for one in fitting if not one[0].trait_name]
        if inherent:
            return self._one(inherent, on, name)
        if on.sort is Sort.FOREIGN and name in METHODS.get(on.name, ()):
            return NOTHING
        by_trait = self._usable([one for one in fitting if one[0].trait_name], on, user)
        if by_trait:
            found = self._one(by_trait, on, name)
            # Another crate can give its own type more impls of its own trait than are seen here.
            is_sure = on.sort is Sort.LOCAL or by_trait[0][0].trait is not None
            return found if is_sure else Finding(is_open=True, options=(found,))
        return self._default(on, name, traits, user)

    def _usable(
        self, fitting: list[tuple[Impl, Def, dict[str, Type | None]]], on: Type, user: Module
    ) -> list[tuple[Impl, Def, dict[str, Type | None]]]:
        """Leave out blanket impls whose trait is not in scope, and those of traits that are not."""
        scope = self._paths.traits_in_scope(user)
        named = [one for one in fitting if not _is_blanket(one[0])]
        if on.sort is Sort.FOREIGN:
            named = [one for one in named if one[0].trait in scope or one[0].trait is None]
        if named:
            in_scope = [one for one in named if one[0].trait in scope]
            return in_scope if len(named) > 1 and in_scope else named
        return [one for one in fitting if one[0].trait in scope]

    def _one(
        self, fitting: list[tuple[Impl, Def, dict[str, Type | None]]], on: Type, name: str
    ) -> Finding:
        found = [
            Finding(member, self._declared(impl, name), tuple(bound.items()), receiver=on)
            for impl, member, bound in fitting
        ]
        is_one = len({one.member for one in found}) == 1
        return found[0] if is_one else Finding(is_open=True, options=tuple(found))

    def _declared(self, impl: Impl, name: str) -> Def | None:
        return self.trait_member(impl.trait, name) if impl.trait is not None else None

    def _default(self, on: Type, name: str, traits: list[tuple[Def, Def]], user: Module) -> Finding:
        """Look among what traits provide, and what macros make."""
        scope = self._paths.traits_in_scope(user)
        usable = [one for one in traits if on.sort is Sort.LOCAL or one[0] in scope]
        given = [member for trait, member in usable if self.implements(on, trait)]
        if len(given) == 1:
            return Finding(given[0], receiver=on)
        if given:
            return OPEN
        if on.head is not None and self.makes(on.head, name):
            return Finding(is_made=True)
        blanket = self._blanket(on, traits, user)
        return Finding(blanket[0], receiver=on) if len(blanket) == 1 else NOTHING

    def _blanket(self, on: Type, traits: list[tuple[Def, Def]], user: Module) -> list[Def]:
        """Give the defaults of traits in scope that an ``impl<T> Trait for T`` gives all types."""
        if on.sort is not Sort.LOCAL:
            return []
        scope = self._paths.traits_in_scope(user)
        return [
            member
            for trait, member in traits
            if trait in scope and any(map(_is_blanket, self._implementing_of(trait.name)))
        ]

    def is_given(self, trait: str, name: str) -> bool:
        """Tell whether the tree gives a type a trait of another crate with a member so called."""
        impls, _ = self._candidates(name)
        return any(impl.trait is None and impl.trait_name == trait for impl, _ in impls)

    def _on_bounds(self, on: Type, name: str, user: Module) -> Finding:
        seen: dict[Type, None] = {}
        pool = deque(on.bounds)
        while pool:
            bound = pool.popleft()
            if bound in seen:
                continue
            seen[bound] = None
            if bound.head is None:
                continue
            member = self.trait_member(bound.head, name)
            if member is not None:
                return Finding(member, receiver=on)
            pool += self._above(bound.head)
        found = self._by_blanket(on, name, user)
        is_sure = found is not NOTHING or not any(self._lends(bound, name, user) for bound in seen)
        return found if is_sure else OPEN

    def _lends(self, bound: Type, name: str, user: Module) -> bool:
        """Tell whether a trait of another crate could lead to a member of that name."""
        if bound is UNKNOWN:
            return self._workspace.is_declared(name)
        if bound.head is not None:
            return False
        inside = (self.find(arg, name, user) for arg in bound.args if arg is not None)
        lends = bound.sort is Sort.FOREIGN and bound.name not in SEQUENCES | {"Future"}
        is_behind = lends and any(one.member is not None or one.is_open for one in inside)
        return is_behind or self.is_given(bound.name, name)

    def _by_blanket(self, on: Type, name: str, user: Module) -> Finding:
        scope = self._paths.traits_in_scope(user)
        impls, _ = self._candidates(name)
        own = [one for one in impls if _is_object(one[0]) and _shares_bound(one[0], on)]
        found = own or [(i, m) for i, m in impls if _is_blanket(i) and i.trait in scope]
        if len(found) == 1:
            return Finding(found[0][1], self._declared(found[0][0], name), receiver=on)
        return OPEN if found else NOTHING

    def _above(self, trait: Def) -> tuple[Type, ...]:
        scope = self._types.scope(trait)
        return scope.self_type.bounds if scope.self_type is not None else ()

    def _candidates(self, name: str) -> tuple[list[tuple[Impl, Def]], list[tuple[Def, Def]]]:
        """Give the impls, and the traits, that hold a member of that name, each with it."""
        if name not in self._holders:
            impls: list[tuple[Impl, Def]] = []
            traits: list[tuple[Def, Def]] = []
            for module in self._workspace.declaring(name):
                for item in module.source.rust.items:
                    if item.name == name and item.kind in _MEMBERS and item.parent is not None:
                        self._hold(module, item, item.parent, impls, traits)
            self._holders[name] = impls, traits
        return self._holders[name]

    def _hold(
        self,
        module: Module,
        item: Item,
        parent: Item,
        impls: list[tuple[Impl, Def]],
        traits: list[tuple[Def, Def]],
    ) -> None:
        around = self._workspace.inside(module, item)
        member = around.source.define(item, around)
        if parent.kind is Kind.IMPL:
            impls.append((self._impl(around.source.define(parent, around)), member))
        elif parent.kind is Kind.TRAIT:
            traits.append((around.source.define(parent, around), member))

    def _impl(self, owner: Def) -> Impl:
        if owner not in self._impls:
            scope = self._types.scope(owner)
            piece = self._types.header(owner)
            node = piece.first("impl_item")
            trait = node.child_by_field_name("trait") if node is not None else None
            read = self._types.read(piece, trait, scope)
            name = read.name if read is not None else piece.text(trait)
            head = read.head if read is not None else None
            self._impls[owner] = Impl(owner, scope, scope.self_type, head, name)
        return self._impls[owner]

    def _implementing_of(self, trait: str) -> list[Impl]:
        """Give the impls of traits of that name."""
        if trait not in self._implementing:
            found: list[Impl] = []
            for path in self._workspace.containing("impl", trait):
                module = self._workspace.module_of(path)
                for item in module.source.rust.items if module is not None else ():
                    if item.kind is Kind.IMPL and trait.encode() in item.head[0] and module:
                        around = self._workspace.inside(module, item)
                        impl = self._impl(around.source.define(item, around))
                        found += [impl] if impl.trait_name == trait else []
            self._implementing[trait] = found
        return self._implementing[trait]

    def _applied(self, on: Type) -> Scope:
        assert on.head is not None  # noqa: S101 - only asked of types of the workspace
        names = self._types.names(on.head)
        given = dict.fromkeys(names) | dict(zip(names, on.args, strict=False))
        return self._types.scope(on.head).having(given)

    def _fields(self, owner: Def) -> dict[str, tuple[Piece, Node]]:
        piece = self._types.header(owner)
        found: dict[str, tuple[Piece, Node]] = {}
        body = piece.first("field_declaration_list", "ordered_field_declaration_list")
        if owner.kind is Kind.VARIANT:
            node = piece.root.named_children[0].child_by_field_name("body")
            children = node.named_children if node is not None else []
            variant = next((one for one in children if one.type == "enum_variant"), None)
            body = variant.child_by_field_name("body") if variant is not None else None
        if body is None:
            return found
        if body.type == "field_declaration_list":
            for child in body.named_children:
                node = child.child_by_field_name("type")
                if child.type == "field_declaration" and node is not None:
                    found[piece.text(child.child_by_field_name("name"))] = (piece, node)
            return found
        for number, node in enumerate(body.children_by_field_name("type")):
            found[str(number)] = (piece, node)
        return found

    def _is_made_for(self, owner: Def, trait: Def) -> bool:
        derives = rb"\b(?:derive|enum_dispatch)\s*\([^)]*\b%s\b"
        dispatches = rb"\benum_dispatch\s*\([^)]*\b%s\b"
        if re.search(derives % trait.name.encode(), _attributes(owner)):
            return True
        # https://docs.rs/enum_dispatch: the trait can name the enum, or the enum the trait.
        if re.search(dispatches % owner.name.encode(), _attributes(trait)):
            return True
        return any(rule.implements(trait.name) for rule in self._makers(owner))

    def _makers(self, owner: Def) -> list[Rule]:
        """Give the rules of the macros that are called with a type's name, as items."""
        if owner not in self._rules:
            self._rules[owner] = list(self._traced(owner))
        return self._rules[owner]

    def _traced(self, owner: Def) -> Iterator[Rule]:
        code = owner.module.source.rust.code
        for one in owner.module.made.get(owner.name, []):
            start, end = one.item.body
            arguments = code[start + 1 : end - 1]
            yield from rules(one.item.name, arguments, owner.name, self._macro_bodies)

    def _macro_bodies(self, name: str) -> Iterator[bytes]:
        for module in self._workspace.declaring(name):
            for item in module.source.rust.items:
                if item.kind is Kind.MACRO and item.name == name:
                    yield module.source.rust.code[slice(*item.body)]


def _says_more(one: Type, other: Type) -> bool:
    return one.head is other.head and (None in other.args or len(one.args) > len(other.args))


def _attributes(owner: Def) -> bytes:
    return owner.module.source.rust.code[owner.item.outer : owner.item.decl]


def _is_namesake(one: Type | None, other: Type) -> bool:
    """Tell whether two foreign types come from crates of two names: one can re-export the other."""
    return one is not None and bool(one.origin and other.origin) and one.origin != other.origin


def _is_blanket(impl: Impl) -> bool:
    is_param = impl.self_type is not None and impl.self_type.sort is Sort.PARAM
    return is_param and not _is_object(impl)


def _is_object(impl: Impl) -> bool:
    """Tell whether an impl is one of a ``dyn Trait``."""
    return impl.self_type is not None and (impl.self_type.sort, impl.self_type.name) == _OBJECT


def _shares_bound(impl: Impl, on: Type) -> bool:
    bounds = impl.self_type.bounds if impl.self_type is not None else ()
    return any(bound.head is not None and bound in on.bounds for bound in bounds)
