"""What is found of a file that does not parse as a whole, and what is refused."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import BrokenItem, NoSuchItem, RustFile


@pytest.mark.parametrize(
    ("code", "address", "text"),
    [
        ("fn a() { f((1; } fn b() { 1 }", "b", "fn b() { 1 }"),
        ("mod m { fn a() { f((1; } fn b() { 1 } }", "m::b", "fn b() { 1 }"),
        ("mod m { fn a() { f((1; } fn b() { 1 } }", "m::a", "fn a() { f((1; }"),
        ("impl S { fn a() { g([f((1; } fn b() {} } fn c() {}", "S::b", "fn b() {}"),
        ("impl S { fn a() { g([f((1; } fn b() {} } fn c() {}", "c", "fn c() {}"),
        ("impl S { fn a() {} fn b(x: u8 -> u8 { 1 } }\nfn c() {}", "S::a", "fn a() {}"),
        ("impl S { fn a() {} fn b(x: u8 -> u8 { 1 } }\nfn c() {}", "c", "fn c() {}"),
        ("mod m { fn a() {} struct ; fn b() {} }", "m::b", "fn b() {}"),
        ("fn a() { let x = ; fn inner() { 1 } }", "a::inner", "fn inner() { 1 }"),
        ("fn a() { if x { fn inner() { 1 } } let x = ; }", "a::inner", "fn inner() { 1 }"),
        ("fn a() { { { fn inner() {} } } let x = ; }", "a::inner", "fn inner() {}"),
        ("fn q() { impl S { fn a() {} fn b(x: u8 -> u8 { 1 } } }", "q::S::a", "fn a() {}"),
        ("mod m { u8!(x); fn b() {} } fn a() { let x = ; }", "m::u8!(x)", "u8!(x);"),
        ("mod m { u8!(x); fn b() {} } fn a() { let x = ; }", "m::b", "fn b() {}"),
        (
            "fn a() -> B<C<{ 1 }>, { 2 }> { f((1; f((1; }",
            "a",
            "fn a() -> B<C<{ 1 }>, { 2 }> { f((1; f((1; }",
        ),
        ("impl T for fn(u8) { fn a() {} } fn b( {}", "<fn(u8) as T>::a", "fn a() {}"),
        ("struct S {}> fn a() {}", "S", "struct S {}"),
        ("impl S { fn a() } mod m { fn b() {} }", "m::b", "fn b() {}"),
        ("fn a(); mod m { fn b() {} } fn c() { let x = ; }", "m::b", "fn b() {}"),
        ("enum E { A, B } fn a() { f((1; }", "E::B", "B"),
        ("fn a() {} mod m { fn b() {", "a", "fn a() {}"),
        ("#![x] fn a() {} fn b( {}", "a", "fn a() {}"),
        ("// X\n\nfn a() {} fn b( {}", "a", "fn a() {}"),
        ("fn a() { f((1; } // X\n// Y\n\nfn b() {}", "b", "fn b() {}"),
    ],
)
def test_what_stands_beside_damage_is_found_exactly(code: str, address: str, text: str) -> None:
    assert RustFile(code.encode()).find(address).text.decode() == text


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("impl S { fn a() {} fn b( {} }\nfn c() {}", "S::b"),
        ("impl S { fn a() {} fn b(x: u8 -> u8 { 1 } }", "S::b"),
        ("fn a() { fn inner(x: u8 -> u8 { 1 } }\nfn c() {}", "a::inner"),
        ("fn a() { let x = ; enum fn inner() { 1 } }", "a::inner"),
        ("mod m { fn a() {} enum fn b(x: u8) {} }", "m::b"),
        ("struct S { kv!(A, b) fn a() {", "kv!(A)"),
        ("mod m { fn a() { fn q( } enum fn b(x: u8) {} }", "m::a::q"),
        ("impl S { fn b(&self) -> u8 ={ 1 } const N: u8 = 1; }", "S::b"),
        ("mod m { fn q() >{} use a::b; }", "m::q"),
        ("pubb fn b() {}", "b"),
        ("pubb /* X */ fn b() {}", "b"),
        ("const A: [u8; 2] fn b() {}", "b"),
        ("/** Lost. */ /*! X */ fn b() {} fn a( {}", "b"),
        ("mod m { /* //* */ } fn a( {}", "m"),
        ("static A: F = u!n() {};", "A"),
    ],
)
def test_what_is_damaged_is_refused_with_its_line(code: str, address: str) -> None:
    with pytest.raises(BrokenItem) as told:
        RustFile(f"\n{code}".encode()).find(address)
    assert str(told.value) == f"`{address}` (line 2) stands where the file does not parse"


def test_arguments_that_nothing_closes_are_told_to_their_last_letter() -> None:
    file = RustFile("m!(\0é".encode())
    assert [(file.address(item), item.is_broken) for item in file.items] == [("m!(\0é)", True)]


def test_an_item_of_a_sound_body_is_missing_where_another_body_is_damaged() -> None:
    file = RustFile(b"fn a() { fn inner() {} m!{ fn made() {} } } fn b( {}")
    for address in ("inner", "b::inner", "a::made"):
        with pytest.raises(NoSuchItem):
            file.find(address)


def test_braces_in_an_impl_that_belong_to_nothing_are_refused_and_hide_nothing() -> None:
    file = RustFile(b"impl S { x!(b); {} }\nfn c() {}")
    assert [file.address(item) for item in file.items] == ["impl S", "S::x!(b)", "S::extern", "c"]
    assert file.find("c").text == b"fn c() {}"
    with pytest.raises(NoSuchItem):
        file.find("gone")
    with pytest.raises(BrokenItem):
        file.find("S::extern")


@pytest.mark.parametrize("address", ["gone", "r#fn"])
def test_what_is_only_named_where_the_file_does_not_parse_is_missing(address: str) -> None:
    with pytest.raises(NoSuchItem):
        RustFile(b"fn a() { let x = ; fn inner() {} trait lost gone; }").find(address)
