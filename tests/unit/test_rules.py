from __future__ import annotations

from typing import Any

import pytest

from pytest_flowcorpus.example import Thought
from pytest_flowcorpus.rules import problems
from pytest_flowcorpus.settings import Limits
from tests.unit.examples import WORDS, example, excerpt, fragment


def test_an_example_that_has_it_all_has_no_problem() -> None:
    assert problems(example(), Limits()) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"request": ""}, "it has no request"),
        ({"excerpts": (excerpt(),)}, "this one has code from src/a.rs"),
        ({"excerpts": ()}, "code from no file at all"),
        ({"fragments": (fragment(kind="use"),)}, "none of its fragments is a function"),
        ({"request": "say <think>"}, "<think> stands in the request"),
        ({"system": "</think>"}, "</think> stands in the system message"),
        ({"excerpts": (excerpt(code="// </think>\n"), excerpt("b"))}, "stands in the src/a.rs"),
        ({"request": "```\nfn a() {}"}, "a fence of the request is never closed: ```"),
        ({"request": "\ud800"}, "cannot be written as UTF-8"),
    ],
)
def test_each_breach_is_named(changes: dict[str, Any], problem: str) -> None:
    [found] = problems(example(**changes), Limits())
    assert problem in found


def test_an_aspect_that_no_thought_covers_is_named() -> None:
    [found] = problems(example(thoughts=example().thoughts[:-1]), Limits())
    assert found.startswith('no thought covers "testing"')


def test_an_aspect_with_too_few_words_is_named_with_its_count() -> None:
    thoughts = (*example().thoughts[:-1], Thought("far too short", ("testing",)))
    [found] = problems(example(thoughts=thoughts), Limits())
    assert found == '"testing" is covered by 3 words; 30 are the least'


def test_a_thought_that_covers_two_aspects_counts_for_both() -> None:
    both = (Thought(WORDS, ("errors", "testing")), Thought(WORDS, ("boundaries", "performance")))
    assert problems(example(thoughts=(*both, Thought(WORDS, ("orchestration",)))), Limits()) == []


def test_all_problems_are_told_at_once() -> None:
    found = problems(example(request="", thoughts=(), excerpts=(), fragments=()), Limits())
    assert len(found) == 1 + 5 + 1


def test_a_record_that_is_too_long_is_named_with_its_length() -> None:
    [found] = problems(example(), Limits(max_tokens=100))
    assert "tokens; the limit is 100" in found
