from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.prose import unwrap
from pytest_flowcorpus.spans import Form, spans


def texts(prose: str) -> list[str]:
    return [span.text for span in spans(prose)]


# Of the examples of CommonMark 0.31 §6.1, those without other markup:
# https://spec.commonmark.org/0.31.2/#code-spans
@pytest.mark.parametrize(
    ("prose", "content"),
    [
        ("`foo`", ["foo"]),
        ("`` foo ` bar ``", ["foo ` bar"]),
        ("` `` `", ["``"]),
        ("`  ``  `", [" `` "]),
        ("` a`", [" a"]),
        ("` X `", ["X"]),
        ("` \u00a0 `", ["\u00a0"]),
        ("`\u00a0b\u00a0`", ["\u00a0b\u00a0"]),
        ("`\u00a0`\n`  `", ["\u00a0", "  "]),
        ("``\nfoo\nbar  \nbaz\n``", ["foo bar   baz"]),
        ("``\nfoo \n``", ["foo "]),
        ("`foo   bar \nbaz`", ["foo   bar  baz"]),
        ("``foo`bar``", ["foo`bar"]),
        ("` foo `` bar `", ["foo `` bar"]),
        ("*foo`*`", ["*"]),
        ("[not a `link](/foo`)", ["link](/foo"]),
        ("`<https://foo.bar.`baz>", ["<https://foo.bar."]),
    ],
)
def test_code_spans_are_what_commonmark_says(prose: str, content: list[str]) -> None:
    assert texts(prose) == content
    assert {span.form for span in spans(prose)} == {Form.CODE}


@pytest.mark.parametrize(
    ("prose", "forms"),
    [
        ("`foo\\`bar`", [("foo\\", Form.CODE), ("`", Form.UNCLOSED)]),
        ("```foo``", [("```", Form.UNCLOSED), ("``", Form.UNCLOSED)]),
        ("`foo", [("`", Form.UNCLOSED)]),
        ("`foo``bar``", [("`", Form.UNCLOSED), ("bar", Form.CODE)]),
        ("<https://foo.bar.`baz>`", [("`", Form.UNCLOSED)]),
    ],
)
def test_a_run_that_nothing_closes_is_told_from_a_span(
    prose: str, forms: list[tuple[str, Form]]
) -> None:
    assert [(span.text, span.form) for span in spans(prose)] == forms


def test_an_escaped_backtick_opens_nothing() -> None:
    assert texts(r"\`a \`b") == []
    assert texts(r"\``c`") == ["c"]


@pytest.mark.parametrize(
    ("prose", "paths"),
    [
        ("through a::b, then C::d.", ["a::b", "C::d"]),
        ("Vec::<u8>::new and <X as Y>::z", ["Vec::<u8>::new", "<X as Y>::z"]),
        ("<E as From<D>>::from!", ["<E as From<D>>::from"]),
        ("a::b() and a::b!", ["a::b", "a::b"]),
        ("at 12:30, a: b, ::x, x::, 1::2", []),
        ("see https://docs.rs/a::b and <mailto:a::b>", []),
        ("not <a::b>", ["a::b"]),
    ],
)
def test_a_bare_path_is_code_where_no_url_is(prose: str, paths: list[str]) -> None:
    assert texts(prose) == paths
    assert all(span.form is Form.BARE for span in spans(prose))


def test_a_span_ends_with_its_paragraph_its_list_item_and_its_heading() -> None:
    assert texts("a `b\n\nc` d") == ["`", "`"]
    assert texts("- a `b\n- c` d") == ["`", "`"]
    assert texts("# a `b\nc` d") == ["`", "`"]


def test_a_span_goes_on_in_the_next_line_of_a_list_item_or_a_quote() -> None:
    assert [text.split() for text in texts("- a `b\n  c` d")] == [["b", "c"]]
    assert [text.split() for text in texts("> a `b\n> c` d")] == [["b", "c"]]
    assert [text.split() for text in texts("  > a `b\n  > c` d")] == [["b", "c"]]


def test_a_fenced_block_is_rust_line_by_line_unless_it_names_another_language() -> None:
    rust = "see\n```rust\nfn a() {\n    b();\n}\n```\nand `c`"
    assert [(span.text, span.form) for span in spans(rust)] == [
        ("fn a() {", Form.LINE),
        ("b();", Form.LINE),
        ("c", Form.CODE),
    ]
    assert texts(rust.replace("```rust", "```")) == texts(rust)
    assert texts(rust.replace("```rust", "```rust,ignore")) == texts(rust)
    assert texts(rust.replace("```rust", "~~~sql").replace("\n```", "\n~~~")) == ["c"]


def test_of_another_language_the_bare_paths_are_code_all_the_same() -> None:
    assert texts('```json\n{"a::b": "`c`"}\n```') == ["a::b"]


def test_a_span_tells_where_it_stands_with_its_backticks() -> None:
    prose = "é `a` b::c\n\n- `` d ``\n\n`e\n\n```\n  f();  \n```\n"
    stands = [prose[span.start : span.end] for span in spans(prose)]
    assert stands == ["`a`", "b::c", "`` d ``", "`", "f();"]


words = st.text("abc:. -", min_size=1).map(lambda text: text.replace("::", ":"))
codes = st.text("xyz_:<>()` ", min_size=1).filter(lambda text: text.strip(" `"))


def written(code: str) -> str:
    """Write a code span with a run of backticks that its content does not hold."""
    runs = {len(run) for run in re.findall("`+", code)}
    ticks = "`" * next(length for length in range(1, 99) if length not in runs)
    return f"{ticks} {code} {ticks}"


@given(st.lists(st.tuples(words, codes)))
def test_spans_come_back_as_they_were_written(parts: list[tuple[str, str]]) -> None:
    prose = "".join(f"w{word}w {written(code)} w" for word, code in parts)
    assert [span.text for span in spans(prose) if span.form is Form.CODE] == [
        code for _, code in parts
    ]


@given(st.text("ab:`<>\\\n #>-~/ é"))
def test_any_text_has_spans_in_order_that_stand_where_they_say(prose: str) -> None:
    found = spans(prose)
    assert [span.start for span in found] == sorted({span.start for span in found})
    for span in found:
        assert prose[span.start] == "`" or prose.startswith(span.text, span.start)


@given(st.lists(st.tuples(words, codes), min_size=1), st.integers(0, 8))
def test_unwrapping_changes_no_span(parts: list[tuple[str, str]], indent: int) -> None:
    lines = [f"w{word}w {written(code)} w" for word, code in parts]
    told = "\n" + "".join(f"{' ' * indent}{line}\n" for line in lines)
    assert [text.split() for text in texts(told)] == [text.split() for text in texts(unwrap(told))]
