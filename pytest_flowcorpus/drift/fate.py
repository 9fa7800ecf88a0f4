"""What became of a fragment: its code as reviewed, held against the source as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.rust import (
    AddressError,
    AmbiguousItem,
    BrokenItem,
    Candidates,
    Kind,
    Lost,
    changes,
)
from pytest_flowcorpus.source import FileUnavailable, LfsPointer, NotText, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.corpus import CodeFile, OpenCorpus
    from pytest_flowcorpus.rust import Fingerprint, Found, Item, RustFile, Successor


class Fate(StrEnum):
    """What happened to a fragment; several can have."""

    MOVED = "moved"
    """It stands in another file."""
    RENAMED = "renamed"
    """It has another address."""
    GONE = "gone"
    AMBIGUOUS = "ambiguous"
    """Several items answer to its address."""
    UNPARSABLE = "unparsable"
    """It stands where its file does not parse, or is no text."""
    SIGNATURE = "signature"
    BODY = "body"
    ATTRIBUTES = "attributes"
    COMMENTS = "comments"
    """Comments or docs."""
    FORMAT = "format"
    """White space, or commas that mean nothing; and no other part."""


WORDS: Final = {**{fate: str(fate) for fate in Fate}, Fate.COMMENTS: "comments or docs"}
"""What people are told of each."""
SHA: Final = 12
"""Digits of a commit that they are shown."""
BREAKING: Final = frozenset((Fate.MOVED, Fate.RENAMED, Fate.GONE, Fate.AMBIGUOUS, Fate.UNPARSABLE))
"""Those of a fragment whose address no longer finds it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fragment's code stands in one revision, and what it is."""

    path: str
    address: str
    lines: tuple[int, int]
    """First and last, counted from 1."""
    text: bytes
    """Whole lines, but for what stands before it on its first and is no blank."""

    @classmethod
    def of(cls, code: CodeFile, found: Found) -> Standing:
        """Take an item that was found in a file."""
        before = code.blob.data[: found.start].rpartition(b"\n")[2]
        indent = b"" if before.strip() else before
        lines = (found.first_line, found.last_line)
        return cls(code.blob.path, found.address, lines, indent + found.text)


@dataclass(frozen=True, slots=True)
class Drifted:
    """A fragment that is not as it was reviewed."""

    accepted: Accepted
    fates: tuple[Fate, ...]
    was: Standing | None = None
    """None where the revision that it was reviewed at cannot be had."""
    now: Standing | None = None
    """None where it is gone; of several that it can have become, the likeliest."""
    fingerprint: Fingerprint | None = None
    """The digests of that."""
    others: tuple[str, ...] = ()
    """The other addresses, each with its path, that it may have now."""
    note: str = ""
    """What the source says of an address that is ambiguous, or of a file that does not parse."""

    @property
    def is_broken(self) -> bool:
        """Whether its address no longer finds it."""
        return not BREAKING.isdisjoint(self.fates)

    @property
    def is_gone(self) -> bool:
        """Whether nothing like it stands in the source."""
        return Fate.GONE in self.fates


def is_as_it_was(opened: OpenCorpus, accepted: Accepted) -> bool:
    """Tell whether a fragment stands where it stood, byte for byte; looks nowhere else."""
    try:
        code = opened.file(accepted.path)
        found = code.rust.find(accepted.address)
    except (AddressError, FileUnavailable):
        return False
    return code.rust.fingerprint(found).text == accepted.fingerprint.text


@dataclass(frozen=True)
class Tracing:
    """Finds out what became of fragments."""

    _opened: OpenCorpus
    """The source as it is now."""
    _past: OpenCorpus | None
    """The source as it was reviewed; None where it cannot be had."""
    _known: dict[Accepted, Drifted | None] = field(default_factory=dict)
    """What was found out already: flows share fragments."""

    def drifted(self, fragments: Iterable[Accepted]) -> list[Drifted]:
        """Give those fragments of a flow that are not as they were, in the order given."""
        told = list(fragments)
        self._known.update({one: self._one(one) for one in told if one not in self._known})
        found = [drifted for one in told if (drifted := self._known[one]) is not None]
        moves = Counter(
            (one.accepted.path, one.now.path)
            for one in found
            if one.now and Fate.MOVED in one.fates
        )
        # The rarest first: where most of a file's items went, its imports did.
        went = {before: after for (before, after), _ in reversed(moves.most_common())}
        return [
            self._moved_imports(one, went[one.accepted.path])
            if one.accepted.kind == Kind.USE and not one.now and one.accepted.path in went
            else one
            for one in found
        ]

    def as_it_was(self, path: str, address: str) -> Accepted | None:
        """Give an item of the source as it was reviewed; None where it was not there."""
        if self._past is None:
            return None
        try:
            rust = self._past.file(path).rust
            found = rust.find(address)
        except (AddressError, SourceError):
            return None
        return Accepted(path, found.address, str(found.kind), rust.fingerprint(found))

    def _one(self, accepted: Accepted) -> Drifted | None:
        try:
            code = self._opened.file(accepted.path)
            found = code.rust.find(accepted.address)
        except (AmbiguousItem, BrokenItem, LfsPointer, NotText) as error:
            return self._unclear(accepted, error)
        except (AddressError, FileUnavailable):
            return self._lost(accepted)
        fingerprint = code.rust.fingerprint(found)
        fates = tuple(map(Fate, changes(accepted.fingerprint, fingerprint)))
        if not fates:
            return None
        return Drifted(accepted, fates, self._was(accepted), Standing.of(code, found), fingerprint)

    def _unclear(self, accepted: Accepted, error: Exception) -> Drifted:
        was, note = self._was(accepted), str(error)
        if not isinstance(error, AmbiguousItem):
            return Drifted(accepted, (Fate.UNPARSABLE,), was, note=note)
        others = tuple(f"{accepted.path}::{address}" for address, _ in error.candidates)
        return Drifted(accepted, (Fate.AMBIGUOUS,), was, others=others, note=note)

    def _lost(self, accepted: Accepted) -> Drifted:
        was = self._was(accepted)
        candidates = self._found_again(accepted, was) if accepted.kind != Kind.USE else []
        if not candidates:
            return Drifted(accepted, (Fate.GONE,), was)
        first, *others = candidates
        named = tuple(f"{one.path}::{one.found.address}" for one in others)
        now = Standing.of(self._opened.file(first.path), first.found)
        fates = self._fates(accepted, now, first.fingerprint)
        return Drifted(accepted, fates, was, now, first.fingerprint, named)

    def _moved_imports(self, gone: Drifted, path: str) -> Drifted:
        """Look for the imports of a file that is no more where another of its items went."""
        try:
            code = self._opened.file(path)
            found = code.rust.find(gone.accepted.address)
        except (AddressError, FileUnavailable):
            return gone
        now = Standing.of(code, found)
        fingerprint = code.rust.fingerprint(found)
        fates = self._fates(gone.accepted, now, fingerprint)
        return replace(gone, fates=fates, now=now, fingerprint=fingerprint)

    def _fates(
        self, accepted: Accepted, now: Standing, fingerprint: Fingerprint
    ) -> tuple[Fate, ...]:
        is_moved, is_renamed = now.path != accepted.path, now.address != accepted.address
        changed = changes(accepted.fingerprint, fingerprint, renamed=is_renamed)
        places = ((Fate.MOVED,) if is_moved else ()) + ((Fate.RENAMED,) if is_renamed else ())
        return (*places, *map(Fate, changed))

    def _found_again(self, accepted: Accepted, was: Standing | None) -> list[Successor]:
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

    def _was(self, accepted: Accepted) -> Standing | None:
        if self._past is None:
            return None
        try:
            code = self._past.file(accepted.path)
            return Standing.of(code, code.rust.find(accepted.address))
        except (AddressError, SourceError):
            return None


def _label(rust: RustFile, item: Item) -> tuple[object, ...]:
    """Give all by which items of one path can be told apart."""
    around = tuple((one.kind, one.name, one.head) for one in (item, *item.enclosing()))
    return around, rust.attributes(item)
