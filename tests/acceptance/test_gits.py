"""A git that is missing, too old or hangs, and a remote that breaks off or has thrown away."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.acceptance.project import HANDLER, OUT, Git, Project, Shim, impatient, refusal

SSH = Path(__file__).parents[1] / "source/ssh.py"
PATIENCE = 3.0
HUNG = f"git said nothing for {PATIENCE:g} s and was stopped; "
WORKERS = [(), ("-n", "2")]


def move_on(project: Project, git: Git, files: dict[str, str] | None = None) -> str:
    """Pin a revision that was not fetched yet; gives it."""
    revision = git.commit(files or {"rs/more.rs": ""})
    project.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    return revision


@pytest.mark.parametrize("workers", WORKERS)
def test_a_machine_without_git_is_told(
    pinned: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = refusal(pinned.run(f"--flowcorpus-out={OUT}", *workers))
    assert line == (
        "git: cannot be started (No such file or directory); install git, or put it on the PATH"
    )
    assert not pinned.out.exists()


def test_a_git_that_is_too_old_is_told(pinned: Project, git: Git, shim: Shim) -> None:
    move_on(pinned, git)
    shim.says('case " $* " in *" version "*) echo git version 2.11.0;; *) exec "$git" "$@";; esac')
    line = refusal(pinned.run())
    assert line == "git: too old (git version 2.11.0); install git 2.29 or newer"


def test_a_git_that_hangs_while_it_fetches_is_stopped(
    pinned: Project, git: Git, shim: Shim
) -> None:
    revision = move_on(pinned, git)
    impatient(pinned, PATIENCE)
    shim.hangs_in("fetch")
    line = refusal(pinned.run(f"--flowcorpus-out={OUT}"))
    network = "check the network, then run again"
    assert line == f"{git.url} at {revision[:12]}: {HUNG}{network}"
    shim.says('exec "$git" "$@"')
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0


def test_a_git_that_hangs_over_the_cache_is_stopped(pinned: Project, shim: Shim) -> None:
    impatient(pinned, PATIENCE)
    shim.hangs_in("ls-tree")
    line = refusal(pinned.run())
    assert " ls-tree -r -t -z refs/flowcorpus/" in line
    assert line.endswith(f"{HUNG}see whether the disk answers, then run again")


def test_a_git_that_hangs_over_a_licence_ends_the_run(pinned: Project, shim: Shim) -> None:
    impatient(pinned, PATIENCE)
    shim.hangs_in("cat-file")
    line = refusal(pinned.run())
    assert line.startswith("[source] license: ")
    assert line.endswith(f"{HUNG}see whether the disk answers, then run again")


@pytest.mark.parametrize("workers", WORKERS)
def test_a_git_that_hangs_over_the_files_of_flows_fails_each_with_a_line(
    pinned: Project, shim: Shim, workers: tuple[str, ...]
) -> None:
    pinned.edit("corpus/flowcorpus.toml", "license = ", "# ")
    for name in ("more", "other"):
        pinned.spec(name)
    pinned.accept()
    impatient(pinned, PATIENCE)
    shim.hangs_in("cat-file")
    result = pinned.run(f"--flowcorpus-out={OUT}", *workers)
    assert result.ret == 1
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*corpus/flow_go.py:9: *.git: git said nothing for 3 s *"])
    assert "Traceback" not in result.stdout.str()
    assert not pinned.out.exists()


@pytest.mark.parametrize("errand", ["--flowcorpus-scan", "--flowcorpus-new=handler.rs::go"])
def test_a_git_that_hangs_over_an_errand_ends_it(pinned: Project, shim: Shim, errand: str) -> None:
    impatient(pinned, PATIENCE)
    pinned.enter()
    shim.hangs_in("cat-file")
    assert HUNG in refusal(pinned.run(errand))


def test_a_fetch_that_is_cut_in_the_middle_is_told_and_done_again(
    pinned: Project, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = random.Random(0).randbytes(300_000).hex()  # more than what ssh.py lets through
    revision = move_on(pinned, git, {"rs/handler.rs": HANDLER, "rs/big.rs": f"// {big}\n"})
    url = f"ssh://there{git.path}"
    pinned.edit("corpus/flowcorpus.toml", git.url, url)
    monkeypatch.setenv("GIT_SSH_COMMAND", f"'{sys.executable}' '{SSH}' '{tmp_path}'")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    (tmp_path / "order").write_text("stall")
    (tmp_path / "release").touch()
    line = refusal(pinned.run(f"--flowcorpus-out={OUT}"))
    assert line.startswith(f"{url} at {revision[:12]}: broke off (git: ")
    assert line.endswith("; check the network, then run again")
    assert not pinned.out.exists()
    (tmp_path / "order").write_text("pass")
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    assert not list(Path.home().glob("**/tmp_pack*"))


def test_a_revision_that_upstream_has_deleted_is_read_while_the_cache_has_it(
    pinned: Project, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    revision = git("rev-parse", "HEAD")
    git("commit", "-q", "--amend", "-m", "rewritten")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "-q", "--prune=now")
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    before = pinned.files()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    line = refusal(pinned.run(f"--flowcorpus-out={OUT}"))
    assert line.startswith(f"{git.url} at {revision[:12]}: no such revision (git: ")
    assert line.endswith("; give a commit that the repository has and serves")
    assert pinned.files() == before
