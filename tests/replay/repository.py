"""Upstream's history, asked of git alone: snapshots, trees and blobs."""

from __future__ import annotations

import os
import subprocess
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path


class Repository:
    """A bare repository; of each process its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batch: subprocess.Popen[bytes] | None = None

    @classmethod
    def cloned(cls, url: str, revision: str, folder: Path) -> Repository:
        """Clone what is not there yet; its whole history, since git walks it."""
        repository = cls(folder)
        if not folder.is_dir():
            subprocess.run(["git", "clone", "-q", "--bare", url, folder], check=True)
        elif not repository._holds(revision):
            repository._git("fetch", "-q", url, revision)
        return repository

    def snapshots(self, revision: str, path: str) -> list[str]:
        """Give the commits up to a revision that changed what lies below a path, oldest first."""
        told = self._git("log", "--first-parent", "--reverse", "--format=%H", revision, "--", path)
        return told.decode().split()

    def tree(self, revision: str, path: str) -> dict[str, str]:
        """Give the blobs of the regular files below a path."""
        listed = self._git("ls-tree", "-r", "-z", revision, "--", path).split(b"\0")
        entries = (entry.decode().split("\t", 1) for entry in listed if entry)
        return {name: told.split()[2] for told, name in entries if told.startswith("100")}

    def blob(self, sha: str) -> bytes:
        """Give the bytes of a blob."""
        if self._batch is None:
            command = ["git", "--git-dir", str(self._folder), "cat-file", "--batch"]
            self._batch = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
            )
        ask, answer = cast("IO[bytes]", self._batch.stdin), cast("IO[bytes]", self._batch.stdout)
        ask.write(f"{sha}\n".encode())
        ask.flush()
        size = int(answer.readline().split()[2])
        return answer.read(size + 1)[:-1]

    def close(self) -> None:
        """End git."""
        if self._batch is not None:
            self._batch.communicate()
            self._batch = None

    def _holds(self, revision: str) -> bool:
        command = [
            "git",
            "--git-dir",
            str(self._folder),
            "cat-file",
            "-e",
            f"{revision}^{{commit}}",
        ]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _git(self, *arguments: str) -> bytes:
        command = ["git", "--git-dir", str(self._folder), *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_environment())
        return done.stdout


def _environment() -> dict[str, str]:
    return os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
