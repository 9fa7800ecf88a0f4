from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from pytest_flowcorpus import spool
from pytest_flowcorpus.spool import Spool


def test_what_was_put_aside_is_read_again_in_any_order() -> None:
    aside = Spool()
    kept = [aside.keep(data) for data in (b"first", b"", b"\n\0third")]
    assert [one.read() for one in reversed(kept)] == [b"\n\0third", b"", b"first"]
    later = aside.keep(b"later")
    assert [b"".join(one) for one in (*kept, later)] == [b"first", b"", b"\n\0third", b"later"]


def test_nothing_of_it_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = Spool().keep(b"data")
    assert [*tmp_path.iterdir()] == []
    assert kept.read() == b"data"


def test_what_the_disk_has_no_room_for_is_held_in_memory() -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    aside = Spool()
    kept = [aside.keep(b"a" * 600)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        # The second does not fit, nor half of it; the third does.
        kept += [aside.keep(b"b" * 600), aside.keep(b"c" * 300)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [one.read() for one in kept] == [b"a" * 600, b"b" * 600, b"c" * 300]


def test_without_a_folder_for_it_all_is_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(spool, "TemporaryFile", nowhere)
    assert Spool().keep(b"data").read() == b"data"
