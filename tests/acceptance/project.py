"""A project with a corpus, as its user would have one, and an upstream for it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

OUT = "flows.jsonl"
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""No cache folder among the files of a test, and no plugin that takes longer than the run."""

SETTINGS = """
system = "You maintain it."
[source]
path = "../rust"
license = ["LICENSE"]
[limits]
request_words = [1, 200]
reasoning_words = [1, 800]
words_a_span = 0
own_spans = 0
"""
"""Of a corpus whose flows say little."""

SPEC = '''
"""Going: from the handler to the store."""

from pytest_flowcorpus import Flow


def flow_{name}(flow: Flow) -> None:
    flow.request("Please make it {name}.")
    go = flow.file("handler.rs").extract("go")
    flow.file("store.rs").extract("Store::put")
    for aspect in ("orchestration", "boundaries", "errors", "performance", "testing"):
        flow.think("""{words}""", covers=[aspect])
    {more}
'''

HANDLER = """\
// SPDX-License-Identifier: MIT
use crate::store::Store;

/// Goes.
#[inline]
pub fn go(store: &mut Store) -> bool {
    store.put(1)
}

pub fn stay() -> bool {
    false
}
"""

STORE = """\
pub struct Store(Vec<u8>);

impl Store {
    pub fn put(&mut self, value: u8) -> bool {
        self.0.push(value);
        true
    }
}
"""


def words(name: str) -> str:
    """Give thirty words and more of which no five in a row are those of another name."""
    told = " ".join(f"{name} thinks {number}" for number in range(9))
    return f"`go` calls `Store::put`: {told}."


@dataclass(frozen=True)
class Project:
    """A folder with Rust and a corpus; pytest runs in it as its user would run it."""

    path: Path
    pytester: pytest.Pytester | None = None

    @property
    def out(self) -> Path:
        return self.path / OUT

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def spec(self, name: str, more: str = "", corpus: str = "corpus") -> Path:
        text = SPEC.format(name=name, words=words(name), more=more.replace("\n", "\n    "))
        return self.write(f"{corpus}/flow_{name}.py", text)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.path / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def run(self, *args: str) -> pytest.RunResult:
        assert self.pytester is not None
        return self.pytester.runpytest_subprocess(*QUIET, *args)

    def enter(self) -> None:
        """Say where features begin, as a scan asks."""
        table = '[entries]\nitems = ["handler.rs::go"]\n'
        self.edit("corpus/flowcorpus.toml", "[limits]", f"{table}[limits]")

    def accept(self) -> None:
        result = self.run("--snapshot-update")
        assert result.ret == 0, result.stdout.str() + result.stderr.str()

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_bytes().splitlines()]

    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.path / "flows.manifest.json").read_bytes())
        return manifest

    def files(self) -> dict[str, bytes]:
        files = (path for path in self.path.rglob("*") if path.is_file())
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in files
            if path.suffix in {".jsonl", ".json", ".md"}
        }


@dataclass(frozen=True)
class Git:
    """A repository that stands for upstream; its cache is of this test alone."""

    path: Path

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def __call__(self, *args: str) -> str:
        done = subprocess.run(["git", *args], cwd=self.path, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, str]) -> str:
        if not (self.path / ".git").exists():
            self("init", "-q")
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self("add", "-A")
        self("commit", "-q", "-m", "change", "--allow-empty")
        return self("rev-parse", "HEAD")


@dataclass(frozen=True)
class Shim:
    """A folder that stands first on the PATH: what is called git there is ours."""

    folder: Path
    git: Path

    def says(self, script: str) -> None:
        """Have git be a shell script, which may `exec "$git" "$@"`."""
        file = self.folder / "git"
        file.write_text(f"#!/bin/sh\ngit='{self.git}'\n{script}\n")
        file.chmod(0o755)

    def hangs_in(self, command: str) -> None:
        """Have git fall silent in one of its commands."""
        self.says(f'case " $* " in *" {command} "*) exec sleep 60;; esac\nexec "$git" "$@"')


def on_a_disk(project: Project, mount: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest where a shell command has mounted something that no one else sees.

    Skips where this system lets nobody mount. What is left in `$there`, the folder ``there`` of the
    project, is copied to the folder ``left``, since the mount ends with the run.
    """
    there = project.path / "there"
    there.mkdir(exist_ok=True)
    script = f"there={there}; {mount} || exit 99; "
    script += f'"$@"; code=$?; cp -rp {there} {project.path}/left; exit $code'
    command = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    run = (sys.executable, "-m", "pytest", *QUIET, *args)
    try:
        done = subprocess.run(
            (*command, *run), cwd=project.path, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no unshare on this system")
    if done.returncode == 99 or done.stderr.startswith("unshare: "):
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    return done


def impatient(project: Project, seconds: float) -> None:
    """Have a git that is silent for so long count as hung: no test waits two minutes."""
    how = f'GitSource.open.__func__.__kwdefaults__["patience"] = {seconds}\n'
    project.write("conftest.py", f"from pytest_flowcorpus.source import GitSource\n{how}")


def refusal(result: pytest.RunResult) -> str:
    """Give the one line with which a run was refused: a usage error, without a traceback."""
    told = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR, told
    assert "Traceback" not in told
    assert "INTERNALERROR" not in told
    [line] = [line for line in result.stderr.lines if line.startswith("ERROR: ")]
    return line.removeprefix("ERROR: ")
