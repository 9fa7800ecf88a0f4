"""What a flow was last reviewed with, as its snapshot keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.rust import Fingerprint, Kind
from pytest_flowcorpus.snapshot import accepted

if TYPE_CHECKING:
    import pytest


_FULL_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A fragment as a flow was reviewed with it."""

    path: str
    """Its file, from the top of the repository."""
    address: str
    kind: str
    fingerprint: Fingerprint

    def __str__(self) -> str:
        return f"{self.path}::{self.address}"


@dataclass(frozen=True, slots=True)
class Review:
    """What was accepted, and when."""

    revision: str | None
    """The full sha at which it was; None where it was read from a checkout, or none is noted."""
    fragments: tuple[Accepted, ...]
    """By path, then by address."""


def review_of(flow: pytest.Item) -> Review | None:
    """Give a flow's last review; None where there is none, or none that can be read."""
    data = accepted(flow)
    if data is None:
        return None
    try:
        return Review(_revision(data), tuple(map(_fragment, data["fragments"])))
    except (KeyError, TypeError, ValueError):
        return None


def _revision(data: dict[str, Any]) -> str | None:
    noted = data.get("revision")
    return noted if isinstance(noted, str) and _FULL_SHA.fullmatch(noted) else None


def _fragment(data: dict[str, Any]) -> Accepted:
    digests = {field.name: str(data[field.name]) for field in fields(Fingerprint)}
    path, address = str(data["file"]), str(data["address"])
    return Accepted(path, address, Kind(data["kind"]), Fingerprint(**digests))
