"""Paths inside a source: their one spelling, and the existing ones near a misspelt one."""

from __future__ import annotations

import os
import posixpath
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from pytest_flowcorpus.source import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def spelling(path: str, where: str) -> str:
    """Give ``path`` without ``.``, ``..`` and doubled slashes; ``"."`` is the top itself.

    Raises ``PathLeavesSource`` for an absolute path and for one that climbs above the top, and
    ``FileMissing`` for one that no file can have.
    """
    if "\0" in path or not is_text(path):
        raise errors.missing(path, where, ())
    if path.startswith("/"):
        raise errors.leaves(path, where, "by an absolute path")
    plain = posixpath.normpath(path)
    if plain.split("/", 1)[0] == "..":
        raise errors.leaves(path, where, "by '..'")
    return plain


def is_text(path: str) -> bool:
    """Tell whether the name, as Python gives it, was UTF-8 on disk or in the tree."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def native(path: str) -> str:
    """Give a path of a source, UTF-8 in every source, as Python hands it to this system.

    Only where Python takes the system for ASCII (``LC_ALL=C``, ``PYTHONUTF8=0``) is it another.
    """
    return os.fsdecode(path.encode(errors="surrogateescape"))


def utf8(path: str) -> str:
    """Give a path that Python has from this system as a path of a source; see `native`."""
    return os.fsencode(path).decode(errors="surrogateescape")


def nearest(path: str, paths: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Give at most ``count`` of ``paths``: files of the same name elsewhere, then similar paths."""
    return tuple(islice(dict.fromkeys(_candidates(path, tuple(paths), count)), count))


def _candidates(path: str, paths: tuple[str, ...], count: int) -> Iterator[str]:
    name = posixpath.basename(path)
    same_name = [other for other in paths if posixpath.basename(other) == name]
    yield from get_close_matches(path, same_name, count, cutoff=0.0)
    suffix = posixpath.splitext(name)[1]
    yield from get_close_matches(path, [p for p in paths if p.endswith(suffix)], count)
