from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.example import Hop, Thought, Verdict
from pytest_flowcorpus.repetition import Finding, Told, Vocabulary, findings, said, words
from pytest_flowcorpus.settings import Limits
from tests.unit.examples import example, fragment

OFF = {"similar": (0, 0), "repeated": 0, "item_flows": 0}


def compared(texts: list[tuple[str, str]], **limits: object) -> list[Finding]:
    """Compare flows called 0, 1, … of these requests and reasonings."""
    vocabulary = Vocabulary()
    flows = [
        Told(str(number), vocabulary.numbered(words(asked)), vocabulary.numbered(words(thought)))
        for number, (asked, thought) in enumerate(texts)
    ]
    return findings(flows, vocabulary, Limits(**{**OFF, **limits}))  # type: ignore[arg-type]


def numbered(*numbers: int) -> str:
    return " ".join(f"w{number}" for number in numbers)


def of_reasonings(reasonings: list[str], **limits: object) -> list[Finding]:
    requests = (numbered(1000 + number) for number in range(len(reasonings)))
    return compared(list(zip(requests, reasonings, strict=True)), **limits)


def brute_likeness(one: str, other: str) -> float:
    sets = []
    for text in (one, other):
        told = words(text).split()
        sets.append({tuple(told[at : at + 5]) for at in range(max(1, len(told) - 4))})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_words_are_what_is_left_without_case_and_signs() -> None:
    assert words("The `Store::put` isn't\n\n*done*; it’s v2.") == "the store put isn't done it’s v2"


def test_a_text_comes_back_from_its_numbers() -> None:
    vocabulary = Vocabulary()
    numbers = vocabulary.numbered("a b a c")
    assert list(numbers) == [0, 1, 0, 2]
    assert vocabulary.text(numbers[1:]) == "b a c"
    assert list(vocabulary.numbered("")) == []


PROSE = st.lists(st.integers(0, 3), min_size=1, max_size=14).map(lambda told: numbered(*told))


@given(
    texts=st.lists(PROSE, min_size=2, max_size=7),
    bounds=st.tuples(st.integers(0, 20), st.integers(0, 20)),
)
def test_likeness_is_that_of_all_pairs_compared_one_by_one(
    texts: list[str], bounds: tuple[int, int]
) -> None:
    warn, fail = sorted(bound / 20 for bound in bounds)
    kept: list[int] = []
    expected = []
    for later, text in enumerate(texts):
        alike = [(brute_likeness(text, texts[number]), -number) for number in kept]
        likeness, likest = max(alike, default=(0.0, 0))
        fails = bool(fail) and likeness >= fail
        if fails or (warn and likeness >= warn):
            figure = f"that of {-likest}: {likeness:.2f} of"
            expected.append((str(later), fails, figure))
        if not fails:
            kept.append(later)
    found = of_reasonings(texts, similar=(warn, fail))
    assert [
        (f.flow, f.fails, figure) for f, (_, _, figure) in zip(found, expected, strict=True)
    ] == expected
    assert all(figure in f.problem for f, (_, _, figure) in zip(found, expected, strict=True))


@given(texts=st.lists(PROSE, min_size=2, max_size=6), seed=st.integers())
def test_findings_do_not_hang_on_the_order_in_which_flows_came_in(
    texts: list[str], seed: int
) -> None:
    told = [said(example(thoughts=(Thought(text, ()),), request=text)) for text in texts]
    results = []
    for shuffled in (False, True):
        vocabulary, arrived = Vocabulary(), list(range(len(told)))
        if shuffled:
            Random(seed).shuffle(arrived)
        flows = {number: Told.of(str(number), told[number], vocabulary) for number in arrived}
        ordered = [flows[number] for number in sorted(flows)]
        limits = Limits(repeated_from=2, item_flows=1)
        results.append([str(finding) for finding in findings(ordered, vocabulary, limits)])
    assert results[0] == results[1]


def test_a_bound_is_inside_of_what_it_bounds() -> None:
    # 13 words make 9 runs; 6 of 9 and 9 in all are 6/12.
    texts = [numbered(*range(13)), numbered(*range(10), 20, 21, 22)]
    assert brute_likeness(*texts) == 0.5
    [found] = of_reasonings(texts, similar=(0.1, 0.5))
    assert found == Finding(
        "1",
        "its reasoning is like that of 0: 0.50 of their runs of five words are the same "
        "([limits] similar)",
        fails=True,
    )
    [found] = of_reasonings(texts, similar=(0.5, 0.51))
    assert not found.fails
    assert of_reasonings(texts, similar=(0.51, 0.6)) == []


def test_of_three_alike_the_first_is_kept() -> None:
    found = of_reasonings([numbered(*range(20))] * 3, similar=(0.1, 0.3))
    assert [finding.flow for finding in found] == ["1", "2"]
    assert all("like that of 0: 1.00" in finding.problem for finding in found)


def test_of_two_equally_like_the_first_is_named() -> None:
    found = of_reasonings([numbered(*range(20))] * 3, similar=(0.1, 0))
    assert [finding.flow for finding in found] == ["1", "2"]
    assert all("like that of 0: 1.00" in finding.problem for finding in found)
    assert not any(finding.fails for finding in found)


def test_a_text_that_says_nothing_is_like_no_other() -> None:
    assert of_reasonings(["", "!", "a"], similar=(0.1, 0.3)) == []


def test_requests_are_compared_too_and_never_with_reasonings() -> None:
    long = numbered(*range(30))
    found = compared([(long, "a b"), (f"well {long}", long)], similar=(0.1, 0.3))
    assert [finding.problem[:28] for finding in found] == ["its request is like that of "]


def test_two_requests_never_begin_with_the_same_six_words() -> None:
    first, later = "One two, three four five six seven.", "one TWO three `four` five six eight"
    found = compared([(first, "a"), (later, "b"), ("one two three four five", "c")])
    problem = "its request begins with the same 6 words as that of 0"
    assert found == [Finding("1", problem, fails=True)]


def many(number: int, holders: int, run: str) -> list[str]:
    """Give reasonings with nothing in common but a run in the first `holders`."""
    own = [numbered(*range(at * 100, at * 100 + 20)) for at in range(1, number + 1)]
    return [f"{text} {run}" if at < holders else text for at, text in enumerate(own)]


EIGHT = "as it does in every other one too"


@pytest.mark.parametrize(
    ("number", "holders", "left_out"), [(19, 19, 0), (20, 2, 0), (20, 3, 1), (40, 5, 1), (29, 4, 2)]
)
def test_a_run_of_eight_words_stands_in_no_more_than_a_tenth(
    number: int, holders: int, left_out: int
) -> None:
    found = of_reasonings(many(number, holders, EIGHT), repeated=0.1)
    assert [finding.flow for finding in found] == [str(at) for at in range(holders)][
        holders - left_out :
    ]
    for finding in found:
        assert finding.fails
        assert (
            f'"{EIGHT}" stands in {holders} of {number} reasonings, in that of 0' in finding.problem
        )


def test_a_run_of_seven_words_may_stand_anywhere() -> None:
    assert of_reasonings(many(30, 30, EIGHT.removesuffix(" too")), repeated=0.1) == []


def test_the_share_is_not_cut_short_by_binary_fractions() -> None:
    assert of_reasonings(many(100, 29, EIGHT), repeated=0.29) == []


def test_an_item_in_more_than_three_flows_is_warned_of() -> None:
    vocabulary = Vocabulary()
    nothing = vocabulary.numbered("")
    items = [("a.rs::x", "a.rs::y"), ("a.rs::x",), ("a.rs::y",), ("a.rs::x",), ("a.rs::x",)]
    flows = [Told(str(at), nothing, nothing, told) for at, told in enumerate(items)]
    problem = (
        "a.rs::x is extracted in 4 flows in which no hop leads to it: 0, 1, 3 and 1 more "
        "([limits] item_flows)"
    )
    assert findings(flows, vocabulary, Limits()) == [Finding("", problem, fails=False)]


def test_an_item_that_a_hop_leads_to_and_imports_are_not_counted() -> None:
    def hop(callee: str, verdict: Verdict) -> Hop:
        return Hop("a.rs::x", callee, "calls", verdict)

    asked = (
        hop("a.rs::called", Verdict.RESOLVED),
        hop("a.rs::stated", Verdict.STATED),
        hop("a.rs::uncalled", Verdict.ABSENT),
    )
    names = ("called", "stated", "uncalled", "x")
    fragments = [fragment("a.rs", name) for name in names]
    told = example(
        thoughts=(Thought("so", (), asked),),
        fragments=(*fragments, fragment("a.rs", "use", kind="use")),
    )
    assert said(told)["items"] == ["a.rs::uncalled", "a.rs::x"]


def test_what_most_flows_share_does_not_make_them_alike() -> None:
    common = numbered(*range(6))
    texts = [f"{common} {text}" for text in many(60, 0, "")]
    likeness = max(brute_likeness(one, other) for one, other in combinations(texts, 2))
    assert likeness < 0.15
    assert of_reasonings(texts, similar=(0.15, 0.3)) == []
