from __future__ import annotations

import pytest

from pytest_flowcorpus.example import Question, Thought
from pytest_flowcorpus.page import page, page_name
from tests.unit.examples import example, excerpt


def test_a_page_shows_all_of_an_example() -> None:
    shown = page(example(defects=("it leaks",)), "abc")
    parts = ["# Going", "`abc`", "Please make it go.", "(errors)", "fn go() {}", "* it leaks"]
    positions = [shown.index(part) for part in parts]
    assert positions == sorted(positions)


def test_what_was_asked_stands_under_its_thought_with_the_answer() -> None:
    asked = (Question("a.rs::go", "b()", found=True), Question("a.rs::go", "c()", found=False))
    shown = page(example(thoughts=(Thought("so", (), asked),)), None)
    assert "so\n\n* `a.rs::go` holds `b()`\n* `a.rs::go` does not hold `c()`\n" in shown


def test_code_cannot_break_out_of_its_fence() -> None:
    shown = page(example(excerpts=(excerpt(code="/// ```\n/// # Not a heading\n"),)), None)
    assert "````rust\n/// ```\n/// # Not a heading\n````" in shown


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("flow_x.py::flow_x", "flow_x.md"),
        ("flow_x.py::flow_y", "flow_x.flow_y.md"),
        ("deep/flow_x.py::flow_x", "deep/flow_x.md"),
        ("flow_x.py::flow_x[a/../b c]", "flow_x.flow_x[a%2F..%2Fb%20c].md"),
    ],
)
def test_a_page_is_named_after_its_flow(spec: str, name: str) -> None:
    assert page_name(spec) == name
