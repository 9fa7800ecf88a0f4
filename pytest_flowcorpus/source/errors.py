"""What can go wrong between a path and its bytes, each with the words a user reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


class SourceError(Exception):
    """Something could not be read; ``str(error)`` is one line: what, where, what to do."""


class SourceUnavailable(SourceError):  # noqa: N818 - it names a state, as its siblings do
    """The source as a whole cannot be had: no git, no network, no such revision, no folder."""


class SourceChanged(SourceUnavailable):
    """A checkout on disk is not any more what was read of it."""


class FileUnavailable(SourceError):  # noqa: N818
    """One path of a source that is itself fine cannot be read."""


class FileMissing(FileUnavailable):
    """Nothing stands at this path."""


class PathIsDirectory(FileUnavailable):
    """A directory stands at this path."""


class PathLeavesSource(FileUnavailable):
    """The path runs out of the tree: absolute, by ``..``, or through a link."""


class LinkBroken(FileUnavailable):
    """A link on the way points at nothing, or round in a circle."""


class NotText(FileUnavailable):
    """The file is not valid UTF-8."""


class LfsPointer(FileUnavailable):
    """The file's content is kept by Git LFS; what stands in its place is a pointer to it."""


class NotRegular(FileUnavailable):
    """Neither file nor directory: a fifo, socket or device, or a submodule."""


class FileUnreadable(FileUnavailable):
    """The operating system refuses to read the file."""


def printable(text: str) -> str:
    """Put ``text`` on one line: credentials of urls removed, unprintable characters escaped."""
    bare = _CREDENTIALS.sub("", text)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in bare)


def unavailable(where: str, problem: str, remedy: str) -> SourceUnavailable:
    """Say that the source at ``where`` (a url, a folder) cannot be had."""
    return SourceUnavailable(printable(f"{where}: {problem}; {remedy}"))


def hung(where: str, patience: float) -> SourceUnavailable:
    """Say that git, asked for what is on this machine, gave no answer for so many seconds."""
    problem = f"git said nothing for {patience:g} s and was stopped"
    return unavailable(where, problem, "see whether the disk answers, then run again")


def changed(path: str, where: str) -> SourceChanged:
    """Say that ``path`` holds something else than it held when it was read before."""
    problem = f"changed in {where} while it was being read"
    return SourceChanged(printable(f"{path}: {problem}; leave the files alone and run again"))


def missing(path: str, where: str, near: Sequence[str]) -> FileMissing:
    """Say that ``where`` has no ``path``; ``near`` are existing paths, the likeliest first."""
    hint = f"did you mean {' or '.join(near)}?" if near else "nothing there has a similar path"
    return FileMissing(printable(f"{path}: no such file in {where}; {hint}"))


def directory(path: str, where: str) -> PathIsDirectory:
    """Say that ``path`` is a directory."""
    return PathIsDirectory(
        printable(f"{path}: a directory in {where}, not a file; name a file inside it")
    )


def leaves(path: str, where: str, how: str) -> PathLeavesSource:
    """Say that ``path`` runs out of ``where``; ``how`` tells by what."""
    return PathLeavesSource(
        printable(f"{path}: leaves {where} {how}; name a file inside, relative to its top")
    )


def broken_link(path: str, where: str, how: str) -> LinkBroken:
    """Say that a link on the way of ``path`` leads nowhere; ``how`` tells in which way."""
    return LinkBroken(printable(f"{path}: {how} in {where}; name the file itself"))


def not_text(path: str, offset: int) -> NotText:
    """Say that the byte at ``offset`` (from 0) of ``path`` begins no UTF-8 character."""
    return NotText(
        printable(f"{path}: not UTF-8 at byte offset {offset}; only UTF-8 text can be read")
    )


def lfs_pointer(path: str) -> LfsPointer:
    """Say that Git LFS keeps the content of ``path``."""
    problem = "a Git LFS pointer: the repository does not hold the file's content"
    return LfsPointer(printable(f"{path}: {problem}; read a checkout after `git lfs pull`"))


def not_regular(path: str, where: str, kind: str) -> NotRegular:
    """Say that ``path`` is ``kind`` (with its article)."""
    return NotRegular(printable(f"{path}: {kind} in {where}; name a regular file"))


def unreadable(path: str, where: str, reason: str) -> FileUnreadable:
    """Say that the operating system gave ``reason`` for not reading ``path``."""
    return FileUnreadable(
        printable(f"{path}: cannot be read in {where} ({reason}); check its permissions")
    )
