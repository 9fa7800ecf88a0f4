"""Rust, read without a compiler: items, addresses, excerpts, fingerprints.

Bytes go in, meaning comes out; nothing here knows of pytest or of where the bytes came from.
"""

from pytest_flowcorpus.rust.address import Address, last_name
from pytest_flowcorpus.rust.change import Change, changes
from pytest_flowcorpus.rust.codebase import Call, Codebase, Mention
from pytest_flowcorpus.rust.errors import (
    AddressError,
    AmbiguousItem,
    BadAddress,
    BrokenItem,
    NoSuchItem,
)
from pytest_flowcorpus.rust.excerpt import Excerpt
from pytest_flowcorpus.rust.file import Found, RustFile
from pytest_flowcorpus.rust.fingerprint import Fingerprint
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.item import Item
from pytest_flowcorpus.rust.place import Place
from pytest_flowcorpus.rust.routing import Route
from pytest_flowcorpus.rust.site import Certainty
from pytest_flowcorpus.rust.successor import Candidates, Lost, Successor

__all__ = [
    "Address",
    "AddressError",
    "AmbiguousItem",
    "BadAddress",
    "BrokenItem",
    "Call",
    "Candidates",
    "Certainty",
    "Change",
    "Codebase",
    "Excerpt",
    "Fingerprint",
    "Found",
    "Item",
    "Kind",
    "Lost",
    "Mention",
    "NoSuchItem",
    "Place",
    "Route",
    "RustFile",
    "Successor",
    "changes",
    "last_name",
]
