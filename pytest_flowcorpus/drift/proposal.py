"""What to write in a spec whose addresses no longer find what they found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_flowcorpus.reading import File
from pytest_flowcorpus.rust import last_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_flowcorpus.corpus import Corpus
    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.drift.review import Accepted
    from pytest_flowcorpus.reading import Asked, Reading


@dataclass(frozen=True, slots=True)
class Proposal:
    """An expression that finds an item, or what it may have become."""

    code: str
    """Such as ``queue.extract("new_pair")``."""
    line: int | None = None
    """The spec's line that it belongs on; None where none is known."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Writes as a spec's author would, with the names that the spec has."""

    _reading: Reading
    _corpus: Corpus
    _files: Mapping[str, str] = field(default_factory=dict)
    """Files that are no more, and the ones in which their items stand now."""

    def extracts(self, drifted: Drifted) -> Iterator[Proposal]:
        """Give what may be written for a fragment whose address is broken, the likeliest first."""
        line = next(self._lines(self._reading.asked, drifted.accepted), None)
        for path, address in _places(drifted):
            if self._asks_for(path, address):
                continue
            if self._files.get(drifted.accepted.path) == path:
                yield from self._renamed_file(drifted, path, address, line)
            else:
                yield Proposal(f"{self._file(path, line)}.extract({_quoted(address)})", line)

    def addresses(self, drifted: Drifted) -> Iterator[Proposal]:
        """Give what may be written for an item that an assert speaks of, the likeliest first."""
        for path, address in _places(drifted):
            for line in self._lines(self._reading.named, drifted.accepted):
                yield Proposal(_quoted(f"{self._corpus.spec_path(path)}::{address}"), line)

    def path_of(self, asked: Asked) -> str:
        """Give the path of what a spec asks for, from the top of the repository."""
        return self._corpus.repository_path(asked.path)

    def _renamed_file(
        self, drifted: Drifted, path: str, address: str, line: int | None
    ) -> Iterator[Proposal]:
        old = drifted.accepted
        at = (where for written, where in self._reading.opened if self._is(written, old.path))
        yield Proposal(self._opening(path), next(at, None))
        if address != old.address:
            yield Proposal(f"{self._file(old.path, line)}.extract({_quoted(address)})", line)

    def _asks_for(self, path: str, address: str) -> bool:
        """Tell whether the spec has it already, and only its snapshot has not."""
        return any(
            self._is(one.path, path) and one.address == address for one in self._reading.asked
        )

    def _file(self, path: str, line: int | None) -> str:
        """Give the name by which the spec has a file at a line, or what opens it."""
        before = (one for one in self._reading.bound if line is not None and one[1] < line)
        for name, value in {name: value for name, _, value in before}.items():
            if isinstance(value, File) and value.path is not None and self._is(value.path, path):
                return name
        return self._opening(path)

    def _opening(self, path: str) -> str:
        return f"flow.file({_quoted(self._corpus.spec_path(path))})"

    def _lines(self, asked: Iterable[Asked], accepted: Accepted) -> Iterator[int]:
        there = [one for one in asked if self._is(one.path, accepted.path)]
        exact = [one.line for one in there if one.address == accepted.address]
        alike = [one.line for one in there if last_name(one.address) == last_name(accepted.address)]
        yield from exact or alike

    def _is(self, written: str, path: str) -> bool:
        return self._corpus.repository_path(written) == path


def moved_files(found: Iterable[Drifted], present: Iterable[str]) -> dict[str, str]:
    """Give the files that are no more and whose items all stand in one other file now."""
    there = frozenset(present)
    went: dict[str, set[str]] = {}
    for one in found:
        if one.accepted.path not in there:
            went.setdefault(one.accepted.path, set()).add(one.now.path if one.now else "")
    alone = {old: [path for path in new if path] for old, new in went.items()}
    return {old: new[0] for old, new in alone.items() if len(new) == 1}


def _places(drifted: Drifted) -> Iterator[tuple[str, str]]:
    """Give where a fragment may stand whose address no longer finds it."""
    if drifted.is_broken:
        if drifted.now is not None:
            yield drifted.now.path, drifted.now.address
        for place in drifted.others:
            path, _, address = place.partition("::")
            yield path, address


def _quoted(text: str) -> str:
    """Give a text as Python reads it, in double quotes where they do."""
    written = repr(text)
    return written if '"' in written else f'"{written[1:-1]}"'
