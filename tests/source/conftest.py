"""Git repositories made by git itself, away from the developer's own settings and cache."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_OURS = Path(__file__).parents[2]
_SSH = Path(__file__).with_name("ssh.py")
_SETTINGS = """
[user]
    name = a
    email = a@b
[init]
    defaultBranch = main
[core]
    fsync = none  # the disk is what makes so many small repositories slow
"""


@dataclass
class Origin:
    """A repository that somebody else publishes."""

    folder: Path
    _tree: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _commits: int = 0

    @property
    def url(self) -> str:
        return str(self.folder)

    @property
    def ssh_url(self) -> str:
        return f"ssh://there{self.folder}"

    def git(self, *arguments: str | Path, data: bytes | None = None) -> str:
        command = ["git", "-C", self.folder, *arguments]
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
        return os.fsdecode(done.stdout).strip()

    def file(self, path: str, data: bytes = b"fn a() {}\n", mode: str = "100644") -> None:
        self._tree[path] = (mode, data)

    def link(self, path: str, target: str) -> None:
        self._tree[path] = ("120000", os.fsencode(target))

    def submodule(self, path: str, sha: str) -> None:
        self._tree[path] = ("160000", sha.encode())

    def commit(self) -> str:
        """Commit the tree as it was put together to main; give the commit's sha."""
        head = b"commit refs/heads/main\nmark :1\ncommitter a <a@b> 0 +0000\ndata 0\n"
        parent = b"from refs/heads/main^0\n" if self._commits else b""
        files = b"".join(_change(path, *entry) for path, entry in self._tree.items())
        stream = head + parent + b"deleteall\n" + files + b"get-mark :1\n"
        self._commits += 1
        return self.git("fast-import", "--quiet", "--cat-blob-fd=1", data=stream)


def _change(path: str, mode: str, data: bytes) -> bytes:
    """One file of a commit, as git-fast-import(1) reads it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    name = b' "' + os.fsencode(escaped) + b'"\n'
    if mode == "160000":
        return b"M 160000 " + data + name
    return b"M %s inline" % mode.encode() + name + b"data %d\n%s\n" % (len(data), data)


@dataclass
class Ssh:
    """Stands in for ssh on this machine: what it is told to do, and what it did."""

    folder: Path

    @property
    def calls(self) -> int:
        return len(list(self.folder.glob("call-*")))

    @property
    def groups(self) -> list[int]:
        """The process groups of the gits that called it."""
        return [int(call.read_text()) for call in self.folder.glob("call-*")]

    def tell(self, order: str) -> None:
        (self.folder / "order").write_text(order)

    def release(self) -> None:
        """Let every stand-in that waits go on."""
        (self.folder / "release").touch()


@pytest.fixture(autouse=True)
def nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("GIT_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
    monkeypatch.setenv("PYTHONPATH", str(_OURS))
    (home / "gitconfig").write_text(_SETTINGS)


@pytest.fixture
def gitconfig(tmp_path: Path) -> Path:
    """Git's settings of the user who runs the tests."""
    return tmp_path / "home" / "gitconfig"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    folder = tmp_path / "origin.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--template=", folder], check=True)
    return Origin(folder)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ssh:
    folder = tmp_path / "ssh"
    folder.mkdir()
    monkeypatch.setenv("GIT_SSH_COMMAND", f"'{sys.executable}' '{_SSH}' '{folder}'")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    return Ssh(folder)
