"""Repository: the bare repository in the cache folder that keeps what was fetched from a url."""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.command import Reply, run
from pytest_flowcorpus.source.errors import SourceUnavailable, printable
from pytest_flowcorpus.source.refusal import last_words
from pytest_flowcorpus.source.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_flowcorpus.source.remote import Remote

_OLDEST_GIT = (2, 29)  # the first with fetch --no-write-fetch-head and init --object-format
_SHA256_DIGITS = 64
_LONG_WORK = 5  # times the patience: packing, checking or searching a big repository is silent
_DAY = 24 * 60 * 60

# What a killed git leaves behind (gitrepository-layout(5), and tempfile.c, index-pack.c).
_LEFT_BEHIND = ("**/*.lock", "objects/pack/tmp_*", "objects/??/tmp_obj_*")


class Repository:
    """One bare repository for a url, shared by all runs of this user.

    A revision is there when ``refs/flowcorpus/<sha>`` is: git writes that ref last.
    """

    def __init__(self, remote: Remote, revision: str, cache: Path) -> None:
        self.folder = cache / _folder_name(remote.url, revision)
        self.patience = remote.patience
        self._remote = remote
        self._revision = revision
        self._ref = f"refs/flowcorpus/{revision}"

    def tree(self) -> Tree | None:
        """Give the revision's tree; None when it was not fetched (whole) yet. Needs no network."""
        if not self.folder.is_dir():
            return None
        what = ("--git-dir", str(self.folder), "ls-tree", "-r", "-t", "-z", self._ref)
        reply = run(*what, patience=self.patience)
        return Tree.parse(self._remote.at(self._revision), reply.out) if reply.ok else None

    def fetch(self) -> Tree:
        """Fetch the revision, unless another run has meanwhile, and give its tree.

        A damaged repository is made anew, and what a killed fetch left behind is removed.
        Raises ``SourceUnavailable``.
        """
        with self._locked():
            return self.tree() or self._fetched()

    @property
    def cut(self) -> frozenset[str]:
        """The commits whose parents were not fetched (gitrepository-layout(5), ``shallow``)."""
        file = self.folder / "shallow"
        return frozenset(file.read_text(encoding="ascii").split() if file.exists() else ())

    def deepen(self, revisions: Sequence[str]) -> None:
        """Fetch the commits that lead to `revisions`, for as long ago as any history is there.

        For less git would cut off again what somebody else has fetched.
        Raises ``SourceUnavailable``.
        """
        with self._locked():
            since = self._oldest(revisions) - _DAY  # clocks differ
            how = f"--shallow-since=@{since} +0000" if since > 0 else "--unshallow"
            self._fetch_more(how, revisions)

    def unshallow(self, revisions: Sequence[str]) -> None:
        """Fetch all commits that lead to `revisions`; raises ``SourceUnavailable``."""
        with self._locked():
            # Where clocks were wrong, git notes commits as cut off that it never got, and fails
            # over them later; this has it forget them.
            self.git("repack", "-d", "-q")
            self._fetch_more("--unshallow", revisions)

    def git(self, *arguments: str) -> Reply:
        """Run git on what the repository has; the network is not asked."""
        patience = _LONG_WORK * self.patience
        return run("--git-dir", str(self.folder), *arguments, patience=patience)

    def _fetched(self) -> Tree:
        _check_version(self.patience)
        after_a_killed_one = self._swept()
        self._sound()
        try:
            self._fetch()
        except SourceUnavailable:
            if not after_a_killed_one:
                raise
            self._fetch()  # the killed run's own git may have been in the way, dying
        tree = self.tree()
        if tree is None:
            where = self._remote.at(self._revision)
            raise errors.unavailable(where, "the revision is no commit", "give a commit's sha")
        return tree

    def _fetch(self) -> None:
        if self._is_in_history():  # fetched alone it would be cut off from its parents
            self.git("update-ref", self._ref, self._revision)
            return
        where = self._remote.at(self._revision)
        self._remote.hear(f"fetching {where}")
        self._fetch_to("--depth=1", [f"{self._revision}:{self._ref}"])
        self._remote.hear(f"fetched {where}")

    def _is_in_history(self) -> bool:
        known = ("for-each-ref", "--count=1", f"--contains={self._revision}", "refs/flowcorpus/")
        return bool(self.git(*known).out)

    def _oldest(self, revisions: Sequence[str]) -> int:
        """Give the date of the oldest of `revisions` and of all that has history, in Unix time."""
        reply = self.git("rev-list", "--timestamp", "--parents", "--all")
        commits = [line.split() for line in reply.out.decode("ascii").splitlines()]
        needed = {*revisions, *(parent for _, _, *parents in commits for parent in parents)}
        dates = (int(date) for date, sha, *parents in commits if parents or sha in needed)
        return min(dates, default=0)

    def _fetch_more(self, depth: str, revisions: Sequence[str]) -> None:
        self._swept()
        if not self.cut:  # another run has meanwhile fetched all
            return
        where = self._remote.at(self._revision)
        self._remote.hear(f"fetching the history of {where}")
        self._fetch_to(depth, [f"{sha}:refs/flowcorpus/{sha}" for sha in revisions])
        self._remote.hear(f"fetched the history of {where}")

    def _fetch_to(self, depth: str, refspecs: Sequence[str]) -> None:
        options = (depth, "--no-tags", "--no-recurse-submodules")
        quiet = ("--progress", "--no-write-fetch-head", "--no-auto-gc")
        what = ("--git-dir", str(self.folder), "fetch", *options, *quiet, "--")
        self._remote.call(self._revision, *what, self._remote.url, *refspecs)

    def _swept(self) -> bool:
        left = [path for pattern in _LEFT_BEHIND for path in self.folder.glob(pattern)]
        with self._usable():
            for path in left:
                path.unlink(missing_ok=True)
        return bool(left)

    def _sound(self) -> None:
        if self.folder.exists():
            if self.git("fsck", "--connectivity-only", "--no-dangling", "--no-progress").ok:
                return
            self._remote.hear(printable(f"{self.folder} is damaged, fetching again"))
            self._remove()
        self._init()

    def _remove(self) -> None:
        with self._usable():
            if self.folder.is_dir():
                shutil.rmtree(self.folder)
            else:
                self.folder.unlink()

    def _init(self) -> None:
        hashed = "sha256" if len(self._revision) == _SHA256_DIGITS else "sha1"
        bare = ("init", "--quiet", "--bare", "--template=", f"--object-format={hashed}")
        reply = run(*bare, str(self.folder), patience=self.patience)
        if not reply.ok:
            raise self._unusable(f"git: {last_words(reply.err)}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(f"{self.folder}.lock")
        with self._usable():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                where = self._remote.at(self._revision)
                self._remote.hear(f"waiting for another run to fetch {where}")
                lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from None

    def _unusable(self, reason: str) -> SourceUnavailable:
        problem = f"the cache folder cannot be written ({reason})"
        remedy = "make it a folder of yours, or choose another"
        return errors.unavailable(str(self.folder.parent), problem, remedy)


def _folder_name(url: str, revision: str) -> str:
    public = printable(url)
    slug = "-".join(re.findall(r"[A-Za-z0-9_.]+", public.removesuffix(".git"))[-2:])[-60:]
    kind = "-sha256" if len(revision) == _SHA256_DIGITS else ""
    return f"{slug.lstrip('.')}-{hashlib.sha256(public.encode()).hexdigest()[:12]}{kind}.git"


def _check_version(patience: float) -> None:
    said = run("version", patience=patience).out.decode(errors="replace").strip()
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        wanted = ".".join(map(str, _OLDEST_GIT))
        raise errors.unavailable("git", f"too old ({said})", f"install git {wanted} or newer")
