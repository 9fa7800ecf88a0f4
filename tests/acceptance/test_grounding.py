"""What prose says of code, as the author of a spec meets it: what fails, where, and why."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.project import OUT, Project

TESTS = "#[test]\nfn test_put_keeps_order() {\n    Duration::from_secs(1);\n}\n"

LINE = 'flow.think("`go` never calls {}.")'


@pytest.fixture(autouse=True)
def _crate(project: Project) -> None:
    project.write("rust/Cargo.toml", '[package]\nname = "little"\n')
    project.write("rust/lib.rs", "mod handler;\nmod store;\n")
    project.write("rust/tests/e2e.rs", TESTS)


def problems(project: Project, *args: str) -> list[str]:
    """Run with all snapshots accepted, and give what is left to complain of."""
    result = project.run("--snapshot-update", *args)
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    return [line.removeprefix("  * ") for line in result.outlines if line.startswith("  * ")]


@pytest.mark.parametrize(
    "span",
    [
        "`put`",
        "`value: u8`",
        "`Store::put`",
        "store::Store",
        "`test_put_keeps_order`",
        "`handler.rs`",
        "`Duration::from_secs`",
        "`#[inline]`",
    ],
)
def test_what_is_real_passes(project: Project, span: str) -> None:
    project.spec("says", LINE.format(span))
    assert problems(project) == []


@pytest.mark.parametrize(
    ("span", "near"),
    [
        ("`put_all`", "is no name of the flow's excerpts, no test and no file; near it: `put`"),
        ("`pu`", "is no name of the flow's excerpts, no test and no file; near it: `put`, `pub`"),
        ("`Put`", "is no name of the flow's excerpts, no test and no file; near it: `put`"),
        ("`stay`", "is none of the names in the flow's excerpts; it stands in handler.rs"),
        ("`Goes`", "is no name of the flow's excerpts, no test and no file"),
        ("`Store::stay`", "is no path of the source; near it: `stay`"),
        ("handler::Store", "is no path of the source; near it: `Store`"),
        ("`Store::pu`", "is no path of the source; near it: `Store::put`"),
        ("`store.put(2)`", "does not stand in the flow's excerpts, token by token"),
        (
            "`store.push_all(1)`",
            "does not stand in the flow's excerpts: they hold no `push_all`; near it: `push`",
        ),
        ("`=>`", "is no code: it has neither a name nor a literal"),
    ],
)
def test_what_is_not_real_fails_with_its_place_and_what_is_near(
    project: Project, span: str, near: str
) -> None:
    spec = project.spec("says", LINE.format(span))
    lines = spec.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "never calls" in text)
    column = lines[line - 1].index("calls ") + len("calls ") + 1
    [problem] = problems(project)
    shown = span if "`" in span else f"`{span}`"
    assert problem.startswith(f"corpus/flow_says.py:{line}:{column}: {shown} {near}")
    assert problem.endswith("[grounding]")


def test_all_that_is_not_real_is_told_at_once_in_the_order_of_the_spec(project: Project) -> None:
    project.spec("says", LINE.format("`one_x` or `two_x`") + "\n" + LINE.format("`three_x`"))
    found = [problem.split()[1] for problem in problems(project)]
    assert found == ["`one_x`", "`two_x`", "`three_x`"]


@pytest.mark.parametrize(
    ("more", "line", "column"),
    [
        ('def say(text):\n    flow.think(text)\n\n\nsay("no `pot`")', 4, ":13"),
        ('name = "pot"\nflow.think(f"no `{name}`")', 1, ""),
        ('flow.think("no " +\n    "`pot`")', 0, ""),
        ('flow.think("no \\N{BULLET} "\n    r"`pot`")', 1, ":11"),
        ('flow.think("""\n    no more than\n\t`pot` """)', 2, ":6"),
        ("flow.think('no ' '`p' 'ot`', covers=())", 0, ":23"),
    ],
    ids=["a helper", "an f-string", "a sum", "escapes and two literals", "a tab", "a cut span"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_place_is_that_of_the_literal_or_else_of_the_call(
    project: Project, more: str, line: int, column: str, end: str
) -> None:
    spec = project.spec("says", more)
    line += spec.read_text().splitlines().index(f"    {more.splitlines()[0]}") + 1
    spec.write_bytes(spec.read_bytes().replace(b"\n", end.encode()))
    [problem] = problems(project)
    assert problem.startswith(f"corpus/flow_says.py:{line}{column}: `pot` is no name")


def test_a_text_that_a_parameter_brings_is_told_where_it_is_written(project: Project) -> None:
    spec = project.spec("says", "flow.think(text)")
    mark = '@pytest.mark.parametrize("text", [\n    "`put`",\n    "no `pot`",\n])\ndef flow_says'
    project.edit("corpus/flow_says.py", "def flow_says", f"import pytest\n\n\n{mark}")
    project.edit("corpus/flow_says.py", "(flow: Flow)", "(flow: Flow, text: str)")
    assert spec.read_text().splitlines()[11] == '    "no `pot`",'
    [problem] = [line for line in problems(project) if "pot" in line]
    assert problem.startswith("corpus/flow_says.py:12:9: `pot`")


def test_a_text_that_a_fixture_of_a_conftest_tells_is_told_without_a_line(
    project: Project,
) -> None:
    project.write(
        "corpus/conftest.py",
        'import pytest\n\n\n@pytest.fixture\ndef told(flow):\n    flow.think("`pot`")\n',
    )
    project.spec("says")
    project.edit("corpus/flow_says.py", "(flow: Flow)", "(flow: Flow, told: None)")
    assert any(line.startswith("corpus/flow_says.py: `pot`") for line in problems(project))


def test_a_fenced_block_is_rust_unless_it_names_another_language(project: Project) -> None:
    block = 'flow.think("""\n    ```{}\n    store.put(1)\n    store.put(2)\n    ```\n""")'
    project.spec("says", block.format("rust"))
    [problem] = problems(project)
    assert problem.startswith("corpus/flow_says.py:16:9: `store.put(2)` does not stand")
    # Of another length: of one length and second, Python takes what it compiled for the other.
    project.spec("says", block.format("console"))
    assert problems(project) == []


def test_the_request_is_held_against_the_code_as_well(project: Project) -> None:
    project.spec("says")
    project.edit("corpus/flow_says.py", "Please make", "Please, by `pot`, make")
    [problem] = problems(project)
    assert problem.startswith("corpus/flow_says.py:8:30: `pot`")


def test_a_request_that_names_what_it_asks_for_fails(project: Project) -> None:
    project.write("rust/handler.rs", "pub fn go() {}\n\npub fn go_on() { go() }\n")
    project.spec("says", 'flow.file("handler.rs").extract("go_on")\nflow.think("`go_on`")')
    project.edit("corpus/flow_says.py", "Please make", "Please go_on and make")
    [problem] = problems(project, "-k", "says")
    assert problem == (
        "its request says `go_on`, a name of what it extracts: put it in words "
        "[request_identifiers]"
    )


def test_an_item_that_nobody_speaks_of_fails_unless_the_rule_is_relaxed(project: Project) -> None:
    project.spec("says", 'flow.file("handler.rs").extract("stay")')
    [problem] = problems(project)
    assert problem == (
        "handler.rs::stay is never spoken of: name `stay` in a code span of the reasoning, prove a "
        "hop from or to it, or leave it out [spoken_of]"
    )
    mark = '@pytest.mark.flowcorpus_relax("{}", reason="it is the other half")\ndef flow_says'
    relaxed = f"import pytest\n\n\n{mark.format('spoken_of')}"
    project.edit("corpus/flow_says.py", "def flow_says", relaxed)
    assert problems(project) == []


def test_what_is_not_real_can_not_be_relaxed(project: Project) -> None:
    project.spec("says", LINE.format("`pot`"))
    mark = '@pytest.mark.flowcorpus_relax("grounding", reason="soon")\ndef flow_says'
    project.edit("corpus/flow_says.py", "def flow_says", f"import pytest\n\n\n{mark}")
    found = problems(project)
    assert any("grounding" in line and "no rule that can be relaxed" in line for line in found)
    assert any("`pot` is no name" in line for line in found)


def test_the_limits_of_spans_are_the_corpus_own(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "words_a_span = 0", "words_a_span = 2")
    project.edit("corpus/flowcorpus.toml", "own_spans = 0", "own_spans = 90")
    project.spec("says", LINE.format("`Duration::from_secs`, `handler::stay`"))
    rules = [problem.rpartition(" ")[2] for problem in problems(project, "-k", "says")]
    assert rules == ["[span_density]", "[own_spans]"]


def test_a_stated_hop_goes_through_what_is_real(project: Project) -> None:
    more = 'stay = flow.file("handler.rs").extract("stay")\nflow.hop(go, stay, via="{}")'
    project.spec("says", more.format("Store::put"))
    assert problems(project) == []
    project.spec("says", more.format("Shop::put"))
    [problem] = problems(project)
    assert problem.startswith("corpus/flow_says.py:14: a hop goes through `Shop::put`, which is no")


def test_a_name_that_is_gone_upstream_fails_the_flow_that_said_it(project: Project) -> None:
    project.spec("says", LINE.format("`test_put_keeps_order`"))
    assert problems(project) == []
    project.edit("rust/tests/e2e.rs", "keeps_order", "keeps_all")
    [problem] = problems(project)
    assert "near it: `test_put_keeps_all`" in problem


def test_the_reason_in_the_manifest_is_the_same_from_wherever_pytest_runs(
    project: Project,
) -> None:
    project.spec("says", LINE.format("`pot`"))
    reasons = []
    for args in ((), ("--rootdir=corpus",), ("--rootdir=rust",)):
        project.run(f"--flowcorpus-out={OUT}", *args)
        [rejected] = project.manifest()["rejected"]
        assert str(project.path) not in json.dumps(rejected)
        reasons.append(rejected)
    assert reasons[0] == reasons[1] == reasons[2]


def test_what_stands_in_a_span_reaches_the_terminal_escaped(project: Project) -> None:
    project.spec("says", LINE.format("`\\x1b[31m\\u202epot`"))
    [problem] = (one for one in problems(project) if one.endswith("[grounding]"))
    assert "`\\x1b[31m\\u202epot`" in problem
