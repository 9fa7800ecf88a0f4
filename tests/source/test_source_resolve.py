"""What a remote calls a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.source import GitSource, SourceUnavailable

if TYPE_CHECKING:
    from tests.source.conftest import Origin, Ssh


@pytest.fixture
def shas(origin: Origin) -> list[str]:
    """Three commits on main: the first is tagged, the second is the tip of feature/main."""
    made = []
    for name in ("a.rs", "b.rs", "c.rs"):
        origin.file(name)
        made.append(origin.commit())
    origin.git("tag", "light", made[0])
    origin.git("tag", "-a", "-m", "x", "v1.0", made[0])
    origin.git("update-ref", "refs/heads/feature/main", made[1])
    origin.git("update-ref", "refs/pull/7/head", made[1])
    return made


@pytest.mark.parametrize(
    ("name", "commit"),
    [
        ("main", 2),
        ("HEAD", 2),
        ("feature/main", 1),
        ("refs/heads/main", 2),
        ("refs/pull/7/head", 1),
        ("light", 0),
        ("v1.0", 0),
        ("refs/tags/v1.0", 0),
    ],
)
@pytest.mark.usefixtures("ssh")
def test_branch_tag_and_ref_give_their_commit(
    origin: Origin, shas: list[str], name: str, commit: int
) -> None:
    assert GitSource.resolve(origin.url, name) == shas[commit]
    assert GitSource.resolve(origin.ssh_url, name) == shas[commit]


def test_a_full_sha_is_not_looked_up(ssh: Ssh) -> None:
    assert GitSource.resolve("ssh://there/nowhere", "ABCDEF0123" * 4) == "abcdef0123" * 4
    assert ssh.calls == 0


@pytest.mark.parametrize("name", ["HEAD~2", "main~2", "main^^", "v1.0~0", "short"])
def test_a_local_repository_takes_whatever_git_takes(
    origin: Origin, shas: list[str], name: str
) -> None:
    name = shas[0][:9] if name == "short" else name
    assert GitSource.resolve(origin.url, name) == shas[0]
    assert GitSource.resolve(f"file://{origin.folder}", name) == shas[0]


@pytest.mark.parametrize(
    "name", ["HEAD~2", "short", "", "ain", "feature", "m*", "-x", "a\nb", "\0"]
)
@pytest.mark.usefixtures("ssh")
def test_a_name_that_the_remote_does_not_know_is_told(
    origin: Origin, shas: list[str], name: str
) -> None:
    name = shas[0][:9] if name == "short" else name
    with pytest.raises(SourceUnavailable) as caught:
        GitSource.resolve(origin.ssh_url, name)
    text = str(caught.value)
    assert text.startswith(f"{origin.ssh_url} at ")
    assert "no such revision; give a branch, a tag or a full sha (short shas and ~n only" in text
    assert text.isprintable()


@pytest.mark.parametrize("name", ["nothing", "HEAD~99", "--all", "HEAD:a.rs"])
@pytest.mark.usefixtures("shas")
def test_a_name_that_a_local_repository_does_not_know_is_told(origin: Origin, name: str) -> None:
    with pytest.raises(SourceUnavailable, match="no such revision"):
        GitSource.resolve(origin.url, name)


def test_a_branch_and_a_tag_of_one_name_are_never_guessed_between(
    origin: Origin, shas: list[str]
) -> None:
    origin.git("update-ref", "refs/tags/main", shas[0])
    with pytest.raises(SourceUnavailable) as caught:
        GitSource.resolve(origin.url, "main")
    assert "give refs/heads/main or refs/tags/main" in str(caught.value)
    assert GitSource.resolve(origin.url, "refs/tags/main") == shas[0]


def test_a_branch_and_a_tag_that_agree_are_one(origin: Origin, shas: list[str]) -> None:
    origin.git("tag", "-a", "-m", "x", "main", shas[2])
    assert GitSource.resolve(origin.url, "main") == shas[2]


def test_a_remote_that_cannot_be_asked_is_told() -> None:
    with pytest.raises(SourceUnavailable, match="at main: cannot be reached"):
        GitSource.resolve("git://127.0.0.1:1/x", "main")


@pytest.mark.usefixtures("shas")
def test_a_remote_that_falls_silent_is_given_up(origin: Origin, ssh: Ssh) -> None:
    ssh.tell("wait")
    with pytest.raises(SourceUnavailable, match="git said nothing for 3 s"):
        GitSource.resolve(origin.ssh_url, "main", patience=3)
