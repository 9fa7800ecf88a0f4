from __future__ import annotations

from pathlib import Path

import pytest

from pytest_flowcorpus.folders import SETTINGS_FILE, corpora_at

CORPORA = ("b/corpus", "a/corpus", "a/corpus/inner", ".hidden/corpus", "venv/x/corpus", "c")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for name in CORPORA:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / SETTINGS_FILE).touch()
    (tmp_path / "a/corpus/inner/deep").mkdir()
    (tmp_path / "a/corpus/flow_x.py").touch()
    (tmp_path / "b/alone").mkdir()
    (tmp_path / "b/alone/flow_y.py").touch()
    (tmp_path / "d" / SETTINGS_FILE).mkdir(parents=True)
    return tmp_path


def found(top: Path, name: str, *passed_over: str) -> list[str]:
    return [path.relative_to(top).as_posix() for path in corpora_at(top / name, passed_over)]


@pytest.mark.parametrize(
    ("name", "corpus"),
    [
        ("b/corpus", "b/corpus"),
        ("a/corpus", "a/corpus"),
        ("a/corpus/flow_x.py", "a/corpus"),
        ("a/corpus/flow_missing.py", "a/corpus"),
        ("a/corpus/inner", "a/corpus/inner"),
        ("a/corpus/inner/deep", "a/corpus/inner"),
    ],
)
def test_what_is_or_lies_in_a_corpus_leads_to_the_nearest_around_it(
    top: Path, name: str, corpus: str
) -> None:
    assert found(top, name) == [corpus]


def test_a_folder_around_corpora_leads_to_all_below_it_in_order(top: Path) -> None:
    assert found(top, ".") == sorted(CORPORA)
    assert found(top, "a") == ["a/corpus", "a/corpus/inner"]


def test_folders_that_are_passed_over_are_not_entered_by_any_pattern(top: Path) -> None:
    assert found(top, ".", ".*", "venv") == ["a/corpus", "a/corpus/inner", "b/corpus", "c"]
    assert found(top, ".", "*e*") == ["a/corpus", "b/corpus", "c"]


def test_a_folder_that_is_named_is_entered_whatever_is_passed_over(top: Path) -> None:
    assert found(top, "venv", "venv") == ["venv/x/corpus"]
    assert found(top, ".hidden/corpus", ".*") == [".hidden/corpus"]


@pytest.mark.parametrize("name", ["b/alone", "b/alone/flow_y.py", "nowhere", "d"])
def test_where_no_corpus_is_there_is_none(top: Path, name: str) -> None:
    assert found(top, name) == []


def test_a_link_to_a_corpus_is_one_only_where_it_is_named(top: Path) -> None:
    (top / "b/alone/link").symlink_to(top / "c", target_is_directory=True)
    assert found(top, "b/alone") == []
    assert found(top, "b/alone/link") == ["b/alone/link"]
