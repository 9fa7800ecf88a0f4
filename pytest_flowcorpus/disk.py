"""Files replaced whole: a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def replace(files: Mapping[Path, bytes]) -> None:
    """Write every file aside, then put each in place; raises `OSError` before any is touched.

    A link is followed, so that what it points to is replaced. Folders are made where missing.
    """
    with ExitStack() as stack:
        partials = {path.resolve(): data for path, data in files.items()}
        for path, data in partials.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.callback(_partial(path).unlink, missing_ok=True)
            _write(_partial(path), data)
        for path in partials:
            _partial(path).replace(path)


def _write(path: Path, data: bytes) -> None:
    # Not tempfile: its files are for their owner alone, and a rename keeps that mode.
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")
