"""What frameworks run of a server's code, although no line of it calls that.

Known are, by the names of their traits and attributes: axum's extractors and responses
(https://docs.rs/axum/latest/axum/extract/, https://docs.rs/axum/latest/axum/response/), serde's
and validator's hand-written impls and the functions that their attributes name
(https://serde.rs/field-attrs.html, https://docs.rs/validator), and sea-orm's rows
(https://www.sea-ql.org/SeaORM/docs/generate-entity/entity-structure/).
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import AddressError, Kind
from pytest_flowcorpus.rust.tokens import significant
from pytest_flowcorpus.rust.typename import erased
from pytest_flowcorpus.rust.wording import bracketed, head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.reach import Callgraph
    from pytest_flowcorpus.rust import Item
    from pytest_flowcorpus.target import Target

_EXTRACTORS: Final = frozenset(("FromRequest", "FromRequestParts"))
_INPUTS: Final = frozenset(("Deserialize", "Validate"))
_CONVERSIONS: Final = frozenset(("From", "TryFrom"))
_RESPONSES: Final = frozenset(("IntoResponse", "IntoResponseParts"))
_CHECKING: Final = frozenset(("serde", "validate"))
_RUNNING: Final = frozenset(
    (
        *("custom", "default", "deserialize_with", "function", "serialize_with"),
        *("skip_serializing_if", "with"),
    )
)
"""The keys of their attributes that name functions."""
_ROW: Final = "DeriveEntityModel"
_BEHAVIOUR: Final = frozenset(("ActiveModelBehavior",))
_WRITER: Final = "ActiveModel"
_OF_ROW: Final = re.compile(r"\b(\w+)::(?:ActiveModel|Column|Entity|Model|Relation)\b")


class Frameworks:
    """What is run for an item by what it, or its signature, names."""

    def __init__(self, graph: Callgraph) -> None:
        self._graph = graph
        self._opened = graph.opened
        self._impls: dict[str, dict[str, list[tuple[str, Item]]]] = {}

    def is_handler(self, function: Target) -> bool:
        """Tell whether a route leads to a function."""
        return any(function.is_at(route.handler) for route in self._opened.codebase.routes())

    def run_for(self, target: Target) -> Iterator[Target]:
        """Give what is run before and after a handler for a type that its signature names.

        How an error is made of another is left out: an error type has a dozen such impls.
        """
        traits = _EXTRACTORS | _INPUTS | _RESPONSES
        yield from self._members(target, traits)
        yield from self._conversions(target)

    def run_for_part(self, target: Target) -> Iterator[Target]:
        """Give what is run for a part of such a type."""
        yield from self._members(target, _INPUTS)
        yield from self._conversions(target)

    def named_in_attributes(self, target: Target) -> Iterator[Target]:
        """Give the functions of the same file that a type's serde and validator attributes name."""
        code = self._opened.file(target.path).rust
        for name in dict.fromkeys(_named(target.found.text)):
            try:
                found = code.find(name)
            except AddressError:
                continue
            if found.kind is Kind.FN:
                yield self._graph.at(target.path, code.item(found))

    def impls_of(self, declared: Target, most: int) -> tuple[Target, ...]:
        """Give what impls make of a function of a trait; none where more than `most` do."""
        code = self._opened.file(declared.path).rust
        item = code.item(declared.found)
        trait = item.parent
        if trait is None or trait.kind is not Kind.TRAIT:
            return ()
        of_trait = self._graph.at(declared.path, trait)
        found = tuple(
            self._graph.at(path, member)
            for path in self._opened.rust_files.below_root()
            for name, impl in self._impls_in(path)
            if name == trait.name and self._names(path, impl, of_trait)
            for member in self._opened.file(path).rust.members(impl)
            if member.kind is Kind.FN and member.name == item.name
        )
        return found if len(found) <= most else ()

    def _names(self, path: str, impl: Item, trait: Target) -> bool:
        """Tell whether an impl is of a trait, and not of a namesake."""
        mentions = self._graph.mentions(self._graph.at(path, impl))
        return any(trait.is_at(mention.item) for mention in mentions)

    def rows(self, function: Target) -> Iterator[Target]:
        """Give the rows of the tables whose derived types a function names, or stands beside.

        With what sea-orm runs before one is written, where the function could write one.
        """
        text = function.found.text.decode(errors="replace")
        rows = [self._rows[name] for name in _OF_ROW.findall(text) if name in self._rows]
        rows += [row for row in self._rows.values() if row.path == function.path]
        for row in dict.fromkeys(rows):
            yield row
            if _WRITER in text:
                yield from self._of(row.path, _WRITER, _BEHAVIOUR)

    def _conversions(self, target: Target) -> Iterator[Target]:
        if not target.name.endswith("Error"):
            yield from self._members(target, _CONVERSIONS)

    def _members(self, target: Target, traits: Iterable[str]) -> Iterator[Target]:
        """Give the functions in impls of some traits for a type, in the file of the type."""
        return self._of(target.path, target.name, traits)

    def _of(self, path: str, name: str, traits: Iterable[str]) -> Iterator[Target]:
        code = self._opened.file(path).rust
        for trait, impl in self._by_type(path).get(name, ()):
            if trait in traits:
                for member in code.members(impl):
                    if member.kind is Kind.FN:
                        yield self._graph.at(path, member)

    def _impls_in(self, path: str) -> Iterator[tuple[str, Item]]:
        return (one for found in self._by_type(path).values() for one in found)

    def _by_type(self, path: str) -> dict[str, list[tuple[str, Item]]]:
        if path not in self._impls:
            found: defaultdict[str, list[tuple[str, Item]]] = defaultdict(list)
            for item in self._graph.items(path):
                if item.kind is Kind.IMPL and item.head[0]:
                    trait, of = map(erased, head(item))
                    found[of[-1] if of else ""].append((trait[-1] if trait else "", item))
            self._impls[path] = dict(found)
        return self._impls[path]

    @cached_property
    def _rows(self) -> dict[str, Target]:
        """The rows by the modules that they stand in, where no two go by one name."""
        rows = [
            self._graph.at(path, item)
            for path in self._opened.rust_files.below_root()
            if (code := self._opened.rust_files.rust(path)) is not None
            for item in code.items
            if item.kind is Kind.STRUCT and any(_ROW in one for one in code.attributes(item))
        ]
        modules = [row.path.removesuffix(".rs").removesuffix("/mod") for row in rows]
        names = [module.rpartition("/")[2] for module in modules]
        return {name: row for name, row in zip(names, rows, strict=True) if names.count(name) == 1}


def _named(code: bytes) -> Iterator[str]:
    """Give the last names of the functions' paths that some crates' attributes hold."""
    for inside in bracketed(significant(code)):
        if _CHECKING.isdisjoint(inside[: 1 if inside[:1] != ("cfg_attr",) else None]):
            continue
        for key, sign, text in zip(inside, inside[1:], inside[2:], strict=False):
            path = text.strip('"')
            if key in _RUNNING and sign == "=" and path.replace("::", "_").isidentifier():
                yield path.rpartition("::")[2]
