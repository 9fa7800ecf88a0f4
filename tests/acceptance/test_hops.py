"""Calls, mentions and hops as the author of a spec meets them: what holds, and what a failure says.

Each kind of false claim fails here in words: ends swapped, a namesake of another type, a call that
only a comment or a string contains, and what syntax leaves open, in both polarities.
"""

from __future__ import annotations

import pytest

from tests.acceptance.project import Project

LIB = "mod busy;\nmod handler;\nmod model;\nmod store;\n"

MODEL = """\
pub trait Model {
    fn update(&self) {}
}
"""

BUSY = """\
use crate::store::Store;

pub struct Other;
pub type Line = Other;

impl Other {
    pub fn put(&self, value: u8) -> bool {
        value > 0
    }
}

pub fn busy(line: &Line, makes: impl Fn() -> (u8, u8)) -> usize {
    // store.flush() would be too early
    let said = "halt()";
    let (one, _) = makes();
    one.take(2);
    line.put(said.len());
    let mut seen = Vec::new();
    seen.extend(None);
    seen.len()
}

pub fn halt() {
    busy();
}

impl Store {
    pub fn flush(&self) {}
    pub fn take(&self, value: u8) {}
}
"""

BUSY_OPENED = 'busy = flow.file("busy.rs").extract("busy")\n'
PLACE = "corpus/flow_asks.py:{line}: "


@pytest.fixture
def project(project: Project) -> Project:
    """Give the project with its files made one crate, and with a busier one among them."""
    project.write("rust/lib.rs", LIB)
    project.write("rust/busy.rs", BUSY)
    project.write("rust/model.rs", MODEL)
    return project


def failed(project: Project, more: str, *args: str) -> list[str]:
    """Run a flow that ends in `more` and fails; gives the lines of what it was told."""
    project.spec("asks", BUSY_OPENED + more)
    result = project.run("corpus/flow_asks.py", *args)
    assert result.ret == 1
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "site-packages" not in text
    return text.splitlines()


def explained(project: Project, more: str, *args: str) -> list[str]:
    lines = failed(project, more, *args)
    return [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]


NAMESAKE = "`put` is called at line 17 on `line: Line`, an alias of `Other`"
UNNAMED = "AssertionError: assert <busy does not call anything that could be `put`"
CLAIMS = [
    (  # ends swapped
        'assert go in flow.file("store.rs").extract("Store::put").calls',
        [
            "assert fails: Store::put does not call go",
            "it is the other way round: handler.rs::go calls Store::put, line 7",
        ],
    ),
    (  # a namesake of another type
        'assert "store.rs::Store::put" in busy.calls',
        [
            "assert fails: busy does not call Store::put",
            f"{NAMESAKE}: that is busy.rs::Other::put",
        ],
    ),
    (
        'assert "busy.rs::Store::flush" in busy.calls',
        [
            "assert fails: busy does not call Store::flush",
            "the word `flush` stands at line 13 in a comment, but is not called there",
        ],
    ),
    (
        'assert "busy.rs::halt" in busy.calls',
        [
            "assert fails: busy does not call halt",
            "the word `halt` stands at line 14 in a literal, but is not called there",
        ],
    ),
    (
        'assert "busy.rs::Other::put" not in busy.calls',
        [
            "assert fails: busy calls Other::put",
            NAMESAKE,
        ],
    ),
    (
        'assert "store.rs::Store" in busy.mentions',
        ["assert fails: busy does not mention Store", "it mentions:", "busy.rs::Line (line 12)"],
    ),
    (
        'assert busy.calls.named("store.rs::Store::put")',
        [f"{UNNAMED}; {NAMESAKE}: that is busy.rs::Other::put>"],
    ),
]


@pytest.mark.parametrize(("claim", "words"), CLAIMS)
@pytest.mark.parametrize("how", ["-q", "-vv"])
def test_a_false_claim_fails_in_words(
    project: Project, claim: str, words: list[str], how: str
) -> None:
    lines = explained(project, claim, how)
    assert lines[: len(words)] == words


def test_a_false_claim_shows_whom_the_fragment_does_call(project: Project) -> None:
    lines = explained(project, "assert go in busy.calls")
    calls = lines[lines.index("it calls:") + 1 :]
    assert calls[0] == "busy.rs::Other::put (line 17)"
    assert "`take`, not decided by syntax (line 16)" in calls


@pytest.mark.parametrize("claim", ["in busy.calls", "not in busy.calls", "in busy.mentions"])
@pytest.mark.parametrize("args", [(), ("-n", "2")])
def test_what_syntax_leaves_open_fails_in_both_polarities(
    project: Project, claim: str, args: tuple[str, ...]
) -> None:
    lines = failed(project, f'assert "busy.rs::Store::take" {claim}', *args)
    (line,) = [line for line in lines if line.startswith("corpus/flow_asks.py:")]
    assert "in busy.rs::busy `take` is " in line
    assert "at line 16" in line
    assert "neither proves nor rules out busy.rs::Store::take; claim no more" in line
    assert not any(line.startswith("E ") for line in lines)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('"put" in go.calls', "an item is named by * a bare name is for `calls.named('put')`"),
        ("3 not in go.calls", "an item is named by *, not by a value of type int"),
        ('"store.rs::Store::pt" not in go.calls', "store.rs: no item `Store::pt`; nearest: *"),
        ('"hander.rs::go" in go.calls', "hander.rs: *did you mean handler.rs?"),
        ('"store.rs::Store" in go.calls', "store.rs::Store (struct) is no function: *`mentions`*"),
        ('flow.hop(go, "store.rs::Store::put", via="x")', "* is called at line 7 of handler.rs: *"),
        ('flow.hop(go, "handler.rs::stay", via=" ")', "flow.hop: `via` says nothing: *"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_place(
    project: Project, more: str, problem: str
) -> None:
    more = more if more.startswith("flow.") else f"assert {more}"
    project.spec("asks", more)
    result = project.run("corpus/flow_asks.py")
    assert result.ret == 1
    text = (project.path / "corpus/flow_asks.py").read_text()
    line = text[: text.index(more)].count("\n") + 1
    # `[` opens a class of characters in such a pattern; none of these holds one.
    result.stdout.fnmatch_lines([PLACE.format(line=line) + problem])
    assert "Traceback" not in result.stdout.str()


def test_an_item_that_an_address_seeks_in_the_wrong_file_is_found(project: Project) -> None:
    lines = failed(project, 'assert "handler.rs::Store::put" in go.calls')
    assert 'it stands in store.rs: "store.rs::Store::put"' in lines


HOLDS = """\
assert "store.rs::Store::put" in go.calls
assert "store.put(1)" in go
assert "store.rs::Store" in go.mentions
assert go.calls.named("put")
assert "handler.rs::stay" not in go.calls
flow.hop(go, "model.rs::Model::update", via="Model::update")
"""


def test_what_holds_stands_in_the_manifest_and_on_the_page_and_not_in_the_record(
    project: Project,
) -> None:
    project.spec("go")
    project.run("--flowcorpus-out=flows.jsonl").assert_outcomes(passed=1)
    record = project.out.read_bytes()
    project.spec("go", HOLDS)
    project.run("--flowcorpus-out=flows.jsonl", "--flowcorpus-render=pages").assert_outcomes(
        passed=1
    )
    assert project.out.read_bytes() == record
    (entry,) = project.manifest()["examples"]
    assert entry["hops"] == {"resolved": 2, "named": 1, "stated": 1, "absent": 1}
    asked = entry["thoughts"][-1]["asked"]
    assert [question.get("verdict", "text") for question in asked] == [
        *("resolved", "text", "resolved", "named", "absent", "stated")
    ]
    page = (project.path / "pages/flow_go.md").read_text()
    assert (
        "* `handler.rs::go` calls `store.rs::Store::put`, line 7\n"
        "* `handler.rs::go` holds `store.put(1)`\n"
        "* `handler.rs::go` mentions `store.rs::Store`, line 6\n"
        "* `handler.rs::go` calls something of the name `put`, line 7\n"
        "* `handler.rs::go` never calls `handler.rs::stay`\n"
        "* `handler.rs::go` leads to `model.rs::Model::update` through `Model::update`: stated, "
        "not proven\n"
    ) in page


def test_workers_ask_as_one_process_does(project: Project) -> None:
    project.spec("go", HOLDS)
    project.run("--flowcorpus-out=flows.jsonl").assert_outcomes(passed=1)
    before = project.files()
    project.run("--flowcorpus-out=flows.jsonl", "-n", "2").assert_outcomes(passed=1)
    assert project.files() == before


def test_no_explanation_is_loaded_without_a_flow(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_a():\n    assert 1 not in [1]\n"
        "def test_b():\n"
        "    ours = ('hops', 'explain')\n"
        "    assert not any(f'pytest_flowcorpus.{name}' in sys.modules for name in ours)\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)


def test_without_asserts_nothing_is_proven(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.spec("asks", BUSY_OPENED + "assert False")
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    result = project.run("--assert=plain")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*python -O drops the asserts that prove a flow*"])
