"""Blob: the bytes at one path; Source: whatever can read them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pytest_flowcorpus.source import errors

if TYPE_CHECKING:
    from pytest_flowcorpus.source.history import History

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, "The Pointer": the version comes first,
# and of the other lines one is the oid.
_LFS_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:[a-z0-9.-]+ .*\n){,20}?oid \w+:"
)


@dataclass(frozen=True, slots=True)
class Blob:
    """The content of one regular file.

    Raises ``NotText`` when ``data`` is not valid UTF-8, and ``LfsPointer`` when it only names what
    Git LFS keeps elsewhere.
    """

    path: str
    """Relative to the top of the source, parted by ``/``, without ``.`` and ``..``."""
    data: bytes
    """Exactly what the file holds, a byte order mark and line ends included; valid UTF-8."""
    sha: str
    """Git's id of the blob, in hex."""

    def __post_init__(self) -> None:
        try:
            self.data.decode()
        except UnicodeDecodeError as error:
            raise errors.not_text(self.path, error.start) from None
        if _LFS_POINTER.match(self.data):
            raise errors.lfs_pointer(self.path)

    @classmethod
    def of(cls, path: str, data: bytes) -> Blob:
        """Make the blob that git would make of ``data`` (its id: git-hash-object(1), SHA-1)."""
        header = b"blob %d\0" % len(data)
        return cls(path, data, hashlib.sha1(header + data, usedforsecurity=False).hexdigest())


class Source(Protocol):
    """A tree of files: path -> bytes. Not safe for use by several threads at once."""

    @property
    def revision(self) -> str | None:
        """The full commit id the bytes belong to; None for files on disk as they are."""

    def read(self, path: str) -> Blob:
        """Give the regular file at ``path``, relative to the top and parted by ``/``.

        Links are followed inside the tree. Raises ``FileUnavailable`` when this path cannot be
        read, ``SourceUnavailable`` when the source broke underneath.
        """

    def paths(self) -> tuple[str, ...]:
        """Give every regular file, sorted; no links, submodules, nor names that are not UTF-8."""

    def since(self, revision: str) -> History:
        """Give what lies between an older revision, a full sha, and this one.

        Raises ``SourceUnavailable`` where the source has no history, or it cannot be had.
        """

    def close(self) -> None:
        """End whatever the source keeps running. A second call does nothing."""
