"""Stands in for ssh: runs the command here, and stops in the middle where it was told to.

    ssh.py FOLDER OPTION... HOST COMMAND

FOLDER/order holds one word: pass, wait (before anything is said), stall (after a part of the
answer) or linger (something stays behind that holds stderr open). Waiting ends when
FOLDER/release appears, and by itself after a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

_PART = 100_000
_BEHIND = "stay behind"


def main() -> int:
    folder, command = Path(sys.argv[1]), sys.argv[-1]
    if command == _BEHIND:
        _wait(folder)
        (folder / "lingered").touch()
        return 0
    order = folder / "order"
    word = order.read_text() if order.exists() else "pass"
    _called(folder)
    if word == "wait":
        _wait(folder)
    if word == "linger":
        _linger(folder)
    if word != "stall":
        return subprocess.run(["sh", "-c", command], check=False).returncode
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        _pass_a_part(process.stdout)
        (folder / "stalled").touch()
        _wait(folder)
        process.kill()
    return 1


def _called(folder: Path) -> None:
    written = folder / f"new-{os.getpid()}"
    written.write_text(str(os.getpgrp()))
    written.rename(folder / f"call-{os.getpid()}")


def _pass_a_part(stdout: IO[bytes]) -> None:
    left = _PART
    while left and (chunk := os.read(stdout.fileno(), min(left, 4096))):
        os.write(1, chunk)
        left -= len(chunk)


def _wait(folder: Path) -> None:
    end = time.monotonic() + 60
    while not (folder / "release").exists() and time.monotonic() < end:
        time.sleep(0.02)


def _linger(folder: Path) -> None:
    again = [sys.executable, __file__, str(folder), _BEHIND]
    subprocess.Popen(again, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
