"""A name is followed through the macros by example that are called with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.rust.expansion import Rule, called, rules

if TYPE_CHECKING:
    from collections.abc import Iterator


def macros(**bodies: str) -> dict[str, str]:
    return {name: f"{{ {body} }}" for name, body in bodies.items()}


def followed(of: dict[str, str], macro: str, arguments: str, name: str) -> set[tuple[str, str]]:
    """Give the body and the parameter of each rule that a call leads to."""

    def bodies(wanted: str) -> Iterator[bytes]:
        if wanted in of:
            yield of[wanted].encode()

    found = rules(macro, arguments.encode(), name, bodies)
    return {(rule.body.decode(), rule.parameter) for rule in found}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("One, 1", {("{ two }", "a")}),
        ("1, One", {("{ two }", "b")}),
        ("One", {("{ one }", "x")}),
        ("One, f(1, 2)", {("{ two }", "a")}),
        ("One; 1", {("{ two }", "a")}),
        ("One, [a, b], {c, d}", {("{ three }", "p")}),
        ("One, a, b, c", {("{ one }", "x"), ("{ two }", "a"), ("{ three }", "p")}),
        ("Other", set()),
        ("", set()),
    ],
)
def test_the_rule_is_the_one_that_takes_so_many_arguments(
    arguments: str, found: set[tuple[str, str]]
) -> None:
    of = macros(
        make="($x:ident) => { one }; ($a:ident, $b:expr) => { two };"
        " ($p:ident, $q:expr, $r:tt) => { three }"
    )
    assert followed(of, "make", arguments, "One") == found


def test_a_macro_that_is_called_with_the_name_is_followed() -> None:
    of = macros(
        outer="($n:ident) => { inner!(1, $n); other!($n2) }",
        inner="($e:expr, $m:ident) => { struct $m; }",
        other="($x:ident) => { never }",
    )
    assert followed(of, "outer", "One", "One") == {
        ("{ inner!(1, $n); other!($n2) }", "n"),
        ("{ struct $m; }", "m"),
    }


def test_a_call_inside_of_brackets_is_followed_too() -> None:
    of = macros(
        outer="($n:ident) => { mod m { impl X { inner! { $n } } } }",
        inner="($m:ident) => { done }",
    )
    assert ("{ done }", "m") in followed(of, "outer", "One", "One")


def test_macros_that_call_themselves_come_to_an_end() -> None:
    of = macros(
        again="($n:ident $(, $r:tt)*) => { again!($n, 1 $(, $r)*); more!($n) }",
        more="($n:ident) => { again!($n); more!($n) }",
    )
    found = followed(of, "again", "One", "One")
    assert {body for body, _ in found} == {
        "{ again!($n, 1 $(, $r)*); more!($n) }",
        "{ again!($n); more!($n) }",
    }


def test_the_names_that_a_macro_calls_are_those_of_its_macros_too() -> None:
    of = macros(
        outer="() => { first(); inner!(); inner!(); x.second(1) }",
        inner="() => { third(); outer!(); gone!() }",
    )

    def bodies(wanted: str) -> Iterator[bytes]:
        if wanted in of:
            yield of[wanted].encode()

    assert called("outer", bodies) == ("first", "second", "third")
    assert called("gone", bodies) == ()


BODY = (
    b"{ struct $n; impl Id for $n { type Output = $n; type Error = Self; type Key = u8;"
    b" const MOST: u8 = 1; fn new() {} } impl fmt::Debug for Other {} }"
)


def test_a_rule_tells_what_it_makes_for_its_parameter_and_for_no_other() -> None:
    rule = Rule(BODY, "n")
    assert rule.implements("Id")
    assert not rule.implements("Debug")
    assert not rule.implements("I")
    assert all(rule.defines(name) for name in ("new", "MOST", "Output"))
    assert not any(rule.defines(name) for name in ("ne", "Id", "n", "n.w"))
    assert rule.is_itself("Output")
    assert rule.is_itself("Error")
    assert not rule.is_itself("Key")
    assert not rule.is_itself("Gone")


def test_a_rule_makes_nothing_for_a_parameter_that_has_no_impl() -> None:
    rule = Rule(BODY, "m")
    assert not rule.implements("Id")
    assert not rule.defines("new")
    assert not rule.is_itself("Output")
    assert rule.is_itself("Error")
