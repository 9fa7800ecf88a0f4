"""Which digest of a fragment changes with which edit."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields

import pytest

from pytest_flowcorpus.rust import Fingerprint, RustFile

FN = """\
/// Docs.
// Attached.
#[inline]
pub fn target<T>(x: u8, y: T) -> u8 {
    #![allow(unused)]
    // why
    let s = "a  b";
    call(x, 'c');
    match x { 1 => { a() } _ => b(x) }
}
"""


def digests(item: str, address: str = "target") -> Fingerprint:
    file = RustFile(item.encode())
    return file.fingerprint(file.find(address))


def changed(before: str, after: str, address: str = "target") -> set[str]:
    """Name the digests in which two versions of an item differ."""
    old, new = asdict(digests(before, address)), asdict(digests(after, address))
    return {name for name in old if old[name] != new[name]}


def edited(old: str, new: str) -> set[str]:
    assert FN.count(old) == 1
    return changed(FN, FN.replace(old, new))


def test_a_fingerprint_is_five_sha256_in_hex() -> None:
    values = asdict(digests(FN))
    assert [field.name for field in fields(Fingerprint)] == [
        *("text", "comments", "attributes", "signature", "body"),
    ]
    assert all(len(value) == 64 and int(value, 16) >= 0 for value in values.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{\n    #![", "{\n\n        #!["),
        ("call(x, 'c')", "call(\n        x,\n        'c',\n    )"),
        ("(x: u8, y: T)", "(\n    x: u8,\n    y: T,\n)"),
        ("target<T>", "target< T, >"),
        ("{ a() } _", "{ a() }, _"),
        ("b(x) }", "b(x), }"),
        ("    // why", "        // why  "),
        ("/// Docs.", "  /// Docs. "),
        ("\n", "\r\n"),
    ],
)
def test_formatting_changes_the_text_alone(old: str, new: str) -> None:
    assert changed(FN, FN.replace(old, new)) == {"text"}


@pytest.mark.parametrize(
    ("old", "new", "digest"),
    [
        ("/// Docs.", "/// Others.", "comments"),
        ("/// Docs.\n", "", "comments"),
        ("// Attached.", "// Attached!", "comments"),
        ("// why", "// how", "comments"),
        ("// why", "/* why */", "comments"),
        ("/// Docs.", '#[doc = "Docs."]', "comments"),
        ("#[inline]", "#[inline(always)]", "attributes"),
        ("#[inline]\n", "", "attributes"),
        ("#[inline]", "#[inline]\n#[cold]", "attributes"),
        ("#![allow(unused)]", "#![allow(dead_code)]", "attributes"),
        ("pub fn", "fn", "signature"),
        ("y: T", "y: &T", "signature"),
        ("-> u8", "-> u16", "signature"),
        ('"a  b"', '"a b"', "body"),
        ("'c'", "' '", "body"),
        ("call(x", "call(&x", "body"),
        ("call(x, 'c')", "call((x, 'c'))", "body"),
    ],
)
def test_a_change_shows_in_its_own_digest(old: str, new: str, digest: str) -> None:
    assert edited(old, new) == {"text", digest}


@pytest.mark.parametrize(
    ("old", "new"),
    [("// why", "// w hy"), ("/// Docs.", "/// Do cs."), ("// why", "/* why\n why */")],
)
def test_blanks_in_a_comment_are_not_those_at_its_ends(old: str, new: str) -> None:
    assert edited(old, new) == {"text", "comments"}


def test_lines_of_a_comment_are_told_apart() -> None:
    before, after = (f"/* a{blank}b */\nfn target() {{}}" for blank in (" ", "\n"))
    assert changed(before, after) == {"text", "comments"}


def test_a_new_name_changes_no_digest_but_the_text() -> None:
    before, after = digests(FN), digests(FN.replace("target", "renamed"), "renamed")
    assert before.text != after.text
    assert asdict(before) | {"text": ""} == asdict(after) | {"text": ""}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let t = (a,);", "let t = (a);"),
        ("let (a,) = t;", "let (a) = t;"),
        ("let t: (u8,) = t;", "let t: (u8) = t;"),
        ("return (a,);", "return (a);"),
        ("if x > (a,) {}", "if x > (a) {}"),
        ("for (a,) in b {}", "for (a) in b {}"),
        ("m!(a, b,);", "m!(a, b);"),
        ("m![a,];", "m![a];"),
        ("m! { a, }", "m! { a }"),
        ("m!({ a, });", "m!({ a });"),
        ("m!(a > b);", "m!(a >> b);"),
        ("#[x(a,)] let a = 1;", "#[x(a)] let a = 1;"),
        ("{ #![x[a,]] }", "{ #![x[a]] }"),
        ("loop {} (a,);", "loop {} (a);"),
        ("match x { 1 => {} (a,) => {} }", "match x { 1 => {} (a) => {} }"),
        ("pub(crate) struct S(a,);", "pub(crate) struct S((a,));"),
        ("macro_rules! m { (a,) => {} }", "macro_rules! m { (a) => {} }"),
        ("macro_rules! m { () => { f(a,) } }", "macro_rules! m { () => { f(a) } }"),
        ("a && b;", "a & b;"),
        ('r"a";', '"a";'),
        ("x == y;", "x != y;"),
        ("'a: loop {}", "'b: loop {}"),
        ("let a = 1.0;", "let a = 1;"),
        ("let a = [1; 2];", "let a = [1, 2];"),
        ("f(a, -b);", "f(a - b);"),
        ("f({ a }, -b);", "f({ a } - b);"),
        ("f::<A>(); if x > (a,) {}", "f::<A>(); if x > (a) {}"),
        ("a ] )", "b ] )"),
    ],
)
def test_tokens_that_mean_something_are_told_apart(before: str, after: str) -> None:
    assert changed(f"fn target() {{ {before} }}", f"fn target() {{ {after} }}") == {"text", "body"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a,);", "f(a);"),
        ("f::<A, B>(a,);", "f::<A, B>(a);"),
        ("f::<Vec<A>>(a,);", "f::<Vec<A>>(a);"),
        ("f(a)(b,);", "f(a)(b);"),
        ("f?(b,);", "f?(b);"),
        ("f[0](b,);", "f[0](b);"),
        ("x.0(b,);", "x.0(b);"),
        ("a.b().c(d,).await;", "a.b().c(d).await;"),
        ("let Some(a,) = b;", "let Some(a) = b;"),
        ("let a = [1, 2,];", "let a = [1, 2];"),
        ("let a = S { b, c: 1, };", "let a = S { b, c: 1 };"),
        ("use a::{b, c,};", "use a::{b, c};"),
        ("let a: Vec<Vec<u8>> = b;", "let a : Vec < Vec < u8 , > , > = b ;"),
        ("fn g<T>(a: T,) {}", "fn g<T>(a: T) {}"),
        ("struct S<T>(T,);", "struct S<T>(T);"),
        ("let f: fn(u8,) = g;", "let f: fn(u8) = g;"),
        ("let f: Box<dyn Fn(u8,)> = g;", "let f: Box<dyn Fn(u8)> = g;"),
        ("!f(a,);", "!f(a);"),
        ("return !f(a,);", "return !f(a);"),
        ("Self::new(a,);", "Self::new(a);"),
        ("|a, b,| c;", "|a, b,|c;"),
        ("a = !(f(b,));", "a = !(f(b));"),
        ('"a\nb"', '"a\r\nb"'),
        ("/* a\n    b */", "/* a\n b */"),
    ],
)
def test_commas_and_blanks_that_mean_nothing_are_not(before: str, after: str) -> None:
    assert changed(f"fn target() {{ {before} }}", f"fn target() {{ {after} }}") == {"text"}


@pytest.mark.parametrize(
    ("before", "after", "address", "digest"),
    [
        ("const A: u8 = 1;", "const A: u8 = 2;", "A", "body"),
        ("const A: u8 = 1;", "const A: u16 = 1;", "A", "signature"),
        ("static A: u8 = 1;", "static mut A: u8 = 1;", "A", "signature"),
        ("type A<T> = B<T>;", "type A<T> = C<T>;", "A", "body"),
        ("type A<T> = B;", "type A<U> = B;", "A", "signature"),
        ("struct A { b: u8 }", "struct A { b: u16 }", "A", "body"),
        ("struct A(u8);", "struct A(u16);", "A", "body"),
        ("struct A(pub(crate) (u8,));", "struct A(pub(crate) (u8));", "A", "body"),
        ("struct A { b: u8 }", "struct A { #[x] b: u8 }", "A", "body"),
        ("struct A;", "pub struct A;", "A", "signature"),
        ("enum A { B, C }", "enum A { B, C, D }", "A", "body"),
        ("enum A { B(u8) }", "enum A { B(u16) }", "A::B", "body"),
        ("enum A { B = 1 }", "enum A { B = 2 }", "A::B", "body"),
        ("enum A { B(u8) = 1 }", "enum A { B(u8) = 2 }", "A::B", "body"),
        ("enum A { #[a] B }", "enum A { #[b] B }", "A::B", "attributes"),
        ("impl A { fn b() {} }", "impl A { fn c() {} }", "impl A", "body"),
        ("impl A { #![a] }", "impl A { #![b] }", "impl A", "attributes"),
        ("unsafe impl T for A {}", "impl T for A {}", "impl T for A", "signature"),
        ("trait A { fn b(); }", "trait A { fn b(); fn c(); }", "A", "body"),
        ("trait A {}", "trait A: B {}", "A", "signature"),
        ("mod a { fn b() {} }", "mod a { fn c() {} }", "a", "body"),
        ("mod a { //! Docs\n }", "mod a { //! Others\n }", "a", "comments"),
        ('mod a { #![doc = "Docs"] }', 'mod a { #![doc = "Others"] }', "a", "comments"),
        ("macro_rules! a { () => { 1 } }", "macro_rules! a { () => { 2 } }", "a", "body"),
        ("a!(b, c);", "a!(b, d);", "a!(b)", "body"),
        ("x::a!(b);", "y::a!(b);", "a!(b)", "signature"),
        ("use a; use b;", "use a; use c;", "use", "body"),
        ("use a;", "// why\nuse a;", "use", "comments"),
        ("extern crate a as b;", "extern crate c as b;", "b", "body"),
        ('extern "C" { fn a(); }', 'extern "C" { fn a(); fn b(); }', "extern", "body"),
        ('extern "C" { fn a(); }', "extern { fn a(); }", "extern", "signature"),
        ("trait A { fn b(x: u8); }", "trait A { fn b(x: u16); }", "A::b", "signature"),
    ],
)
def test_each_kind_has_its_signature_and_body(
    before: str, after: str, address: str, digest: str
) -> None:
    assert changed(before, after, address) == {"text", digest}


@pytest.mark.parametrize(
    ("before", "after", "address"),
    [
        ("const A: u8 = 1;", "const A: u8 = 1 ;", "A"),
        ("struct A(u8);", "struct A(u8) ;", "A"),
        ("a!(b);", "a!(b) ;", "a!(b)"),
    ],
)
def test_blanks_behind_a_body_change_the_text_alone(before: str, after: str, address: str) -> None:
    assert changed(before, after, address) == {"text"}


def test_digests_stay_as_the_snapshots_hold_them() -> None:
    code = '/* a\n   b */\n#[c]\nfn target() { "d" }'
    hashed = {
        "text": code.encode(),
        "comments": b"9:/* a\nb */",
        "attributes": b"1:#1:[1:c1:]",
        "signature": b"2:fn1:(1:)",
        "body": b'1:{3:"d"1:}',
    }
    expected = {name: hashlib.sha256(data).hexdigest() for name, data in hashed.items()}
    assert asdict(digests(code)) == expected
