"""A disk that is full or read-only: told in a line, and what was there stays."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.acceptance.project import OUT, Git, Project, on_a_disk

FULL = "No space left on device"
PAGE = 4096  # bytes that the smallest file takes on a tmpfs


def disk_of(pages: int, then: str = "true") -> str:
    """Give what mounts a disk of so many pages, and fills it."""
    return f"mount -t tmpfs -o size={pages * PAGE} none $there && {then}"


def left(project: Project) -> dict[str, bytes]:
    files = (path for path in (project.path / "left").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def no_traceback(told: str) -> None:
    assert "Traceback" not in told
    assert "INTERNALERROR" not in told


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_an_output_that_does_not_fit_leaves_the_old_one(
    project: Project, workers: tuple[str, ...]
) -> None:
    old = f"cp {OUT} flows.manifest.json $there"
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    before = project.files()
    project.spec("more")
    project.accept()
    done = on_a_disk(project, disk_of(4, old), f"--flowcorpus-out=there/{OUT}", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"flowcorpus: {project.path}/there/{OUT} left as it was: {FULL}" in done.stdout
    no_traceback(done.stdout + done.stderr)
    assert left(project) == {name: before[name] for name in (OUT, "flows.manifest.json")}


def test_pages_that_do_not_all_fit_are_not_written(project: Project) -> None:
    project.spec("more")
    project.accept()
    done = on_a_disk(project, disk_of(1), "--flowcorpus-render=there")
    assert done.returncode == 1
    assert f"flowcorpus: {project.path}/there: pages not written: {FULL}" in done.stdout
    no_traceback(done.stdout + done.stderr)
    assert left(project) == {}


def test_a_drift_that_does_not_fit_leaves_the_old_one(project: Project) -> None:
    assert project.run("--flowcorpus-drift=drift.json").ret == 0
    before = (project.path / "drift.json").read_bytes()
    full = disk_of(1, "cp drift.json $there")
    done = on_a_disk(project, full, "--flowcorpus-drift=there/drift.json")
    assert done.returncode == 1
    assert f"flowcorpus: {project.path}/there/drift.json cannot be written: {FULL}" in done.stdout
    no_traceback(done.stdout + done.stderr)
    assert left(project) == {"drift.json": before}


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_snapshot_that_does_not_fit_leaves_the_old_one(
    project: Project, workers: tuple[str, ...]
) -> None:
    snapshots = project.path / "corpus/__snapshots__/flow_go"
    before = (snapshots / "flow_go.json").read_bytes()
    mount = disk_of(1, f"cp {snapshots}/* $there && mount --bind $there {snapshots}")
    project.edit("rust/handler.rs", "put(1)", "put(2)")
    done = on_a_disk(project, mount, "--snapshot-update", *workers)
    assert done.returncode == 1
    assert f"  * its snapshot is left as it was: {FULL}: {snapshots}\n" in done.stdout
    no_traceback(done.stdout + done.stderr)
    assert left(project) == {"flow_go.json": before}


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        (0, "the cache folder cannot be written (git: "),
        (32, "nowhere to store it (git: "),
    ],
)
def test_a_revision_that_does_not_fit_into_the_cache_ends_the_run(
    pinned: Project, git: Git, monkeypatch: pytest.MonkeyPatch, pages: int, problem: str
) -> None:
    git.commit({"rs/big.rs": f"// {random.Random(0).randbytes(300_000).hex()}\n"})
    revision = git("rev-parse", "HEAD")
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    monkeypatch.setenv("XDG_CACHE_HOME", str(pinned.path / "there"))
    full = "true" if pages else f"head -c {PAGE} /dev/zero > $there/else"
    done = on_a_disk(pinned, disk_of(pages or 1, full), f"--flowcorpus-out={OUT}")
    assert done.returncode == 4, done.stdout + done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    assert problem in line
    assert FULL in line
    assert line.endswith(", or choose another")
    no_traceback(done.stdout + done.stderr)
    assert not pinned.out.exists()


def test_a_full_folder_for_temporary_files_is_no_hindrance(
    pinned: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(pinned.path / "there"))
    full = disk_of(1, f"head -c {PAGE} /dev/zero > $there/else")
    args = (f"--flowcorpus-out={OUT}", "--flowcorpus-rev=main", "-n", "2")
    assert on_a_disk(pinned, full, *args).returncode == 0
    assert len(pinned.records()) == 1


def test_a_folder_for_temporary_files_that_fills_up_ends_the_run(project: Project) -> None:
    # Python looks for one that has room before the run; this one is full by the time it is used.
    project.write("conftest.py", "import tempfile\ntempfile.tempdir = 'there'\n")
    full = disk_of(1, f"head -c {PAGE} /dev/zero > $there/else")
    done = on_a_disk(project, full, f"--flowcorpus-out={OUT}", "-n", "2")
    assert done.returncode == 4, done.stdout + done.stderr
    problem = f"nothing can be written there for the workers ({FULL})"
    assert "there/pytest-flowcorpus-" in done.stderr
    assert f": {problem}; make room, or set TMPDIR\n" in done.stderr
    no_traceback(done.stdout + done.stderr)


READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0}"


def test_a_read_only_cache_serves_what_it_has(pinned: Project) -> None:
    [cache] = Path.home().parent.glob("**/pytest-flowcorpus")
    done = on_a_disk(pinned, READ_ONLY.format(cache), f"--flowcorpus-out={OUT}", "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(pinned.records()) == 1


def test_a_read_only_cache_that_lacks_the_revision_ends_the_run(pinned: Project, git: Git) -> None:
    [cache] = Path.home().parent.glob("**/pytest-flowcorpus")
    revision = git.commit({"rs/more.rs": ""})
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    done = on_a_disk(pinned, READ_ONLY.format(cache), f"--flowcorpus-out={OUT}")
    assert done.returncode == 4, done.stdout + done.stderr
    reason = "the cache folder cannot be written (Read-only file system)"
    remedy = "make it a folder of yours, or choose another"
    assert f"ERROR: {cache}: {reason}; {remedy}\n" in done.stderr
    no_traceback(done.stdout + done.stderr)


def test_an_output_on_a_read_only_disk_is_refused_before_any_flow_runs(project: Project) -> None:
    there = project.path / "there"
    done = on_a_disk(project, READ_ONLY.format(there), f"--flowcorpus-out=there/{OUT}")
    assert done.returncode == 4
    line = f"--flowcorpus-out: {there}/{OUT} cannot be written: Read-only file system: {there}"
    assert f"ERROR: {line}\n" in done.stderr
    assert "collected" not in done.stdout
