"""Refusal: why a remote gave nothing, read from what git wrote to stderr."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.source import errors

if TYPE_CHECKING:
    from pytest_flowcorpus.source.errors import SourceUnavailable


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason git knows, and what a user can do about it."""

    pattern: re.Pattern[str]
    problem: str
    remedy: str


def _refusal(pattern: str, problem: str, remedy: str) -> Refusal:
    return Refusal(re.compile(pattern, re.IGNORECASE), problem, remedy)


# The first that matches wins. Git's texts: remote-curl.c, connect.c, upload-pack.c, fetch-pack.c,
# http.c; ssh's and curl's own stand among them.
_REFUSALS = (
    _refusal(
        r"not our ref|unadvertised object|couldn't find remote ref|remote did not send all",
        "no such revision",
        "give a commit that the repository has and serves",
    ),
    _refusal(
        r"could not resolve|failed to connect|couldn't connect|unable to connect|timed? ?out"
        r"|connection (refused|reset|closed)|network is unreachable|no route to host"
        r"|CONNECT tunnel|proxy|temporary failure in name resolution|SSL|TLS|certificate",
        "cannot be reached",
        "check the network, the host's name and the proxy",
    ),
    _refusal(
        r"could not read (username|password)|authentication failed|permission denied"
        r"|terminal prompts disabled|host key verification failed|returned error: 40[13]"
        r"|access denied",
        "access denied",
        "give git credentials that need no typing (a credential helper, an ssh agent)",
    ),
    _refusal(
        r"does not appear to be a git repository|not a git repository|not found"
        r"|no such file or directory|not valid: is this a git repository",
        "not a git repository",
        "check the address",
    ),
    _refusal(
        r"no space left|disk quota|read-only file system",
        "nowhere to store it",
        "make room in the cache folder, or choose another",
    ),
    _refusal(
        r"early EOF|unexpected disconnect|hung up unexpectedly|RPC failed|unexpected EOF"
        r"|transfer closed",
        "broke off",
        "check the network, then run again",
    ),
)
_UNKNOWN = _refusal("", "git failed", "try the same address with `git ls-remote`")

_BOILERPLATE = re.compile(
    r"hint:|warning:|From |fatal: Could not read from remote repository|fatal: early EOF"
    r"|Please make sure you have the correct access rights|and the repository exists"
    r"|fatal: (fetch-pack|index-pack|protocol error): "
)
_VERDICT = re.compile(r"fatal: |error: |remote: |ssh: |ERROR: ")


def refused(where: str, stderr: str) -> SourceUnavailable:
    """Make the error for what git wrote when ``where`` (url, or url at revision) gave nothing."""
    refusal = next((known for known in _REFUSALS if known.pattern.search(stderr)), _UNKNOWN)
    problem = f"{refusal.problem} (git: {last_words(stderr)})"
    return errors.unavailable(where, problem, refusal.remedy)


def last_words(stderr: str) -> str:
    """Give the last of what ``stderr`` says about this failure, on one line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if not _BOILERPLATE.match(line)] or lines
    verdicts = [at for at, line in enumerate(telling) if _VERDICT.match(line)]
    return " ".join(telling[verdicts[-1] if verdicts else -1 :]) or "no word of why"
