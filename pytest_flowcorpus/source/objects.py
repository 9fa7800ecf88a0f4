"""Objects: the blobs of a repository, read through one long-lived ``git cat-file --batch``."""

from __future__ import annotations

import os
import select
import subprocess
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.command import end, start

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_flowcorpus.source.errors import SourceUnavailable

_CHUNK = 1 << 16  # what a pipe of Linux holds
_PARTING = 5.0  # seconds that a git which is told to end may take to


class Objects:
    """Blobs by id. Asked for by id and never by path: so no path can upset the protocol."""

    def __init__(self, repository: Path, patience: float) -> None:
        self._repository = repository
        self._patience = patience
        self._git: subprocess.Popen[bytes] | None = None
        self._hung: SourceUnavailable | None = None

    def read(self, sha: str) -> bytes:
        """Give the content of the blob ``sha``, starting git where it does not run (any more).

        Raises ``SourceUnavailable`` when the repository has no such blob, git dies over it, or
        says nothing for too long: that is waited for once.
        """
        if self._hung:
            raise self._hung
        for _ in range(2):
            try:
                return self._ask(sha)
            except BaseException as error:
                self._stop()  # half an answer may be left in the pipe
                if isinstance(error, TimeoutError):
                    self._hung = errors.hung(str(self._repository), self._patience)
                    raise self._hung from None
                if not isinstance(error, OSError | EOFError):
                    raise
        raise self._damaged(sha)

    def close(self) -> None:
        """End git. A later ``read`` starts another."""
        if self._git is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._git.communicate(timeout=_PARTING)
        self._stop()

    def _stop(self) -> None:
        git, self._git = self._git, None
        if git is not None:
            end(git)
            git.communicate()

    def _ask(self, sha: str) -> bytes:
        stdin, stdout = self._pipes()
        stdin.write(f"{sha}\n".encode())
        stdin.flush()
        answer = _Answer(stdout.fileno(), self._patience)
        match answer.line().split():
            case [_, b"blob", size]:
                return answer.exactly(int(size) + 1)[:-1]
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


class _Answer:
    """What comes through a pipe; raises ``TimeoutError`` where nothing does for too long."""

    def __init__(self, pipe: int, patience: float) -> None:
        self._pipe = pipe
        self._patience = patience
        self._poll = select.poll()
        self._poll.register(pipe, select.POLLIN)
        self._read = bytearray()

    def line(self) -> bytes:
        """Give the first line; empty where the pipe ends before any."""
        while b"\n" not in self._read and self._more():
            pass
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest)
        return line

    def exactly(self, count: int) -> bytes:
        """Give the next so many bytes; raises ``EOFError`` where the pipe ends before them."""
        while len(self._read) < count:
            if not self._more():
                raise EOFError
        return bytes(self._read[:count])

    def _more(self) -> bool:
        if not self._poll.poll(self._patience * 1000):
            raise TimeoutError
        chunk = os.read(self._pipe, _CHUNK)
        self._read += chunk
        return bool(chunk)
