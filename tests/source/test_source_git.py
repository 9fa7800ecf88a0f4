"""Reading the files of a commit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_flowcorpus.source import (
    Blob,
    FileMissing,
    FileUnavailable,
    GitSource,
    LfsPointer,
    LinkBroken,
    NotRegular,
    NotText,
    PathIsDirectory,
    PathLeavesSource,
    SourceUnavailable,
)
from pytest_flowcorpus.source.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.source.conftest import Origin

_OTHER_COMMIT = "1" * 40


def test_a_file_comes_byte_for_byte_with_gits_own_id(origin: Origin, cache: Path) -> None:
    data = "\ufefffn ä() {}\r\n\tx\n\0no newline at the end".encode()
    origin.file("src/lib.rs", data)
    sha = origin.commit()
    source = GitSource.open(origin.url, sha, cache=cache)
    blob = source.read("src/lib.rs")
    assert (blob.path, blob.data) == ("src/lib.rs", data)
    assert blob.sha == origin.git("rev-parse", f"{sha}:src/lib.rs")
    assert source.revision == sha
    source.close()


def test_a_big_file_and_an_empty_one_come_whole(origin: Origin, cache: Path) -> None:
    origin.file("big.rs", b"// 0123456789\n" * 500_000)
    origin.file("empty.rs", b"")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert len(source.read("big.rs").data) == 14 * 500_000
    assert source.read("empty.rs").data == b""
    assert source.read("big.rs").data.endswith(b"0123456789\n")
    source.close()


def test_one_file_has_one_spelling(origin: Origin, cache: Path) -> None:
    origin.file("a/b.rs")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert {source.read(p).path for p in ("a/b.rs", "./a//b.rs", "a/../a/./b.rs")} == {"a/b.rs"}
    source.close()


def test_paths_are_the_regular_files_sorted(origin: Origin, cache: Path) -> None:
    for path in ("b.rs", "a/z.rs", "a.rs", "ä.rs", "B/x.rs"):
        origin.file(path)
    origin.file("tool.sh", b"#!/bin/sh\n", mode="100755")
    origin.link("link.rs", "b.rs")
    origin.submodule("vendored", _OTHER_COMMIT)
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert source.paths() == ("B/x.rs", "a.rs", "a/z.rs", "b.rs", "tool.sh", "ä.rs")


def test_a_link_inside_the_tree_is_followed(origin: Origin, cache: Path) -> None:
    origin.file("real/deep/x.rs", b"here")
    origin.link("a/link.rs", "../real/deep/x.rs")
    origin.link("folder", "real/deep")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert source.read("a/link.rs").data == b"here"
    assert source.read("folder/x.rs").data == b"here"
    assert source.read("folder/x.rs").path == "folder/x.rs"
    source.close()


_REFUSED = [
    ("src/mesage.rs", FileMissing, "no such file", "did you mean src/message.rs"),
    ("old/deep.rs", FileMissing, "no such file", "src/core/deep.rs"),
    ("src/message.rs/more", FileMissing, "no such file", "did you mean"),
    ("src", PathIsDirectory, "a directory", "name a file inside"),
    (".", PathIsDirectory, "a directory", "name a file inside"),
    ("to_src", PathIsDirectory, "a directory", "name a file inside"),
    ("../secret", PathLeavesSource, "by '..'", "inside"),
    ("src/../../secret", PathLeavesSource, "by '..'", "inside"),
    ("/etc/passwd", PathLeavesSource, "by an absolute path", "inside"),
    ("out.rs", PathLeavesSource, "through a link", "inside"),
    ("absolute.rs", PathLeavesSource, "through an absolute link", "inside"),
    ("dangling.rs", LinkBroken, "a link to src/none.rs, which is not there", "name the file"),
    ("loop.rs", LinkBroken, "a loop of links", "name the file"),
    ("endless.rs", LinkBroken, "of absurd length", "name the file"),
    ("latin1.rs", NotText, "not UTF-8 at byte offset 3", "UTF-8"),
    ("vendored", NotRegular, "a submodule", "name a regular file"),
    ("vendored/src/lib.rs", NotRegular, "a submodule", "name a regular file"),
]


@pytest.fixture
def refusing(origin: Origin, cache: Path) -> Iterator[GitSource]:
    origin.file("src/message.rs")
    origin.file("src/core/deep.rs")
    origin.file("latin1.rs", b"// \xe4\n")
    origin.link("to_src", "src")
    origin.link("out.rs", "../secret")
    origin.link("absolute.rs", "/etc/passwd")
    origin.link("dangling.rs", "src/none.rs")
    origin.link("loop.rs", "pool.rs")
    origin.link("pool.rs", "loop.rs")
    origin.link("endless.rs", "a/" * 3000)
    origin.submodule("vendored", _OTHER_COMMIT)
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    yield source
    source.close()


@pytest.mark.parametrize(("path", "kind", "what", "remedy"), _REFUSED)
def test_a_path_that_cannot_be_read_says_why_and_what_to_do(
    refusing: GitSource, path: str, kind: type[FileUnavailable], what: str, remedy: str
) -> None:
    with pytest.raises(FileUnavailable) as caught:
        refusing.read(path)
    text = str(caught.value)
    assert type(caught.value) is kind
    assert text.startswith(f"{path}: ")
    assert what in text
    assert remedy in text.split("; ", 1)[1]
    assert "\n" not in text


def test_a_refused_path_spoils_nothing_for_the_next(refusing: GitSource) -> None:
    for path, *_ in _REFUSED:
        with pytest.raises(FileUnavailable):
            refusing.read(path)
    assert refusing.read("src/message.rs").data == b"fn a() {}\n"


_ODD_NAMES = (
    "new\nline.rs",
    "carriage\rreturn.rs",
    "tab\t.rs",
    " blank .rs",
    '"quoted".rs',
    "back\\slash.rs",
    "-dash.rs",
    "a:b.rs",
    "*?[x].rs",
    "HEAD",
    "\u202ereversed.rs",
    "e\u0301.rs",
)


def test_odd_names_are_only_names(origin: Origin, cache: Path) -> None:
    for name in _ODD_NAMES:
        origin.file(name, name.encode())
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert source.paths() == tuple(sorted(_ODD_NAMES))
    assert [source.read(name).data for name in _ODD_NAMES] == [n.encode() for n in _ODD_NAMES]
    source.close()


@pytest.mark.parametrize("path", ["a\nb.rs", "a\x1b[2Jb.rs", "a\0b.rs", "a\udcffb.rs", "x" * 9999])
def test_an_odd_name_that_is_missing_is_told_on_one_printable_line(
    refusing: GitSource, path: str
) -> None:
    with pytest.raises(FileMissing) as caught:
        refusing.read(path)
    assert str(caught.value).isprintable()


def test_a_name_that_is_not_utf8_is_left_out(origin: Origin, cache: Path) -> None:
    origin.file("plain.rs")
    origin.file(os.fsdecode(b"latin\xe4.rs"))
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert source.paths() == ("plain.rs",)


def _reader(source: GitSource) -> subprocess.Popen[bytes]:
    running = source._objects._git
    assert running is not None
    return running


def test_reading_goes_on_when_git_was_killed(origin: Origin, cache: Path) -> None:
    origin.file("a.rs", b"a")
    origin.file("b.rs", b"b")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    source.read("a.rs")
    killed = _reader(source)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert source.read("b.rs").data == b"b"
    assert _reader(source) is not killed
    source.close()


def test_a_read_that_was_interrupted_is_not_answered_later(
    origin: Origin, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    origin.file("a.rs", b"a")
    origin.file("b.rs", b"b")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    with monkeypatch.context() as patch:
        patch.setattr("pytest_flowcorpus.source.objects._Answer.exactly", interrupted)
        with pytest.raises(KeyboardInterrupt):
            source.read("a.rs")
    assert source.read("b.rs").data == b"b"
    source.close()


def test_close_ends_git_and_may_be_called_again(origin: Origin, cache: Path) -> None:
    origin.file("a.rs")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    source.read("a.rs")
    running = _reader(source)
    source.close()
    source.close()
    assert running.returncode == 0


def test_git_is_not_started_before_the_first_read(origin: Origin, cache: Path) -> None:
    origin.file("a.rs")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    source.paths()
    assert source._objects._git is None


_POINTER = b"version https://git-lfs.github.com/spec/v1\next-0-x sha256:1\noid sha256:0\nsize 1\n"


def test_an_lfs_pointer_is_named_as_one(origin: Origin, cache: Path) -> None:
    origin.file(".gitattributes", b"*.rs filter=lfs\n")
    origin.file("big.rs", _POINTER)
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    with pytest.raises(LfsPointer) as caught:
        source.read("big.rs")
    assert str(caught.value) == (
        "big.rs: a Git LFS pointer: the repository does not hold the file's content; "
        "read a checkout after `git lfs pull`"
    )
    source.close()


@pytest.mark.parametrize("data", [b"// " + _POINTER, _POINTER.replace(b"oid", b"id"), b"version 1"])
def test_what_only_looks_like_an_lfs_pointer_is_read(
    origin: Origin, cache: Path, data: bytes
) -> None:
    origin.file("a.rs", data)
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    assert source.read("a.rs").data == data
    source.close()


def test_nothing_of_a_repository_is_ever_run(
    origin: Origin, cache: Path, tmp_path: Path, gitconfig: Path
) -> None:
    marker = tmp_path / "it-ran"
    _booby_trap(origin, tmp_path, gitconfig, marker)
    sha = origin.commit()
    marker.unlink()  # the test's own commit sprang a trap of the user's settings
    source = GitSource.open(origin.url, sha, cache=cache)
    assert source.read("a.rs").data == b"fn a() {}\n"
    source.close()
    assert not marker.exists()
    subprocess.run(["git", "clone", "-q", origin.url, tmp_path / "clone"], check=False)
    assert marker.exists(), "the traps are no traps"


def _booby_trap(origin: Origin, tmp_path: Path, gitconfig: Path, marker: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho $0 >> '{marker}'\ncat\n")
    trap.chmod(0o755)
    for hooks in (tmp_path / "global-hooks", tmp_path / "template/hooks", origin.folder / "hooks"):
        hooks.mkdir(parents=True)
        for name in ("reference-transaction", "post-checkout", "post-update", "fsmonitor-watchman"):
            (hooks / name).symlink_to(trap)
    with gitconfig.open("a") as file:
        file.write(f"[core]\n\thooksPath = {tmp_path}/global-hooks\n\tfsmonitor = {trap}\n")
        file.write(f"[init]\n\ttemplateDir = {tmp_path}/template\n")
        file.write(f'[filter "x"]\n\tsmudge = {trap}\n\trequired\n')
    origin.file(".gitattributes", b"*.rs filter=x\n")
    origin.file(".gitmodules", b'[submodule "v"]\n\tpath = v\n\turl = ext::sh -c touch% x\n')
    origin.submodule("v", _OTHER_COMMIT)
    origin.file("a.rs")


def test_alternates_in_the_tree_lead_nowhere(origin: Origin, cache: Path, tmp_path: Path) -> None:
    origin.file("objects/info/alternates", str(tmp_path / "elsewhere").encode())
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    source.read("objects/info/alternates")
    source.close()
    assert not list(cache.glob("*/objects/info/alternates"))


_NAMES = st.sampled_from("abc")
# Git's --follow-symlinks, unlike a kernel, does not know '.' in a link.
_STEPS = st.lists(st.sampled_from(["a", "b", "c", ".."]), min_size=1, max_size=5)
_TARGETS = st.builds(
    lambda top, steps: top + "/".join(steps), st.sampled_from(["", "", "/"]), _STEPS
)
_TREES = st.recursive(
    st.one_of(st.just(None), _TARGETS),
    lambda inner: st.dictionaries(_NAMES, inner, min_size=1),
    max_leaves=10,
)
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = tmp_path_factory.mktemp("links")
    _git(repository, "init", "-q", "--bare", "--template=", ".")
    return repository


@settings(max_examples=60, deadline=None)
@given(root=st.dictionaries(_NAMES, _TREES, min_size=1), asked=st.lists(_PATHS, max_size=9))
def test_links_lead_where_git_itself_follows_them(
    links: Path, root: dict[str, Any], asked: list[str]
) -> None:
    flat = _links(root)
    _import(links, flat)
    tree = Tree.parse("here", _git(links, "ls-tree", "-r", "-t", "-z", "main"))
    requests = "".join(f"main:{path}\n" for path in asked).encode()
    said = _git(links, "cat-file", "--batch-check", "--follow-symlinks", data=requests)
    targets = {Blob.of("", (t or "").encode()).sha: (t or "").encode() for t in flat.values()}
    for path, verdict in zip(asked, _verdicts(said), strict=True):
        assert _followed(tree, path, targets) in verdict, path


def _links(root: dict[str, Any]) -> dict[str, str | None]:
    """Flatten nested dicts: a path for each link, with its target, and each file, with None."""
    flat, todo = {}, list(root.items())
    while todo:
        path, inner = todo.pop()
        if isinstance(inner, dict):
            todo += [(f"{path}/{name}", below) for name, below in inner.items()]
        else:
            flat[path] = inner
    return flat


def _import(repository: Path, links: dict[str, str | None]) -> None:
    stream = "commit refs/heads/main\ncommitter a <a> 0 +0000\ndata 0\n"
    for path, target in links.items():
        data = path if target is None else target
        mode = "100644" if target is None else "120000"
        stream += f"M {mode} inline {path}\ndata {len(data)}\n{data}\n"
    _git(repository, "fast-import", "--quiet", "--force", data=stream.encode())


def _git(repository: Path, *arguments: str, data: bytes = b"") -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def _followed(tree: Tree, path: str, targets: dict[str, bytes]) -> str:
    try:
        entry = tree.follow(path, lambda link: targets[link.sha])
    except (PathLeavesSource, LinkBroken) as error:
        return type(error).__name__
    return "missing" if entry is None else "tree" if entry.is_tree else entry.sha


def _verdicts(said: bytes) -> Iterator[set[str]]:
    """Read what git-cat-file(1) prints under --follow-symlinks: what we may say to it."""
    lines = iter(said.decode().splitlines())
    for line in lines:
        match line.split(" "):
            case [_, "tree", _]:
                yield {"tree"}
            case [sha, "blob", _]:
                yield {sha}
            case [*_, "missing"]:
                yield {"missing"}
            case [word, _]:
                next(lines)
                yield {
                    "symlink": {"PathLeavesSource"},
                    "dangling": {"LinkBroken"},
                    "loop": {"LinkBroken"},
                    "notdir": {"missing", "LinkBroken"},
                }[word]


def test_without_a_home_the_way_out_is_told(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless(_: str) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pytest_flowcorpus.source.git.user_cache_path", homeless)
    with pytest.raises(SourceUnavailable, match="set HOME or XDG_CACHE_HOME"):
        GitSource.open(origin.url, "0" * 40)


_HANGING = """#!/bin/sh
case " $* " in *" {word} "*) echo hung >> '{folder}/calls'; exec sleep 60;; esac
exec '{git}' "$@"
"""


def _hang_in(word: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have git hang in one of its commands; gives the file with a line for each time."""
    folder.mkdir()
    shim = folder / "git"
    shim.write_text(_HANGING.format(word=word, folder=folder, git=shutil.which("git")))
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder / "calls"


def test_a_git_that_hangs_over_a_file_is_stopped_and_not_asked_again(
    origin: Origin, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.file("a.rs")
    source = GitSource.open(origin.url, origin.commit(), cache=cache, patience=3)
    calls = _hang_in("cat-file", tmp_path / "shim", monkeypatch)
    for _ in range(2):
        with pytest.raises(SourceUnavailable) as caught:
            source.read("a.rs")
        text = f"{next(cache.glob('*.git'))}: git said nothing for 3 s and was stopped; "
        assert str(caught.value) == f"{text}see whether the disk answers, then run again"
    assert calls.read_text() == "hung\n"
    source.close()


@pytest.mark.parametrize("word", ["ls-tree", "version", "init"])
def test_a_git_that_hangs_over_the_cache_is_stopped(
    origin: Origin, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    origin.file("a.rs")
    sha = origin.commit()
    if word == "ls-tree":
        GitSource.open(origin.url, sha, cache=cache).close()
    calls = _hang_in(word, tmp_path / "shim", monkeypatch)
    with pytest.raises(SourceUnavailable, match="said nothing for 3 s and was stopped; see"):
        GitSource.open(origin.url, sha, cache=cache, patience=3)
    assert calls.exists()


def test_a_git_that_will_not_end_does_not_hold_up_the_run(
    origin: Origin, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_flowcorpus.source.objects._PARTING", 0.2)
    origin.file("a.rs")
    source = GitSource.open(origin.url, origin.commit(), cache=cache)
    source.read("a.rs")
    running = _reader(source)
    running.send_signal(signal.SIGSTOP)
    source.close()
    assert running.returncode == -signal.SIGKILL
