from __future__ import annotations

import pytest

from pytest_flowcorpus import summary
from pytest_flowcorpus.repetition import Finding


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([5], "min 5, median 5, p90 5, max 5; 100 % ≤ 2k, 100 % ≤ 4k, 100 % ≤ 8k"),
        (
            [2048, 2049, 8192],
            "min 2,048, median 2,049, p90 8,192, max 8,192; 33 % ≤ 2k, 66 % ≤ 4k, 100 % ≤ 8k",
        ),
        (
            list(range(1, 11)),
            "min 1, median 5, p90 9, max 10; 100 % ≤ 2k, 100 % ≤ 4k, 100 % ≤ 8k",
        ),
        (
            [1] * 199 + [9000],
            "min 1, median 1, p90 1, max 9,000; 99 % ≤ 2k, 99 % ≤ 4k, 99 % ≤ 8k",
        ),
    ],
)
def test_lengths_are_told_in_figures_that_hold(counts: list[int], told: str) -> None:
    assert summary.of_tokens(counts[::-1], "some 1.0") == f"tokens: {told} (some 1.0)"


def test_hops_are_told_only_where_there_are_any() -> None:
    assert list(summary.of_hops({})) == []
    [(line, _)] = summary.of_hops({"resolved": 1200, "stated": 1, "absent": 4})
    assert line == "hops: 1,200 resolved, 0 named, 1 stated; 4 ruled out"


def test_what_fails_is_told_in_full_and_first_and_warnings_are_cut_with_their_number() -> None:
    found = [Finding(str(at), "odd", fails=at % 2 == 1) for at in range(60)]
    lines = list(summary.of_findings(found))
    assert [markup for _, markup in lines] == [{"red": True}] * 30 + [{"yellow": True}] * 21
    assert lines[0][0] == "1: odd; the flow is left out"
    assert lines[-1][0] == "10 more warnings of this kind"
