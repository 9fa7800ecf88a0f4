"""GitSource: the files of one commit of a git repository, without a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.blob import Blob
from pytest_flowcorpus.source.command import PATIENCE
from pytest_flowcorpus.source.history import History
from pytest_flowcorpus.source.objects import Objects
from pytest_flowcorpus.source.path import nearest, spelling
from pytest_flowcorpus.source.remote import Remote, full_sha
from pytest_flowcorpus.source.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.source.tree import Entry, Tree
    from pytest_flowcorpus.source.watch import Progress


class GitSource:
    """A commit's files, read from a bare repository in the user's cache folder.

    Made by `open`. Nothing of the repository is ever run: no work tree, no hooks, no filters.
    """

    def __init__(self, revision: str, tree: Tree, repository: Repository) -> None:
        self._revision = revision
        self._tree = tree
        self._repository = repository
        self._objects = Objects(repository.folder, repository.patience)

    @classmethod
    def open(
        cls,
        url: str,
        revision: str,
        *,
        cache: Path | None = None,
        progress: Progress | None = None,
        patience: float = PATIENCE,
    ) -> GitSource:
        """Open the files of ``url`` at ``revision``, which is fetched when the cache lacks it.

        ``url`` is whatever ``git fetch`` takes; ``revision`` a full sha. With the revision in
        the cache no network is touched. ``cache`` replaces the user's cache folder. ``progress``
        hears short lines while fetching, git's own updates among them. ``patience`` is how many
        seconds git may stay silent. Raises ``SourceUnavailable``.
        """
        remote = Remote(url, progress or _unheard, patience)
        sha = full_sha(revision, remote)
        repository = Repository(remote, sha, cache or _users_cache())
        tree = repository.tree() or repository.fetch()
        return cls(sha, tree, repository)

    @staticmethod
    def resolve(
        url: str,
        name: str,
        *,
        progress: Progress | None = None,
        patience: float = PATIENCE,
    ) -> str:
        """Give the full sha of the commit that the repository at ``url`` calls ``name``.

        ``name`` is a branch, a tag, ``HEAD``, a whole ref (``refs/…``) or a full sha, which is
        not looked up; where ``url`` is a local path, also a short sha or ``HEAD~3``.
        Raises ``SourceUnavailable``, also when a branch and a tag of that name differ.
        """
        return Remote(url, progress or _unheard, patience).resolve(name)

    @property
    def revision(self) -> str:
        """The commit's full id, in lower case."""
        return self._revision

    def read(self, path: str) -> Blob:
        """Give the file at ``path``; see `Source.read`. Links are followed inside the tree."""
        plain = spelling(path, self._tree.where)
        entry = self._tree.follow(plain, self._content)
        if entry is None:
            raise errors.missing(plain, self._tree.where, nearest(plain, self.paths()))
        if entry.is_tree:
            raise errors.directory(plain, self._tree.where)
        return Blob(plain, self._content(entry), entry.sha)

    def paths(self) -> tuple[str, ...]:
        """Give every regular file, sorted; see `Source.paths`."""
        return self._tree.paths()

    def since(self, revision: str) -> History:
        """Give what lies between an older revision, a full sha that was opened, and this one.

        History that is not there is fetched. Raises ``SourceUnavailable`` where it is nowhere.
        """
        return History.between(self._repository, revision, self._revision)

    def close(self) -> None:
        """End the git process that reads files; a later ``read`` starts another."""
        self._objects.close()

    def _content(self, entry: Entry) -> bytes:
        return self._objects.read(entry.sha)


def _users_cache() -> Path:
    try:
        return user_cache_path("pytest-flowcorpus")
    except RuntimeError:
        problem = "no home folder is known to keep what is fetched in"
        raise errors.unavailable("git", problem, "set HOME or XDG_CACHE_HOME") from None


def _unheard(_text: str) -> None:
    """Hear nothing."""
