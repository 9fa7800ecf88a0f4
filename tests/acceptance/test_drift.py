"""What a maintainer reads when upstream has moved: on courier, in a repository of its own."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.project import HANDLER, OUT, Git, Project
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COURIER = ROOT / "tests/courier"
PLACE = (
    'path = ".."                           # the checkout next door; spec paths start at its src'
)


@dataclass(frozen=True)
class Upstream:
    """Courier in a repository, and a corpus whose flows are accepted at its first commit."""

    project: Project
    git: Git
    reviewed: str

    def change(self, subject: str, edits: dict[str, Callable[[str], str]]) -> str:
        """Commit edits of files below ``src``."""
        for name, edit in edits.items():
            file = self.git.path / "src" / name
            before = file.read_text()
            after = edit(before)
            assert after != before
            file.write_text(after)
        return self.commit(subject)

    def commit(self, subject: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def run(self, *args: str) -> pytest.RunResult:
        return self.project.run("--flowcorpus-rev=main", *args)

    def drift(self, *args: str) -> dict[str, Any]:
        """Run against main and give what is written for programs."""
        file = self.project.path / "drift.json"
        self.run(f"--flowcorpus-drift={file}", *args)
        told: dict[str, Any] = json.loads(file.read_bytes())
        return told

    def fragments(self, name: str) -> dict[str, Any]:
        """Give what became of the fragments of a flow, by address."""
        [flow] = [one for one in self.drift()["flows"] if name in one["flow"]]
        return {one["address"]: one for one in flow.get("fragments", ())}


@pytest.fixture(scope="session")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give courier's corpus, to be read from a repository."""
    folder = tmp_path_factory.mktemp("courier") / "corpus"
    shutil.copytree(COURIER / "corpus", folder, ignore=shutil.ignore_patterns("__*"))
    return folder


@pytest.fixture
def upstream(courier: Path, git: Git, pytester: pytest.Pytester) -> Upstream:
    shutil.copytree(COURIER / "src", git.path / "src")
    shutil.copy(COURIER / "LICENSE", git.path)
    revision = git.commit({})
    project = Project(pytester.path, pytester)
    shutil.copytree(courier, project.path / "corpus")
    project.edit("corpus/flowcorpus.toml", PLACE, f'git = "{git.url}"\nrev = "{revision}"')
    project.accept()
    return Upstream(project, git, revision)


def swap(old: str, new: str) -> Callable[[str], str]:
    def swapped(text: str) -> str:
        assert text.count(old) == 1, old
        return text.replace(old, new)

    return swapped


ANSWER = swap(
    'format!("{held} held")))\n}\n\n#[cfg(test)]', 'format!("{held}")))\n}\n\n#[cfg(test)]'
)


def test_what_did_not_move_is_counted_and_how_far_upstream_went(upstream: Upstream) -> None:
    upstream.change("A word", {"lib.rs": lambda text: text + "\n// The end.\n"})
    result = upstream.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "flowcorpus: drift: 3 unchanged, 0 drifted, 0 broken",
            f"flowcorpus: drift: * is 1 commit ahead of {upstream.reviewed[:12]}",
        ]
    )


RESUME = "pub async fn resume(app: &App, id: &str)"
SWAPPED = "pub async fn resume(id: &str, app: &App)"
HELD = 'format!("{held} held")))\n}\n\n#[cfg(test)]'


@pytest.mark.parametrize(
    ("edits", "fates"),
    [
        ({"held = app.db.pause(subscription,": "held =\n        app.db.pause(subscription,"},
         ["format"]),
        ({"what was held back besides.": "the rest."}, ["comments"]),
        ({RESUME: f"#[must_use]\n{RESUME}"}, ["attributes"]),
        ({RESUME: SWAPPED}, ["signature"]),
        ({HELD: 'format!("{held}")))\n}\n\n#[cfg(test)]'}, ["body"]),
        ({RESUME: f"#[must_use]\n{SWAPPED}", "what was held back besides.": "the rest."},
         ["signature", "attributes", "comments"]),
    ],
    ids=["format", "comments", "attributes", "signature", "body", "several"],
)  # fmt: skip
def test_a_change_is_told_by_its_sort(
    upstream: Upstream, edits: dict[str, str], fates: list[str]
) -> None:
    def edit(text: str) -> str:
        for old, new in edits.items():
            text = swap(old, new)(text)
        return text

    sha = upstream.change("Change resume", {"endpoint.rs": edit})
    found = upstream.fragments("flow_resume")
    assert found["resume"]["changes"] == fates
    assert set(found) == {"resume"}
    [commit] = found["resume"]["commits"]
    assert (commit["sha"], commit["subject"]) == (sha, "Change resume")
    assert found["resume"]["now"]["path"] == "src/endpoint.rs"


def test_the_failure_tells_all_that_is_known(upstream: Upstream) -> None:
    sha = upstream.change(
        "Refuse a resume that finds nothing",
        {"endpoint.rs": swap("    if held > 0 {\n        app", "    if held > 1 {\n        app")},
    )
    result = upstream.run("-k", "resume", "--color=no")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            f"*- drift of flow_resume.py::flow_resume since {upstream.reviewed[:12]} -*",
            "src/endpoint.rs::resume: body",
            "  src/endpoint.rs:41-49",
            "    @@ -4*,7 +4*,7 @@",
            "    -    if held > 0 {",
            "    +    if held > 1 {",
            f"  by {sha[:12]} 20*-*-* Refuse a resume that finds nothing",
            "  read again corpus/flow_resume.py:*: *`held`*",
            "flowcorpus: drift: 0 unchanged, 0 drifted, 1 broken (body in 1)",
        ]
    )


def test_what_a_hop_leads_to_is_read_again_where_its_line_changed(upstream: Upstream) -> None:
    call = "app.db.pause(subscription, {})".format
    upstream.change("Pause again", {"endpoint.rs": swap(call("false"), call("true"))})
    said = [one["text"] for one in upstream.fragments("flow_resume")["resume"]["sentences"]]
    assert any("`Db::pause`" in text for text in said)


def test_a_diff_is_coloured_where_the_terminal_is(upstream: Upstream) -> None:
    upstream.change("Two", {"endpoint.rs": ANSWER})
    for workers in ((), ("-n", "1")):
        shown = upstream.run("-k", "resume", "--color=yes", *workers).stdout.str()
        assert re.search(r"\x1b\[32m    \+.*held\}\"", shown)
        assert re.search(r"\x1b\[31m    -.*held\}", shown)
    assert "\x1b[32m    +" not in upstream.run("-k", "resume", "--color=no").stdout.str()


def test_without_a_terminal_it_is_written_all_the_same(upstream: Upstream) -> None:
    upstream.change("Five", {"endpoint.rs": ANSWER})
    told = upstream.drift("-p", "no:terminal")
    assert told["totals"]["drifted"] == 1


def test_what_stands_in_another_file_now_is_proposed_as_the_spec_would_write_it(
    upstream: Upstream,
) -> None:
    queue, worker = (upstream.git.path / "src" / name for name in ("queue.rs", "worker.rs"))
    stays, mark, goes = queue.read_text().partition("impl<T> Consumer<T> {")
    queue.write_text(stays)
    worker.write_text(f"{worker.read_text()}\n{mark}{goes}")
    upstream.commit("Consumer belongs to the worker")
    found = upstream.fragments("flow_resume")
    assert found["Consumer::due"]["changes"] == ["moved"]
    [proposal] = found["Consumer::due"]["proposals"]
    assert proposal["code"] == 'flow.file("worker.rs").extract("Consumer::due")'
    spec = (upstream.project.path / "corpus/flow_resume.py").read_text().splitlines()
    assert 'extract("Consumer::due")' in spec[proposal["line"] - 1]
    result = upstream.run("-k", "resume")
    result.stdout.fnmatch_lines(
        ['  write in corpus/flow_resume.py:*: flow.file("worker.rs").extract("Consumer::due")']
    )


def test_what_has_another_name_is_proposed_with_the_names_that_the_spec_has(
    upstream: Upstream,
) -> None:
    everywhere = {
        name: (lambda text: text.replace("first_held", "oldest_held"))
        for name in ("db.rs", "worker.rs")
    }
    upstream.change("Say which one is first", everywhere)
    found = upstream.fragments("flow_resume")
    assert found["Db::first_held"]["changes"] == ["renamed"]
    assert [one["code"] for one in found["Db::first_held"]["proposals"]] == [
        'store.extract("Db::oldest_held")'
    ]
    assert found["Worker::step"]["changes"] == ["body"]


def test_every_address_that_broke_is_told_at_once(upstream: Upstream) -> None:
    def renamed(text: str) -> str:
        return text.replace("first_held", "oldest_held").replace("fn claim", "fn take")

    upstream.change("Rename two", {"db.rs": renamed})
    result = upstream.run("-k", "resume")
    result.stdout.fnmatch_lines(
        [
            '  write in corpus/flow_resume.py:*: store.extract("Db::take")',
            '  write in corpus/flow_resume.py:*: store.extract("Db::oldest_held")',
            "flowcorpus: drift: 0 unchanged, 0 drifted, 1 broken (renamed in 1)",
        ]
    )


def test_what_is_gone_is_told_with_the_commit_that_took_it(upstream: Upstream) -> None:
    def cut(text: str) -> str:
        at = text.index("pub fn first_held")
        start, end = text.rindex("\n\n", 0, at), text.index("\n    }\n", at) + 7
        return text[:start] + "\n" + text[end:]

    sha = upstream.change("No backlog any more", {"db.rs": cut})
    gone = upstream.fragments("flow_resume")["Db::first_held"]
    assert gone["changes"] == ["gone"]
    assert gone["now"] is None
    assert [one["sha"] for one in gone["commits"]] == [sha]
    assert all(line.startswith(("-", "@@")) for line in gone["diff"])
    upstream.run("-k", "resume").stdout.fnmatch_lines(
        [
            "src/db.rs::Db::first_held: gone",
            "  nothing like it stands in the source; it was src/db.rs:*",
        ]
    )


def test_what_two_items_answer_to_is_ambiguous(upstream: Upstream) -> None:
    twin = "\n#[cfg(unix)]\npub async fn resume(app: &App) {}\n"
    upstream.change("Two of them", {"endpoint.rs": lambda text: text + twin})
    found = upstream.fragments("flow_resume")["resume"]
    assert found["changes"] == ["ambiguous"]
    assert len(found["proposals"]) == 2


def test_what_does_not_parse_is_told_so(upstream: Upstream) -> None:
    upstream.change(
        "Break it", {"endpoint.rs": swap("pub async fn resume(", "pub async fn resume((")}
    )
    assert upstream.fragments("flow_resume")["resume"]["changes"] == ["unparsable"]


def test_accepting_one_flow_leaves_the_others_and_notes_the_revision(upstream: Upstream) -> None:
    old, project = upstream.reviewed, upstream.project
    new = upstream.change(
        "Say more", {"db.rs": swap("pub fn first_held", "/// So.\n    pub fn first_held")}
    )
    project.edit("corpus/flowcorpus.toml", old, new)
    first = project.run()
    first.assert_outcomes(failed=1, passed=2)
    first.stdout.fnmatch_lines([f"*drift of flow_resume.py::flow_resume since {old[:12]}*"])
    project.run("-k", "resume", "--snapshot-update").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=3)
    kept = {
        path.stem: json.loads(path.read_bytes())["revision"]
        for path in project.path.glob("corpus/__snapshots__/*/*.json")
    }
    assert kept == {"flow_resume": new, "flow_delivery": old, "flow_event_acceptance": old}


def test_a_checkout_is_compared_too_uncommitted_edits_included(upstream: Upstream) -> None:
    checkout = upstream.project.path / "copy"
    shutil.copytree(upstream.git.path, checkout, ignore=shutil.ignore_patterns(".git"))
    upstream.project.edit(
        "copy/src/endpoint.rs", 'Ok(Response(202, format!("{held} held")))', "Ok(go())"
    )
    result = upstream.project.run(f"--flowcorpus-checkout={checkout}", "-k", "resume")
    result.stdout.fnmatch_lines(
        [
            "src/endpoint.rs::resume: body",
            "    +    Ok(go())",
            "what is in a checkout is in no commit yet: none are told",
        ]
    )


def test_where_the_old_revision_is_nowhere_the_sort_and_digests_are_told(
    upstream: Upstream,
) -> None:
    project = upstream.project
    for path in project.path.glob("corpus/__snapshots__/*/*.json"):
        path.write_text(path.read_text().replace(upstream.reviewed, "0" * 40))
    upstream.change("Three", {"endpoint.rs": ANSWER})
    found = upstream.fragments("flow_resume")["resume"]
    assert (found["changes"], found["diff"], found["commits"]) == (["body"], [], [])
    result = upstream.run("-k", "resume")
    result.stdout.fnmatch_lines(
        ["*the code as reviewed cannot be had: *000000000000*no such revision*"]
    )


def test_what_is_written_is_the_same_however_it_is_run(upstream: Upstream) -> None:
    upstream.change("Four", {"endpoint.rs": ANSWER})
    assert upstream.drift() == upstream.drift("-n", "2")
    told = upstream.drift()
    assert told["drift"]["whole"]
    assert told["totals"] == {
        "unchanged": 2, "drifted": 1, "broken": 0, "failed": 0, "changes": {"body": 1}
    }  # fmt: skip


def test_a_run_that_did_not_finish_leaves_the_old_file(upstream: Upstream) -> None:
    file = upstream.project.path / "drift.json"
    upstream.drift()
    before = file.read_bytes()
    upstream.project.write("corpus/flow_bad.py", "import nowhere\n")
    result = upstream.run(f"--flowcorpus-drift={file}", "--continue-on-collection-errors")
    assert result.ret != 0
    assert file.read_bytes() == before
    result.stdout.fnmatch_lines(["*drift.json left as it was: *could not be collected*"])


@pytest.mark.parametrize(
    ("name", "problem"),
    [("drift.txt", "*the file's name ends in .json"), ("pyproject.json", "*something else than*")],
)
def test_a_file_that_cannot_be_written_is_refused_first(
    upstream: Upstream, name: str, problem: str
) -> None:
    upstream.project.write("pyproject.json", "{}")
    result = upstream.run(f"--flowcorpus-drift={name}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([problem])


LOADED = """
import sys


def pytest_unconfigure():
    with open("loaded", "w") as file:
        file.write(str("pytest_flowcorpus.drift" in sys.modules))
"""


def test_a_run_whose_code_is_as_reviewed_loads_nothing_of_drift(project: Project) -> None:
    project.write("conftest.py", LOADED)
    for edit, is_loaded in ((HANDLER, False), (HANDLER.replace("put(1)", "put(2)"), True)):
        project.write("rust/handler.rs", edit)
        result = project.run(f"--flowcorpus-out={OUT}", "--flowcorpus-render=pages")
        assert result.ret == is_loaded
        assert (project.path / "loaded").read_text() == str(is_loaded)
