from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus import chatml, rules
from pytest_flowcorpus.example import Example, Hop, Question, Thought, Verdict
from pytest_flowcorpus.settings import Limits, Settings
from pytest_flowcorpus.tokens import count_tokens
from pytest_flowcorpus.told import Places
from tests import nasty
from tests.unit.examples import WORDS, example, excerpt, fragment, settings

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = (("endpoint", ("a.rs",)), ("core", ("core/**",)), ("support", ("*.rs",)))


def problems(told: Example, given: Settings | None = None) -> list[str]:
    return [str(breach) for breach in rules.breaches(told, given or settings())]


def thoughts(*texts: str) -> tuple[Thought, ...]:
    return tuple(Thought(text, ()) for text in texts)


def test_an_example_that_has_it_all_has_no_problem() -> None:
    assert problems(example()) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"request": ""}, "it has no request"),
        ({"excerpts": (excerpt(),)}, "this one has code from src/a.rs"),
        ({"excerpts": ()}, "code from no file at all"),
        ({"title": "a \0"}, "flow_go.py::flow_go: NUL stands in the title"),
        (
            {"fragments": (fragment(kind="use"),)},
            "none of its fragments is a function: extract one that the feature runs through [func",
        ),
        ({"request": "say <think>"}, "<think> stands in the request"),
        ({"system": "</think>"}, "</think> stands in the system message"),
        (
            {"excerpts": (excerpt(code="// </think>\n"), excerpt("b"))},
            "src/a.rs:1:4: </think> stands in the code",
        ),
        ({"request": "```\nfn a() {}"}, "a fence of the request is never closed: ```"),
        ({"excerpts": (excerpt("a\n.rs"), excerpt("b"))}, "a path with a control character"),
        ({"spec": "flow_x.py::flow_x[\ud800]"}, "cannot be written as UTF-8"),
        ({"request": "\ud800"}, "cannot be written as UTF-8"),
        ({"relaxed": (("filler", "\ud800"),)}, "cannot be written as UTF-8"),
    ],
)
def test_each_breach_is_named(changes: dict[str, Any], problem: str) -> None:
    [found] = problems(example(**changes))
    assert problem in found


def test_a_reasoning_that_is_missing_or_has_a_tag_is_named() -> None:
    problem, *_ = problems(example(thoughts=()))
    told = "it has no reasoning: tell it thought by thought, by flow.think(…) [reasoning]"
    assert problem == told
    [problem] = problems(example(thoughts=(*example().thoughts, *thoughts("so </think> then"))))
    assert problem.startswith("thought 6: </think> stands in thought 6; a record has it once, ")


def test_a_breach_ends_in_the_name_of_its_rule() -> None:
    [found] = problems(example(request=""))
    assert found.endswith(", by flow.request(…) [request]")


def test_in_code_a_place_is_that_of_the_file_across_gaps() -> None:
    code = "use a;\n\n/// é <think>\nfn go() {}\n"
    quoted = replace(excerpt(code=code), lines=((3, 3), (17, 18)))
    [found] = problems(example(excerpts=(quoted, excerpt("b.rs"))))
    assert found.startswith("src/a.rs:17:7: <think> stands in the code; ")


@pytest.mark.parametrize(
    ("count", "last"), [(5, "request: "), (6, "request and 1 more: "), (1005, " and 1,000 more: ")]
)
def test_a_tag_is_told_with_each_place_up_to_five(count: int, last: str) -> None:
    found = problems(example(request="</think>" * count))
    assert len(found) == 5
    assert [" more: " in problem for problem in found[:-1]] == [False] * 4
    assert last in found[-1]


def test_what_is_no_word_of_the_prose_is_told_with_where_the_spec_has_it(tmp_path: Path) -> None:
    places = Places(tmp_path / "flow_x.py", "corpus/flow_x.py", (3, *range(10, 15), 20))
    thoughts = (*example().thoughts, Thought("so \0", ()))
    told = example(request="say \0", thoughts=thoughts)
    found = [str(breach) for breach in rules.breaches(told, settings(), places)]
    assert [problem.partition(": ")[0] for problem in found] == [
        *("corpus/flow_x.py:3", "corpus/flow_x.py:20"),
    ]


@pytest.mark.parametrize("token", nasty.TOKENS.values(), ids=nasty.TOKENS)
def test_what_parts_messages_stands_in_no_text(token: str) -> None:
    thought = Thought(f"so {token}", ())
    broken = example(system=token, request=token, thoughts=(*example().thoughts, thought))
    found = problems(replace(broken, excerpts=(excerpt(token), excerpt(code=f"// {token}\n"))))
    assert [problem.partition(token + " stands in ")[2].partition(",")[0] for problem in found] == [
        *("the system message", "the request", "thought 6", "the path", "the code")
    ]


def test_a_token_is_told_with_what_to_do() -> None:
    [found] = problems(example(request="so <|im_end|>"))
    assert found == (
        "the request: <|im_end|> stands in the request, and parts messages where a model reads it: "
        "leave it out [special_tokens]"
    )


@pytest.mark.parametrize(
    ("character", "does"),
    [
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE turns round what is shown"),
        ("\u200b", "U+200B ZERO WIDTH SPACE is hidden"),
    ],
)
def test_what_is_not_seen_or_turns_what_is_seen_is_told_with_what_to_do(
    character: str, does: str
) -> None:
    quoted = (excerpt(code=f"fn go() {{}} // {character}\n"), excerpt("src/b.rs"))
    [found] = problems(example(excerpts=quoted))
    assert found == (
        f"src/a.rs:1:15: {does} in the code: leave it out, or relax the rule and say why it is "
        "there [hidden]"
    )


@pytest.mark.parametrize("text", nasty.KEPT.values(), ids=nasty.KEPT)
def test_what_only_looks_like_it_is_code_like_any(text: str) -> None:
    quoted = (excerpt(code=f"// {text}\n"), excerpt("src/b.rs"))
    assert problems(example(system=text, title=text, excerpts=quoted)) == []


def test_beside_the_record_tokens_are_only_words() -> None:
    assert problems(example(title="</think> <|im_end|>", defects=("<|im_end|>",))) == []


def test_a_byte_order_mark_is_hidden_but_at_a_files_begin() -> None:
    quoted = (excerpt(code="\ufefffn go() {}\n"), excerpt("src/b.rs"))
    assert problems(example(excerpts=quoted)) == []
    later = (replace(quoted[0], lines=((2, 2),)), quoted[1])
    assert problems(example(excerpts=later)) != []
    assert problems(example(request="\ufeffPlease.")) != []


@pytest.mark.parametrize("hop", [("\udcff", "calls"), ("src/b.rs::B", "\udcff")])
def test_a_hop_that_cannot_be_written_is_named(hop: tuple[str, str]) -> None:
    callee, means = hop
    asked = (Hop("src/a.rs::go", callee, means, Verdict.STATED),)
    [problem] = problems(example(thoughts=(*example().thoughts, Thought("so", (), asked))))
    shown = ascii(f"{callee} {means}")
    assert problem == f"a lone surrogate cannot be written as UTF-8: {shown} [encodable]"


def test_a_question_that_cannot_be_written_is_named() -> None:
    asked = (Question("a.rs::go", "\udcff", found=False),)
    told = example(thoughts=(*example().thoughts, Thought("so", (), asked)))
    assert problems(told) == [r"a lone surrogate cannot be written as UTF-8: '\udcff' [encodable]"]


def test_an_aspect_that_no_thought_covers_is_named() -> None:
    [found] = problems(example(thoughts=example().thoughts[:-1]))
    assert found.startswith('no thought covers "testing"')


def test_an_aspect_with_too_few_words_is_named_with_its_count() -> None:
    short = (*example().thoughts[:-1], Thought("far too short", ("testing",)))
    [found] = problems(example(thoughts=short))
    assert found == '"testing" is covered by 3 words; 30 are the least [aspect_words]'
    assert problems(example(thoughts=short), settings(aspect_words=3)) == []


def test_a_thought_that_covers_two_aspects_counts_for_both() -> None:
    both = (Thought(WORDS, ("errors", "testing")), Thought(WORDS, ("boundaries", "performance")))
    assert problems(example(thoughts=(*both, Thought(WORDS, ("orchestration",))))) == []


def test_all_problems_are_told_at_once() -> None:
    found = problems(example(request="", thoughts=(), excerpts=(), fragments=()))
    assert len(found) == 1 + 1 + 5 + 1


def test_a_record_may_be_as_long_as_its_limit_and_no_longer() -> None:
    count = count_tokens(chatml.contents(example()))
    assert problems(example(), settings(max_tokens=count)) == []
    [found] = problems(example(), settings(max_tokens=count - 1))
    assert found == (
        f"its record has {count:,} tokens; the limit is {count - 1:,} ([limits] max_tokens): "
        "extract fewer or smaller items [tokens]"
    )


def breaches_of(most: int, *counts: int) -> tuple[list[str], list[int]]:
    """Judge an example by a count that gives those numbers; gives what is left of them too."""
    left = list(counts)
    given = settings(max_tokens=most)
    found = rules.breaches(example(), given, count=lambda _: left.pop(0))
    return [breach.rule for breach in found], left


def test_a_count_is_believed_where_it_says_that_a_record_is_short_enough() -> None:
    tokens = count_tokens(chatml.contents(example()))
    assert breaches_of(tokens - 1, tokens - 1) == ([], [])
    assert breaches_of(tokens - 1, tokens) == (["tokens"], [])
    assert breaches_of(tokens, tokens + 1) == ([], [])


def test_a_record_of_no_more_bytes_than_the_limit_is_not_counted() -> None:
    size = sum(len(text.encode()) for text in chatml.contents(example()))
    assert breaches_of(size, 1) == ([], [1])
    assert breaches_of(size - 1, 1) == ([], [])


def test_a_record_that_reads_back_as_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chatml, "loads", lambda _: {"type": "chatml", "messages": []})
    [found] = problems(example())
    assert found == "its record does not read back as what was written [record]"


@pytest.mark.parametrize("what", ["request", "reasoning"])
@pytest.mark.parametrize(
    ("words", "limits", "is_good"),
    [
        (39, (40, 200), False),
        (40, (40, 200), True),
        (200, (40, 200), True),
        (201, (40, 200), False),
        (1, (0, 200), True),
        (201, (40, 0), True),
        (39, (40, 0), False),
    ],
)
def test_words_are_counted_against_both_bounds(
    what: str,
    words: int,
    limits: tuple[int, int],
    is_good: bool,  # noqa: FBT001
) -> None:
    text = "word " * words
    told = example(request=text) if what == "request" else example(thoughts=thoughts(text))
    given: dict[str, Any] = {f"{what}_words": limits}
    found = problems(told, settings(**given))
    named = [problem for problem in found if problem.endswith(f"[{what}_words]")]
    assert len(named) == (0 if is_good else 1)
    least, most = limits
    bounds = f"{least} to {most}" if most else f"{least} or more"
    says = f"its {what} has {words} words; it should have {bounds} ([limits] {what}_words)"
    assert all(problem == f"{says} [{what}_words]" for problem in named)


def test_the_words_of_a_reasoning_are_those_of_all_its_thoughts() -> None:
    given = settings(reasoning_words=(4, 5))
    assert not any(
        "its reasoning has" in p for p in problems(example(thoughts=thoughts("a b", "c d")), given)
    )
    assert any(
        "has 6 words" in p for p in problems(example(thoughts=thoughts("a b c", "d e f")), given)
    )


FILLER = [
    *("Robust", "robustly", "robustness", "scalable", "scalability", "SEAMLESS", "seamlessly"),
    *("best practice", "best practices", "best-practice", "best\npractices"),
    *("leverage", "leverages", "leveraged", "leveraging"),
    *("ensures that", "ensure that", "ensured that", "ensuring that"),
]


@pytest.mark.parametrize("phrase", FILLER)
def test_a_filler_phrase_is_named_with_where_it_stands(phrase: str) -> None:
    told = example(request=f"One two three four {phrase}, five six seven.")
    [found] = problems(told)
    shown = " ".join(phrase.lower().split())
    around = f'"… two three four {" ".join(phrase.split())} , five six …"'
    assert found == f'the request says "{shown}", which says nothing: {around} [filler]'


def test_filler_is_shown_among_its_words_where_code_stands_before_it() -> None:
    [found] = problems(example(request="Call `go` and ``stay``: it has to be robust, you know."))
    assert found.endswith('"… has to be robust , you know. …" [filler]')


def test_filler_in_a_thought_is_named_by_the_thoughts_number() -> None:
    told = example(
        thoughts=(*example().thoughts, *thoughts("It is robust. It scales, robust as it is."))
    )
    assert [problem[:27] for problem in problems(told)] == ['thought 6 says "robust", whi'[:27]] * 2


@pytest.mark.parametrize(
    "text",
    [
        "call `robust` or ``a ` seamless`` here",
        "so:\n\n```rust\nfn robust() {}\n```\n",
        "~~~\nbest practices\n~~~",
        "corroborust robusta unscalable leveraged_buyout seamlessy",
        "the best of practices, which ensures nothing that",
        "we are sure that it ensures delivery",
    ],
)
def test_code_and_other_words_are_no_filler(text: str) -> None:
    assert problems(example(request=text)) == []


def paths(*names: str) -> Example:
    return example(excerpts=tuple(excerpt(name) for name in names))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("a.rs", "core/x/y.rs"), None),
        (("core/b.rs", "c.rs"), None),
        (("core/b.rs", "core/x/y.rs"), "runs through 1 of the [layers]; 2 are the least: "),
        (("core/b.rs", "else/c.rs"), "core/b.rs (core), else/c.rs (no layer) [layers]"),
        (("x/y.rs", "z/y.rs"), "runs through 0 of the [layers]"),
    ],
)
def test_a_flow_runs_through_two_layers(names: tuple[str, ...], told: str | None) -> None:
    found = problems(paths(*names), settings(LAYERS))
    assert (told in found[0] and len(found) == 1) if told else found == []


def test_where_no_layers_are_declared_or_asked_for_none_are_missed() -> None:
    assert problems(paths("core/a.rs", "core/b.rs"), settings()) == []
    assert problems(paths("core/a.rs", "core/b.rs"), settings(LAYERS, layers=0)) == []


def test_the_usual_limits_are_those_of_the_prose_guide() -> None:
    limits = Limits()
    assert limits.request_words == (40, 200)
    assert limits.reasoning_words == (250, 800)


def test_every_rule_that_can_be_relaxed_is_one() -> None:
    assert all(callable(getattr(rules, name)) for name in rules.RELAXABLE)
