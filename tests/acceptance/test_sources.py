"""Where the Rust comes from: a pinned revision, another one, or a checkout on disk."""

from __future__ import annotations

import shutil

import pytest

from tests.acceptance.project import HANDLER, OUT, STORE, Git, Project

NOWHERE = "https://127.0.0.1:9/none.git"


def test_the_first_run_fetches_and_later_ones_need_no_network(pinned: Project, git: Git) -> None:
    assert pinned.run(f"--flowcorpus-out={OUT}").ret == 0
    before = pinned.files()
    shutil.rmtree(git.path)
    assert pinned.run(f"--flowcorpus-out={OUT}", "-n", "2").ret == 0
    assert pinned.files() == before
    assert pinned.manifest()["source"]["git"] == git.url


def test_paths_in_the_answer_start_at_the_repositorys_top(pinned: Project) -> None:
    pinned.run(f"--flowcorpus-out={OUT}")
    assert "\n`rs/handler.rs`\n" in pinned.records()[0]["messages"][2]["content"]


def test_the_snapshot_tells_the_revision_it_was_accepted_at(pinned: Project, git: Git) -> None:
    snapshot = (pinned.path / "corpus/__snapshots__/flow_go/flow_go.json").read_text()
    assert git("rev-parse", "HEAD") in snapshot


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_another_revision_can_be_asked_for_by_name(
    pinned: Project, git: Git, workers: tuple[str, ...]
) -> None:
    git.commit({"rs/handler.rs": HANDLER.replace("put(1)", "put(2)")})
    assert pinned.run(*workers).ret == 0
    result = pinned.run("--flowcorpus-rev=main", *workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*rs/handler.rs::go is not as accepted: body changed"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_checkout_is_read_as_it_is(pinned: Project, workers: tuple[str, ...]) -> None:
    checkout = pinned.path / "copy"
    for name, text in (("handler.rs", HANDLER), ("store.rs", STORE)):
        pinned.write(f"copy/rs/{name}", text)
    pinned.write("copy/LICENSE", "MIT\n")
    args = (f"--flowcorpus-checkout={checkout}", f"--flowcorpus-out={OUT}", *workers)
    assert pinned.run(*args).ret == 0
    assert pinned.manifest()["source"]["checkout"] is True
    assert "copy" not in pinned.out.with_name("flows.manifest.json").read_text()
    pinned.edit("copy/rs/handler.rs", "put(1)", "put(2)")
    assert pinned.run(*args).ret == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("rev = ", 'rev = "0000000000000000000000000000000000000000" #', "*no such revision*"),
        ("git = ", f'git = "{NOWHERE}" #', "*cannot be reached*"),
        ("license = ", 'license = ["COPYING"] #', "*[[]source[]] license: *COPYING*"),
    ],
)
def test_a_source_that_cannot_be_had_is_a_usage_error(
    pinned: Project, old: str, new: str, problem: str, workers: tuple[str, ...]
) -> None:
    pinned.edit("corpus/flowcorpus.toml", old, new)
    result = pinned.run(f"--flowcorpus-out={OUT}", *workers)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {problem}"])
    assert "Traceback" not in result.stderr.str()
    assert not pinned.out.exists()


def test_a_checkout_that_is_not_there_is_a_usage_error(pinned: Project) -> None:
    result = pinned.run("--flowcorpus-checkout=nowhere")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *nowhere*"])


def test_two_sources_at_once_are_a_usage_error(pinned: Project) -> None:
    result = pinned.run("--flowcorpus-checkout=rust", "--flowcorpus-rev=main")
    assert result.ret == 4


def test_a_revision_of_a_corpus_on_disk_is_a_usage_error(project: Project) -> None:
    result = project.run("--flowcorpus-rev=main")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --flowcorpus-rev: *"])


def test_collecting_fetches_nothing(pinned: Project) -> None:
    pinned.edit("corpus/flowcorpus.toml", "git = ", f'git = "{NOWHERE}" #')
    result = pinned.run("--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["corpus/flow_go.py::flow_go"])


def test_fetching_is_shown(pinned: Project, git: Git) -> None:
    revision = git.commit({"rs/more.rs": ""})
    pinned.edit("corpus/flowcorpus.toml", "rev = ", f'rev = "{revision}" #')
    pinned.run().stdout.fnmatch_lines([f"flowcorpus: fetching {git.url} at {revision[:12]}*"])
