"""The arguments of a macro call, read as expressions where they can be."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust.arguments import arguments, bound, calls, inner


def values(text: str) -> list[str]:
    return [text[one.start : one.end] for one in arguments(text.encode(), 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b; c,", ["a", "b", "c"]),
        ("f(a, b), [c, d], { e, f }", ["f(a, b)", "[c, d]", "{ e, f }"]),
        ("x => f(y), z => g()", ["x", "f(y)", "z", "g()"]),
        ("x => { a; b } y => { c }, d", ["x", "{ a; b }", "y", "{ c }", "d"]),
        ("{ a } b", ["{ a } b"]),
        ("x => f({ a }) b", ["x", "f({ a }) b"]),
        ('"a": f(b), "c": d', ["f(b)", "d"]),
        ('"a":', ['"a":']),
        ("error = ?f(x), %g(y), name", ["f(x)", "g(y)", "name"]),
        ("a = b = c", ["b = c"]),
        ("f(a = b)", ["f(a = b)"]),
        ("a == b", ["a == b"]),
        ("x, if y => z", ["x", "y", "z"]),
        ("Some(v) if g(v)", ["Some(v)", "g(v)"]),
        ("v if g(v)", ["v", "g(v)"]),
        ("if a { b } else { c }", ["if a { b } else { c }"]),
        ("if a { b } else if c { d }", ["if a { b } else if c { d }"]),
        ("let a = if b { c } else { d }", ["if b { c } else { d }"]),
        ("match if a { b } else { c } {}", ["match if a { b } else { c } {}"]),
        ("match a { b if c => d }, e", ["match a { b if c => d }", "e"]),
        ("f(a if b)", ["f(a if b)"]),
        ("%", []),
    ],
)
def test_arguments_stand_between_separators_without_the_signs_around_them(
    text: str, expected: list[str]
) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Some(x) = f(y)", "Some(x)"),
        ("(a, b) = c", "(a, b)"),
        ("x = y", "x"),
        ("f(x = y)", None),
        ("x == y", None),
        ("= y", None),
    ],
)
def test_a_pattern_before_a_value_is_told(text: str, pattern: str | None) -> None:
    data = f"m!({text})".encode()
    first, *_ = arguments(data, 3, len(data) - 1)
    name = data[first.name_start : first.name_end].decode()
    assert (name if first.name_end else None) == pattern


def test_the_insides_of_the_outermost_brackets_are_told() -> None:
    text = "a (b [c]) d {e} f [] ) g"
    found = inner(text.encode(), 0, len(text))
    assert [text[start:end] for start, end in found] == ["b [c]", "e", ""]


def test_the_names_that_a_macro_may_bind_are_told() -> None:
    text = "let a = 1; let mut b; c in d, e => f; 1 in g; let (h); mut i"
    assert [*bound(text.encode(), 0, len(text))] == ["a", "mut", "b", "c", "e", "i"]


@pytest.mark.parametrize(
    ("is_flat", "names"), [(True, ["f", "h", "k"]), (False, ["f", "g", "h", "i", "k"])]
)
def test_names_before_arguments_are_calls(names: list[str], *, is_flat: bool) -> None:
    text = "f(1, g(x)) + h::<T> [i(1)] j k() l::m 1(2)"
    found = calls(f"a() {text} b()".encode(), 4, 4 + len(text), is_flat=is_flat)
    assert [token.text for token in found] == names
