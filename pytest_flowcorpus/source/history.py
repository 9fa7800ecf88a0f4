"""History: the commits between two revisions of a repository, and which of them touched what."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.errors import SourceUnavailable, printable

if TYPE_CHECKING:
    from pytest_flowcorpus.source.repository import Repository

_MOST: Final = 20
"""Commits that are told of one item."""
_LONGEST: Final = 4000
"""Characters of a text that is looked for."""
# Nothing that a user's or a repository's settings could have run for a diff or a log.
_LOG: Final = (
    *("--literal-pathspecs", "log", f"--max-count={_MOST}", "--format=%H%x00%cs%x00%s%x00"),
    *("--encoding=UTF-8", "--no-show-signature", "--no-follow", "--no-color", "--no-patch"),
    *("--no-ext-diff", "--no-textconv", "-O/dev/null"),
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as far as somebody is told of it."""

    sha: str
    """Its full id, in hex."""
    date: str
    """The day it was committed on, as ``2026-01-31``, in the committer's time zone."""
    subject: str
    """The first line of its message, on one line, unprintable characters escaped."""


@dataclass(frozen=True)
class History:
    """What lies between two commits of a repository that has all commits between them."""

    _repository: Repository
    old: str
    new: str

    @classmethod
    def between(cls, repository: Repository, old: str, new: str) -> History:
        """Give the history between two commits that are there, both by their full ids.

        A shallow repository is deepened, first as far as the older commit's date, then wholly.
        Raises ``SourceUnavailable`` where the remote does not give what lies between them.
        """
        history = cls(repository, old, new)
        for deepen in (history._deepen, history._unshallow):
            if history._is_whole:
                return history
            deepen()
        if not history._is_whole:
            where = f"{old[:12]}..{new[:12]}"
            raise errors.unavailable(where, "the remote has cut its history", "ask a full clone")
        return history

    @cached_property
    def distance(self) -> tuple[int, int]:
        """How many commits only the new revision has, and how many only the old."""
        counted = self._git("rev-list", "--count", "--left-right", f"{self.old}...{self.new}")
        behind, ahead = counted.split()
        return int(ahead), int(behind)

    def touching(self, path: str, lines: tuple[int, int]) -> tuple[Commit, ...]:
        """Give the commits that changed these lines, the newest first; at most twenty.

        `lines` are first and last of `path` at the new revision, counted from 1.
        """
        if self.old == self.new:
            return ()
        first, last = lines
        return self._commits(f"-L{first},{last}:{path}", f"{self.old}..{self.new}")

    def removing(self, path: str, text: str) -> tuple[Commit, ...]:
        """Give the commits that changed how often `text` stands in `path`, the newest first."""
        # No command takes a NUL, or a text without end.
        wanted = max(text.split("\0"), key=len)[:_LONGEST]
        if not wanted:
            return ()
        return self._commits(f"-S{wanted}", f"{self.old}..{self.new}", "--", path)

    def _commits(self, *arguments: str) -> tuple[Commit, ...]:
        fields = self._git(*_LOG, *arguments).split("\0")
        commits = zip(*[iter(fields)] * 3, strict=False)
        return tuple(
            Commit(sha.strip(), date, printable(text.strip())) for sha, date, text in commits
        )

    @property
    def _is_whole(self) -> bool:
        """Whether no commit that only one of the two has was cut off from its parents."""
        between = self._git("rev-list", f"{self.old}...{self.new}").split()
        return self._repository.cut.isdisjoint(between)

    def _deepen(self) -> None:
        with suppress(SourceUnavailable):  # no remote that is shallow itself takes a date
            self._repository.deepen((self.old, self.new))

    def _unshallow(self) -> None:
        self._repository.unshallow((self.old, self.new))

    def _git(self, *arguments: str) -> str:
        reply = self._repository.git(*arguments)
        if not reply.ok:
            where = f"{self.old[:12]}..{self.new[:12]}"
            problem = f"git failed ({printable(reply.err.strip())})"
            raise errors.unavailable(where, problem, f"delete {self._repository.folder}, run again")
        return reply.out.decode(errors="replace")
