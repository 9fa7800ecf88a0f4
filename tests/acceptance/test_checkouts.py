"""A checkout that somebody changes while a run reads it: noticed, and nothing is made of it."""

from __future__ import annotations

import pytest

from tests.acceptance.project import OUT, Project

WORKERS = [(), ("-n", "2")]
EDIT = "open('rust/handler.rs', 'a').write('// saved by somebody\\n')"
CHANGED = "handler.rs changed while the run read it"


def between(project: Project, first: str, then: str, *, before: str) -> None:
    """Have one flow run to its end, then something else happen, then another flow begin."""
    project.spec(first, "import pathlib\npathlib.Path('read').touch()")
    spec = project.spec(then)
    waiting = "import pathlib, time\n    while not pathlib.Path('read').exists(): time.sleep(0.05)"
    text = spec.read_text().replace(
        "    flow.request(", f"    {waiting}\n    {before}\n    flow.request("
    )
    spec.write_text(text)


@pytest.mark.parametrize("workers", WORKERS)
def test_two_flows_that_read_two_states_of_a_file_make_no_output(
    project: Project, workers: tuple[str, ...]
) -> None:
    between(project, "first", "second", before="pass")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    before = project.files()
    (project.path / "read").unlink()
    between(project, "first", "second", before=EDIT)
    made = (f"--flowcorpus-out={OUT}", "--flowcorpus-render=pages", "--flowcorpus-drift=drift.json")
    result = project.run(*made, *workers)
    assert result.ret == 1
    result.assert_outcomes(passed=3)  # what they extract is the same in both
    result.stdout.fnmatch_lines_random(
        [
            f"flowcorpus: {CHANGED}; leave the checkout alone and run again",
            f"flowcorpus: pages left as it was: {CHANGED}",
            f"flowcorpus: drift.json left as it was: {CHANGED}",
            f"flowcorpus: {OUT} left as it was: {CHANGED}",
        ]
    )
    assert project.files() == before
    assert project.run(f"--flowcorpus-out={OUT}", "-k", "go").ret == 1  # a selection
    between(project, "first", "second", before="pass")
    assert project.run(f"--flowcorpus-out={OUT}", *workers).ret == 0


@pytest.mark.parametrize("workers", WORKERS)
def test_a_change_fails_a_run_that_writes_nothing_too(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.spec("edits", EDIT)
    project.spec("other")
    result = project.run(*workers, "-k", "go or other", "--snapshot-update")
    assert result.ret == 0
    result = project.run(*workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"flowcorpus: {CHANGED}; leave the checkout alone *"])


def test_a_file_that_changed_is_not_read_a_second_time(project: Project) -> None:
    project.spec("twice", f'{EDIT}\nflow.file("store.rs").extract("gone")')
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*flow_twice.py:1?: handler.rs: changed in */rust while it was being read; leave *again"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_flow_is_not_accepted_from_a_file_that_changed(project: Project) -> None:
    project.spec("later", EDIT)  # by then flow_go has read all that it is judged by
    before = project.files()
    result = project.run("--snapshot-update")
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"  * {CHANGED}; leave the checkout alone and run again"])
    assert project.files() == before


def test_a_file_that_is_taken_away_meanwhile_is_noticed(project: Project) -> None:
    project.spec("more")
    project.accept()
    project.edit(
        "corpus/flow_more.py",
        "    flow.request(",
        "    __import__('os').remove('rust/LICENSE')\n    flow.request(",
    )
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"flowcorpus: {OUT} left as it was: LICENSE changed while *"])
    assert not project.out.exists()


SAVES = """
from pathlib import Path
from pytest_flowcorpus.source import Worktree

def read(self, path, as_it_is=Worktree.read):
    blob = as_it_is(self, path)
    if path == "handler.rs":
        Path("rust/handler.rs").write_bytes(blob.data + b"// saved by somebody\\n")
    return blob

Worktree.read = read
"""


@pytest.mark.parametrize(
    ("errand", "made"),
    [
        ("--flowcorpus-scan=scan.json", "scan.json"),
        ("--flowcorpus-new=store.rs::Store::put", "corpus/flow_store_put.py"),
    ],
)
def test_an_errand_in_a_checkout_that_changes_meanwhile_leaves_nothing(
    project: Project, errand: str, made: str
) -> None:
    project.enter()
    project.write("conftest.py", SAVES)
    result = project.run(errand)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"flowcorpus: {CHANGED}; leave the checkout alone and run again"])
    assert not (project.path / made).exists()
    project.write("conftest.py", "")
    assert project.run(errand).ret == 0
    assert (project.path / made).exists()
