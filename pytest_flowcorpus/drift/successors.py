"""What a fragment can have become that no longer stands where it was reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_flowcorpus.rust import (
    AddressError,
    AmbiguousItem,
    BrokenItem,
    Candidates,
    Kind,
    Lost,
)
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.drift.review import Accepted
    from pytest_flowcorpus.drift.standing import Standing
    from pytest_flowcorpus.rust import Item, RustFile, Successor


@dataclass(frozen=True)
class Successors:
    """Looks in the whole source for what lost fragments have become."""

    _opened: OpenCorpus
    """The source as it is now."""
    _past: OpenCorpus | None
    """The source as it was reviewed; None where it cannot be had."""

    def of(self, accepted: Accepted, was: Standing | None) -> list[Successor]:
        """Give what a fragment can have become, the likeliest first; `was` is it as reviewed."""
        kind, text = Kind(accepted.kind), was.text.lstrip() if was else None
        lost = Lost(accepted.path, accepted.address, kind, accepted.fingerprint, text)
        is_outside = self._opened.corpus.spec_path(accepted.path).startswith("/")
        candidates = self._everywhere if is_outside else self._below_root
        return candidates.of(lost, lambda *place: self._was_another(accepted, *place))

    @cached_property
    def _below_root(self) -> Candidates:
        """What an item of the source can become: a double in a test is none."""
        return Candidates(self._rust(self._opened.rust_files.below_root()))

    @cached_property
    def _everywhere(self) -> Candidates:
        return Candidates(self._rust(self._opened.rust_files.paths()))

    def _rust(self, paths: Iterable[str]) -> Iterator[tuple[str, RustFile]]:
        for path in paths:
            rust = self._opened.rust_files.rust(path) if path.endswith(".rs") else None
            if rust is not None:
                yield path, rust

    def _was_another(self, lost: Accepted, path: str, address: str) -> bool:
        """Tell whether an address named something then, and not the lost item.

        `Point::fmt` named `<Point as Debug>::fmt`, where no other member was called so.
        """
        if self._past is None:
            return False
        try:
            named = self._named(self._past.file(path).rust, path, address)
        except (AmbiguousItem, BrokenItem):
            return True
        except (AddressError, SourceError):
            return False
        return any((path, other) != (lost.path, lost.address) for other in named)

    def _named(self, then: RustFile, path: str, address: str) -> list[str]:
        """Give what an address named then; of several, those that are written as what it names now.

        `impl From for Error` names one where others of its kind are gone.
        """
        try:
            return [then.find(address).address]
        except AmbiguousItem:
            now = self._opened.file(path).rust
            label = _label(now, now.item(now.find(address)))
            return [then.address(one) for one in then.items if _label(then, one) == label]


def _label(rust: RustFile, item: Item) -> tuple[object, ...]:
    """Give all by which items of one path can be told apart."""
    around = tuple((one.kind, one.name, one.head) for one in (item, *item.enclosing()))
    return around, rust.attributes(item)
