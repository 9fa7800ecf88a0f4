"""Files for programs: what is ours is replaced whole, and nothing else ever."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus.jsonfile import JsonFile, dumps
from pytest_flowcorpus.output import OutputError

if TYPE_CHECKING:
    from pathlib import Path

SCAN = JsonFile("a scan", "scan", ("totals", "features"))


def told(*, whole: bool = True, more: str = "") -> dict[str, Any]:
    return {"scan": {"whole": whole}, "totals": {}, "features": [more]}


def test_what_was_written_can_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    for more in ("one", "two"):
        SCAN.check(path)
        SCAN.write(path, told(more=more))
        assert path.read_bytes() == dumps(told(more=more))
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "content",
    [
        b"words",
        b"[]",
        b'{"scan": {}}',
        b'"scan"',
        b"1",
        b'{"x": {}}',
        b'{"scan": {}',
        b'["scan"]',
        b"\xff",
    ],
)
def test_what_is_no_scan_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(OutputError, match="something else than a scan"):
        SCAN.check(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mark", [b"[]", b'"whole"', b"null", b"1"])
def test_what_became_something_else_since_it_was_checked_ends_no_run(
    tmp_path: Path, mark: bytes
) -> None:
    path = tmp_path / "scan.json"
    path.write_bytes(b'{"scan": %b, "totals": {}, "features": []}' % mark)
    SCAN.write(path, told(whole=False))
    assert path.read_bytes() == dumps(told(whole=False))


def test_an_empty_file_is_filled_and_a_selection_never_replaces_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.touch()
    SCAN.check(path)
    SCAN.write(path, told())
    with pytest.raises(OutputError, match="a scan of a whole corpus"):
        SCAN.write(path, told(whole=False))
    assert path.read_bytes() == dumps(told())


def test_neither_is_a_folder_or_what_is_below_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="something else than a scan"):
        SCAN.check(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is not a folder"):
        SCAN.check(tmp_path / "file" / "scan.json")


def test_a_name_that_no_file_can_have_is_an_error_with_that_name(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        SCAN.check(tmp_path / f"{'x' * 300}.json")


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    (tmp_path / "link.json").symlink_to("words.txt")
    with pytest.raises(OutputError, match="something else than a scan"):
        SCAN.check(tmp_path / "link.json")


def test_a_new_file_may_stand_in_a_new_folder_and_nothing_is_left_of_asking(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "scan.json"
    SCAN.check(path)
    assert [*tmp_path.iterdir()] == []
    SCAN.write(path, told())
    assert path.read_bytes() == dumps(told())


def test_a_write_that_fails_names_the_file_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scan.json"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"scan\.json cannot be written: No space left"):
        SCAN.write(path, told())
    assert [path.read_bytes(), *tmp_path.iterdir()] == [b"old", path]
