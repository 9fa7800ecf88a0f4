from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.project import HANDLER, QUIET, SETTINGS, STORE, Git, Project, Shim


@pytest.fixture(scope="session")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a little Rust and a corpus of one flow, whose snapshot is accepted."""
    project = Project(tmp_path_factory.mktemp("accepted"))
    project.write("rust/LICENSE", "MIT\n")
    project.write("rust/handler.rs", HANDLER)
    project.write("rust/store.rs", STORE)
    project.write("corpus/flowcorpus.toml", SETTINGS)
    project.spec("go")
    command = [sys.executable, "-m", "pytest", *QUIET, "--snapshot-update"]
    subprocess.run(command, cwd=project.path, check=True, capture_output=True)
    return project.path


@pytest.fixture
def project(pytester: pytest.Pytester, accepted: Path) -> Project:
    """Give a copy of it that a test may spoil."""
    shutil.copytree(accepted, pytester.path, dirs_exist_ok=True)
    return Project(pytester.path, pytester)


@pytest.fixture
def git(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Give an upstream, and keep this machine's git settings and cache out of the test."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name))
    config = home / "gitconfig"
    config.write_text("[user]\nname = t\nemail = t@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return Git(tmp_path_factory.mktemp("upstream"))


@pytest.fixture
def pinned(project: Project, git: Git) -> Project:
    """The same corpus, with its Rust in a repository of which only one revision is pinned."""
    revision = git.commit({"rs/handler.rs": HANDLER, "rs/store.rs": STORE, "LICENSE": "MIT\n"})
    settings = f'git = "{git.url}"\nrev = "{revision}"\nroot = "rs"'
    project.edit("corpus/flowcorpus.toml", 'path = "../rust"', settings)
    project.accept()
    return project


@pytest.fixture
def shim(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Shim:
    """Put a git before the real one, which is that one until a test tells it something else."""
    folder = tmp_path_factory.mktemp("shim")
    real = shutil.which("git")
    assert real
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Shim(folder, Path(real))
