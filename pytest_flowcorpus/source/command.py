"""Git as a command: what it may do, what it sees of the environment, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.path import native

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 120.0
"""Seconds without a word from git after which it counts as hung."""

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "fetch.unpackLimit=1",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "protocol.version=2",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
)

# Inside a git hook these name another repository than ours. `git rev-parse --local-env-vars`
# lists most of them; those of its list that carry the user's own settings are left alone.
_OF_ANOTHER_REPOSITORY = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)

_NO_QUESTIONS = {
    "GCM_INTERACTIVE": "never",
    "GIT_ASKPASS": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "SSH_ASKPASS_REQUIRE": "never",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """How a git command ended."""

    code: int
    out: bytes
    err: str

    @property
    def ok(self) -> bool:
        """Whether git exited with 0."""
        return self.code == 0


def run(*arguments: str, patience: float = PATIENCE) -> Reply:
    """Run git on what is on this machine already; `watch` is for all that may have to wait.

    Raises ``SourceUnavailable`` where it takes longer than ``patience``, in seconds.
    """
    process = start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            end(process)
            raise errors.hung(" ".join(("git", *arguments)), patience) from None
    return Reply(process.returncode, out, err.decode(errors="replace"))


def start(
    arguments: Sequence[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start git in a session of its own: no terminal to ask on, and one group to kill.

    Raises ``SourceUnavailable`` when there is no git to start.
    """
    settings = (option for setting in _SETTINGS for option in ("-c", setting))
    try:
        return subprocess.Popen(
            ("git", *settings, *map(native, arguments)),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=environment(os.environ),
            start_new_session=True,
        )
    except OSError as error:
        reason = f"cannot be started ({error.strerror})"
        raise errors.unavailable("git", reason, "install git, or put it on the PATH") from None


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a git that `start` has started, and whatever it started itself."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Give ``ours`` as git gets it: no questions, English words, and no other repository."""
    kept = {name: value for name, value in ours.items() if name not in _OF_ANOTHER_REPOSITORY}
    return kept | _NO_QUESTIONS
