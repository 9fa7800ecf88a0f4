"""A few inputs for each target of the fuzzer, the same ones always: the long run is by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from tests.fuzz.huge import QUICK, run
from tests.fuzz.target import TARGETS, Target, fuzz

FEW = 60


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_product_reads_can_be_anything(name: str) -> None:
    outcome = fuzz(name, FEW, start=7)
    assert not outcome.finding, outcome.finding
    assert outcome.inputs >= FEW


def test_a_finding_ends_the_run_with_its_smallest_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def holds(number: int) -> None:
        assert number < 1_000

    monkeypatch.setitem(TARGETS, "items", Target(st.integers(0, 10**6), holds))
    outcome = fuzz("items", 200, start=0)
    assert outcome.finding.startswith("1000\n")
    assert "AssertionError" in outcome.finding
    assert outcome.inputs < 200


@pytest.mark.parametrize("name", ["items", "settings"])
def test_a_seed_draws_the_same_inputs_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[str]] = []
    for start in (1, 1, 2):
        drawn.append([])
        holds = drawn[-1].append
        monkeypatch.setitem(TARGETS, name, replace(TARGETS[name], holds=holds))
        fuzz(name, FEW, start)
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("name", QUICK)
def test_a_file_beyond_all_measure_is_read_in_bounded_time(name: str) -> None:
    went_well, told = run(name)
    assert went_well, told
    assert told.endswith(("exact", "held")), told
