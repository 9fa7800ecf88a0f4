"""Bytes that a run gathers and needs at its end: put aside in a file, and not held in memory."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from io import BytesIO, FileIO
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that were put aside; read again as often as they are asked for."""

    _file: FileIO | BytesIO
    _at: int
    _size: int

    def read(self) -> bytes:
        """Give them; raises `OSError`."""
        self._file.seek(self._at)
        return self._file.read(self._size)

    def __iter__(self) -> Iterator[bytes]:
        yield self.read()


@dataclass(slots=True, eq=False)
class Spool:
    """Keeps bytes in a file without a name, which ends with the process however that ends.

    What there is no room for on disk is held in memory.
    """

    _files: list[FileIO] = field(default_factory=list)
    _end: int = 0

    def keep(self, data: bytes) -> Kept:
        """Put bytes aside."""
        try:
            return self._written(data)
        except OSError:
            return Kept(BytesIO(data), 0, len(data))

    def _written(self, data: bytes) -> Kept:
        if not self._files:
            # Unbuffered: a buffer that could not be written would fail every later write as well.
            self._files.append(TemporaryFile(buffering=0))  # noqa: SIM115 - open to the end
        [file] = self._files
        file.seek(self._end)
        if file.write(data) < len(data):
            raise OSError(errno.ENOSPC, "the disk is full")
        kept = Kept(file, self._end, len(data))
        self._end += len(data)
        return kept
