"""A cache that is damaged, and two runs at once on one cache and one output."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.acceptance.project import OUT, QUIET, Git, Project, refusal


def _repository() -> Path:
    [folder] = Path.home().parent.glob("**/pytest-flowcorpus/*.git")
    return folder


def _without_packs(folder: Path) -> None:
    shutil.rmtree(folder / "objects/pack")


def _cut_packs(folder: Path) -> None:
    for pack in (folder / "objects/pack").glob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])


def _a_file_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "HEAD is empty": lambda folder: (folder / "HEAD").write_bytes(b""),
    "the settings are garbage": lambda folder: (folder / "config").write_text("[["),
    "the packs are gone": _without_packs,
    "the packs are cut off": _cut_packs,
    "the refs are gone": lambda folder: shutil.rmtree(folder / "refs"),
    "it is a file": _a_file_instead,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_fetched_again(pinned: Project, git: Git, damage: str) -> None:
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    before = pinned.files()
    DAMAGES[damage](_repository())
    result = pinned.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines([f"flowcorpus: fetched {git.url} at *"])
    assert pinned.files() == before


def test_a_cache_whose_files_are_garbled_names_the_folder_to_delete(pinned: Project) -> None:
    [pack] = (_repository() / "objects/pack").glob("*.pack")
    data, where = bytearray(pack.read_bytes()), _offset_of("rs/handler.rs", pack)
    data[where + 4 : where + 12] = b"\xff" * 8
    pack.chmod(0o644)
    pack.write_bytes(data)
    result = pinned.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    said = f"*flow_go.py:9: {_repository()}: the cached repository is damaged, object * cannot *"
    result.stdout.fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str()
    assert not pinned.out.exists()
    shutil.rmtree(_repository())
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0


def _offset_of(path: str, pack: Path) -> int:
    git = ["git", "--git-dir", str(_repository())]
    ref = subprocess.check_output([*git, "for-each-ref", "--format=%(refname)"], text=True).strip()
    sha = subprocess.check_output([*git, "rev-parse", f"{ref}:{path}"], text=True).strip()
    lines = subprocess.check_output([*git, "verify-pack", "-v", str(pack)], text=True).splitlines()
    [offset] = [int(line.split()[4]) for line in lines if line.startswith(sha)]
    return offset


def _start(project: Project, *args: str) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", "pytest", *QUIET, f"--flowcorpus-out={OUT}", *args)
    return subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_two_runs_at_once_on_one_cache_and_one_output(
    pinned: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    before = pinned.files()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    runs = [_start(pinned, *workers) for _ in range(2)]
    told = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert sum("flowcorpus: fetched " in text for text in told) == 1
    assert pinned.files() == before
    assert not list(pinned.path.glob(".*.partial"))


def test_two_runs_of_different_code_never_mix_their_outputs(pinned: Project, git: Git) -> None:
    git.commit({"rs/more.rs": ""})
    runs = [_start(pinned, *args) for args in ((), ("--flowcorpus-rev=main",)) * 2]
    assert [run.wait(120) for run in runs] == [0] * 4
    manifest = json.loads((pinned.path / "flows.manifest.json").read_bytes())
    assert manifest["jsonl"]["sha256"] == sha256(pinned.out.read_bytes()).hexdigest()


def test_a_lock_that_a_killed_run_left_behind_holds_nobody_up(pinned: Project, git: Git) -> None:
    repository = _repository()
    revision = git.commit({"rs/more.rs": ""})
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    for lock in (f"{repository}.lock", repository / "shallow.lock", repository / "HEAD.lock"):
        Path(lock).touch()
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0


def test_a_cache_folder_that_cannot_be_made_is_a_usage_error(
    pinned: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    line = refusal(pinned.run())
    where = tmp_path / "file/pytest-flowcorpus"
    assert line.startswith(f"{where}: the cache folder cannot be written (Not a directory); ")
