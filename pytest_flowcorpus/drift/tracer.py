"""What became of fragments: as they were reviewed, held against the source as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.drift.successors import Successors
from pytest_flowcorpus.rust import AddressError, AmbiguousItem, BrokenItem, Kind, changes
from pytest_flowcorpus.source import FileUnavailable, LfsPointer, NotText, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.rust import Fingerprint


def is_as_it_was(opened: OpenCorpus, accepted: Accepted) -> bool:
    """Tell whether a fragment stands where it stood, byte for byte; looks nowhere else."""
    try:
        code = opened.file(accepted.path)
        found = code.rust.find(accepted.address)
    except (AddressError, FileUnavailable):
        return False
    return code.rust.fingerprint(found).text == accepted.fingerprint.text


@dataclass(frozen=True)
class Tracer:
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
        went = _went(found)
        return [self._followed(one, went) for one in found]

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
        candidates = self._successors.of(accepted, was) if accepted.kind != Kind.USE else []
        if not candidates:
            return Drifted(accepted, (Fate.GONE,), was)
        first, *others = candidates
        named = tuple(f"{one.path}::{one.found.address}" for one in others)
        now = Standing.of(self._opened.file(first.path), first.found)
        fates = _fates(accepted, now, first.fingerprint)
        return Drifted(accepted, fates, was, now, first.fingerprint, named)

    def _followed(self, drifted: Drifted, went: Mapping[str, str]) -> Drifted:
        """Look for imports that are gone where another item of their file went."""
        path = went.get(drifted.accepted.path)
        if drifted.accepted.kind != Kind.USE or drifted.now or path is None:
            return drifted
        return self._moved_imports(drifted, path)

    def _moved_imports(self, gone: Drifted, path: str) -> Drifted:
        try:
            code = self._opened.file(path)
            found = code.rust.find(gone.accepted.address)
        except (AddressError, FileUnavailable):
            return gone
        now = Standing.of(code, found)
        fingerprint = code.rust.fingerprint(found)
        fates = _fates(gone.accepted, now, fingerprint)
        return replace(gone, fates=fates, now=now, fingerprint=fingerprint)

    def _was(self, accepted: Accepted) -> Standing | None:
        if self._past is None:
            return None
        try:
            code = self._past.file(accepted.path)
            return Standing.of(code, code.rust.find(accepted.address))
        except (AddressError, SourceError):
            return None

    @cached_property
    def _successors(self) -> Successors:
        return Successors(self._opened, self._past)


def _fates(accepted: Accepted, now: Standing, fingerprint: Fingerprint) -> tuple[Fate, ...]:
    is_moved, is_renamed = now.path != accepted.path, now.address != accepted.address
    changed = changes(accepted.fingerprint, fingerprint, renamed=is_renamed)
    places = ((Fate.MOVED,) if is_moved else ()) + ((Fate.RENAMED,) if is_renamed else ())
    return (*places, *map(Fate, changed))


def _went(found: Sequence[Drifted]) -> dict[str, str]:
    """Give for each file the one that most of what left it went to."""
    moves = Counter(
        (one.accepted.path, one.now.path) for one in found if one.now and Fate.MOVED in one.fates
    )
    # The rarest first: where most of a file's items went, its imports did.
    return {before: after for (before, after), _ in reversed(moves.most_common())}
