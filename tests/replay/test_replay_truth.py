"""What the replay holds drift against, on files that can be read at a glance."""

from __future__ import annotations

import pytest

from tests.replay import truth
from tests.replay.truth import Seen
from tests.replay.whereabouts import Reading, counterparts, erased, successors
from tests.rust.rustc_ast import Refused


@pytest.fixture(scope="module", autouse=True)
def _rustc() -> None:
    """Skip where rustc does not print its tree."""
    try:
        truth.read(b"")
    except Refused as refusal:
        pytest.skip(str(refusal))


def reading(code: str, path: str = "src/a.rs") -> Reading:
    return Reading(path, code.encode(), truth.read(code.encode()))


def item(of: Reading, *path: str) -> Seen:
    (found,) = (one for one in of.items if one.path == path)
    return found


def changed(before: str, after: str, *path: str) -> set[str]:
    """Give the parts that differ."""
    old, new = (item(reading(code), *path).parts for code in (before, after))
    parts = ("attributes", "signature", "body")
    return {part for part in parts if getattr(old, part) != getattr(new, part)}


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        (
            "fn go(a: u8) { one(a); }",
            "/// Docs.\nfn go(\n    a: u8,\n) {\n    one(a,); // so\n}",
            set(),
        ),
        ("fn go() { one(); }", "fn go() { two(); }", {"body"}),
        ("fn go() {}", "pub fn go() {}", {"signature"}),
        ("fn go() {}", "#[inline] fn go() {}", {"attributes"}),
        ("fn go() {}", '#[doc = "Docs."] fn go() {}', set()),
        ("fn go() {}", "fn go() { #![allow(x)] }", {"attributes"}),
        ("fn go() { m!(a, b) }", "fn go() { m!(a, b,) }", {"body"}),
        ("fn go() { m!(a, b) }", "fn go() { m!(a,b) }", set()),
        ("fn go() { (a,); }", "fn go() { (a); }", {"body"}),
        ("fn go();", "fn go() -> u8;", {"signature"}),
        ("struct go { a: u8 }", "struct go { a: u16 }", {"body"}),
        ("struct go { a: u8 }", "struct go { #[x] a: u8 }", {"body"}),
        ("struct go { a: u8 }", "struct go {\n    /// Docs.\n    a: u8,\n}", set()),
        ("struct go<T>(T);", "struct go<T: X>(T);", {"signature"}),
        ("enum go { A }", "enum go { A, B }", {"body"}),
        ("const go: u8 = 1;", "const go: u8 = 2;", {"body"}),
        ("const go: u8 = 1;", "const go: u16 = 1;", {"signature"}),
        ("static go: u8 = 1;", "static mut go: u8 = 1;", {"signature"}),
        ("type go = u8;", "type go = u16;", {"body"}),
        ("trait go { fn a(); }", "trait go: X { fn a(); }", {"signature"}),
        ("trait go { fn a(); }", "trait go { fn a() {} }", {"body"}),
        ("mod go { fn a() {} }", "mod go { fn b() {} }", {"body"}),
        ("macro_rules! go { () => {} }", "macro_rules! go { () => { 1 } }", {"body"}),
    ],
)
def test_a_change_is_of_its_part(before: str, after: str, parts: set[str]) -> None:
    assert changed(before, after, "go") == parts


def test_a_variant_is_body_but_for_its_name() -> None:
    before, after = (
        item(reading(f"enum E {{ {one} }}"), "E", one[0]) for one in ("A(u8)", "B(u8)")
    )
    assert before.parts == after.parts
    assert changed("enum E { A }", "enum E { A = 1 }", "E", "A") == {"body"}


def test_imports_are_one_item_up_to_the_first_of_another_kind() -> None:
    of = reading("// Ours.\nuse a::b;\nmod c;\nuse d;\nfn e() {}\nuse f;\n")
    assert of.imports is not None
    assert of.text(of.imports) == b"// Ours.\nuse a::b;\nmod c;\nuse d;"
    assert reading("mod a {}\nuse b;\n").imports is None


@pytest.mark.parametrize(
    ("above", "is_attached"),
    [
        ("// one", True),
        ("// one\n// two", True),
        ("/* one */", True),
        ("/* one\n * two\n */", True),
        ("// one\n", False),
        ("//! one", False),
        ("fn other() {} // one", False),
    ],
)
def test_comments_right_above_belong_to_an_item(above: str, *, is_attached: bool) -> None:
    of = reading(f"{above}\n/// Docs.\nfn go() {{}}\n")
    text = of.text(item(of, "go")).decode()
    assert text == f"{above}\n" * is_attached + "/// Docs.\nfn go() {}"


def test_comments_are_none_in_strings() -> None:
    code = '// a\nfn x() { /* b\n   c */ "// d"; r#"/* e"#; \'"\' }\n#[x(\n// f\n)] //! g'
    assert truth.comments(code) == ["// a", "/* b", "c */", "// f", "//! g"]


def test_a_macro_call_is_called_as_its_first_argument() -> None:
    found = reading("def!(One, 1);\ndef! { Two { a } }\n").items
    assert [one.path for one in found] == [("def!(One)",), ("def!(Two)",)]


def test_heads_of_impls_are_erased() -> None:
    assert erased(("<a::X<'_,Vec<T>> as b::From<c::Y>>", "go")) == ("<X as From>", "go")


def found(before: str, after: str, *path: str) -> list[str]:
    """Give the texts of what an item can be now in its file."""
    old, new = reading(before), reading(after)
    return [new.text(one).decode() for one in counterparts(item(old, *path), old, new)]


def test_an_item_is_the_one_of_its_kind_and_path() -> None:
    assert found("fn a() {}", "struct a; fn a() { 1 }", "a") == ["fn a() { 1 }"]
    assert found("fn a() {}", "mod b { fn a() {} }", "a") == []
    assert found("const A: u8 = 1;", "static A: u8 = 1;", "A") == ["static A: u8 = 1;"]


def test_what_an_impl_leaves_out_of_its_head_tells_it_from_others_only() -> None:
    two = "impl F<X> for E {}\nimpl F<Y> for E {}"
    assert found("impl F<X> for E {}", "impl F<Y> for E {}", "<E as F<X>>") == [
        "impl F<Y> for E {}"
    ]
    assert len(found("impl F<X> for E {}", two, "<E as F<X>>")) == 2
    assert found(two, "impl F<X> for E {}", "<E as F<X>>") == ["impl F<X> for E {}"]
    assert found(two, "impl F<X> for E {}", "<E as F<Y>>") == []


def test_of_twins_each_finds_its_own() -> None:
    old = reading("#[cfg(a)] fn go() { 1 }\n#[cfg(b)] fn go() { 2 }\n")
    new = reading("#[cfg(b)] fn go() { 3 }\n#[cfg(a)] fn go() { 1 }\n")
    names = [[new.items.index(one) for one in counterparts(two, old, new)] for two in old.items]
    assert names == [[1], [0]]


def test_what_is_gone_went_where_most_of_its_lines_are() -> None:
    body = "\n    first(1);\n    second(2);\n    third(3);\n"
    old = reading(f"fn go() {{{body}}}\n")
    new = reading(f"fn run() {{{body}}}\nfn walk() {{\n    first(1);\n}}\n", "src/b.rs")
    places = successors(item(old, "go"), old, [(new, one) for one in new.items])
    assert [one.name for _, one in places] == ["run"]
    assert successors(item(old, "go"), old, [(new, item(new, "walk"))]) == []
