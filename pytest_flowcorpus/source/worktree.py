"""Worktree: the files of a checkout on disk as they are, uncommitted edits included."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.blob import Blob
from pytest_flowcorpus.source.errors import FileUnavailable
from pytest_flowcorpus.source.path import is_text, native, nearest, spelling, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_flowcorpus.source.history import History

_GIT = ".git"
_NOTHING = ""  # stands for the blob id of what cannot be read
_NEVER_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)

# https://bford.info/cachedir/: cargo marks its target folder so.
_CACHE_TAG = "CACHEDIR.TAG"
_CACHE_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"


class Worktree:
    """A folder on disk. Raises ``SourceUnavailable`` when ``directory`` is none.

    Others may write there meanwhile: what was read once is noted, so that it is noticed.
    """

    def __init__(self, directory: Path) -> None:
        self._where = str(directory)
        self._seen: dict[str, str] = {}
        try:
            self._root = Path(os.path.realpath(directory, strict=True))
            next(self._root.iterdir(), None)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            remedy = "give the folder of a checkout"
            raise errors.unavailable(self._where, f"no folder to read ({reason})", remedy) from None

    @property
    def revision(self) -> None:
        """None: what is on disk belongs to no commit."""
        return

    def read(self, path: str) -> Blob:
        """Give the file at ``path``; see `Source.read`. A fifo is refused and never waited for.

        Raises ``SourceChanged`` where it is not what it was when it was read before.
        """
        plain = spelling(path, self._where)
        try:
            blob = self._blob(plain)
        except FileUnavailable:
            self._see(plain, _NOTHING)
            raise
        self._see(plain, blob.sha)
        return blob

    def paths(self) -> tuple[str, ...]:
        """Give every regular file, sorted.

        Links and names not UTF-8 are left out, and so are git's own folder and any folder that
        CACHEDIR.TAG marks as a cache, cargo's ``target`` among them.
        """
        return tuple(sorted(filter(is_text, self._walked())))

    @property
    def seen(self) -> Mapping[str, str]:
        """The blob id of each file that was read; empty for one that could not be had."""
        return self._seen

    def changed(self, seen: Mapping[str, str]) -> tuple[str, ...]:
        """Give the paths, sorted, at which something else stands now than was ``seen``."""
        return tuple(path for path in sorted(seen) if self._sha(path) != seen[path])

    def since(self, revision: str) -> History:
        """Raise ``SourceUnavailable``: what is on disk is in no commit yet."""
        problem = f"a checkout, and of no commit since {revision[:12]}"
        remedy = "commits are told of a revision of the repository"
        raise errors.unavailable(self._where, problem, remedy)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _blob(self, plain: str) -> Blob:
        target = self._inside(plain)
        try:
            return Blob.of(plain, self._content(plain, target))
        except OSError as error:
            raise errors.unreadable(plain, self._where, os.strerror(error.errno or 0)) from None

    def _sha(self, plain: str) -> str:
        try:
            return self._blob(plain).sha
        except FileUnavailable:
            return _NOTHING

    def _see(self, plain: str, sha: str) -> None:
        if self._seen.setdefault(plain, sha) != sha:
            raise errors.changed(plain, self._where)

    def _inside(self, plain: str) -> Path:
        try:
            target = Path(os.path.realpath(self._root / native(plain), strict=True))
        except OSError as error:
            raise self._nowhere(plain, error) from None
        self._check_inside(plain, target)
        return target

    def _check_inside(self, plain: str, target: Path) -> None:
        if not target.is_relative_to(self._root):
            raise errors.leaves(plain, self._where, "through a link")
        if _GIT in (part.lower() for part in target.relative_to(self._root).parts):
            raise errors.leaves(plain, self._where, "for git's own folder")

    def _nowhere(self, plain: str, error: OSError) -> FileUnavailable:
        if error.errno == errno.ELOOP:
            return errors.broken_link(plain, self._where, "a loop of links")
        if error.errno not in _NEVER_THERE:
            return errors.unreadable(plain, self._where, os.strerror(error.errno or 0))
        spelt = self._root / native(plain)
        target = Path(os.path.realpath(spelt))
        if target == spelt:
            return errors.missing(plain, self._where, nearest(plain, self.paths()))
        self._check_inside(plain, target)
        lost = utf8(target.relative_to(self._root).as_posix())
        return errors.broken_link(plain, self._where, f"a link to {lost}, which is not there,")

    def _content(self, plain: str, target: Path) -> bytes:
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            raise errors.directory(plain, self._where)
        if not stat.S_ISREG(mode):
            raise errors.not_regular(plain, self._where, "a fifo, socket or device")
        # O_NONBLOCK: should a fifo have taken the file's place, opening it must not wait.
        handle = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(handle, "rb") as file:  # noqa: PTH123 - Path.open takes no descriptor
            return file.read()

    def _walked(self) -> Iterator[str]:
        for folder, below, names in os.walk(self._root, onerror=self._unwalkable):
            below[:] = [name for name in below if name != _GIT and not _is_cache(folder, name)]
            here = Path(folder)
            for name in names:
                if name != _GIT and stat.S_ISREG((here / name).lstat().st_mode):
                    yield utf8((here / name).relative_to(self._root).as_posix())

    def _unwalkable(self, error: OSError) -> None:
        where = os.path.relpath(error.filename, self._root)
        raise errors.unreadable(where, self._where, os.strerror(error.errno or 0))


def _is_cache(folder: str, name: str) -> bool:
    tag = Path(folder, name, _CACHE_TAG)
    try:
        if not stat.S_ISREG(tag.lstat().st_mode):
            return False
        with tag.open("rb") as file:
            return file.read(len(_CACHE_SIGNATURE)) == _CACHE_SIGNATURE
    except OSError:
        return False
