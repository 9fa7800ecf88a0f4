from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.lexed import Lexed, encoded
from pytest_flowcorpus.rust.tokens import significant

CODE = "fn go<'a>(x: &'a str) -> Result<()> { let y = x.len() >> 5 * 60; } // never(said)\n"


def has(sequence: str, *codes: str) -> bool:
    return Lexed(codes or [CODE]).has(significant(encoded(sequence)))


def test_tokens_stand_where_they_stand_side_by_side() -> None:
    assert has("Result<()>")
    assert has("x . len ( )")
    assert has("5 * 60")
    assert not has("5 * 6")
    assert not has("x len")
    assert not has("let x")


def test_a_part_of_a_token_is_none() -> None:
    assert not has("le")
    assert not has("en()")
    assert has("&'a str")
    assert not has("&' str")


def test_comments_are_no_code_and_texts_are_one_token() -> None:
    code = '/// doc\n/* block */ fn a() { "said it" } // said\n'
    assert Lexed([code]).words == {"fn", "a"}
    assert has('"said it"', code)
    assert not has('"said"', code)
    assert not has("said", code)


def test_no_sequence_runs_from_one_text_into_the_next() -> None:
    assert has("a b", "a b", "c")
    assert not has("b c", "a b", "c")
    assert not has("b \0 c", "a b", "c")


def test_raw_and_composed_names_are_as_rustc_takes_them() -> None:
    assert Lexed(["r#type e\u0301"]).words == {"type", "\xe9"}
    assert has("type", "r#type")


tokens = st.lists(
    st.sampled_from(["a", "b", "ab", "'a", '"a b"', "1", "::", "+", "(", "#", "\0"]), max_size=12
)


@given(tokens, tokens, st.integers(0, 12), st.integers(0, 12))
def test_a_sequence_is_found_exactly_where_a_search_by_hand_finds_it(
    code: list[str], other: list[str], start: int, length: int
) -> None:
    sequence = code[start : start + length] or other
    found = [code[at : at + len(sequence)] for at in range(len(code) + 1)]
    if sequence:
        assert has(" ".join(sequence), " ".join(code)) == (sequence in found)
