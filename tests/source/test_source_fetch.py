"""Fetching a revision into the cache, and all that can be wrong with either."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.source import GitSource, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.source.conftest import Origin, Ssh

_NOBODYS_SHA = "deadbeef" * 5
_RUN = """
import sys
from pathlib import Path
from pytest_flowcorpus.source import GitSource
url, sha, cache = sys.argv[1:]
source = GitSource.open(url, sha, cache=Path(cache), progress=lambda text: print(text, flush=True))
print("read", len(source.read("old.rs").data), flush=True)
source.close()
"""


def _refusal(url: str, revision: str, cache: Path, patience: float = 20) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        GitSource.open(url, revision, cache=cache, patience=patience)
    text = str(caught.value)
    assert text.isprintable()
    assert "; " in text
    return text


def _read(source: GitSource, path: str) -> bytes:
    try:
        return source.read(path).data
    finally:
        source.close()


def _folder(cache: Path) -> Path:
    (folder,) = cache.glob("*.git")
    return folder


def _until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def sha(origin: Origin) -> str:
    """Two commits; the sha of the second."""
    origin.file("old.rs")
    origin.commit()
    origin.file("b.rs", b"b")
    return origin.commit()


@pytest.fixture
def big(origin: Origin) -> str:
    """A commit that does not fit into the part of an answer after which ssh.py stalls."""
    origin.file("old.rs")
    origin.file("big.rs", random.Random(0).randbytes(300_000).hex().encode())
    return origin.commit()


def test_only_the_revision_is_fetched_and_not_its_history(
    origin: Origin, sha: str, cache: Path
) -> None:
    GitSource.open(origin.url, sha, cache=cache).close()
    assert origin.git("--git-dir", _folder(cache), "rev-list", "--all").split() == [sha]


def test_a_revision_that_is_there_needs_no_remote(origin: Origin, sha: str, cache: Path) -> None:
    heard: list[str] = []
    GitSource.open(origin.url, sha, cache=cache).close()
    shutil.rmtree(origin.folder)
    source = GitSource.open(origin.url, sha, cache=cache, progress=heard.append)
    assert _read(source, "old.rs") == b"fn a() {}\n"
    assert heard == []


def test_without_a_cache_folder_the_users_own_is_taken(
    origin: Origin, sha: str, tmp_path: Path
) -> None:
    GitSource.open(origin.url, sha).close()
    assert list(tmp_path.glob("home/**/pytest-flowcorpus/*/HEAD"))


def test_a_second_revision_goes_into_the_same_repository(
    origin: Origin, sha: str, cache: Path
) -> None:
    GitSource.open(origin.url, sha, cache=cache).close()
    origin.file("new.rs", b"new")
    newer = origin.commit()
    assert _read(GitSource.open(origin.url, newer, cache=cache), "new.rs") == b"new"
    shutil.rmtree(origin.folder)
    assert _read(GitSource.open(origin.url, sha, cache=cache), "old.rs")
    assert _folder(cache)


def test_another_url_gets_another_repository(
    origin: Origin, sha: str, cache: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "origin.git"
    shutil.copytree(origin.folder, elsewhere)
    for url in (origin.url, str(elsewhere), f"file://{elsewhere}"):
        GitSource.open(url, sha, cache=cache).close()
    assert len(list(cache.glob("*origin-*.git"))) == 3


@pytest.mark.usefixtures("ssh")
def test_progress_is_heard_as_git_tells_it(origin: Origin, sha: str, cache: Path) -> None:
    heard: list[str] = []
    GitSource.open(origin.ssh_url, sha, cache=cache, progress=heard.append).close()
    assert heard[0] == f"fetching {origin.ssh_url} at {sha[:12]}"
    assert heard[-1] == f"fetched {origin.ssh_url} at {sha[:12]}"
    assert any(line.startswith("Receiving objects:  ") for line in heard)
    assert any("100%" in line for line in heard)
    assert all(line.isprintable() and line == line.strip() for line in heard)


def test_a_sha_in_capitals_is_the_same_revision(origin: Origin, sha: str, cache: Path) -> None:
    source = GitSource.open(origin.url, sha.upper(), cache=cache)
    assert source.revision == sha


def test_a_shallow_origin_serves_as_well(
    origin: Origin, sha: str, cache: Path, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    origin.git("clone", "-q", "--depth=1", f"file://{origin.folder}", shallow)
    assert _read(GitSource.open(str(shallow), sha, cache=cache), "old.rs")


def test_a_repository_of_sha256_serves_as_well(cache: Path, tmp_path: Path) -> None:
    here = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", here], check=True)
    (here / "a.rs").write_text("a")
    subprocess.run(["git", "-C", here, "add", "a.rs"], check=True)
    subprocess.run(["git", "-C", here, "commit", "-q", "-m", "x"], check=True)
    sha = GitSource.resolve(str(here), "HEAD")
    assert len(sha) == 64
    assert _read(GitSource.open(str(here), sha, cache=cache), "a.rs") == b"a"


def test_the_users_own_git_settings_hold(
    origin: Origin, sha: str, cache: Path, gitconfig: Path
) -> None:
    with gitconfig.open("a") as file:
        file.write(f'[url "{origin.folder}"]\n\tinsteadOf = https://nowhere.invalid/x\n')
    assert _read(GitSource.open("https://nowhere.invalid/x", sha, cache=cache), "old.rs")


def test_a_run_inside_a_git_hook_sees_our_repository_only(
    origin: Origin, sha: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tmp_path / "of the commit"
    with monkeypatch.context() as hook:
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
            hook.setenv(name, str(others))
        hook.setenv("GIT_INDEX_FILE", ".git/index.lock")
        hook.setenv("GIT_NAMESPACE", "elsewhere")
        assert _read(GitSource.open(origin.url, sha, cache=cache), "old.rs")
    shutil.rmtree(origin.folder)
    assert _read(GitSource.open(origin.url, sha, cache=cache), "old.rs")
    assert not others.exists()


@pytest.mark.parametrize("url", ["--upload-pack=touch ran", "-x", "", "https://a\nb/", "/a\0b"])
def test_what_is_no_address_is_refused(
    url: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "not the address of a repository" in _refusal(url, _NOBODYS_SHA, cache)
    assert not cache.exists()
    assert not Path("ran").exists()


def test_an_address_that_is_a_command_is_never_run(
    cache: Path, tmp_path: Path, gitconfig: Path
) -> None:
    with gitconfig.open("a") as file:
        file.write('[protocol "ext"]\n\tallow = always\n')
    text = _refusal(f"ext::touch {tmp_path}/ran", _NOBODYS_SHA, cache)
    assert "transport 'ext' not allowed" in text
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("revision", ["", "main", "4fc0cfb8", "g" * 40, "a" * 41, "--all", "a\nb"])
def test_a_revision_that_is_no_full_sha_is_refused(
    origin: Origin, cache: Path, revision: str
) -> None:
    text = _refusal(origin.url, revision, cache)
    assert "not a full sha; give all its 40 hex digits" in text


@pytest.mark.usefixtures("sha")
def test_a_revision_that_the_remote_does_not_have_is_told(origin: Origin, cache: Path) -> None:
    text = _refusal(origin.url, _NOBODYS_SHA, cache)
    assert text.startswith(f"{origin.url} at deadbeefdead: no such revision (git: ")
    assert "not our ref" in text


def test_a_sha_that_is_not_a_commits_is_told(origin: Origin, sha: str, cache: Path) -> None:
    blob = origin.git("rev-parse", f"{sha}:old.rs")
    assert "the revision is no commit; give a commit's sha" in _refusal(origin.url, blob, cache)


def test_a_path_without_a_repository_is_told(tmp_path: Path, cache: Path) -> None:
    assert "not a git repository (git: " in _refusal(str(tmp_path), _NOBODYS_SHA, cache)
    assert "not a git repository (git: " in _refusal("/nowhere/at/all", _NOBODYS_SHA, cache)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "git://127.0.0.1:1/x"])
def test_a_host_that_does_not_answer_is_told(url: str, cache: Path) -> None:
    text = _refusal(url, _NOBODYS_SHA, cache)
    assert text.startswith(f"{url} at deadbeefdead: cannot be reached (git: ")
    assert "onnect" in text


@contextmanager
def _server(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        socket.create_connection(("127.0.0.1", server.server_port), timeout=5).close()
    except OSError as error:
        pytest.skip(f"no loopback network: {error}")
    yield f"127.0.0.1:{server.server_port}/team/repo"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "problem"),
    [(401, "access denied"), (403, "access denied"), (404, "not a git repository")],
)
def test_what_a_web_server_refuses_is_told_apart(status: int, problem: str, cache: Path) -> None:
    with _server(status) as host:
        text = _refusal(f"http://{host}", _NOBODYS_SHA, cache)
    assert text.startswith(f"http://{host} at deadbeefdead: {problem} (git: fatal: ")


@pytest.mark.parametrize("name", ["GIT_ASKPASS", "SSH_ASKPASS"])
def test_nobody_is_asked_for_a_password(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\ntouch '{tmp_path}/asked'\necho x\n")
    ask.chmod(0o755)
    monkeypatch.setenv(name, str(ask))
    with _server(401) as host:
        _refusal(f"http://{host}", _NOBODYS_SHA, cache)
    assert not (tmp_path / "asked").exists()


def test_a_failing_web_server_is_told_with_gits_own_words(cache: Path) -> None:
    with _server(500) as host:
        text = _refusal(f"http://{host}", _NOBODYS_SHA, cache)
    assert "returned error: 500" in text


def test_a_password_in_the_address_is_told_to_nobody(cache: Path) -> None:
    heard: list[str] = []
    with _server(401) as host:
        url = f"http://zoe:s3cret@{host}"
        with pytest.raises(SourceUnavailable) as caught:
            GitSource.open(url, _NOBODYS_SHA, cache=cache, progress=heard.append)
    told = "\n".join([str(caught.value), *heard, *map(str, cache.iterdir())])
    assert host in told
    assert "s3cret" not in told
    assert "zoe" not in told


@pytest.mark.parametrize("order", ["wait", "stall"])
def test_a_git_that_falls_silent_is_stopped(
    origin: Origin, big: str, cache: Path, ssh: Ssh, order: str
) -> None:
    ssh.tell(order)
    text = _refusal(origin.ssh_url, big, cache, patience=3)
    assert "git said nothing for 3 s and was stopped; check the network" in text
    assert ssh.calls == 1
    _until(lambda: not any(_lives(group) for group in ssh.groups))


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_git_leaves_running_does_not_hold_the_fetch(
    origin: Origin, sha: str, cache: Path, ssh: Ssh
) -> None:
    ssh.tell("linger")
    source = GitSource.open(origin.ssh_url, sha, cache=cache, patience=30)
    assert not (ssh.folder / "lingered").exists()
    ssh.release()
    source.close()


def _start(url: str, sha: str, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _RUN, url, sha, str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_of_two_runs_that_fetch_at_once_one_waits_for_the_other(
    origin: Origin, sha: str, cache: Path, ssh: Ssh
) -> None:
    ssh.tell("wait")
    with _start(origin.ssh_url, sha, cache) as first:
        _until(lambda: ssh.calls)
        with _start(origin.ssh_url, sha, cache) as second:
            assert second.stdout is not None
            waiting = second.stdout.readline()
            ssh.release()
            outs = [run.communicate(timeout=120)[0] for run in (first, second)]
    assert waiting == f"waiting for another run to fetch {origin.ssh_url} at {sha[:12]}\n"
    assert [run.returncode for run in (first, second)] == [0, 0]
    assert all(out.splitlines()[-1].startswith("read ") for out in outs)
    assert "fetching" not in outs[1]
    assert ssh.calls == 1


@pytest.mark.parametrize("also_git", [False, True], ids=["git lives on", "git is killed too"])
def test_after_a_fetch_killed_in_the_middle_the_next_run_works(
    origin: Origin, big: str, cache: Path, ssh: Ssh, *, also_git: bool
) -> None:
    ssh.tell("stall")
    with _start(origin.ssh_url, big, cache) as killed:
        _until(lambda: (ssh.folder / "stalled").exists() and len(_left_behind(cache)) > 1)
        killed.kill()
    if also_git:
        for group in ssh.groups:
            os.killpg(group, signal.SIGKILL)
    assert {path.name[:8] for path in _left_behind(cache)} == {"shallow.", "tmp_pack"}
    ssh.tell("pass")
    assert _read(GitSource.open(origin.ssh_url, big, cache=cache), "old.rs")
    assert _left_behind(cache) == []
    ssh.release()
    origin.git("--git-dir", _folder(cache), "fsck", "--no-dangling")


def _left_behind(cache: Path) -> list[Path]:
    return [*cache.glob("*.git/shallow.lock"), *cache.glob("*.git/objects/pack/tmp_pack*")]


_STALE = ("shallow.lock", "HEAD.lock", "packed-refs.lock", "refs/flowcorpus/{sha}.lock")


def test_stale_locks_of_git_are_no_hindrance(origin: Origin, sha: str, cache: Path) -> None:
    older = origin.git("rev-parse", f"{sha}^")
    GitSource.open(origin.url, older, cache=cache).close()
    stale = [_folder(cache) / name.format(sha=sha) for name in _STALE]
    for path in stale:
        path.touch()
    assert _read(GitSource.open(origin.url, sha, cache=cache), "old.rs")
    assert [path for path in stale if path.exists()] == []


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _without_packs(folder: Path) -> None:
    for pack in (folder / "objects/pack").iterdir():
        pack.unlink()


def _a_file_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    _empty(folder)


def _an_empty_folder_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "HEAD is empty": lambda folder: _empty(folder / "HEAD"),
    "HEAD is gone": lambda folder: (folder / "HEAD").unlink(),
    "the settings are garbage": lambda folder: (folder / "config").write_text("[["),
    "the packs are gone": _without_packs,
    "the objects are gone": lambda folder: shutil.rmtree(folder / "objects"),
    "the ref is empty": lambda folder: _empty(next((folder / "refs/flowcorpus").iterdir())),
    "the refs are gone": lambda folder: shutil.rmtree(folder / "refs"),
    "it is a file": _a_file_instead,
    "it is an empty folder": _an_empty_folder_instead,
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_damaged_cache_is_fetched_again(
    origin: Origin, sha: str, cache: Path, damage: str
) -> None:
    heard: list[str] = []
    GitSource.open(origin.url, sha, cache=cache).close()
    _DAMAGES[damage](_folder(cache))
    source = GitSource.open(origin.url, sha, cache=cache, progress=heard.append)
    assert _read(source, "old.rs") == b"fn a() {}\n"
    assert heard[-1].startswith("fetched ")


def test_a_file_whose_object_is_lost_names_the_folder_to_delete(
    origin: Origin, sha: str, cache: Path
) -> None:
    source = GitSource.open(origin.url, sha, cache=cache)
    _without_packs(_folder(cache))
    with pytest.raises(SourceUnavailable) as caught:
        source.read("old.rs")
    text = str(caught.value)
    assert text.startswith(f"{_folder(cache)}: ")
    assert "damaged" in text
    assert text.endswith("delete this folder, run again")


def test_a_cache_folder_that_cannot_be_made_is_named(
    origin: Origin, sha: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    cache = tmp_path / "file" / "cache"
    text = _refusal(origin.url, sha, cache)
    assert text.startswith(f"{cache}: the cache folder cannot be written (Not a directory)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_folder_that_is_read_only_is_named(origin: Origin, sha: str, cache: Path) -> None:
    cache.mkdir(mode=0o500)
    text = _refusal(origin.url, sha, cache)
    assert text.startswith(f"{cache}: the cache folder cannot be written (Permission denied)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_that_has_the_revision_serves_it(
    origin: Origin, sha: str, cache: Path
) -> None:
    GitSource.open(origin.url, sha, cache=cache).close()
    cache.chmod(0o500)
    _folder(cache).chmod(0o500)
    assert _read(GitSource.open(origin.url, sha, cache=cache), "old.rs")
    _folder(cache).chmod(0o700)
    cache.chmod(0o700)


def test_a_machine_without_git_is_told(
    origin: Origin, sha: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    text = _refusal(origin.url, sha, cache)
    assert (
        text == "git: cannot be started (No such file or directory); "
        "install git, or put it on the PATH"
    )


def test_a_git_that_is_too_old_is_told(
    origin: Origin, sha: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.11.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    text = _refusal(origin.url, sha, cache)
    assert text == "git: too old (git version 2.11.0); install git 2.29 or newer"
