"""Replacing files: wholly or not at all, and never two runs at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_flowcorpus import disk


def test_what_killed_runs_left_aside_goes_and_all_else_stays(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in (".x.json.partial", "x.json.12.partial", ".x.12.partial~")]
    left = [tmp_path / name for name in (".x.json.12.partial", ".y[1].json.4321.partial")]
    for path in (*kept, *left):
        path.write_bytes(b"")
    disk.replace({tmp_path / "x.json": b"new"})
    assert {*tmp_path.iterdir()} == {*kept, tmp_path / "x.json"}


def test_what_is_left_of_a_file_is_told_from_what_is_left_of_others(tmp_path: Path) -> None:
    for name in (".a[b].json.12.partial", ".a[b].json.7.partial", ".ab.json.1.partial"):
        (tmp_path / name).write_bytes(b"")
    left = [path.name for path in disk.left_aside(tmp_path / "a[b].json")]
    assert left == [".a[b].json.12.partial", ".a[b].json.7.partial"]


def test_files_of_one_run_are_never_mixed_with_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first run stops between its two files; the second would replace both meanwhile.
    between, go_on = threading.Event(), threading.Event()
    as_it_is = Path.replace

    def stopping(self: Path, target: Path) -> Path:
        if self.read_bytes() == b"first" and target.name == "b":
            between.set()
            go_on.wait(20)
        return as_it_is(self, target)

    monkeypatch.setattr(Path, "replace", stopping)
    first = threading.Thread(target=_both, args=(tmp_path, b"first"))
    first.start()
    assert between.wait(20)
    with subprocess.Popen([sys.executable, "-c", _SECOND, tmp_path], stdout=subprocess.PIPE) as two:
        assert two.stdout is not None
        assert two.stdout.readline() == b"begins\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it waits, for however long
            two.wait(1)
        go_on.set()
        first.join(120)
        assert two.wait(120) == 0
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"second", b"second"]


_SECOND = """
import sys
from pathlib import Path
from pytest_flowcorpus import disk
print("begins", flush=True)
disk.replace({Path(sys.argv[1], name): b"second" for name in "ab"})
"""


def _both(folder: Path, data: bytes) -> None:
    disk.replace({folder / name: data for name in "ab"})


def test_whoever_is_killed_holds_nobody_back(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pytest_flowcorpus import disk\n"
        "with disk.alone_in(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == b"in\n"
        os.kill(one.pid, signal.SIGKILL)
    disk.replace({tmp_path / "a": b"new"})
    assert (tmp_path / "a").read_bytes() == b"new"
