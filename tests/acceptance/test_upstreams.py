"""A repository that would like to have something run, and one whose files are not in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.project import HANDLER, OUT, STORE, Git, Project

HOOKS = ("post-checkout", "post-merge", "post-update", "reference-transaction", "pre-auto-gc")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
LFS = (
    "a Git LFS pointer: the repository does not hold the file's content; "
    "read a checkout after `git lfs pull`"
)
FILES = {"rs/handler.rs": HANDLER, "rs/store.rs": STORE, "LICENSE": "MIT\n"}


@pytest.fixture
def canary(git: Git, tmp_path: Path) -> Path:
    """Set traps in the user's settings and in upstream; gives the file that a sprung one makes."""
    canary, trap = tmp_path / "it-ran", tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho $0 >> '{canary}'\ncat\n")
    trap.chmod(0o755)
    git.commit(FILES)
    for hooks in (tmp_path / "hooks", tmp_path / "template/hooks", git.path / ".git/hooks"):
        hooks.mkdir(parents=True, exist_ok=True)
        for name in HOOKS:
            (hooks / name).symlink_to(trap)
    for scope, key, value in (
        ("--global", "core.hooksPath", tmp_path / "hooks"),
        ("--global", "core.fsmonitor", trap),
        ("--local", "core.fsmonitor", trap),
        ("--global", "init.templateDir", tmp_path / "template"),
        ("--global", "filter.x.smudge", trap),
        ("--global", "filter.x.process", trap),
        ("--global", "diff.x.textconv", trap),
        ("--local", "diff.external", trap),
    ):
        git("config", scope, key, str(value))
    return canary


def _commit(git: Git) -> str:
    """Commit what makes git run filters, fetch submodules, or look for objects elsewhere."""
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    modules = (
        '[submodule "sub"]\n\tpath = sub\n\turl = ext::sh -c touch% ran\n\tupdate = !touch ran\n'
    )
    (git.path / "sub").mkdir(exist_ok=True)
    for name, text in (
        (".gitattributes", "*.rs filter=x diff=x\n"),
        (".gitmodules", modules),
        ("objects/info/alternates", "/nowhere/objects\n"),
    ):
        (git.path / name).parent.mkdir(parents=True, exist_ok=True)
        (git.path / name).write_text(text)
        git("add", name)
    git("commit", "-q", "-m", "traps")
    return git("rev-parse", "HEAD")


def test_nothing_of_a_repository_is_run(
    project: Project, git: Git, canary: Path, tmp_path: Path
) -> None:
    revision = _commit(git)
    canary.unlink(missing_ok=True)  # the test's own commit sprang some
    settings = f'git = "{git.url}"\nrev = "{revision}"\nroot = "rs"'
    project.edit("corpus/flowcorpus.toml", 'path = "../rust"', settings)
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}", "--flowcorpus-rev=main").ret == 0
    checkout = f"--flowcorpus-checkout={git.path}"
    assert project.run(f"--flowcorpus-out={OUT}", checkout, "-n", "2").ret == 0
    git(
        "-c",
        "core.fsmonitor=",
        "-c",
        "core.hooksPath=/",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
    )
    canary.unlink(missing_ok=True)
    assert project.run("--flowcorpus-rev=main", "--flowcorpus-drift=drift.json").ret == 0
    assert not canary.exists()
    assert not list(project.path.rglob("ran"))
    clone = ["git", "clone", "-q", git.url, str(tmp_path / "clone")]
    subprocess.run(clone, check=False, capture_output=True)
    assert canary.exists(), "the traps are no traps"


def test_an_item_of_a_submodule_is_refused_with_a_line(
    project: Project, git: Git, canary: Path
) -> None:
    revision = _commit(git)
    settings = f'git = "{git.url}"\nrev = "{revision}"\nroot = "rs"'
    project.edit("corpus/flowcorpus.toml", 'path = "../rust"', settings)
    project.spec("sub", 'flow.file("/sub/lib.rs")')
    canary.unlink(missing_ok=True)
    result = project.run()
    result.stdout.fnmatch_lines(["*sub/lib.rs: a submodule, which is not fetched, in *"])
    assert not canary.exists()


@pytest.mark.parametrize("is_checkout", [False, True])
def test_an_lfs_pointer_is_named_as_one(
    pinned: Project,
    git: Git,
    is_checkout: bool,  # noqa: FBT001
) -> None:
    revision = git.commit({"rs/store.rs": POINTER, ".gitattributes": "*.rs filter=lfs\n"})
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    where = (f"--flowcorpus-checkout={git.path}",) if is_checkout else ()
    result = pinned.run(f"--flowcorpus-out={OUT}", *where)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*corpus/flow_go.py:10: rs/store.rs: {LFS}"])
    assert "Traceback" not in result.stdout.str()
    assert not pinned.out.exists()


def test_a_licence_that_is_an_lfs_pointer_ends_the_run(pinned: Project, git: Git) -> None:
    revision = git.commit({"LICENSE": POINTER})
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    result = pinned.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: [[]source[]] license: LICENSE: {LFS}"])


def test_a_repository_that_borrows_its_objects_serves_as_well(
    pinned: Project, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrower = tmp_path / "borrower"
    subprocess.run(["git", "clone", "-q", "--shared", str(git.path), str(borrower)], check=True)
    assert (borrower / ".git/objects/info/alternates").exists()
    pinned.edit("corpus/flowcorpus.toml", git.url, borrower.as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fresh"))
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    assert not list((tmp_path / "fresh").glob("**/alternates"))
    shutil.rmtree(git.path)
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
