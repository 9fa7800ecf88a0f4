"""Killed at any moment, a run leaves every file whole, old or new, and the next run works.

Fifty runs and more: half are killed when a clock says so, all over the length of a run, and half
just before they touch a file, at each such step in turn.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.project import HANDLER, OUT, QUIET, Project

FLOWS: Final = ("go", "more", "other")
COMMAND: Final = (sys.executable, "-m", "pytest", *QUIET, "--snapshot-update")
RUNS: Final = 10  # of each that a clock kills

# Every step that changes a file of the project: opened to be written, synced (and then cut off in
# the middle of what was written), renamed, removed. The process kills itself before the n-th.
CONFTEST: Final = """
import os, signal, sys
from pathlib import Path

HERE, LEFT = str(Path(__file__).parent), [int(os.environ.get("DIE_AT", 0))]


def step():
    LEFT[0] -= 1
    if LEFT[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def hook(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if writes or event in ("os.rename", "os.remove"):
        if str(args[0]).startswith(HERE):
            step()


def fsync(handle, as_it_is=os.fsync):
    if LEFT[0] == 1:
        os.ftruncate(handle, os.fstat(handle).st_size // 2)
    step()
    as_it_is(handle)


def pytest_configure(config):
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker:
        (Path(HERE) / f"{worker}.pid").write_text(str(os.getpid()))
    elif LEFT[0]:
        os.fsync = fsync
        sys.addaudithook(hook)
"""

Files = dict[str, bytes]


class Killing:
    """A project whose Rust goes to and fro between two states, and what a run makes of each."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.number = 0
        project.write("conftest.py", CONFTEST)
        for name in FLOWS[1:]:
            project.spec(name)
        self.made = [self._made(), self._made()]

    def _made(self) -> Files:
        self.change()
        began = time.monotonic()
        assert self.start().wait(120) == 0
        self.length = time.monotonic() - began
        return self.files()

    def change(self) -> None:
        """Turn to the other state: every file that a run writes has to be written anew."""
        self.number += 1
        self.project.write("rust/handler.rs", HANDLER.replace("put(1)", f"put({self.number % 2})"))

    def start(self, *args: str, die_at: int = 0) -> subprocess.Popen[bytes]:
        for file in self.project.path.glob("gw*.pid"):  # of a run before, and dead
            file.unlink()
        return subprocess.Popen(
            (*COMMAND, f"--flowcorpus-out={OUT}", *args),
            cwd=self.project.path,
            env=os.environ | {"DIE_AT": str(die_at)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def files(self) -> Files:
        return {name: data for name, data in self.project.files().items() if "rust" not in name}

    def check(self) -> None:
        """Every file is wholly that of one state, and no state's JSONL lacks its manifest."""
        files = self.files()
        assert files.keys() == self.made[0].keys()
        for name, data in files.items():
            assert data in [made[name] for made in self.made], name
        digest = sha256(files[OUT]).hexdigest()
        aside = self.project.path.glob(".flows.manifest.json.*.partial")
        manifests = (self.project.path / "flows.manifest.json", *aside)
        assert digest in [_digest(manifest) for manifest in manifests]

    def check_next(self) -> None:
        """The next run works, and leaves nothing behind of those before it."""
        assert self.start().wait(120) == 0
        assert self.files() == self.made[(self.number + 1) % 2]
        left = [path.name for path in self.project.path.rglob("*") if "partial" in path.name]
        assert left == []

    def workers(self) -> list[int]:
        files = sorted(self.project.path.glob("gw*.pid"))
        return [int(text) for file in files if (text := file.read_text())]


def _digest(manifest: Path) -> str:
    try:
        return str(json.loads(manifest.read_bytes())["jsonl"]["sha256"])
    except ValueError:  # one that was cut off while it was written
        return ""


@pytest.fixture
def killing(project: Project) -> Killing:
    return Killing(project)


def _wait_for_the_end_of(pids: list[int]) -> None:
    end = time.monotonic() + 60
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < end, "a worker lives on without its controller"
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def _kill(pid: int) -> bool:
    """Kill a process, and tell whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _kill_all_over(length: float, seed: int, kill_at: Callable[[float], bool]) -> None:
    """Kill a run in each of ten parts of its length; where it ended sooner, another, earlier."""
    chance = random.Random(seed)
    for part in range(RUNS):
        moment = (part + chance.random()) / RUNS * length
        while not kill_at(moment):
            moment /= 2


def test_a_run_killed_before_any_step_that_writes_leaves_whole_files(killing: Killing) -> None:
    for step in itertools.count(1):
        killing.change()
        code = killing.start(die_at=step).wait(120)
        killing.check()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 4 * len(FLOWS) + 8  # each snapshot in four steps; two files of output
    killing.check_next()


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_controller_killed_at_any_moment_leaves_whole_files(
    killing: Killing, workers: tuple[str, ...]
) -> None:
    def kill_at(moment: float) -> bool:
        killing.change()
        running = killing.start(*workers)
        time.sleep(moment)
        running.kill()
        killed = running.wait(120) == -signal.SIGKILL
        _wait_for_the_end_of(killing.workers())
        killing.check()
        return killed

    _kill_all_over(killing.length * (2 if workers else 1), len(workers), kill_at)
    killing.check_next()


def test_a_worker_killed_at_any_moment_leaves_whole_files(killing: Killing) -> None:
    chance = random.Random(7)

    def kill_at(moment: float) -> bool:
        killing.change()
        running = killing.start("-n", "2")
        while not killing.workers() and running.poll() is None:
            time.sleep(0.02)
        time.sleep(moment)
        killed = _kill(chance.choice(killing.workers()))
        running.wait(120)
        killing.check()
        return killed

    _kill_all_over(killing.length, 7, kill_at)
    killing.check_next()
