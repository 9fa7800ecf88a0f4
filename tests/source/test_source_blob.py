"""Blobs, and the spelling of their paths."""

from __future__ import annotations

import pickle
import posixpath
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_flowcorpus.source import Blob, NotText, PathLeavesSource, SourceError
from pytest_flowcorpus.source import errors as words
from pytest_flowcorpus.source.path import nearest, spelling

_TREE = ("src/core/message.rs", "src/db/message.rs", "src/lib.rs", "README.md")


@pytest.mark.parametrize("data", [b"", b"fn a() {}\n", "ä\r\n".encode(), b"\xef\xbb\xbf", b"\0"])
def test_the_id_is_the_one_git_computes(data: bytes) -> None:
    command = ["git", "hash-object", "--stdin", "--no-filters"]
    sha = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert Blob.of("a.rs", data).sha == sha.strip()


@given(before=st.text(), bad=st.sampled_from([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"]))
def test_bytes_that_are_not_utf8_make_no_blob(before: str, bad: bytes) -> None:
    offset = len(before.encode())
    with pytest.raises(NotText, match=rf"^a\.rs: not UTF-8 at byte offset {offset};"):
        Blob.of("a.rs", before.encode() + bad)


@given(st.text())
def test_any_text_makes_a_blob(text: str) -> None:
    assert Blob.of("a.rs", text.encode()).data.decode() == text


_DEEP = "/1/2/3/4/5/6/7/8"  # deeper than the paths below climb


@given(st.lists(st.sampled_from(["a", "b", "..", ".", ""]), max_size=8).map("/".join))
def test_a_path_is_spelt_as_it_would_be_below_any_folder_or_refused(path: str) -> None:
    assume(not path.startswith("/"))
    inside = posixpath.normpath(f"{_DEEP}/{path}")
    if f"{inside}/".startswith(f"{_DEEP}/"):
        assert spelling(path, "here") == posixpath.relpath(inside, _DEEP)
    else:
        with pytest.raises(PathLeavesSource):
            spelling(path, "here")


def test_the_nearest_paths_are_the_files_of_that_name_then_the_similar_ones() -> None:
    assert set(nearest("src/queue/message.rs", _TREE)[:2]) == set(_TREE[:2])
    assert nearest("src/core/mesage.rs", _TREE)[0] == "src/core/message.rs"
    assert nearest("src/queue/lib.rs", _TREE)[0] == "src/lib.rs"
    assert nearest("Cargo.toml", _TREE) == ()
    assert len(nearest("x/mod.rs", [f"{n}/mod.rs" for n in range(9)])) == 3


@pytest.mark.parametrize("kind", SourceError.__subclasses__())
def test_an_error_survives_the_way_between_two_processes(kind: type[SourceError]) -> None:
    sent = kind("a.rs: no such file; try another")
    received = pickle.loads(pickle.dumps(sent))
    assert (type(received), str(received)) == (kind, str(sent))


def test_a_message_is_one_printable_line_without_passwords() -> None:
    error = words.unavailable("https://ada:pa55@host/x\x1b[2J", "two\nlines\u2028", "go on")
    assert str(error) == r"https://host/x\x1b[2J: two\nlines\u2028; go on"
