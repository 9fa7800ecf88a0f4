"""The resolver against calls that people read out of real Rust."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calls.registry import Sdist, UnavailableError, unpacked
from tests.calls.tables import Judge, Judged, edges, non_edges
from tests.rust.files import Tree

HERE = Path(__file__).parent
SECOND = Sdist(
    "minijinja", "3.0.5", "eb7e4cf1780a5b9f4aba569accad72efcfd6a18937583e7765857d542116e862"
)
PRECISION = 0.99
RECALL = 0.9


@pytest.fixture(scope="module")
def svix(svix_tree: Path, svix_settings: dict[str, str]) -> Judge:
    return Judge(Tree.on_disk(svix_tree), f"{svix_settings['root']}/")


@pytest.fixture(scope="module")
def second(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A crate that nobody looked at while the resolver was built."""
    cache: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    folder = cache.mkdir("crates") if cache else tmp_path_factory.mktemp("crates")
    try:
        top = unpacked(SECOND, folder)
    except UnavailableError as error:
        pytest.skip(str(error))
    return Judge(Tree.on_disk(top / "minijinja"), "src/")


def shown(judged: Judged, capsys: pytest.CaptureFixture[str], name: str) -> None:
    with capsys.disabled():
        print(f"\n{name}: {judged}")  # noqa: T201 - the figures are what the test is for


def test_calls_of_svix_are_resolved(svix: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    rows = edges(HERE / "svix_edges.tsv")
    judged = svix.judge(rows)
    shown(judged, capsys, "svix")
    assert len(rows) >= 120
    assert judged.precision >= PRECISION
    assert judged.recall >= RECALL


def test_what_svix_does_not_call_is_never_claimed(svix: Judge) -> None:
    rows = non_edges(HERE / "svix_non_edges.tsv")
    assert len(rows) >= 60
    assert [row for row in rows if svix.is_claimed(row)] == []


def test_calls_of_a_second_crate_are_resolved(
    second: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = edges(HERE / "second_edges.tsv")
    judged = second.judge(rows)
    shown(judged, capsys, SECOND.name)
    assert len(rows) >= 60
    assert judged.precision >= PRECISION
    assert judged.recall >= RECALL


def test_what_a_second_crate_does_not_call_is_never_claimed(second: Judge) -> None:
    rows = non_edges(HERE / "second_non_edges.tsv")
    assert len(rows) >= 40
    assert [row for row in rows if second.is_claimed(row)] == []
