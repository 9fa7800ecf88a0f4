from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.prose import open_fence, unwrap


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
