"""What ``--flowcorpus-out`` writes, and when it leaves a file alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.acceptance.project import OUT, QUIET, Project

ADDRESS_TYPO = 'flow.file("handler.rs").extract("gone")'


def test_each_passing_flow_is_one_line_with_its_code(project: Project) -> None:
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["flowcorpus: wrote 1 example to flows.jsonl"])
    [record] = project.records()
    system, user, assistant = (message["content"] for message in record["messages"])
    assert (system, user) == ("You maintain it.", "Please make it go.")
    assert "`handler.rs`\n\n```rust\n/// Goes.\n#[inline]\npub fn go(" in assistant
    assert "impl Store {\n    pub fn put(" in assistant
    assert "stay" not in assistant


def test_the_manifest_says_where_everything_is_from(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    manifest = project.manifest()
    assert manifest["whole"] is True
    assert manifest["source"]["licenses"] == [{"path": "LICENSE", "text": "MIT\n"}]
    [example] = manifest["examples"]
    assert example["title"] == "Going: from the handler to the store."
    assert example["spec"] == "flow_go.py::flow_go"
    assert example["files"][0]["spdx"] == ["SPDX-License-Identifier: MIT"]
    assert example["files"][0]["lines"] == [[4, 8]]
    assert str(project.path) not in str(manifest)


def test_a_flow_that_fails_is_left_out_and_named(project: Project) -> None:
    project.spec("typo", ADDRESS_TYPO)
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["flowcorpus: wrote 1 example to flows.jsonl; 1 flow left out"])
    [rejected] = project.manifest()["rejected"]
    assert rejected["spec"] == "flow_typo.py::flow_typo"
    assert "no item `gone`" in rejected["why"]


def test_the_same_bytes_come_in_any_order_and_any_number_of_workers(project: Project) -> None:
    for name in ("abc", "hop", "zoo"):
        project.spec(name)
    project.accept()
    runs = [
        (),
        ("-n", "2"),
        ("corpus/flow_zoo.py", "corpus/flow_hop.py", "corpus/flow_abc.py", "corpus/flow_go.py"),
    ]
    written = []
    for args in runs:
        assert project.run(f"--flowcorpus-out={OUT}", *args).ret == 0
        manifest = project.path / "flows.manifest.json"
        written.append((project.out.read_bytes(), manifest.read_bytes()))
        project.out.unlink()
    assert written[0][0].count(b"\n") == 4
    assert written.count(written[0]) == 3


def test_parametrized_flows_are_a_line_each_in_source_order(project: Project) -> None:
    marked = "import pytest\n\n@pytest.mark.parametrize('number', [10, 9])\ndef flow_go("
    project.edit("corpus/flow_go.py", "def flow_go(", marked + "number: int, ")
    project.edit("corpus/flow_go.py", 'flow.request("Please', 'flow.request(f"{number} times')
    project.edit("corpus/flow_go.py", 'think("""', 'think(f"""')
    project.edit("corpus/flow_go.py", "go thinks", "{number} thinks")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    asked = [record["messages"][1]["content"] for record in project.records()]
    assert asked == ["10 times make it go.", "9 times make it go."]


def test_dash_prints_the_lines_and_nothing_else_where_pytest_is_silent(project: Project) -> None:
    result = project.run("--flowcorpus-out=-", "-p", "no:terminal")
    assert result.ret == 0
    [line] = result.outlines
    assert line.startswith('{"type":"chatml"')
    assert not (project.path / "-").exists()


SELECTIONS = [("-k", "go"), ("corpus/flow_go.py::flow_go",), ("corpus/flow_go.py",)]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_selection_never_replaces_what_a_whole_run_wrote(
    project: Project, selection: tuple[str, ...]
) -> None:
    project.spec("other")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    before = project.files()
    result = project.run(f"--flowcorpus-out={OUT}", *selection)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["flowcorpus: *flows.jsonl left as it was: this run is a selection*"]
    )
    assert project.files() == before


def test_a_selection_may_write_a_file_of_its_own(project: Project) -> None:
    project.spec("other")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}", "-k", "go").ret == 0
    assert project.manifest()["whole"] is False
    assert len(project.records()) == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_run_stopped_by_x_leaves_the_file(project: Project, workers: tuple[str, ...]) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    project.spec("aaa", "assert False")
    project.spec("zzz")
    result = project.run(f"--flowcorpus-out={OUT}", "-x", *workers)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["flowcorpus: flows.jsonl left as it was: *"])
    assert project.files() == before


def test_a_collection_error_leaves_the_file(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    project.write("corpus/flow_broken.py", "def flow_broken(flow:\n")
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        [
            "*corpus/flow_broken.py:1: *",
            "flowcorpus: flows.jsonl left as it was: *could not be collected",
        ]
    )
    assert project.files() == before


def test_a_worker_that_crashes_leaves_the_file(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    project.spec("crash", "import os\nos._exit(1)")
    result = project.run(f"--flowcorpus-out={OUT}", "-n", "2")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["flowcorpus: flows.jsonl left as it was: worker * crashed"])
    assert project.files() == before


def test_ctrl_c_leaves_the_file(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    project.spec("slow", "open('reached', 'w').close()\nimport time\ntime.sleep(60)")
    command = [sys.executable, "-m", "pytest", *QUIET, f"--flowcorpus-out={OUT}"]
    running = subprocess.Popen(
        command,
        cwd=project.path,
        stdout=subprocess.PIPE,
        text=True,
        # A shell's job in the background ignores Ctrl-C, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while not (project.path / "reached").exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=120)
    assert running.returncode == 2
    assert "flowcorpus: flows.jsonl left as it was: the run did not finish" in text
    assert project.files() == before


def test_a_run_in_which_no_flow_passes_leaves_the_file_and_fails(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    text = (project.path / "corpus/flow_go.py").read_text()
    skipped = text.replace("\n\ndef ", "\nimport pytest\n\n@pytest.mark.skip\ndef ")
    project.write("corpus/flow_go.py", skipped)
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["flowcorpus: *flows.jsonl left as it was: no flow passed"])
    assert project.files() == before


def test_a_target_that_is_no_file_is_a_usage_error(project: Project) -> None:
    result = project.run("--flowcorpus-out=/dev/full")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *--flowcorpus-out*/dev/full is not a regular file*"])


def test_an_unwritable_folder_is_a_usage_error_before_any_flow_runs(project: Project) -> None:
    project.write("file", "")
    result = project.run("--flowcorpus-out=file/flows.jsonl")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *--flowcorpus-out*file is not a folder*"])
    assert "collected" not in result.stdout.str()


def test_one_output_for_two_corpora_is_a_usage_error(project: Project) -> None:
    project.write("second/flowcorpus.toml", 'system = "x"\n[source]\npath = "../rust"\n')
    project.spec("go", corpus="second")
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --flowcorpus-out: one output *: corpus, second"])
    assert not project.out.exists()


def test_a_full_disk_leaves_the_file(project: Project) -> None:
    project.run(f"--flowcorpus-out={OUT}")
    before = project.files()
    project.spec("more")
    project.accept()
    snapshots = project.files()
    # A limit on the size of files stands for a disk that fills while the output is written.
    project.write(
        "conftest.py",
        "import resource, signal\n"
        "def pytest_sessionfinish():\n"
        "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))\n",
    )
    result = project.run(f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["flowcorpus: *flows.jsonl left as it was: File too large"])
    assert project.files() == snapshots
    assert before.items() <= snapshots.items()


def test_pages_are_written_for_people(project: Project) -> None:
    assert project.run("--flowcorpus-render=pages", "-n", "2").ret == 0
    page = (project.path / "pages/flow_go.md").read_text()
    assert page.startswith("# Going: from the handler to the store.\n")
    assert "## Reasoning" in page


def test_why_a_flow_was_left_out_is_the_same_on_every_machine(project: Project) -> None:
    project.spec("fails", "assert 1 == 2")
    project.spec("typo", ADDRESS_TYPO)
    marked = "import pytest\n\n@pytest.mark.skip('not yet')\ndef flow_skipped("
    spec = project.spec("skipped")
    spec.write_text(spec.read_text().replace("def flow_skipped(", marked))
    assert project.run(f"--flowcorpus-out={OUT}").ret == 1
    rejected = project.manifest()["rejected"]
    assert [flow["why"] for flow in rejected] == [
        "13: AssertionError",
        "skipped: not yet",
        "13: handler.rs: no item `gone`; nearest: `go`",
    ]
    inner = project.run(f"--flowcorpus-out={OUT}", "--rootdir=corpus")
    assert inner.ret == 1
    assert project.manifest()["rejected"] == rejected


def test_pages_are_there_to_read_before_a_flow_is_accepted(project: Project) -> None:
    project.spec("new")
    result = project.run("--flowcorpus-render=pages", f"--flowcorpus-out={OUT}")
    assert result.ret == 1
    assert (project.path / "pages/flow_new.md").exists()
    assert len(project.records()) == 1


@pytest.mark.parametrize("option", ["--flowcorpus-render=pages", "--flowcorpus-out=-"])
def test_nothing_to_write_is_never_exit_0(project: Project, option: str) -> None:
    project.edit(
        "corpus/flow_go.py", "def flow_go", "import pytest\n@pytest.mark.skip\ndef flow_go"
    )
    result = project.run(option)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["flowcorpus: * left as it was: no flow passed"])


@pytest.mark.parametrize("name", ["out", "render", "checkout", "rev"])
def test_an_option_without_a_value_is_a_usage_error(project: Project, name: str) -> None:
    result = project.run(f"--flowcorpus-{name}=")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: --flowcorpus-{name}: needs a value"])


def test_a_spec_that_skips_itself_makes_the_run_a_selection(project: Project) -> None:
    spec = project.spec("second")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    before = project.files()
    spec.write_text("import pytest\npytest.importorskip('nope')\n" + spec.read_text())
    assert project.run(f"--flowcorpus-out={OUT}").ret == 1
    assert project.files() == before


def test_a_folder_that_pytest_never_enters_does_not_make_a_run_a_selection(
    project: Project,
) -> None:
    draft = project.spec("draft")
    (project.path / "corpus/.drafts").mkdir()
    draft.rename(project.path / "corpus/.drafts/flow_draft.py")
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    assert project.manifest()["whole"] is True


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_root_folder_elsewhere_changes_nothing(
    project: Project, tmp_path_factory: pytest.TempPathFactory, workers: tuple[str, ...]
) -> None:
    project.spec("second")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    before = project.files()
    elsewhere = f"--rootdir={tmp_path_factory.mktemp('elsewhere')}"
    assert project.run(f"--flowcorpus-out={OUT}", elsewhere, "corpus", *workers).ret == 0
    assert project.files() == before
    selection = ("corpus/flow_go.py", elsewhere, *workers)
    assert project.run(f"--flowcorpus-out={OUT}", *selection).ret == 1
    assert project.files() == before


def test_a_spec_named_by_mistake_is_not_overwritten(project: Project) -> None:
    before = (project.path / "corpus/flow_go.py").read_bytes()
    result = project.run("--flowcorpus-out", "corpus/flow_go.py")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *flow_go.py holds something else than JSON lines*"])
    assert (project.path / "corpus/flow_go.py").read_bytes() == before


@pytest.mark.parametrize("args", [(), ("-q",), ("-q", "-n", "2")])
def test_every_printed_record_stands_on_a_line_of_its_own(
    project: Project, args: tuple[str, ...]
) -> None:
    result = project.run("--flowcorpus-out=-", *args)
    assert [line[:7] for line in result.outlines if "chatml" in line] == ['{"type"']
