"""What ``--flowcorpus-new`` writes: a spec that lacks its prose and nothing else."""

from __future__ import annotations

import ast
import keyword
import re
import shutil
import subprocess
import sys
from os import environ
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.example import ASPECTS
from tests.acceptance.project import OUT, QUIET, Project
from tests.conftest import AROUND, ROOT
from tests.filling import addresses, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Copy = Callable[[Path], Project]

NEW = "--flowcorpus-new"
COURIER = {
    "flow_accept": "endpoint.rs::accept",
    "flow_pause": "endpoint.rs::pause",
    "flow_resume": "endpoint.rs::resume",
    "flow_worker_step": "worker.rs::Worker::step",
}
SUGGESTED = re.compile(
    r"^    # (flow\.hop\(|assert \w+\.calls\.named\(|flow\.file\()", re.MULTILINE
)

NAMES = {
    "lib.rs": "mod client;\nmod flow;\nmod server;\npub mod r#type;\n",
    "flow.rs": """\
use crate::client::{self, Client, Größe};
use crate::server::{self, Server};

const RETRY: u8 = 1;

pub trait Runs {
    fn run(&self, times: u8) -> bool;
}

pub struct Import;

impl Runs for Import {
    fn run(&self, times: u8) -> bool {
        flow(times) && r#import(times)
    }
}

pub fn each(runner: &dyn Runs) -> bool {
    runner.run(2)
}

impl Import {
    pub fn begin(&self) -> bool {
        if RETRY > 0 {
            return false;
        }
        self.run(1)
    }
}

pub fn flow(times: u8) -> bool {
    let client = Client::new(times, client::RETRY);
    let server = Server::new(times, server::RETRY);
    if client::messen(Größe(times)) > RETRY {
        client.class()
    } else {
        server.sorted()
    }
}

pub fn r#import(times: u8) -> bool {
    if times == RETRY { crate::r#type::r#match(times) } else { false }
}
""",
    "client.rs": """\
pub const RETRY: u8 = 3;

pub struct Client {
    times: u8,
}

impl Client {
    pub fn new(times: u8, most: u8) -> Self {
        if times > most { Self { times: most } } else { Self { times } }
    }

    pub fn class(&self) -> bool {
        if self.times > RETRY { true } else { false }
    }
}

pub struct Größe(pub u8);

pub fn messen(größe: Größe) -> u8 {
    if größe.0 > RETRY { 1 } else { 2 }
}
""",
    "server.rs": """\
pub const RETRY: u8 = 4;

pub struct Server {
    times: u8,
}

impl Server {
    pub fn new(times: u8, most: u8) -> Self {
        if times > most { Self { times: most } } else { Self { times } }
    }

    pub fn sorted(&self) -> bool {
        if self.times > RETRY { true } else { false }
    }
}
""",
    "type.rs": """\
pub fn r#match(times: u8) -> bool {
    if times > 2 { outside::thing().run(times) } else { false }
}

#[cfg(feature = "a")]
pub fn twin(times: u8) -> bool {
    if times > 2 { crate::flow::r#import(times) } else { false }
}

#[cfg(not(feature = "a"))]
pub fn twin(times: u8) -> bool {
    times > 2
}
""",
}
"""Namesakes, keywords of both languages, and names that are not ASCII."""

NAMED = {
    "flow_import_run": "flow.rs::<Import as Runs>::run",
    "flow_import_begin": "flow.rs::Import::begin",
    "flow_each": "flow.rs::each",
    "flow_twin": 'type.rs::#[cfg(feature = "a")] fn twin',
}

FAR = {
    "lib.rs": "mod a;\nmod b;\nmod c;\n",
    "a.rs": """\
use crate::b::big;

pub fn go(times: u8) -> u8 {
    if near(times) > 2 { big(times) } else { 0 }
}

fn near(times: u8) -> u8 {
    if times > 3 { 1 } else { 2 }
}
""",
    "b.rs": """\
pub fn big(times: u8) -> u8 {
    let first = "one two three four five six seven eight nine ten eleven twelve";
    let second = "one two three four five six seven eight nine ten eleven twelve";
    let third = "one two three four five six seven eight nine ten eleven twelve";
    crate::c::behind(times)
}
""",
    "c.rs": """\
pub fn behind(times: u8) -> u8 {
    if times > 7 { 1 } else { 2 }
}
""",
}
"""A way of which a small record has room for the beginning only."""

SETTINGS = """\
system = "x"
[source]
path = "../rust"
"""

SHORT = f"""\
{SETTINGS}[limits]
request_words = [1, 10]
reasoning_words = [1, 10]
max_tokens = {{}}
"""


def pytest_in(path: Path, *args: str) -> str:
    """Run pytest in a folder that several tests share, and give what it says."""
    around = {name: value for name, value in environ.items() if name not in AROUND}
    command = [sys.executable, "-m", "pytest", *QUIET, *args]
    done = subprocess.run(command, cwd=path, env=around, capture_output=True, check=False)
    return done.stdout.decode()


@pytest.fixture(scope="module")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of courier with four specs, none of them written by hand."""
    path = tmp_path_factory.mktemp("new") / "courier"
    specs = shutil.ignore_patterns("flow_*.py", "__snapshots__", "__pycache__")
    shutil.copytree(ROOT / "tests/courier", path, ignore=specs)
    for name, entry in COURIER.items():
        said = pytest_in(path, "corpus", f"{NEW}={entry}")
        assert re.search(rf"\nflowcorpus: wrote corpus/{name}\.py: \d+ items of \d", said)
        assert f"\nflowcorpus: what is left to write: pytest corpus/{name}.py\n" in said
    return path


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project whose Rust has awkward names, and the specs that are begun there."""
    project = small(tmp_path_factory.mktemp("named"), NAMES, SETTINGS)
    for entry in NAMED.values():
        pytest_in(project.path, f"{NEW}={entry}")
    return project.path


@pytest.fixture
def copy(pytester: pytest.Pytester) -> Copy:
    """Give what makes a copy of a folder that a test may spoil."""

    def copied(path: Path) -> Project:
        shutil.copytree(path, pytester.path, dirs_exist_ok=True)
        return Project(pytester.path, pytester)

    return copied


@pytest.fixture
def copied(courier: Path, copy: Copy) -> Project:
    return copy(courier)


def small(path: Path, rust: dict[str, str], settings: str) -> Project:
    """Make a project of some Rust files and a corpus without a spec."""
    project = Project(path)
    for name, text in rust.items():
        project.write(f"rust/{name}", text)
    project.write("corpus/flowcorpus.toml", settings)
    return project


def begun(project: Project, entry: str, *args: str) -> str:
    """Have a spec begun, and give its text."""
    before = {path: path.stat().st_mtime_ns for path in project.path.rglob("flow_*.py")}
    result = project.run(f"{NEW}={entry}", *args)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    [path] = [path for path in project.path.rglob("flow_*.py") if path not in before]
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    return path.read_text()


def refused(project: Project, *args: str) -> str:
    """Run what is refused, and give the one line that says why; no spec is written or changed."""
    before = {path: path.read_bytes() for path in project.path.rglob("flow_*.py")}
    result = project.run(*args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    assert {path: path.read_bytes() for path in project.path.rglob("flow_*.py")} == before
    [line] = [line for line in result.errlines if line]
    return line


def fill(project: Project, *, with_suggestions: bool = False) -> None:
    for path in project.path.glob("corpus/flow_*.py"):
        text = path.read_text()
        path.write_text(filled(SUGGESTED.sub(r"    \1", text) if with_suggestions else text))


def asserts(spec: str) -> list[str]:
    return re.findall(r"^    assert (.+)$", spec, re.MULTILINE)


def problems(result: pytest.RunResult) -> list[str]:
    """Give what a run says is missing, by the rule or else by its first words."""
    lines = [line for line in result.outlines if line.startswith("  * ")]
    ends = (re.search(r"\[(\w+)\]$", line) for line in lines)
    return [end[1] if end else line[4:19] for line, end in zip(lines, ends, strict=True)]


def literals(spec: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(spec)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_a_spec_is_named_after_its_entry_point_and_stands_in_the_corpus(courier: Path) -> None:
    found = {path.stem: path.read_text() for path in (courier / "corpus").glob("*.py")}
    assert found.keys() == COURIER.keys()
    for name, text in found.items():
        assert f"\ndef {name}(flow: Flow) -> None:\n" in text
        file, _, address = COURIER[name].partition("::")
        assert ast.get_docstring(ast.parse(text)) == f"{address}, {file}"
        assert f'flow.file("{file}")' in text
        assert address in addresses(text)


def test_a_spec_fails_with_what_is_still_to_be_written_and_nothing_else(copied: Project) -> None:
    result = copied.run()
    result.assert_outcomes(failed=4)
    assert problems(result) == 4 * ["request", *5 * ["reasoning"], "no snapshot yet"]
    for name in COURIER:
        lines = (copied.path / f"corpus/{name}.py").read_text().splitlines()
        starts = [n for n, line in enumerate(lines, 1) if "flow.request" in line or "think" in line]
        told = ["the request", *(f"the thought on {aspect}" for aspect in ASPECTS)]
        for line, what in zip(starts, told, strict=True):
            place = f"  [*] corpus/{name}.py:{line}: {what} is still to be written*"
            result.stdout.fnmatch_lines([place])


def test_once_its_prose_is_written_a_spec_passes_and_gives_an_example(copied: Project) -> None:
    fill(copied)
    copied.accept()
    result = copied.run(f"--flowcorpus-out={OUT}")
    result.assert_outcomes(passed=4)
    answers = [record["messages"][2]["content"] for record in copied.records()]
    assert len(answers) == 4
    assert "pub async fn accept(app: &App, key: &str, payload: &str)" in answers[0]
    asserted = sum(
        path.read_text().count("\n    assert ") for path in copied.path.glob("corpus/*.py")
    )
    result.stdout.fnmatch_lines([f"flowcorpus: hops: {asserted} resolved, 0 named, 0 stated; *"])


def test_what_is_suggested_in_comments_holds_too(courier: Path, named: Path, copy: Copy) -> None:
    for path, kinds in ((courier, {"file"}), (named, {"named", "hop"})):
        project = copy(path)
        specs = "".join(path.read_text() for path in project.path.glob("corpus/*.py"))
        found = {line.rstrip("(").rpartition(".")[2] for line in SUGGESTED.findall(specs)}
        assert found >= kinds
        fill(project, with_suggestions=True)
        assert not SUGGESTED.search(
            "".join(path.read_text() for path in project.path.glob("*/*.py"))
        )
        project.run("--snapshot-update", "corpus").assert_outcomes(passed=4)
        shutil.rmtree(project.path / "corpus")


def test_no_word_of_a_spec_is_prose(courier: Path) -> None:
    items = "".join(path.read_text() for path in (courier / "src").rglob("*.rs"))
    files = {path.relative_to(courier / "src").as_posix() for path in courier.rglob("*.rs")}
    for name, entry in COURIER.items():
        text = (courier / f"corpus/{name}.py").read_text()
        title, *told = literals(text)
        assert title == ", ".join(reversed(entry.split("::", 1)))
        for one in (one.strip() for one in told):
            file, _, address = one.rpartition(".rs::")
            names = re.findall(r"\w+", address or one)
            is_address = (not file or f"{file}.rs" in files) and all(n in items for n in names)
            assert one in {"", "use", *ASPECTS, *files} or is_address


def test_code_stands_by_layer_and_each_hop_that_is_proven_has_its_assert(courier: Path) -> None:
    text = (courier / "corpus/flow_resume.py").read_text()
    layers = re.findall(r"^    # (\w+)$", text, re.MULTILINE)
    order = ["endpoint", "core", "db", "queue", "worker", "support"]
    assert layers == [layer for layer in order if layer in layers]
    assert {"endpoint", "db", "queue"} <= {*layers}
    taken = [*addresses(text)]
    assert taken[:2] == ["use", "resume"]
    assert taken.index("Producer::admit") < taken.index("Producer::send")
    hops = re.findall(r"^    assert (\w+) in (\w+)\.calls$", text, re.MULTILINE)
    assert hops[:2] == [("db_pause", "resume"), ("admit", "resume")] or hops[:2] == [
        ("pause", "resume"),
        ("admit", "resume"),
    ]
    assert ("send", "admit") in hops
    assert '    assert "queue.rs::QueueTask::Backlog" in resume.mentions\n' in text


def test_upstreams_tests_of_an_entry_point_are_suggested(courier: Path) -> None:
    for name, wanted in (
        ("flow_resume", "a_backlog_goes_out_in_order_and_between_live_events"),
        ("flow_pause", "a_second_pause_stops_the_backlog"),
    ):
        text = (courier / f"corpus/{name}.py").read_text()
        assert f'    # flow.file("endpoint.rs").extract("tests::{wanted}")\n' in text
        assert wanted not in " ".join(addresses(text))


def test_the_same_spec_is_written_from_wherever_and_however_pytest_runs(
    courier: Path, copied: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = copied.path / "corpus/flow_resume.py"
    elsewhere = f"--rootdir={tmp_path_factory.mktemp('elsewhere')}"
    for args in (("corpus", elsewhere, "-n", "2"), ("--flowcorpus-checkout=.",)):
        path.unlink()
        assert begun(copied, COURIER["flow_resume"], *args).encode() == path.read_bytes()
        assert path.read_bytes() == (courier / "corpus/flow_resume.py").read_bytes()


def test_names_that_are_keywords_or_collide_are_told_apart(named: Path, copy: Copy) -> None:
    specs = {path.stem: path.read_text() for path in (named / "corpus").glob("*.py")}
    assert specs.keys() == NAMED.keys()
    bound = re.findall(r"^    (\w+) = ", specs["flow_import_run"], re.MULTILINE)
    assert len({*bound}) == len(bound)
    assert not {*bound} & {"flow", *keyword.kwlist}
    assert {"client_new", "server_new", "client_retry", "server_retry", "flow_retry"} <= {*bound}
    assert {"größe", "import_", "class_", "run", "flow_"} <= {*bound}
    result = copy(named).run()
    result.assert_outcomes(failed=4)
    assert problems(result) == 4 * ["request", *5 * ["reasoning"], "no snapshot yet"]


def test_a_method_and_a_member_of_a_trait_are_entry_points_like_others(named: Path) -> None:
    member = (named / "corpus/flow_import_run.py").read_text()
    assert 'extract("<Import as Runs>::run")' in member
    assert "    assert import_ in run.calls\n" in member
    assert '    # assert match.calls.named("run")  # line 2\n' in member
    method = (named / "corpus/flow_import_begin.py").read_text()
    assert "    assert run in begin.calls\n" in method
    # Of three constants of that name it is the one of its own file.
    assert "    assert flow_retry in begin.mentions\n" in method


def test_where_a_record_has_no_room_the_rest_stands_as_comments_with_its_size(
    tmp_path: Path, copy: Copy
) -> None:
    project = copy(small(tmp_path / "far", FAR, SHORT.format(190)).path)
    text = begun(project, "a.rs::go")
    assert [*addresses(text)] == ["use", "go", "near"]
    sizes = re.findall(
        r'^    # flow\.file\("(.+)"\)\.extract\("(.+)"\)  # (\d+)$', text, re.MULTILINE
    )
    # There would be room for `behind`, but only `big` leads to it.
    assert [(file, address) for file, address, _ in sizes] == [("b.rs", "big"), ("c.rs", "behind")]
    assert [50 < int(size) < 120 for *_, size in sizes] == [True, False]
    assert asserts(text) == ["near in go.calls", '"b.rs::big" in go.calls']
    (project.path / "corpus/flow_go.py").unlink()
    project.write("corpus/flowcorpus.toml", SHORT.format(250))
    text = begun(project, "a.rs::go")
    assert [*addresses(text)] == ["use", "go", "near", "big"]
    assert asserts(text)[1:] == ["big in go.calls", '"c.rs::behind" in big.calls']


def test_a_spec_that_is_there_is_never_written_over(project: Project) -> None:
    written = begun(project, "handler.rs::stay")
    line = refused(project, f"{NEW}=handler.rs::stay")
    there = "is there already: rename or remove it first"
    assert line == f"ERROR: --flowcorpus-new: corpus/flow_stay.py {there}"
    assert (project.path / "corpus/flow_stay.py").read_text() == written
    by_hand = refused(project, f"{NEW}=handler.rs::go", "corpus/flow_go.py")
    assert (
        by_hand
        == "ERROR: --flowcorpus-new: corpus/flow_go.py is there already: rename or remove it first"
    )


NOWHERE = [
    ("handler.rs::goo", "handler.rs: no item `goo`; nearest: `go`*"),
    ("hander.rs::go", "hander.rs: no such file*handler.rs*"),
    ("handler.rs", "a function is named as core/x.rs::Type::member, not as 'handler.rs'"),
    ("handler.rs::", "*not * 'handler.rs::'"),
    ("handler.rs::go(", "handler.rs: *go(*"),
    ("store.rs::Store", "store.rs::Store (struct) is no function with a body"),
    ("store.rs::impl Store", "store.rs::impl Store (impl) is no function with a body"),
    ("store.rs::Keeps::keep", "store.rs::Keeps::keep (fn) is no function with a body"),
    ("/outside.rs::far", "outside.rs::far lies outside of `root`*"),
    ("../../conftest.rs::go", "*leaves*"),
]


@pytest.mark.parametrize(("entry", "problem"), NOWHERE)
def test_what_no_flow_can_begin_at_is_refused(project: Project, entry: str, problem: str) -> None:
    text = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("corpus/flowcorpus.toml", text.replace("[source]", '[source]\nroot = "src"'))
    project.write("rust/outside.rs", "pub fn far() {}\n")
    keeps = "pub trait Keeps {\n    fn keep(&self);\n}\n"
    store = (project.path / "rust/store.rs").read_text()
    project.write("rust/src/store.rs", f"{store}\n{keeps}")
    (project.path / "rust/handler.rs").rename(project.path / "rust/src/handler.rs")
    line = refused(project, f"{NEW}={entry}")
    line = line.replace("src/", "")
    pytest.LineMatcher([line]).fnmatch_lines([f"ERROR: --flowcorpus-new: {problem}"])


REFUSED = [
    (("--flowcorpus-out=x.jsonl",), "--flowcorpus-new runs no flow, *: leave them out"),
    (("--flowcorpus-render=pages",), "--flowcorpus-new runs no flow, *: leave them out"),
    (("--snapshot-update",), "--flowcorpus-new runs no flow, *: leave them out"),
    (("--flowcorpus-fail-under=1",), "--flowcorpus-fail-under goes with --flowcorpus-scan"),
    (("rust",), "--flowcorpus-new: no flowcorpus.toml here; name the folder of a corpus"),
    (("--flowcorpus-new=",), "--flowcorpus-new: needs a value"),
]


@pytest.mark.parametrize(("args", "problem"), REFUSED)
def test_what_does_not_go_with_a_new_spec_is_refused(
    project: Project, args: tuple[str, ...], problem: str
) -> None:
    line = refused(project, f"{NEW}=handler.rs::stay", *args)
    pytest.LineMatcher([line]).fnmatch_lines([f"ERROR: {problem}"])


def test_of_two_corpora_one_has_to_be_named(project: Project) -> None:
    settings = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("second/flowcorpus.toml", settings)
    line = refused(project, f"{NEW}=handler.rs::stay")
    assert line == "ERROR: --flowcorpus-new: which corpus? name one of corpus, second"
    begun(project, "handler.rs::stay", "second")
    assert (project.path / "second/flow_stay.py").exists()
    assert not (project.path / "corpus/flow_stay.py").exists()


def test_broken_specs_are_no_hindrance_and_nothing_is_run(project: Project) -> None:
    project.write("corpus/flow_broken.py", "def flow_broken(flow:\n")
    project.write("corpus/flow_ran.py", "open('ran', 'w')\n")
    project.write("test_other.py", "open('ran', 'w')\n")
    snapshots = project.files()
    begun(project, "handler.rs::stay", "-n", "2")
    assert not (project.path / "ran").exists()
    assert project.files() == snapshots


def test_collecting_alone_begins_no_spec(project: Project) -> None:
    project.run(f"{NEW}=handler.rs::stay", "--collect-only")
    assert not (project.path / "corpus/flow_stay.py").exists()


def test_a_faulty_entry_of_the_settings_is_told_with_its_place(project: Project) -> None:
    text = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("corpus/flowcorpus.toml", f'{text}[entries]\nattributes = ["endpoint"]\n')
    project.write("rust/lib.rs", "mod handler;\nmod store;\n")
    (project.path / "corpus/flow_go.py").unlink()
    line = refused(project, f"{NEW}=handler.rs::go")
    assert line == (
        "ERROR: corpus/flowcorpus.toml: [entries] attributes: no function bears #[endpoint]"
    )


def test_a_checkout_is_where_the_entry_point_is_looked_for(project: Project) -> None:
    shutil.copytree(project.path / "rust", project.path / "fork")
    project.edit("fork/handler.rs", "fn stay()", "fn remain()")
    assert "no item `remain`" in refused(project, f"{NEW}=handler.rs::remain")
    text = begun(project, "handler.rs::remain", "--flowcorpus-checkout=fork")
    assert 'remain = handler_rs.extract("remain")' in text
