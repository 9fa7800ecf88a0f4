"""Watching a git that talks to a remote: what it says as it says it, and when it falls silent."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO

from pytest_flowcorpus.source.command import Reply, end, start
from pytest_flowcorpus.source.errors import printable

Progress = Callable[[str], None]
_Git = subprocess.Popen[bytes]
_Heard = SimpleQueue[bytes]

_TICK = 0.1  # seconds between two looks at whether a silent git has ended
_LINES_KEPT = 100
_LINE_AT_MOST = 64 * 1024
_LINE_END = re.compile(rb"[\r\n]+")


class GitSilent(Exception):  # noqa: N818 - it says what happened; users never see the name
    """Git said nothing for too long and was killed."""


def watch(arguments: Sequence[str], hear: Progress, patience: float) -> Reply:
    """Run git, handing ``hear`` each line and each update that it writes to stderr.

    Raises ``GitSilent`` after ``patience`` seconds without a word; git and whatever it started
    are dead by then.
    """
    said: deque[str] = deque(maxlen=_LINES_KEPT)
    with tempfile.TemporaryFile() as out, _running(arguments, out) as (process, heard):
        for line in _lines(_chunks(process, heard, patience)):
            said.append(line)
            hear(line)
        out.seek(0)
        return Reply(process.returncode, out.read(), "\n".join(said))


@contextmanager
def _running(arguments: Sequence[str], out: IO[bytes]) -> Iterator[tuple[_Git, _Heard]]:
    ours, gits = os.pipe()
    heard: _Heard = SimpleQueue()
    try:
        process = start(arguments, stdout=out, stderr=gits)
    finally:
        os.close(gits)
        Thread(target=_pump, args=(ours, heard), daemon=True).start()
    try:
        yield process, heard
    finally:
        end(process)


def _pump(pipe: int, heard: _Heard) -> None:
    # Only this thread reads and closes the pipe: what git leaves running (ssh's ControlPersist,
    # a credential cache) holds the other end open, so its end may come long after git's.
    while chunk := os.read(pipe, 65536):
        heard.put(chunk)
    os.close(pipe)
    heard.put(b"")


def _chunks(process: _Git, heard: _Heard, patience: float) -> Iterator[bytes]:
    while chunk := _next(process, heard, monotonic() + patience):
        yield chunk
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        raise GitSilent from None


def _next(process: _Git, heard: _Heard, deadline: float) -> bytes:
    while True:
        with suppress(Empty):
            return heard.get(timeout=_TICK)
        if process.poll() is not None:
            return b""
        if monotonic() > deadline:
            raise GitSilent


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = _LINE_END.split((rest + chunk)[-_LINE_AT_MOST:])
        yield from _readable(whole)
    yield from _readable([rest])


def _readable(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        if text := printable(line.decode(errors="replace")).strip():
            yield text
