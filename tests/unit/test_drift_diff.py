"""The diff of an item as reviewed against the item as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.drift.diff import changed_words, unified, words_beside
from pytest_flowcorpus.drift.standing import Standing

TEN = "".join(f"line {number}\n" for number in range(1, 11)).strip()


def standing(text: str, first: int = 1, path: str = "src/a.rs") -> Standing:
    return Standing(path, "a", (first, first + text.count("\n")), text.encode())


def diff(was: str, now: str, first: int = 1, then: int = 1) -> list[str]:
    return unified(standing(was, then), standing(now, first))


def test_lines_are_numbered_as_in_the_files_and_not_in_the_item() -> None:
    assert diff(TEN, TEN.replace("line 5", "five"), first=200, then=100) == [
        *("@@ -101,7 +201,7 @@", " line 2", " line 3", " line 4"),
        *("-line 5", "+five", " line 6", " line 7", " line 8"),
    ]


def test_every_hunk_is_numbered() -> None:
    now = TEN.replace("line 1\n", "").replace("line 10", "line 10\nline 11")
    heads = [line for line in diff(TEN, now, 50, 40) if line.startswith("@@")]
    assert heads == ["@@ -40,4 +50,3 @@", "@@ -47,3 +56,4 @@"]


def test_what_is_gone_is_shown_whole_and_so_is_what_is_new() -> None:
    assert unified(standing("a\nb", 7), None) == ["@@ -7,2 +0,0 @@", "-a", "-b"]
    assert unified(None, standing("a\nb", 7)) == ["@@ -0,0 +7,2 @@", "+a", "+b"]
    assert unified(standing("a", 7), None) == ["@@ -7 +0,0 @@", "-a"]
    assert unified(None, None) == []


@pytest.mark.parametrize(
    ("was", "now"), [(TEN, TEN), ("a\r\nb", "a\nb"), ("\tb", "    b"), ("", "")]
)
def test_what_reads_alike_has_no_diff(was: str, now: str) -> None:
    assert diff(was, now) == []
    assert changed_words(standing(was), standing(now)) == frozenset()


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("above();\nf(x, y);\nbelow();", "above();\nf(y, x);\nbelow();", {"f", "x", "y"}),
        ("f(x,y);", "f(x, y);", set()),
        ("f(x);", "f(\n    x,\n);", {"f", "x"}),
        ("f(x);", "f(&x);", set()),
        ("f(&*x, y);", "f(x, *y);", set()),
        ("f(x);", "f(x);", set()),
    ],
)
def test_where_no_word_came_or_went_those_of_the_lines_that_changed_are_told(
    was: str, now: str, words: set[str]
) -> None:
    assert words_beside(standing(was), standing(now)) == words
    assert changed_words(standing(was), standing(now)) == words


@pytest.mark.parametrize(
    "line", ["@@ -1 +1 @@", "--- a", "+++ b", "-- x", "@@ -1,2 +3,4 @@", "\\ No"]
)
def test_a_line_that_looks_like_a_part_of_a_diff_is_a_line(line: str) -> None:
    assert diff(line, f"{line}\nmore", 9, 9) == ["@@ -9 +9,2 @@", f" {line}", "+more"]
    assert diff(line, "more") == ["@@ -1 +1 @@", f"-{line}", "+more"]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jx", "\\x1b[2Jx"),
        ("a\rb", "a\\rb"),
        ("a\x08b", "a\\x08b"),
        ("\u202eabc", "\\u202eabc"),
        ("a\u2028b", "a\\u2028b"),
        ("a\x85b\x0cc\x1cd", "a\\x85b\\x0cc\\x1cd"),
        ("\x9b31m", "\\x9b31m"),
        ("a\0b", "a\\x00b"),
        ("ünï ✓", "ünï ✓"),
    ],
)
def test_what_would_act_on_a_terminal_is_escaped_and_ends_no_line(hostile: str, shown: str) -> None:
    found = diff("x\ny", f"x\n{hostile}\ny", 5, 5)
    assert found == ["@@ -5,2 +5,3 @@", " x", f"+{shown}", " y"]
    assert all(line.isprintable() for line in found)


lines = st.lists(st.text("ab @-+\\\t\r\x0c\x1b\u2028", max_size=6), min_size=1, max_size=12).map(
    "\n".join
)


@given(lines, lines, st.integers(1, 999), st.integers(1, 999))
def test_the_diff_makes_the_one_of_the_other(was: str, now: str, first: int, then: int) -> None:
    found = diff(was, now, first, then)
    assert all(line.isprintable() for line in found)
    old, new = shown(was), shown(now)
    at = 0
    made: list[str] = []
    for line in found:
        if head := re.fullmatch(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", line):
            upto = int(head[1]) - then
            made += old[at:upto]
            at = upto
            assert int(head[2]) - first == len(made)
        elif line.startswith("+"):
            made.append(line[1:])
        else:
            assert old[at] == line[1:]
            made += [line[1:]] if line.startswith(" ") else []
            at += 1
    assert made + old[at:] == new


def shown(text: str) -> list[str]:
    """Give the lines of a text as a diff shows them, which is how two of them are compared."""
    ends = (line.removesuffix("\r").expandtabs(4) for line in text.split("\n"))
    return ["".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in ends]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("fn a(b: u8) {}", "fn a(b: u16) {}", "u8 u16"),
        ("a();\nb();", "a();", "b"),
        ("a();", "a();\nb1(_c, 2d);", "b1 _c d"),
        ("if held > 0 {", "if held > 1 {", "if held"),
        ("go();\nstop(&a);", "go();\nstop(a);", ""),
        ("a(b, b);", "a(b);", "b"),
        ("ünï", "x", "ünï x"),
    ],
)
def test_changed_words_are_those_that_only_one_has_or_else_those_beside_the_change(
    was: str, now: str, words: str
) -> None:
    assert changed_words(standing(was), standing(now)) == set(words.split())


def test_all_words_of_what_is_gone_have_changed() -> None:
    assert changed_words(standing("fn go() {}"), None) == {"fn", "go"}
