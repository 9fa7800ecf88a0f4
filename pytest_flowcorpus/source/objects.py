"""Objects: the blobs of a repository, read through one long-lived ``git cat-file --batch``."""

from __future__ import annotations

import subprocess
from typing import IO, TYPE_CHECKING, cast

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.command import start

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.source.errors import SourceUnavailable


class Objects:
    """Blobs by id. Asked for by id and never by path: so no path can upset the protocol."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._git: subprocess.Popen[bytes] | None = None

    def read(self, sha: str) -> bytes:
        """Give the content of the blob ``sha``, starting git where it does not run (any more).

        Raises ``SourceUnavailable`` when the repository has no such blob, or git dies over it.
        """
        for _ in range(2):
            try:
                return self._ask(sha)
            except BaseException as error:
                self.close()  # half an answer may be left in the pipe
                if not isinstance(error, OSError | EOFError):
                    raise
        raise self._damaged(sha)

    def close(self) -> None:
        """End git. A later ``read`` starts another."""
        git, self._git = self._git, None
        if git is not None:
            git.communicate()

    def _ask(self, sha: str) -> bytes:
        stdin, stdout = self._pipes()
        stdin.write(f"{sha}\n".encode())
        stdin.flush()
        match stdout.readline().split():
            case [_, b"blob", size]:
                return _exactly(stdout, int(size) + 1)[:-1]
            case []:
                raise EOFError
        raise self._damaged(sha)

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._git is None:
            batch = ("--git-dir", str(self._repository), "cat-file", "--batch")
            self._git = start(batch, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return cast("IO[bytes]", self._git.stdin), cast("IO[bytes]", self._git.stdout)

    def _damaged(self, sha: str) -> SourceUnavailable:
        problem = f"the cached repository is damaged, object {sha} cannot be read"
        return errors.unavailable(str(self._repository), problem, "delete this folder, run again")


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
