from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.prose import blocks, open_fence, unwrap


def test_lines_of_a_paragraph_are_joined_and_blank_lines_part_paragraphs() -> None:
    assert unwrap("\n    one\n    two\n\n    three\n") == "one two\n\nthree"


def test_text_that_starts_on_the_quotes_line_is_dedented_all_the_same() -> None:
    assert unwrap("one\n    two\n") == "one two"


def test_list_items_keep_their_lines_and_take_their_continuation() -> None:
    text = "\n  so:\n  - one\n    goes on\n  - two\n    1. nested\n  2) three\n"
    assert unwrap(text) == "so:\n- one goes on\n- two\n  1. nested\n2) three"


def test_a_dash_inside_a_line_is_no_list() -> None:
    assert unwrap("\n  wide - or\n  -not a list\n") == "wide - or -not a list"


def test_fenced_blocks_keep_their_lines_and_indentation() -> None:
    text = "\n  see\n  ```rust\n  fn a() {\n\n      b\n  }\n  ```\n  and\n  on\n"
    assert unwrap(text) == "see\n```rust\nfn a() {\n\n    b\n}\n```\nand on"


def test_a_heading_a_quote_and_a_table_stand_alone() -> None:
    text = "\n  # Head\n  text\n  > quoted\n  | a | b |\n"
    assert unwrap(text) == "# Head\ntext\n> quoted\n| a | b |"


def test_a_fence_that_is_never_closed_is_named() -> None:
    assert open_fence("a\n```rust\nfn a() {}\n") == "```rust"


def test_a_fence_is_closed_only_by_as_long_a_run_of_its_own_kind() -> None:
    assert open_fence("````\n```\n~~~~\n````` \n") is None
    assert open_fence("````\n```\n") == "````"


def test_backticks_within_a_line_open_no_fence() -> None:
    assert open_fence("``` is three `backticks`\n") is None


@given(st.text(alphabet="ab `~-#>|1.\n\t", max_size=80))
def test_unwrapping_twice_changes_nothing_more(text: str) -> None:
    once = unwrap(text)
    assert unwrap(f"\n{once}") == once


@given(st.text(alphabet="ab `~-#>|1.\n", max_size=80))
def test_unwrapping_loses_no_word(text: str) -> None:
    assert unwrap(text).split() == text.split()


def test_a_fence_in_a_list_item_keeps_its_lines() -> None:
    text = "\n1. First:\n\n    ```rust\n    let a;\n    let b;\n    ```\n"
    assert unwrap(text) == "1. First:\n\n    ```rust\n    let a;\n    let b;\n    ```"


def contents(text: str) -> list[tuple[str, str | None]]:
    found = ((text[block.start : block.end], block.info) for block in blocks(text))
    return [(content, info) for content, info in found if content.strip()]


def test_blocks_are_paragraphs_list_items_headings_quotes_and_lines_inside_fences() -> None:
    text = "# Head\na\nb\n\n- c\n  d\n- e\n> f\n> g\n| h |\n```rust x\ni\n\n- j\n```\nk"
    assert contents(text) == [
        ("# Head", None),
        ("a\nb", None),
        ("- c\n  d", None),
        ("- e", None),
        ("> f\n> g", None),
        ("| h |", None),
        ("i", "rust x"),
        ("- j", "rust x"),
        ("k", None),
    ]


@given(st.text("ab`~->#| 1.\n"))
def test_blocks_stand_in_order_and_leave_out_nothing_but_fences(text: str) -> None:
    found = list(blocks(text))
    inside = "".join(text[block.start : block.end] for block in found)
    assert all(one.end < other.start for one, other in pairwise(found))
    if "```" not in text and "~~~" not in text:
        assert "".join(inside.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    ["```\na\u2028```", "```\na\x0c```", "```\na\x85```", "```\na\n    ```", "~~~\na\n\t~~~"],
)
def test_what_markdown_takes_for_a_line_of_the_block_closes_no_fence(text: str) -> None:
    assert open_fence(text) is not None


@pytest.mark.parametrize(
    "text", ["a\u2028```\u2028b", "```\ra\r```", "```\r\na\r\n```", "    ```\na\n       ```"]
)
def test_a_fence_opens_and_closes_on_lines_of_markdown(text: str) -> None:
    assert open_fence(text) is None
