"""What is accepted, what is not, and that accepting one flow leaves the others alone."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from tests.acceptance.project import SETTINGS, Project

SNAPSHOT = "corpus/__snapshots__/flow_go/flow_go.json"


def test_a_snapshot_holds_digests_and_no_code(project: Project) -> None:
    text = (project.path / SNAPSHOT).read_text()
    assert "store.put" not in text
    snapshot = json.loads(text)
    assert [fragment["address"] for fragment in snapshot["fragments"]] == ["go", "Store::put"]
    assert set(snapshot["fragments"][0]) == {
        *("file", "address", "kind"),
        *("text", "comments", "attributes", "signature", "body"),
    }


def test_a_spec_without_a_snapshot_fails(project: Project) -> None:
    project.spec("new")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*no snapshot yet: *--snapshot-update"])


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("store.put(1)", "store.put(2)", "body changed"),
        ("pub fn go", "fn go", "signature changed"),
        ("#[inline]", "#[cold]", "attributes changed"),
        ("/// Goes.", "/// Runs.", "comments changed"),
        ("    store.put(1)", "  store.put(1)", "format only"),
    ],
)
def test_a_change_of_an_extracted_item_fails_just_the_flows_that_hold_it(
    project: Project, old: str, new: str, change: str
) -> None:
    project.spec("other")
    project.edit("corpus/flow_other.py", 'extract("go")', 'extract("stay")')
    project.edit("corpus/flow_other.py", "`go`", "`stay`")
    project.accept()
    before = project.files()
    project.edit("rust/handler.rs", old, new)
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"*handler.rs::go is not as accepted: {change}"])
    project.accept()
    changed = {path for path, data in project.files().items() if before.get(path) != data}
    assert changed == {SNAPSHOT}


def test_a_change_elsewhere_in_the_file_fails_none(project: Project) -> None:
    project.edit("rust/handler.rs", "    false\n", "    true\n")
    project.edit("rust/handler.rs", "use crate", "use  crate")
    assert project.run().ret == 0


def test_an_item_more_and_an_item_less_are_told(project: Project) -> None:
    project.edit("corpus/flow_go.py", 'extract("go")', 'extract("stay")')
    result = project.run()
    result.stdout.fnmatch_lines(
        [
            "*handler.rs::go is in the snapshot and no longer extracted",
            "*handler.rs::stay is not in the snapshot",
        ]
    )


def test_an_update_keeps_the_snapshots_of_flows_that_fail_or_do_not_run(project: Project) -> None:
    project.spec("second")
    project.accept()
    before = project.files()
    project.edit("corpus/flow_go.py", "    go = ", "    assert False\n    go = ")
    for args in (("--snapshot-update",), ("--snapshot-update", "-x"), ()):
        result = project.run(*args)
        assert result.ret == 1
        result.stdout.fnmatch_lines(["flowcorpus: unused snapshots are left alone, *"])
        assert project.files() == before


def test_an_update_of_a_selection_keeps_the_others(project: Project) -> None:
    project.spec("second")
    project.accept()
    before = project.files()
    selections = [("-k", "second"), ("corpus/flow_second.py",), ("corpus/flow_go.py::flow_go",)]
    for selection in selections:
        assert project.run("--snapshot-update", *selection).ret == 0
        assert project.files() == before


def test_flows_that_would_share_a_snapshot_file_are_told_apart_by_nobody(project: Project) -> None:
    marked = "import pytest\n\n@pytest.mark.parametrize('at', ['a', 'b'], ids=['x/y', 'xy'])\n"
    project.edit("corpus/flow_go.py", "def flow_go(", f"{marked}def flow_go(at, ")
    result = project.run("--snapshot-update")
    assert result.ret == 2
    assert (
        "corpus/flow_go.py: flow_go[x/y] and flow_go[xy] would share one snapshot file: "
        "give their parameters ids of other letters, by pytest.param(…, id=…)"
    ) in result.outlines


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_snapshot_of_a_flow_that_is_gone_is_told_and_removed(
    project: Project, workers: tuple[str, ...]
) -> None:
    spec = project.spec("second")
    project.accept()
    spec.unlink()
    result = project.run(*workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*1 snapshot unused*"])
    assert project.run("--snapshot-update", *workers).ret == 0
    assert project.run(*workers).ret == 0
    assert SNAPSHOT in project.files()


def test_a_flow_that_breaks_a_rule_is_not_accepted(project: Project) -> None:
    before = project.files()
    project.edit("corpus/flow_go.py", '    flow.request("Please make it go.")\n', "")
    project.edit("rust/handler.rs", "store.put(1)", "store.put(2)")
    assert project.run("--snapshot-update").ret == 1
    assert project.files() == before


def test_a_damaged_snapshot_says_so(project: Project) -> None:
    project.write(SNAPSHOT, "<<<<<<< ours\n")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*its snapshot is damaged: *"])
    project.accept()
    assert project.run().ret == 0


def test_an_update_at_another_revision_is_a_usage_error(project: Project) -> None:
    result = project.run("--snapshot-update", "--flowcorpus-rev=main")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --flowcorpus-rev with --snapshot-update: *"])


def test_a_flow_of_one_corpus_does_not_stand_for_its_namesake_in_another(project: Project) -> None:
    project.write("second/flowcorpus.toml", SETTINGS)
    project.spec("go", corpus="second")
    project.accept()
    before = project.files()
    project.edit("second/flow_go.py", "    go = ", "    assert False\n    go = ")
    assert project.run("--snapshot-update").ret == 1
    assert project.files() == before


def test_the_snapshot_of_a_spec_that_skips_itself_stays(project: Project) -> None:
    before = project.files()
    skip = 'import pytest\npytest.skip("later", allow_module_level=True)\n'
    project.edit("corpus/flow_go.py", '"""Going', f'{skip}\n"""Going')
    project.spec("other")
    project.run("--snapshot-update")
    assert before.items() <= project.files().items()


def test_an_update_of_new_snapshots_alone_accepts_no_flow_that_breaks_a_rule(
    project: Project,
) -> None:
    (project.path / SNAPSHOT).unlink()
    project.edit("corpus/flow_go.py", '    flow.request("Please make it go.")\n', "")
    assert project.run("--snapshot-update-new-only").ret == 1
    assert not (project.path / SNAPSHOT).exists()


def test_syrupy_need_not_ask_every_flow_of_a_file_about_each_snapshot(project: Project) -> None:
    project.write(
        "corpus/conftest.py",
        dedent("""
        from syrupy.extensions.single_file import SingleFileSnapshotExtension

        def asked(*_, **__):
            raise AssertionError("each flow is asked about each snapshot of its file")

        def pytest_collection_finish():
            SingleFileSnapshotExtension.matches_test_location = asked
        """),
    )
    assert project.run("corpus").ret == 0


def test_of_a_flow_that_ran_only_what_its_output_takes_is_kept(project: Project) -> None:
    project.write(
        "corpus/conftest.py",
        dedent("""
        import gc

        from pytest_flowcorpus.draft import Draft

        def pytest_sessionfinish(session):
            gc.collect()
            results = [
                result
                for assertion in session.config._syrupy._assertions
                for result in assertion.executions.values()
            ]
            held = [one for one in gc.get_objects() if isinstance(one, Draft)]
            texts = [one for one in results if one.asserted_data or one.recalled_data]
            print(f"{len(results)} compared, {len(held)} drafts, {len(texts)} texts")
        """),
    )
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*1 compared, 0 drafts, 0 texts*"])
