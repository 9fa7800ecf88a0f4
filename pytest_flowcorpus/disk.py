"""Files replaced whole: a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_PARTIAL: Final = re.compile(r"\.(.+)\.\d+\.partial")


def replace(files: Mapping[Path, bytes | Iterable[bytes]]) -> None:
    """Write every file aside, then put each in place; raises `OSError` before any is touched.

    What is given in pieces is never held whole. A link is followed, so that what it points to is
    replaced. Folders are made where missing. Of two runs that replace the same files, one waits
    until the other has replaced all of them.
    """
    with ExitStack() as stack:
        partials = {path.resolve(): data for path, data in files.items()}
        for folder in sorted({path.parent for path in partials}):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone_in(folder))
            _sweep(folder)
        for path, data in partials.items():
            stack.callback(_partial(path).unlink, missing_ok=True)
            _write(_partial(path), data)
        for path in partials:
            _partial(path).replace(path)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold back all others who replace files of a folder; whoever is killed lets go of it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some network disks lock no folder
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def left_aside(path: Path) -> list[Path]:
    """Give what runs that were killed left of `path`: each whole, or cut off anywhere."""
    return sorted(left for left, name in _left_in(path.parent) if name == path.name)


def _sweep(folder: Path) -> None:
    for left, _ in _left_in(folder):
        left.unlink(missing_ok=True)


def _left_in(folder: Path) -> list[tuple[Path, str]]:
    found = ((file, _PARTIAL.fullmatch(file.name)) for file in folder.iterdir())
    return [(file, match[1]) for file, match in found if match]


def _write(path: Path, data: bytes | Iterable[bytes]) -> None:
    # Not tempfile: its files are for their owner alone, and a rename keeps that mode.
    with path.open("wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)
        file.flush()
        os.fsync(file.fileno())


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")
