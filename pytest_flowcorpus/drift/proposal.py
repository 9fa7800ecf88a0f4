"""What to write in a spec whose addresses no longer find what they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.reading import File
from pytest_flowcorpus.rust import Address, AddressError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_flowcorpus.drift.fate import Drifted
    from pytest_flowcorpus.drift.review import Accepted
    from pytest_flowcorpus.reading import Asked, Reading


@dataclass(frozen=True, slots=True)
class Proposal:
    """An expression that finds the fragment, or what it may have become."""

    code: str
    """Such as ``queue.extract("new_pair")``."""
    line: int | None = None
    """The spec's line that asks for the fragment by its old address; None where none is known."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Writes extract lines as a spec's author would, with the names that the spec has."""

    _reading: Reading
    _repository_path: Callable[[str], str]
    _spec_path: Callable[[str], str]

    def proposals(self, drifted: Drifted) -> Iterator[Proposal]:
        """Give what may be written instead of an address that is broken, the likeliest first."""
        if not drifted.is_broken:
            return
        now = drifted.now
        likeliest = (f"{now.path}::{now.address}",) if now else ()
        for place in (*likeliest, *drifted.others):
            path, _, address = place.partition("::")
            yield Proposal(f'{self._file(path)}.extract("{address}")', self._line(drifted.accepted))

    def _file(self, path: str) -> str:
        """Give the name by which the spec has a file, or what opens it."""
        for name, value in self._reading.names.items():
            if isinstance(value, File) and value.path is not None and self._is(value.path, path):
                return name
        return f'flow.file("{self._spec_path(path)}")'

    def _line(self, accepted: Accepted) -> int | None:
        asked = [one for one in self._reading.asked if self._is(one.path, accepted.path)]
        exact = [one.line for one in asked if one.address == accepted.address]
        alike = [one.line for one in asked if _last(one) == _name(accepted.address)]
        return next(iter((*exact, *alike)), None)

    def _is(self, written: str, path: str) -> bool:
        return self._repository_path(written) == path


def _last(asked: Asked) -> str:
    return _name(asked.address)


def _name(address: str) -> str:
    try:
        return Address.parse(address).name or address
    except AddressError:
        return address
