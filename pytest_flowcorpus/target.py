"""An item that a spec names: how it is found, and what is said where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.rust import Address, AddressError, NoSuchItem
from pytest_flowcorpus.rust.address import Name, Qualified
from pytest_flowcorpus.rust.typename import erased
from pytest_flowcorpus.source import FileUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_flowcorpus.corpus import CodeFile, OpenCorpus
    from pytest_flowcorpus.rust import Found, Kind, Place

_FILE_END: Final = ".rs"


@dataclass(frozen=True, slots=True)
class Target:
    """An item of the source."""

    path: str
    """Its file, from the top of the repository."""
    found: Found

    @property
    def address(self) -> str:
        """Its full address in that file."""
        return self.found.address

    @property
    def name(self) -> str:
        """Its last name; empty for an `impl` block and for imports."""
        return Address.parse(self.address).name

    @property
    def kind(self) -> Kind:
        """What kind of item it is."""
        return self.found.kind

    def is_at(self, place: Place | None) -> bool:
        """Tell whether it is the item that stands at a place."""
        return place is not None and (place.path, place.address) == (self.path, self.address)

    def could_run_for(self, place: Place | None) -> bool:
        """Tell whether it is the impl of what a trait declares at a place, going by the names."""
        *_, block, member = (None, *Address.parse(self.address).steps)
        if place is None or not (isinstance(block, Qualified) and block.trait):
            return False
        declared = (Name(erased(block.trait)[-1]), member)
        return Address.parse(place.address).steps[-2:] == declared

    def __str__(self) -> str:
        return f"{self.path}::{self.address}"


def open_file(opened: OpenCorpus, path: str) -> CodeFile:
    """Open a spec's `path`; raises `FlowError` where it is missing, leaves the tree, is not UTF-8.

    It starts at the corpus' ``root``, or with ``/`` at the repository's top. Where the source as a
    whole cannot be had any more, that is raised as it is.
    """
    try:
        return opened.file(opened.corpus.repository_path(path))
    except FileUnavailable as error:
        raise FlowError(str(error)) from None


def target_in(
    opened: OpenCorpus, code: CodeFile, address: str, advice: Callable[[str], str]
) -> Target:
    """Find the item at `address` in a file; raises `FlowError` unless it is exactly one.

    `advice` gives what a spec writes to have it from the other file in which it stands.
    """
    path = code.blob.path
    try:
        return Target(path, code.rust.find(address))
    except AddressError as error:
        lines = [f"{path}: {error}"]
        is_missing = isinstance(error, NoSuchItem) and address.strip() != "use"
        others = opened.files_with(address) if is_missing else []
        lines += [
            f"it stands in {other}: {advice(opened.corpus.spec_path(other))}" for other in others
        ]
        raise FlowError("\n".join(lines)) from None


def target_at(opened: OpenCorpus, text: str) -> Target:
    """Find what ``core/x.rs::Type::member`` names; the file ends at the first ``.rs::``.

    Raises `FlowError`, also for a text that is no such address.
    """
    stem, parted, address = text.partition(f"{_FILE_END}::")
    if not (parted and stem and address.strip()):
        raise FlowError(f"{what_to_write(text)}{_if_bare(text)}")
    code = open_file(opened, f"{stem}{_FILE_END}")
    return target_in(opened, code, address, lambda path: f'"{path}::{address}"')


def what_to_write(asked: object) -> str:
    """Say what names an item, to somebody who wrote something else."""
    # Not by its `repr`: that may hold an address in memory, and the manifest quotes this.
    given = ascii(asked) if isinstance(asked, str) else f"a value of type {type(asked).__name__}"
    return (
        "an item is named by its fragment, or by its address with the file before it "
        f'("core/x.rs::Type::member"), not by {given}'
    )


def bare_name(text: str) -> str:
    """Give the name that a text is, as Rust compares names; empty where it is something else."""
    try:
        address = Address.parse(text)
    except AddressError:
        return ""
    return address.name if address == Address((Name(address.name),)) else ""


def _if_bare(text: str) -> str:
    return f"; a bare name is for `calls.named({text!a})`" if bare_name(text) else ""
