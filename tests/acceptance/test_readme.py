"""What the README shows is so; its commands are run by CI."""

from __future__ import annotations

import re
from inspect import isgeneratorfunction

import pytest

from pytest_flowcorpus import grounding, rules
from pytest_flowcorpus.settings import load_settings
from tests import table
from tests.acceptance.project import QUIET, Project
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, after: str) -> str:
    found = re.search(
        rf"^```{language}\n(.+?)^```$", README.partition(after)[2], re.DOTALL | re.MULTILINE
    )
    assert found is not None
    return found[1]


def test_the_spec_it_shows_lacks_only_the_prose(project: Project) -> None:
    project.write(
        "rust/endpoint.rs",
        "use crate::store::Store;\n\nfn put_value(store: &mut Store) {\n    store.put(1);\n}\n",
    )
    project.write("rust/lib.rs", "mod endpoint;\nmod store;\n")
    project.write("corpus/flow_keeping.py", block("python", "## How to add a flow"))
    result = project.run("corpus/flow_keeping.py")
    assert result.ret == 1
    problems = [line for line in result.outlines if line.startswith("  * ")]
    rules = {line.rpartition("[")[2].rstrip("]") for line in problems if line.endswith("]")}
    assert rules == {"aspects", "aspect_words"}


def test_the_rules_it_names_are_the_ones_there_are() -> None:
    table = README[README.index("### Rules") : README.index("After the run the flows")]
    named = {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line[:90])}
    rooms = (rules, grounding)
    known = {
        name
        for room in rooms
        for name, one in vars(room).items()
        if isgeneratorfunction(one) and one.__module__ == room.__name__
    }
    assert named == {name for name in known if not name.startswith("_")}


def test_the_settings_it_shows_are_settings(project: Project) -> None:
    text = block("toml", "A corpus of your own").replace('rev = "…"', f'rev = "{"0" * 40}"')
    settings = load_settings(project.write("corpus/flowcorpus.toml", text))
    assert settings.limits.max_tokens == 8192


def test_its_table_has_the_flows_of_the_corpus() -> None:
    named = re.findall(r"\(corpus/(flow_\w+\.py)\)", table.shown())
    assert sorted(named) == sorted(spec.name for spec in ROOT.glob("corpus/flow_*.py"))


def test_no_trainer_is_told_to_cut_a_row() -> None:
    longest = table.svix_settings().limits.max_tokens
    told = re.findall(
        r"^\s*(?:max_length|sequence_len|cutoff_len)\b[=: ]+(\d+)", README, re.MULTILINE
    )
    assert [int(length) for length in told] == [longest] * 3


def test_the_options_it_names_are_the_ones_there_are(pytester: pytest.Pytester) -> None:
    offered = pytester.runpytest_subprocess("--help", *QUIET).stdout.str()
    options = r"--flowcorpus-[a-z-]+[a-z]"
    assert set(re.findall(options, README)) == set(re.findall(options, offered))
