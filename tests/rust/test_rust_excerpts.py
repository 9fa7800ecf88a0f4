"""What an excerpt holds: whole lines, in order, inside what encloses them."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import RustFile

CODE = b"""\
use std::fmt;

/// An app.
// Attached.
#[derive(Debug)]
pub struct App;

/// Its methods.
#[cfg(all())]
impl App
where
    App: Sized,
{
    //! Inner docs.

    /// Makes one.
    fn new() -> App { App }

    fn two() {} fn on_one_line() {}
    fn last() {
        struct Nested;
    }
}

impl Fetch for App {
    type Output = u8;

    const LIMIT: usize = 3;
    fn fetch() {}
    fn other() {}
}

mod outer {
    mod inner {
        impl super::App {
            fn deep() {}
        }
    }
    enum Task {
        A, B,
        C,
    }
    extern "C" {
        fn strlen();
    }
    trait Fetch {
        type Output;
        fn fetch();
    }
}
fn end() {}
"""


def cut(*addresses: str, code: bytes = CODE) -> str:
    file = RustFile(code)
    return file.excerpt(file.find(address) for address in addresses).text.decode()


def test_an_item_brings_its_docs_attributes_and_attached_comments() -> None:
    assert cut("App") == "/// An app.\n// Attached.\n#[derive(Debug)]\npub struct App;\n"


def test_a_member_stands_inside_the_lines_of_its_impl() -> None:
    assert cut("App::new") == (
        "/// Its methods.\n#[cfg(all())]\nimpl App\nwhere\n    App: Sized,\n{\n"
        "\n"
        "    /// Makes one.\n    fn new() -> App { App }\n"
        "\n"
        "}\n"
    )


def test_a_member_of_a_trait_impl_brings_its_associated_types_and_constants() -> None:
    assert cut("<App as Fetch>::other") == (
        "impl Fetch for App {\n    type Output = u8;\n"
        "\n"
        "    const LIMIT: usize = 3;\n"
        "\n"
        "    fn other() {}\n}\n"
    )


def test_a_member_of_a_trait_brings_no_other_members() -> None:
    assert "type Output" not in cut("outer::Fetch::fetch")


def test_a_member_of_an_inherent_impl_brings_no_other_members() -> None:
    code = b"impl App {\n    const LIMIT: usize = 3;\n    fn go() {}\n}\n"
    assert cut("App::go", code=code) == "impl App {\n\n    fn go() {}\n}\n"


def test_modules_and_impls_enclose_each_other() -> None:
    assert cut("outer::inner::App::deep") == (
        "mod outer {\n    mod inner {\n        impl super::App {\n            fn deep() {}\n"
        "        }\n    }\n"
        "\n"
        "}\n"
    )


def test_a_variant_stands_inside_its_enum_with_its_whole_line() -> None:
    assert cut("outer::Task::B") == (
        "mod outer {\n\n    enum Task {\n        A, B,\n\n    }\n\n}\n"
    )


def test_a_foreign_function_stands_inside_its_block() -> None:
    assert '    extern "C" {\n        fn strlen();\n    }\n' in cut("outer::strlen")


def test_an_item_in_a_function_stands_without_the_function() -> None:
    text = cut("App::last::Nested")
    assert "        struct Nested;\n" in text
    assert "fn last" not in text
    assert text.startswith("/// Its methods.\n")


def test_two_items_on_one_line_give_it_once() -> None:
    assert cut("App::two", "App::on_one_line").count("fn two() {} fn on_one_line() {}") == 1


def test_fragments_may_be_asked_for_twice_in_any_order_and_overlap() -> None:
    assert cut("end", "use", "end", "use") == "use std::fmt;\n\nfn end() {}\n"
    assert cut("App::new", "impl App") == cut("impl App")
    assert cut("App::last::Nested", "App::last") == cut("App::last")


def test_neighbouring_items_stand_without_a_gap() -> None:
    assert cut("a", "b", code=b"fn a() {}\nfn b() {}\n") == "fn a() {}\nfn b() {}\n"


def test_a_gap_of_any_length_is_one_blank_line() -> None:
    code = b"fn a() {}\n\n\n\nfn b() {}\nfn c() {}\nfn d() {}\n"
    assert cut("a", "b", "d", code=code) == "fn a() {}\n\nfn b() {}\n\nfn d() {}\n"


def test_the_line_ranges_are_ascending_merged_and_inclusive() -> None:
    file = RustFile(b"fn a() {}\nfn b() {}\n\nfn c() {\n}\n")
    taken = file.excerpt([file.find("c"), file.find("b"), file.find("a")])
    assert taken.lines == ((1, 2), (4, 5))


def test_nothing_asked_for_is_an_empty_excerpt() -> None:
    taken = RustFile(CODE).excerpt([])
    assert (taken.text, taken.lines) == (b"", ())


def test_crlf_tabs_and_the_byte_order_mark_stay() -> None:
    code = b"\xef\xbb\xbfuse a;\r\n\r\nmod m {\r\n\tfn x() {}\r\n\tfn y() {}\r\n}\r\n"
    file = RustFile(code)
    taken = file.excerpt([file.find("use"), file.find("m::y")])
    assert taken.text == b"\xef\xbb\xbfuse a;\r\n\r\nmod m {\r\n\r\n\tfn y() {}\r\n}\r\n"


def test_a_last_line_without_an_end_stays_without() -> None:
    assert cut("b", code=b"fn a() {}\nfn b() {}") == "fn b() {}"


def test_an_enclosing_module_on_one_line_is_that_line() -> None:
    assert cut("m::x", code=b"mod m { fn x() {} fn y() {} }\n") == "mod m { fn x() {} fn y() {} }\n"


def test_what_was_found_in_another_file_is_refused() -> None:
    found = RustFile(b"\nfn end() {}\n").find("end")
    with pytest.raises(ValueError, match="`end` was found in another file"):
        RustFile(CODE).excerpt([found])
    with pytest.raises(ValueError, match="`end` was found in another file"):
        RustFile(CODE).fingerprint(found)


def test_a_fence_inside_docs_stays_as_it_is() -> None:
    code = b"/// ```\n/// x\n/// ```\nfn f() {}\n"
    assert cut("f", code=code) == code.decode()


@pytest.mark.parametrize("code", ["// a \0 so\nmod m {\n    fn go() {}\n}\n"])
def test_a_nul_in_a_comment_ends_nothing(code: str) -> None:
    file = RustFile(code.encode())
    assert file.excerpt([file.find("m::go")]).text == code.encode()
