"""What belongs to an item: attributes and docs always, ordinary comments only when attached."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import RustFile


@pytest.mark.parametrize(
    ("before", "own"),
    [
        ("// a\n", "// a\n"),
        ("// a\n// b\n", "// a\n// b\n"),
        ("// a\n\n// b\n", "// b\n"),
        ("// a\n\n", ""),
        ("// a\n\n/// d\n", "/// d\n"),
        ("// a\n/// d\n", "// a\n/// d\n"),
        ("/// d\n\n// a\n\n#[x]\n\n", "/// d\n\n// a\n\n#[x]\n\n"),
        ("#[x] // why\n", "#[x] // why\n"),
        ("#[x(/* ] */ y)] ", "#[x(/* ] */ y)] "),
        ("/* a */ ", "/* a */ "),
        ("/* a */ /* b */\n", "/* a */ /* b */\n"),
        ("/* a\n\n */\n", "/* a\n\n */\n"),
        ("/* a */\n\n/* b */\n", "/* b */\n"),
        ("use x; // trailing\n", ""),
        ("use x; /* trailing */ // too\n", ""),
        ("use y;\nuse x; /* trailing */ // too\n", ""),
        ("use x; // trailing\n// own\n", "// own\n"),
        ("mod m {} /* between */ ", ""),
        ("//! inner\n", ""),
        ("//! inner\n// a\n", "// a\n"),
        ("#![inner]\n", ""),
        ("/*! inner */\n/** outer */\n", "/** outer */\n"),
        ("//// a\n\n", ""),
        ("/***/\n\n", ""),
        ("/** d */\n\n", "/** d */\n\n"),
        ("kv!(x);\n// a\n", "// a\n"),
        ("\ufeff// a\n", "// a\n"),
        ("// a\r\n// b\r\n", "// a\r\n// b\r\n"),
        ("// a\r\n\r\n", ""),
    ],
)
def test_what_stands_before_an_item_is_its_own_or_not(before: str, own: str) -> None:
    code = f"{before}fn target() {{}}\n".encode()
    found = RustFile(code).find("target")
    assert found.text == f"{own}fn target() {{}}".encode()
    assert code[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("code", "address", "text"),
    [
        ("impl A { // of A\n    fn b() {}\n}", "A::b", "fn b() {}"),
        ("impl A {\n    // of b\n    fn b() {}\n}", "A::b", "// of b\n    fn b() {}"),
        ("enum A {\n    B, // of B\n    C,\n}", "A::C", "C"),
        ("enum A {\n    B,\n    // of C\n    C = 1,\n}", "A::C", "// of C\n    C = 1"),
        ("fn f() {\n    a(); // of a\n    fn g() {}\n}", "f::g", "fn g() {}"),
        (
            "fn f() {\n    // of g\n    #[x]\n    fn g() {}\n}",
            "f::g",
            "// of g\n    #[x]\n    fn g() {}",
        ),
        ("kv!(a);\nkv! { b }", "kv!(a)", "kv!(a);"),
        ("kv!(a);\nkv! { b }", "kv!(b)", "kv! { b }"),
        ("impl A { kv!(a) ; fn b() {} }", "A::kv!(a)", "kv!(a) ;"),
        ("fn a() { impl A { kv!(b) ; } }", "a::A::kv!(b)", "kv!(b) ;"),
        ("impl A { kv! { b } ; }", "A::kv!(b)", "kv! { b }"),
        ("impl A { const B: u8 = 1; ; }", "A::B", "const B: u8 = 1;"),
        ("macro_rules! m ( () => {} );\n", "m", "macro_rules! m ( () => {} );"),
        ("fn a() {} fn b() {} // c\n", "b", "fn b() {}"),
    ],
)
def test_an_item_ends_and_begins_where_it_should(code: str, address: str, text: str) -> None:
    assert RustFile(code.encode()).find(address).text.decode() == text


@pytest.mark.parametrize("call", ["kv!(b);", "kv![b];", "kv! { b }"])
def test_what_a_macro_is_called_with_stands_between_its_delimiters(call: str) -> None:
    file = RustFile(f"{call}\nkv!(b, c);".encode())
    assert file.find("kv!(b)").text == call.encode()


def test_an_attribute_begins_with_a_path_of_any_length() -> None:
    file = RustFile(b"#[a]\n#[b::c(x::y)]\n#[d::e::f]\nfn go() {}")
    assert file.attribute_paths(file.items[0]) == (("a",), ("b", "c"), ("d", "e", "f"))
