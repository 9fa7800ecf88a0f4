from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus import pages
from pytest_flowcorpus.output import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def test_pages_are_written_by_their_names_as_utf_8(tmp_path: Path) -> None:
    pages.put(tmp_path / "pages", {"a.md": ["# Ä\n".encode()], "b.md": [b"b\n"]})
    written = {file.name: file.read_bytes() for file in (tmp_path / "pages").iterdir()}
    assert written == {"a.md": "# Ä\n".encode(), "b.md": b"b\n"}


@pytest.mark.parametrize(
    ("error", "why"),
    [(OSError(28, "No space left"), "No space left"), (OSError("it broke"), "it broke")],
)
def test_pages_that_cannot_be_written_are_told_with_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError) as told:
        pages.put(tmp_path, {"go.md": [b"# Going\n"]})
    assert str(told.value) == f"{tmp_path}: pages not written: {why}"
    assert list(tmp_path.iterdir()) == []
