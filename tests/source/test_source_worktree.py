"""Reading a checkout on disk."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.source import (
    FileMissing,
    FileUnavailable,
    FileUnreadable,
    LinkBroken,
    NotRegular,
    NotText,
    PathIsDirectory,
    PathLeavesSource,
    SourceChanged,
    SourceUnavailable,
    Worktree,
)

if TYPE_CHECKING:
    from pathlib import Path

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# made by cargo\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for path in ("src/message.rs", "src/core/deep.rs", "ä b.rs"):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"fn a() {}\r\n")
    return folder


def _refusal(checkout: Path, path: str, kind: type[FileUnavailable]) -> str:
    with pytest.raises(FileUnavailable) as caught:
        Worktree(checkout).read(path)
    text = str(caught.value)
    assert type(caught.value) is kind
    assert text.startswith(f"{path}: ")
    assert text.isprintable()
    return text


def test_a_file_comes_as_it_is_with_the_id_git_would_give(checkout: Path) -> None:
    blob = Worktree(checkout).read("src/message.rs")
    file = checkout / "src/message.rs"
    sha = subprocess.check_output(["git", "hash-object", "--no-filters", file], text=True).strip()
    assert (blob.path, blob.data, blob.sha) == ("src/message.rs", b"fn a() {}\r\n", sha)


def test_a_file_that_changed_since_it_was_read_is_not_read_again(checkout: Path) -> None:
    source = Worktree(checkout)
    source.read("src/message.rs")
    (checkout / "src/message.rs").write_text("fn b() {}")
    with pytest.raises(SourceChanged) as caught:
        source.read("./src/message.rs")
    text = f"src/message.rs: changed in {checkout} while it was being read; "
    assert str(caught.value) == f"{text}leave the files alone and run again"


def test_a_file_that_comes_or_goes_between_two_reads_has_changed(checkout: Path) -> None:
    source = Worktree(checkout)
    source.read("src/message.rs")
    with pytest.raises(FileMissing):
        source.read("src/new.rs")
    (checkout / "src/message.rs").rename(checkout / "src/new.rs")
    for path in ("src/message.rs", "src/new.rs"):
        with pytest.raises(SourceChanged):
            source.read(path)


def test_what_was_seen_is_compared_with_what_is_there(checkout: Path) -> None:
    source = Worktree(checkout)
    blob = source.read("src/message.rs")
    source.read("src/core/deep.rs")
    with pytest.raises(FileMissing):
        source.read("none.rs")
    seen = dict(source.seen)
    assert seen == {"src/message.rs": blob.sha, "src/core/deep.rs": blob.sha, "none.rs": ""}
    assert source.changed(seen) == ()
    (checkout / "none.rs").touch()
    (checkout / "src/message.rs").unlink()
    assert Worktree(checkout).changed(seen) == ("none.rs", "src/message.rs")


_ASCII = r"""
import sys
from pathlib import Path
from pytest_flowcorpus.source import GitSource, SourceError, Worktree
from pytest_flowcorpus.source.path import utf8
place, revision, cache = sys.argv[1:]
assert sys.getfilesystemencoding() == "ascii"
git = revision and GitSource.open(utf8(place), revision, cache=Path(cache))
source = git or Worktree(Path(place))
print(ascii(source.paths()), source.read("\xe4 b.rs").data)
try:
    source.read("\xf6.rs")
except SourceError as error:
    print(ascii(str(error).partition("; ")[2]))
source.close()
"""


@pytest.mark.parametrize("is_git", [False, True])
def test_names_are_utf8_whatever_the_locale_says(
    checkout: Path,
    tmp_path: Path,
    is_git: bool,  # noqa: FBT001
) -> None:
    place = checkout.rename(tmp_path / "\u0142")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")) if is_git else ():
        subprocess.run(["git", "-C", place, *command], check=True)
    head = ("git", "-C", place, "rev-parse", "HEAD")
    revision = subprocess.check_output(head, text=True).strip() if is_git else ""
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", _ASCII, place, revision, tmp_path / "cache"],
        env=os.environ | ascii_only,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    paths = "('src/core/deep.rs', 'src/message.rs', '\\xe4 b.rs')"
    content = r"b'fn a() {}\r\n'"
    assert done.stdout.decode().splitlines() == [f"{paths} {content}", r"'did you mean \xe4 b.rs?'"]


def test_it_belongs_to_no_revision_and_closes_without_ado(checkout: Path) -> None:
    source = Worktree(checkout)
    source.close()
    source.close()
    assert source.revision is None


def test_one_file_has_one_spelling(checkout: Path) -> None:
    source = Worktree(checkout)
    spellings = ("src/message.rs", "./src//message.rs", "src/core/../message.rs")
    assert {source.read(path).path for path in spellings} == {"src/message.rs"}


def test_a_checkout_may_itself_be_reached_through_a_link(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(checkout)
    source = Worktree(tmp_path / "link")
    assert source.read("src/message.rs").data
    assert "src/message.rs" in source.paths()


def test_paths_are_the_regular_files_sorted(checkout: Path) -> None:
    (checkout / "link.rs").symlink_to("src/message.rs")
    (checkout / "folder").symlink_to("src")
    os.mkfifo(checkout / "fifo.rs")
    (checkout / os.fsdecode(b"latin\xe4.rs")).touch()
    assert Worktree(checkout).paths() == ("src/core/deep.rs", "src/message.rs", "ä b.rs")


def test_paths_leave_out_what_git_and_cargo_keep_for_themselves(checkout: Path) -> None:
    for folder, tag in (("target", _TAG), ("src/target", "not the signature")):
        (checkout / folder).mkdir()
        (checkout / folder / "made.rs").touch()
        (checkout / folder / "CACHEDIR.TAG").write_text(tag)
    (checkout / ".git").mkdir()
    (checkout / ".git/config").touch()
    (checkout / "src/.git").write_text("gitdir: elsewhere")
    found = set(Worktree(checkout).paths()) - {"ä b.rs", "src/core/deep.rs", "src/message.rs"}
    assert found == {"src/target/made.rs", "src/target/CACHEDIR.TAG"}


def test_a_link_inside_is_followed(checkout: Path) -> None:
    (checkout / "link.rs").symlink_to("src/message.rs")
    (checkout / "absolute").symlink_to(checkout / "src")
    source = Worktree(checkout)
    assert source.read("link.rs").data == source.read("absolute/message.rs").data
    assert source.read("link.rs").path == "link.rs"


def test_a_missing_file_is_told_with_the_nearest_paths(checkout: Path) -> None:
    text = _refusal(checkout, "src/mesage.rs", FileMissing)
    assert f"no such file in {checkout}; did you mean src/message.rs" in text
    assert "src/core/deep.rs" in _refusal(checkout, "old/deep.rs", FileMissing)
    assert "nothing there has a similar path" in _refusal(checkout, "q", FileMissing)


@pytest.mark.parametrize("path", ["src/message.rs/more", "x" * 999, "a\nb", "a\0b", "a\udcffb"])
def test_a_path_that_no_file_can_have_is_a_missing_file(checkout: Path, path: str) -> None:
    with pytest.raises(FileMissing) as caught:
        Worktree(checkout).read(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", ["src", "."])
def test_a_directory_is_told(checkout: Path, path: str) -> None:
    assert "a directory" in _refusal(checkout, path, PathIsDirectory)


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("../secret.rs", "by '..'"),
        ("src/../../secret.rs", "by '..'"),
        ("/etc/passwd", "by an absolute path"),
        ("file.rs", "through a link"),
        ("folder/secret.rs", "through a link"),
        ("folder/none.rs", "through a link"),
        ("settings.rs", "for git's own folder"),
        (".git/config", "for git's own folder"),
    ],
)
def test_a_path_that_leaves_is_refused(checkout: Path, tmp_path: Path, path: str, how: str) -> None:
    (tmp_path / "secret.rs").write_text("secret")
    (checkout / "file.rs").symlink_to("../secret.rs")
    (checkout / "folder").symlink_to(tmp_path)
    (checkout / ".git").mkdir()
    (checkout / ".git/config").write_text("token = secret")
    (checkout / "settings.rs").symlink_to(".git/config")
    text = _refusal(checkout, path, PathLeavesSource)
    assert f"leaves {checkout} {how}; " in text
    assert "secret" not in text.removeprefix(path)


def test_a_sibling_whose_name_begins_alike_is_outside(checkout: Path) -> None:
    sibling = checkout.with_name("checkout-2")
    sibling.mkdir()
    (sibling / "a.rs").touch()
    (checkout / "a.rs").symlink_to(sibling / "a.rs")
    _refusal(checkout, "a.rs", PathLeavesSource)


def test_links_that_lead_nowhere_are_told_apart(checkout: Path) -> None:
    (checkout / "dangling.rs").symlink_to("src/none.rs")
    (checkout / "loop.rs").symlink_to("pool.rs")
    (checkout / "pool.rs").symlink_to("loop.rs")
    text = _refusal(checkout, "dangling.rs", LinkBroken)
    assert "a link to src/none.rs, which is not there," in text
    assert "a loop of links" in _refusal(checkout, "loop.rs", LinkBroken)


def test_bytes_that_are_not_utf8_are_told_with_their_offset(checkout: Path) -> None:
    (checkout / "latin1.rs").write_bytes(b"// \xe4\n")
    assert "not UTF-8 at byte offset 3" in _refusal(checkout, "latin1.rs", NotText)


def test_a_fifo_is_refused_and_not_waited_for(checkout: Path) -> None:
    os.mkfifo(checkout / "fifo.rs")
    assert "a fifo, socket or device" in _refusal(checkout, "fifo.rs", NotRegular)


def test_a_socket_is_refused(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.rs")
        _refusal(checkout, "socket.rs", NotRegular)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_the_system_forbids_is_told(checkout: Path) -> None:
    (checkout / "src/message.rs").chmod(0)
    text = _refusal(checkout, "src/message.rs", FileUnreadable)
    assert "cannot be read" in text
    assert "Permission denied" in text
    (checkout / "src/core").chmod(0)
    assert "Permission denied" in _refusal(checkout, "src/core/deep.rs", FileUnreadable)
    with pytest.raises(FileUnreadable, match=r"^src/core: cannot be read"):
        Worktree(checkout).paths()
    (checkout / "src/core").chmod(0o700)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none", "No such file or directory"),
        ("file", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
def test_a_folder_that_is_none_is_told(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceUnavailable) as caught:
        Worktree(tmp_path / name)
    text = f"{tmp_path / name}: no folder to read ({reason}); give the folder of a checkout"
    assert str(caught.value) == text
