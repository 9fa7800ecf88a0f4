"""What git writes when a remote gives nothing, and what a user reads instead."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.source.refusal import last_words, refused

_SSH_END = """fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""

_DUBIOUS = """fatal: detected dubious ownership in repository at '/x'
To add an exception for this directory, call:

\tgit config --global --add safe.directory /x
"""

# As git 2.39, OpenSSH 9 and GitHub write them.
_SAID = {
    "dns": (
        "fatal: unable to access 'https://a.invalid/x/': Could not resolve host: a.invalid",
        "cannot be reached",
        "Could not resolve host: a.invalid",
    ),
    "proxy": (
        "fatal: unable to access 'https://a/x/': CONNECT tunnel failed, response 403",
        "cannot be reached",
        "CONNECT tunnel failed",
    ),
    "proxy says 407": (
        "fatal: unable to access 'https://a/': Received HTTP code 407 from proxy after CONNECT",
        "cannot be reached",
        "407 from proxy",
    ),
    "certificate": (
        "fatal: unable to access 'https://a/': server certificate verification failed. CAfile: x",
        "cannot be reached",
        "certificate verification failed",
    ),
    "ssh dns": (
        f"ssh: Could not resolve hostname a: Name or service not known\r\n{_SSH_END}",
        "cannot be reached",
        "ssh: Could not resolve hostname a",
    ),
    "ssh key": (
        f"git@github.com: Permission denied (publickey).\r\n{_SSH_END}",
        "access denied",
        "Permission denied (publickey).",
    ),
    "ssh host key": (
        f"Host key verification failed.\r\n{_SSH_END}",
        "access denied",
        "Host key verification failed.",
    ),
    "github over ssh": (
        f"ERROR: Repository not found.\n{_SSH_END}",
        "not a git repository",
        "ERROR: Repository not found.",
    ),
    "private on github": (
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        "access denied",
        "terminal prompts disabled",
    ),
    "wrong token": (
        "remote: Invalid username or password.\nfatal: Authentication failed for 'https://a/b/'",
        "access denied",
        "Authentication failed",
    ),
    "old server": (
        "error: Server does not allow request for unadvertised object deadbeef",
        "no such revision",
        "unadvertised object",
    ),
    "full disk": (
        "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output",
        "nowhere to store it",
        "No space left on device",
    ),
    "somebody else's": (
        _DUBIOUS,
        "git failed",
        "git config --global --add safe.directory /x",
    ),
}


@pytest.mark.parametrize("case", _SAID)
def test_each_reason_has_its_own_words_and_gits_own_beside_them(case: str) -> None:
    stderr, problem, words = _SAID[case]
    text = str(refused("https://a/x at main", stderr))
    assert text.startswith(f"https://a/x at main: {problem} (git: ")
    assert words in text
    assert "correct access rights" not in text
    assert text.isprintable()


def test_a_git_that_died_without_a_word_is_told_so() -> None:
    assert "no word of why" in str(refused("here", ""))


def test_boilerplate_is_better_than_nothing() -> None:
    assert "Could not read from remote repository." in last_words(_SSH_END)
