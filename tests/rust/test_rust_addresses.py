"""Every form of address finds what it says, or tells clearly why not."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import (
    Address,
    AddressError,
    AmbiguousItem,
    BadAddress,
    BrokenItem,
    Kind,
    NoSuchItem,
    RustFile,
)

CODE = b"""\
// SPDX-License-Identifier: MIT

//! A file.

// Why these.
#[cfg(feature = "std")]
use std::fmt;
mod elsewhere;
pub use crate::Error;

const LIMIT: usize = 1;
use late::Import;

#[cfg(feature = "x")]
fn health() -> u8 { 1 }
#[cfg(not(feature = "x"))]
fn health() -> u8 { 2 }

pub struct MessageIn<'a>(&'a str);
pub enum QueueTask {
    /// Docs.
    MessageBatch(u8),
    Health,
}
impl QueueTask {
    fn health() {}
    #[allow(non_snake_case)]
    fn Health() {}
}

impl<'a> ModelIn for MessageIn<'a> {
    type Model = u8;
    fn update_model(self) {}
}
impl<'a> MessageIn<'a> {
    fn update_model(self) {
        struct Query;
        impl Query {
            fn run() { const DEEP: u8 = 1; }
        }
        let f = || { fn in_closure() {} };
    }
}

impl RequestBuilder { fn new() {} }
impl RequestBuilder { fn build() {} }

impl From<DbErr> for Error { fn from(_: DbErr) -> Self { Error } }
impl From<sea_orm::TransactionErr> for Error { fn from(_: T) -> Self { Error } }
impl<T> From<Vec<T>> for Error { fn from(_: Vec<T>) -> Self { Error } }
impl Stack<Redis> { fn push() {} }
impl Stack<Memory> { fn push() {} }

macro_rules! kv_def { ($t:ident) => { pub struct $t; } }
kv_def!(AppEndpointKey, "a");
kv_def! { AppEndpointOther, b }
kv_def!(AppEndpointKey, "c");

trait ModelIn { fn update_model(self); const NAME: &'static str; }
mod tests {
    fn test_valid_signing_keys() {}
    mod deeper { pub fn leaf() {} }
    impl super::Health for u8 { fn check() {} }
}
extern "C" { fn strlen(); static ERRNO: u8; }
extern "C" { fn abs(); }
fn r#match() {}
fn caf\xc3\xa9() {}
#[cfg(unix)]
mod os { pub fn open() {} }
#[cfg(windows)]
mod os { pub fn open() {} }
static FLAG: u8 = { fn in_static() -> u8 { 1 } in_static() };
"""


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("LIMIT", "const LIMIT"),
        ("tests::test_valid_signing_keys", "fn test_valid_signing_keys"),
        ("tests::deeper::leaf", "pub fn leaf"),
        ("tests", "mod tests {"),
        ("mod tests", "mod tests {"),
        ("elsewhere", "mod elsewhere;"),
        ("<MessageIn>::update_model", "fn update_model(self) {\n        struct"),
        ("<MessageIn as ModelIn>::update_model", "fn update_model(self) {}"),
        ("<MessageIn<'a> as crate::ModelIn>::update_model", None),
        ("ModelIn::update_model", "fn update_model(self);"),
        ("ModelIn::NAME", "const NAME"),
        ("MessageIn::update_model::Query", "struct Query;"),
        ("MessageIn::update_model::Query::run", "fn run()"),
        ("MessageIn::update_model::Query::run::DEEP", "const DEEP"),
        ("MessageIn::update_model::in_closure", "fn in_closure"),
        ("FLAG::in_static", "fn in_static"),
        ("impl ModelIn for MessageIn", "impl<'a> ModelIn for MessageIn<'a> {"),
        ("impl<'b> ModelIn for MessageIn", "impl<'a> ModelIn for MessageIn<'a> {"),
        ("impl MessageIn", "impl<'a> MessageIn<'a> {"),
        ("impl RequestBuilder::build", "impl RequestBuilder { fn build"),
        ("impl MessageIn::", None),
        ("RequestBuilder::build", "fn build"),
        ("<Error as From<DbErr>>::from", "fn from(_: DbErr)"),
        ("<Error as From<sea_orm::DbErr>>::from", None),
        ("<Error as From<TransactionErr>>::from", "fn from(_: T)"),
        ("<Error as From<Vec>>::from", "fn from(_: Vec<T>)"),
        ("<Error as From<Vec<T>>>::from", "fn from(_: Vec<T>)"),
        ("<Stack<Redis>>::push", "fn push() {} }\nimpl Stack<Memory>"),
        ("Stack<Redis>::push", "fn push() {} }\nimpl Stack<Memory>"),
        ("impl Stack<Memory>", "impl Stack<Memory>"),
        ("QueueTask::MessageBatch", "/// Docs.\n    MessageBatch"),
        ("variant QueueTask::Health", "Health,"),
        ("fn QueueTask::Health", "#[allow(non_snake_case)]"),
        ("kv_def", "macro_rules! kv_def"),
        ("macro kv_def", "macro_rules! kv_def"),
        ("macro_rules! kv_def", "macro_rules! kv_def"),
        ("kv_def!(AppEndpointOther)", "kv_def! { AppEndpointOther"),
        ('kv_def!(AppEndpointKey, "c")', 'kv_def!(AppEndpointKey, "c");'),
        ('kv_def![AppEndpointKey,"a"]', 'kv_def!(AppEndpointKey, "a");'),
        ('#[cfg(feature = "x")] fn health', '#[cfg(feature = "x")]\nfn health'),
        ('#[cfg(feature="x")]health', '#[cfg(feature = "x")]\nfn health'),
        ('#[cfg(not(feature = "x"))] health', '#[cfg(not(feature = "x"))]\nfn health'),
        ("#[cfg(unix)] os::open", "pub fn open() {} }\n#[cfg(windows)]"),
        ("#[cfg(windows)] mod os", "#[cfg(windows)]\nmod os"),
        ("tests::impl Health for u8", "impl super::Health for u8"),
        ("tests::<u8 as Health>::check", "fn check"),
        ("tests::u8::check", "fn check"),
        ("strlen", "fn strlen"),
        ("static ERRNO", "static ERRNO"),
        ('extern "C"::abs', 'extern "C" { fn abs'),
        ("extern::strlen", 'extern "C" { fn strlen'),
        ("match", "fn r#match"),
        ("r#match", "fn r#match"),
        ("fn match", "fn r#match"),
        ("cafe\u0301", "fn caf\u00e9"),
        ("struct MessageIn", "pub struct MessageIn"),
        ("  tests :: deeper\n::leaf ", "pub fn leaf"),
        ("type <MessageIn as ModelIn>::Model", "type Model = u8;"),
    ],
)
def test_an_address_finds_its_item(address: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(NoSuchItem):
            RustFile(CODE).find(address)
        return
    found = RustFile(CODE).find(address)
    assert found.start == CODE.index(code.encode())
    assert found.text == CODE[found.start : found.end]
    again = RustFile(CODE).find(found.address)
    assert again == found


def test_what_was_found_says_what_it_is_and_where() -> None:
    found = RustFile(CODE).find("QueueTask::MessageBatch")
    assert (found.kind, found.address) == (Kind.VARIANT, "QueueTask::MessageBatch")
    assert (found.first_line, found.last_line) == (21, 22)
    assert found.text == b"/// Docs.\n    MessageBatch(u8)"


def test_use_is_all_imports_before_the_first_other_item() -> None:
    found = RustFile(CODE).find("use")
    assert (found.kind, found.address) == (Kind.USE, "use")
    assert found.text.startswith(b"// Why these.\n#[cfg")
    assert found.text.endswith(b"mod elsewhere;\npub use crate::Error;")


def test_a_module_declared_after_the_last_import_is_not_among_the_imports() -> None:
    assert RustFile(b"use a;\nmod b;\nfn c() {}\n").find("use").text == b"use a;"


def test_the_imports_are_an_item_without_a_name_or_attributes_of_its_own() -> None:
    file = RustFile(b"#[cfg(unix)]\nuse a;\nuse b;\n")
    item = file.item(file.find("use"))
    assert (item.name, file.attributes(item)) == ("", ())


@pytest.mark.parametrize("code", [b"", b"fn f() {}\nuse a;\n", b"mod a { use b; }\nuse c;\n"])
def test_a_file_without_imports_at_its_top_has_no_use(code: bytes) -> None:
    with pytest.raises(NoSuchItem, match=r"^no `use` stands at the top of the file$"):
        RustFile(code).find("use")


@pytest.mark.parametrize(
    ("address", "candidates"),
    [
        (
            "health",
            (
                ('#[cfg(feature = "x")] fn health', 15),
                ('#[cfg(not(feature = "x"))] fn health', 17),
            ),
        ),
        (
            "MessageIn::update_model",
            (("<MessageIn as ModelIn>::update_model", 33), ("<MessageIn>::update_model", 36)),
        ),
        (
            "Error::from",
            (
                ("<Error as From<DbErr>>::from", 48),
                ("<Error as From<sea_orm::TransactionErr>>::from", 49),
                ("<Error as From<Vec<T>>>::from", 50),
            ),
        ),
        (
            "impl RequestBuilder",
            (("impl RequestBuilder::new", 45), ("impl RequestBuilder::build", 46)),
        ),
        (
            "kv_def!(AppEndpointKey)",
            (('kv_def!(AppEndpointKey, "a")', 55), ('kv_def!(AppEndpointKey, "c")', 57)),
        ),
        (
            "QueueTask::Health",
            (("variant QueueTask::Health", 23), ("<QueueTask>::Health", 28)),
        ),
        ("os::open", (("#[cfg(unix)] fn os::open", 70), ("#[cfg(windows)] fn os::open", 72))),
        ("Stack::push", (("<Stack<Redis>>::push", 51), ("<Stack<Memory>>::push", 52))),
    ],
)
def test_an_ambiguous_address_lists_full_addresses_and_lines(
    address: str, candidates: tuple[tuple[str, int], ...]
) -> None:
    with pytest.raises(AmbiguousItem) as caught:
        RustFile(CODE).find(address)
    assert caught.value.candidates == candidates
    told = ", ".join(f"`{full}` (line {line})" for full, line in candidates)
    assert str(caught.value) == f"`{address}` is ambiguous: {told}"
    assert [RustFile(CODE).find(full).address for full, _ in candidates] == [
        full for full, _ in candidates
    ]


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("extern { fn a(); }", "extern"),
        ("impl T for v1::A {}", "impl T for A"),
        ("impl T for for<'a> fn(&'a u8) {}", "impl T for fn(&u8)"),
        ("impl T for <A as B>::C {}", "impl T for <A as B>::C"),
        ("impl ::a::T for B {} impl b::T for B {}", "impl ::a::T for B"),
        ("impl T for [u8; N as usize] { fn f() {} }", "<[u8; N as usize] as T>::f"),
        ("fn union() {}", "union"),
    ],
)
def test_an_item_says_its_shortest_full_address(code: str, address: str) -> None:
    assert RustFile(code.encode()).find(address).address == address


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("impl T for Box<dyn A + 'static> {}", "impl T for Box<dyn A>"),
        ("impl T for Box<dyn A + 'static> {}", "impl T for Box<dyn A + 'static>"),
        ("impl<'a> T for Stack<'a, Redis> {}", "impl T for Stack<Redis>"),
        ("impl dyn for<'a> T<'a> {}", "impl dyn for<'a> T<'a>"),
        ("impl T for Box<dyn for<'a> Fn(&'a u8)> {}", "impl T for Box<dyn Fn(&u8)>"),
    ],
)
def test_lifetimes_may_be_left_out(code: str, address: str) -> None:
    assert RustFile(code.encode()).find(address).text.decode() == code


def test_items_that_nothing_tells_apart_stay_ambiguous() -> None:
    file = RustFile(b"fn twin() {}\nfn twin() { 1; }\n")
    for address in ("twin", "fn twin"):
        with pytest.raises(AmbiguousItem) as caught:
            file.find(address)
        assert caught.value.candidates == (("fn twin", 1), ("fn twin", 2))


def test_an_attribute_set_given_in_full_beats_one_that_merely_holds_it() -> None:
    file = RustFile(b"#[cfg(a)]\nfn f() { 1; }\n#[cfg(a)]\n#[cfg(b)]\nfn f() { 2; }\n")
    assert b"1" in file.find("#[cfg(a)] fn f").text
    assert b"2" in file.find("#[cfg(b)] fn f").text
    assert file.find("#[cfg(b)] fn f").address == "#[cfg(a)] #[cfg(b)] fn f"


def test_a_type_written_in_full_beats_one_that_merely_fits() -> None:
    file = RustFile(b"impl From<A> for E { fn f() {} }\nimpl From<x::A> for E { fn f() {} }\n")
    assert file.find("<E as From<A>>::f").first_line == 1
    assert file.find("<E as From<x::A>>::f").first_line == 2


def test_many_candidates_are_counted_and_not_all_listed() -> None:
    with pytest.raises(AmbiguousItem, match=r" and 480 more$") as caught:
        RustFile(b"fn twin() {}\n" * 500).find("twin")
    assert len(caught.value.candidates) == 20


@pytest.mark.parametrize(
    ("address", "nearest"),
    [
        ("helth", '#[cfg(feature = "x")] fn health'),
        ("MessageIn::udpate_model", "<MessageIn>::update_model"),
        ("QueueTask::MessageBatches", "QueueTask::MessageBatch"),
        ("leaf", "tests::deeper::leaf"),
        ("AppEndpointOther", "kv_def!(AppEndpointOther)"),
        ("enum MessageIn", "MessageIn"),
    ],
)
def test_a_missing_item_is_told_with_the_nearest_names(address: str, nearest: str) -> None:
    with pytest.raises(NoSuchItem) as caught:
        RustFile(CODE).find(address)
    assert nearest in caught.value.nearest
    told = ", ".join(f"`{near}`" for near in caught.value.nearest)
    assert str(caught.value) == f"no item `{address}`; nearest: {told}"
    for near in caught.value.nearest:
        RustFile(CODE).find(near)


def test_a_missing_item_is_told_with_the_macro_call_that_could_make_it() -> None:
    with pytest.raises(NoSuchItem) as caught:
        RustFile(b"declare_a_kind_of_key!(Abc, 1);").find("Abc")
    assert caught.value.nearest == ("declare_a_kind_of_key!(Abc)",)


def test_a_missing_item_unlike_all_others_is_told_alone() -> None:
    with pytest.raises(NoSuchItem) as caught:
        RustFile(CODE).find("zzz")
    assert str(caught.value) == "no item `zzz`"
    assert caught.value.nearest == ()


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "a name is missing at its end"),
        ("Foo::", "a name is missing at its end"),
        ("::Foo", "expected a name, not `::` at column 1"),
        ("Foo bar", "unexpected `bar` at column 5"),
        ("Foo::<Bar", "`<` is not closed at column 6"),
        ("<Foo as>::bar", "a type is missing at column 9"),
        ("1st", "expected a name, not `1st` at column 1"),
        ("crate::foo", "`crate` has no place here: addresses start inside the file at column 1"),
        ("impl A for", "a type is missing at its end"),
        ("#cfg", "expected `[` after `#` at column 2"),
        ("#[cfg(x) foo", "`[` is not closed at column 2"),
        ("foo // why", "an address has no comments at column 5"),
        ("fn kv!(x)", "`fn` narrows a name, and the address ends in none at its end"),
        ("a\u00e9::\u20ac", "`\u20ac` is no name at column 5"),
        ("\ud800", "expected a name, not `?` at column 1"),
        ("x! y", "unexpected `y` at column 4"),
        ("`Foo`", "``` is no Rust at column 1"),
        ("x!(\\)", "`\\` is no Rust at column 4"),
        ("x!('", "`'` is no Rust at column 4"),
        ('x!("', '`"` is no Rust at column 4'),
    ],
)
def test_what_is_no_address_is_told_with_its_column(address: str, problem: str) -> None:
    with pytest.raises(BadAddress) as caught:
        RustFile(CODE).find(address)
    assert str(caught.value).endswith(problem)


def test_what_is_no_address_is_shown_on_one_line() -> None:
    with pytest.raises(BadAddress, match=r"^`Foo bar` is not an address: unexpected `bar` at "):
        Address.parse("Foo\n    bar")


def test_all_errors_are_address_errors() -> None:
    kinds = (BadAddress, NoSuchItem, AmbiguousItem, BrokenItem)
    assert all(issubclass(kind, AddressError) for kind in kinds)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("use", "use"),
        (" a :: r#b ", "a::b"),
        ("r#use", "r#use"),
        ("impl", "r#impl"),
        ("impl < T : X > A < T > for B where T: C", "impl A<T> for B"),
        ("<&'a  mut [u8;4] as From<(A,B,)>>::f", "<&'a mut [u8; 4] as From<(A, B,)>>::f"),
        ("<Box<dyn Fn(u8)->u8+Send> as X>::f", "<Box<dyn Fn(u8) -> u8 + Send> as X>::f"),
        ("extern crate alloc", "extern crate alloc"),
        ("#[cfg(a)]extern crate alloc", "#[cfg(a)] extern crate alloc"),
        ("#[cfg(a)]macro_rules! kv", "#[cfg(a)] macro kv"),
        ('extern   "C"', 'extern "C"'),
        ('extern  r"C"::abs', 'extern r"C"::abs'),
        ("kv!{a , b}", "kv!(a, b)"),
        ("kv!()", "kv!"),
        ('#[cfg( feature="x" )]\nfn f', '#[cfg(feature = "x")] fn f'),
        ("A::<B>::c", "A::<B>::c"),
        ("A<B>::c", "A<B>::c"),
        ("r#union<B>::c", "r#union<B>::c"),
        ("<r#union<B>>::c", "<union<B>>::c"),
    ],
)
def test_an_address_has_one_canonical_form(text: str, canonical: str) -> None:
    address = Address.parse(text)
    assert str(address) == canonical
    assert Address.parse(canonical) == address


def test_a_macro_called_in_a_sound_body_is_no_item_that_was_lost() -> None:
    with pytest.raises(NoSuchItem):
        RustFile(b"fn a() { kv!(x); }\nfn broken( -> {}\n").find("kv!(x)")


def test_an_item_elsewhere_in_a_damaged_body_is_no_item_that_was_lost() -> None:
    with pytest.raises(NoSuchItem):
        RustFile(b"fn go() {}\nfn a() { fn b() {} @ }").find("b")


@pytest.mark.parametrize("written", ["cafe\u0301", "caf\u00e9"])
def test_a_name_is_found_in_whichever_form_it_is_written(written: str) -> None:
    code = f"fn {written}() {{}}".encode()
    assert RustFile(code).find("caf\u00e9").text == code


def test_a_comment_before_a_trait_that_is_not_implemented_means_nothing() -> None:
    code = b"impl ! /* ever */ Send for A {}"
    assert RustFile(code).find("impl !Send for A").text == code


def test_what_stands_in_a_statement_between_items_is_none_of_the_file() -> None:
    assert [item.name for item in RustFile(b"{ fn a() {} }\nfn b() {}").items] == ["b"]


def test_a_broken_item_is_refused_and_whole_ones_are_served() -> None:
    file = RustFile(b"fn whole() {}\nfn broken( -> {}\nfn after() {}\nmod m { fn inside() {} }\n")
    assert file.find("whole").text == b"fn whole() {}"
    assert file.find("after").text == b"fn after() {}"
    assert file.find("m::inside").text == b"fn inside() {}"
    with pytest.raises(BrokenItem, match=r"`broken` \(line 2\) stands where the file does not"):
        file.find("broken")


def test_a_body_the_grammar_does_not_know_is_served_if_its_braces_pair() -> None:
    code = b"fn known() {\n    let f = for<'a> |x: &'a u8| x;\n}\nfn next() {}\n"
    file = RustFile(code)
    assert file.find("known").text == code[: code.index(b"\nfn next")]
    assert file.find("next").text == b"fn next() {}"


@pytest.mark.parametrize(
    ("code", "address"),
    [
        (b"fn a() { fn b() {} > pub }", "a::b"),
        (b"const A: u8 = f({ fn b() {} 1 });", "A::b"),
        (b"const A: u8 = f({ fn b() {} 1 })\n;@", "A::b"),
    ],
    ids=["damaged", "no block", "no block, damaged file"],
)
def test_an_item_in_a_body_is_served_whatever_else_stands_there(code: bytes, address: str) -> None:
    assert RustFile(code).find(address).text == b"fn b() {}"


def test_members_of_what_does_not_parse_are_its_members() -> None:
    broken = b"impl Foo {\n fn open() { if x {\n}\nmod n { fn d() {} }\n"
    file = RustFile(b"mod m { fn c() {} }\n" + broken)
    parents = [item.parent for item in file.items if item.parent is not None]
    assert {parent.is_broken for parent in parents} == {True, False}
    assert {*parents} <= {*file.items}


@pytest.mark.parametrize(
    ("code", "addresses"),
    [
        (b"impl Foo {\n fn open() { if x {\n fn inside() {}\n}\nfn behind() {}\n", "inside behind"),
        (b"mod m {\n    fn ( {\n    pub fn inside() {}\n", "m::inside"),
        (b"{ fn inside() {} mod m {}", "inside m"),
    ],
)
def test_what_may_belong_to_something_that_fell_apart_is_refused(
    code: bytes, addresses: str
) -> None:
    for address in addresses.split():
        with pytest.raises(BrokenItem):
            RustFile(code).find(address)


@pytest.mark.parametrize(
    ("code", "address"),
    [
        (b"fn f() {}\nimpl Foo {\n    // cut", "impl Foo"),
        (b"struct Foo {\n", "Foo"),
        (b"enum Foo {\n    A,\nenum Foo {\n    B,\n}\n", "Foo"),
        (b"enum Foo {\n    A,\nstruct Bar {\n    B,\n}\n", "Foo"),
        (b"type Foo = u8", "Foo"),
        (b"use a::b", "use"),
        (b"fn f() {\n    ' for x {\n}\n}\n", "f"),
        (b"fn f() {\n    ' for {x}\n", "f"),
    ],
)
def test_an_item_whose_end_is_lost_is_refused(code: bytes, address: str) -> None:
    with pytest.raises(BrokenItem):
        RustFile(code).find(address)


@pytest.mark.parametrize(
    "between",
    [b'mod x""y;', b"us e::f;", b"pub;", b'mod x""y;\nmod z;', b"use {;", b"return Ok(go);", b"1;"],
)
def test_imports_with_something_broken_between_them_are_refused(between: bytes) -> None:
    with pytest.raises(
        BrokenItem, match=r"^`use` \(line 1\) stands where the file does not parse$"
    ):
        RustFile(b"use a::b;\n" + between + b"\nuse c::d;\n").find("use")


@pytest.mark.parametrize(
    "code",
    [
        b"[use a::{A, b};\nuse c::d;\nuse e::f;\nstruct X;\n",
        b"use a::b;\npub use self::{\n    d::E,\n    u\n",
        b"use ;\nuse c::d;\nstruct X;\n",
    ],
)
def test_imports_are_refused_if_one_at_their_ends_may_be_lost(code: bytes) -> None:
    with pytest.raises(BrokenItem):
        RustFile(code).find("use")


def test_imports_are_served_with_a_semicolon_too_many() -> None:
    code = b"use a::b;;\nuse c::d;\n"
    assert RustFile(code).find("use").text == b"use a::b;;\nuse c::d;"


def test_imports_are_served_where_only_what_follows_them_is_broken() -> None:
    code = (
        b'#![x]\nuse a::b;\nmod m;\nuse c::d;\nmod x""y;\nfn broken( -> {}\nfn f() { use e::f; }\n'
    )
    assert RustFile(code).find("use").text == b"use a::b;\nmod m;\nuse c::d;"


def test_attributes_lost_to_an_error_are_never_left_out_silently() -> None:
    code = b"#[a] fn ok() {}\n/// Docs.\n#[b]\ndefault fn odd() {}\nfn last() {}\n"
    file = RustFile(code)
    assert file.find("ok").text == b"#[a] fn ok() {}"
    assert file.find("last").text == b"fn last() {}"
    try:
        text = file.find("odd").text
    except BrokenItem:
        return
    assert text == b"/// Docs.\n#[b]\ndefault fn odd() {}"


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        RustFile(b"fn f() {}\n\xff")


def test_the_index_lists_containers_and_members_in_source_order() -> None:
    file = RustFile(b"enum E { A, B }\nimpl E { fn f() { fn hidden() {} } }\nuse x;\n")
    assert [(item.kind, item.name) for item in file.items] == [
        (Kind.ENUM, "E"),
        (Kind.VARIANT, "A"),
        (Kind.VARIANT, "B"),
        (Kind.IMPL, ""),
        (Kind.FN, "f"),
        (Kind.USE, ""),
    ]


def test_an_impl_alone_has_a_trait_and_a_type() -> None:
    file = RustFile(b"const A: u8 = 1;\nimpl T for B {}\nimpl C {}\nimpl !Send for D {}\n")
    heads = [(b"", b""), (b"T", b"B"), (b"", b"C"), (b"!Send", b"D")]
    assert [item.head for item in file.items] == heads


@pytest.mark.parametrize(
    "code",
    [
        b"mod a {" * 20_000 + b"}" * 20_000,
        b"mod a {" * 20_000,
        b"fn a() {" * 20_000 + b"}" * 20_000,
        b"type A = " + b"B<" * 20_000 + b"u8" + b">" * 20_000 + b";",
        b"impl T for " + b"B<" * 20_000 + b"u8" + b">" * 20_000 + b" {}",
        b"const A: u8 = " + b"(" * 20_000 + b"1" + b")" * 20_000 + b";",
        b"/*" * 20_000 + b"fn x() {}",
        b'r#"' * 1_000,
    ],
    ids=["modules", "open", "functions", "generics", "impl", "parentheses", "comments", "strings"],
)
def test_code_may_nest_as_deep_as_it_likes(code: bytes) -> None:
    file = RustFile(code)
    with pytest.raises(AddressError):
        file.find("missing")
    for address in ("a", "A", "impl T for B"):
        try:
            file.fingerprint(file.find(address))
        except AddressError:
            continue


@pytest.mark.parametrize("mark", ['r#"', 'r##"', 'br#"', 'cr###"'])
def test_a_raw_string_that_nothing_closes_leaves_what_stands_before_it(mark: str) -> None:
    file = RustFile(f"/// Docs.\nfn a() {{}}\nconst B: u8 = {mark} \nfn c() {{}}".encode())
    assert file.find("a").text == b"/// Docs.\nfn a() {}"
    assert not file.is_whole
    with pytest.raises(BrokenItem):
        file.find("B")
    with pytest.raises(AddressError):
        file.find("c")  # stands in the string


@pytest.mark.parametrize("text", ['r#" "', 'r#"# "'])
def test_a_raw_string_that_nothing_closes_does_not_end_with_the_call_it_stands_in(
    text: str,
) -> None:
    file = RustFile(f"fn a() {{}}\nm!({text});\nfn b() {{}}".encode())
    assert file.find("a").text == b"fn a() {}"
    with pytest.raises(AddressError):
        file.find("b")


@pytest.mark.parametrize(
    "body",
    [
        '// r#"\n',
        '/* r#" */',
        'let x = "r#";',
        'let x = br##"r#"##;',
        'let x = r##"r#" "# r###" "##;',
        'm!(r#""#, r#""##);',
    ],
    ids=["line", "block", "text", "longer", "several", "shorter"],
)
def test_what_only_looks_like_an_open_raw_string_hides_nothing(body: str) -> None:
    file = RustFile(f"fn a() {{ {body} }}\nfn b() {{}}".encode())
    assert file.is_whole
    assert file.find("a").text == f"fn a() {{ {body} }}".encode()
    assert file.find("b").text == b"fn b() {}"


def test_brackets_in_the_head_of_a_file_that_does_not_parse_are_paired() -> None:
    file = RustFile(b"#![allow(a, b[c])]\nfn a() { @ }\n] fn b() {}\nfn c() {}")
    assert file.find("a").text == b"fn a() { @ }"
    with pytest.raises(BrokenItem):
        file.find("b")
    assert file.find("c").text == b"fn c() {}"


@pytest.mark.parametrize("rest", [b"", b"fn b( -> {}\n"], ids=["sound", "damaged"])
def test_items_are_not_looked_for_where_containers_nest_beyond_measure(rest: bytes) -> None:
    nested = b"mod m {" * 5_000 + b"fn deep() {}" + b"}" * 5_000
    file = RustFile(nested + rest + b"fn a() {}")
    assert file.find("a").text == b"fn a() {}"
    assert not file.is_whole
    with pytest.raises(BrokenItem, match=r"^`m::deep` \(line 1\) .* nest too deep"):
        file.find("m::deep")


def test_macro_calls_are_told_apart_behind_a_bracket() -> None:
    file = RustFile(b"m!((a), b, c);\nm!((a), d, e);\n")
    assert [file.address(item) for item in file.items] == ["m!((a), b)", "m!((a), d)"]


def test_macro_calls_are_told_apart_by_as_few_arguments_as_it_takes() -> None:
    code = (
        "".join(f"m!(a{n}, same, b{n % 2});\n" for n in range(50)) + "m!(x, y, 1);\nm!(x, y, 2);\n"
    )
    file = RustFile(code.encode())
    addresses = [file.address(item) for item in file.items]
    assert addresses[7] == "m!(a7)"
    assert addresses[-2:] == ["m!(x, y, 1)", "m!(x, y, 2)"]
    for item, address in zip(file.items, addresses, strict=True):
        assert file.find(address).start == item.start
