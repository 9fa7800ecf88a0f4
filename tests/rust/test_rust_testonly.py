"""Which lines of a file are compiled for tests alone."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import Codebase
from pytest_flowcorpus.rust.testonly import needs_test
from pytest_flowcorpus.rust.typename import spelling
from tests.rust.files import Tree


def lines(tree: Tree, path: str = "src/lib.rs") -> tuple[tuple[int, int], ...]:
    return Codebase(tree).test_lines(path)


def test_what_stands_under_cfg_test_goes_with_its_docs_and_its_members() -> None:
    tree = Tree.of(
        lib="fn a() {}\n\n/// Tests.\n#[cfg(test)]\nmod tests {\n"
        "    #[cfg(test)]\n    fn b() {}\n}\n"
        "impl A {\n    #[cfg(test)]\n    fn c(&self) {}\n}\n#[test]\nfn d() {}\n"
    )
    assert lines(tree) == ((3, 8), (10, 11))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("#[cfg(test)] mod tests;\nfn a() {}", ((1, 1),)),
        ("#[cfg(test)] fn a() {} #[cfg(test)] fn b() {}\nfn c() {}", ((1, 1),)),
        ("#[cfg(test)] mod a {\n} #[cfg(test)] mod b {\n}\nfn c() {}", ((1, 2), (3, 3))),
        ("#[cfg(test)] mod a { #[cfg(test)] fn b() {}\n}\nfn c() {}", ((1, 1), (2, 2))),
    ],
)
def test_a_line_is_told_once_however_many_items_of_tests_share_it(
    code: str, expected: tuple[tuple[int, int], ...]
) -> None:
    assert lines(Tree.of(lib=code)) == expected


def test_a_file_whose_module_is_of_tests_is_of_tests_from_end_to_end() -> None:
    tree = Tree.of(
        lib="#[cfg(test)]\nmod tests;\nmod used;\n",
        tests="mod deep;\nfn a() {}\n",
        tests__deep="fn b() {}\n",
        used="fn c() {}\n",
    )
    assert lines(tree, "src/tests.rs") == ((1, 2),)
    assert lines(tree, "src/tests/deep.rs") == ((1, 1),)
    assert lines(tree, "src/used.rs") == ()
    assert lines(tree, "src/gone.rs") == ()


def test_a_file_says_so_itself_by_an_inner_attribute() -> None:
    tree = Tree.of(lib="mod a;", a="//! Helpers.\n#![cfg(test)]\nfn b() {}")
    assert lines(tree, "src/a.rs") == ((1, 3),)


def test_a_file_in_an_inline_module_of_tests_is_of_tests() -> None:
    lib = "#[cfg(test)]\nmod outer { mod inner; }\n"
    for other in ("", "#[cfg(not(test))]\nmod outer {}\n"):
        tree = Tree.of(lib=lib + other, outer__inner="fn a() {}")
        assert lines(tree, "src/outer/inner.rs") == ((1, 1),)


@pytest.mark.parametrize(
    ("predicate", "is_needed"),
    [
        ("test", True),
        ("all(test, unix)", True),
        ("all(unix, any(test))", True),
        ("any(test, all(test, unix))", True),
        ("any(test, unix)", False),
        ("any()", False),
        ("not(test)", False),
        ("not(not(test))", False),
        ('feature = "test"', False),
        ("test = 1", False),
        ('all(feature = "a", test)', True),
        ("testing", False),
        ("any(test, k8s)", False),
        ("any(test, _loom)", False),
        ("any(test, r#async)", False),
    ],
)
def test_a_predicate_is_of_tests_where_it_cannot_hold_without(
    predicate: str, *, is_needed: bool
) -> None:
    assert needs_test(spelling(predicate.encode())) is is_needed
    assert needs_test(spelling(f"{predicate})".encode())) is is_needed  # damaged, and read


def test_a_predicate_may_be_deep() -> None:
    assert needs_test(spelling(b"all(" * 20_000 + b"test" + b")" * 20_000))
