"""Where an item went: it is found wherever it went, and nothing else is taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_flowcorpus.rust import AddressError, Candidates, Lost, RustFile
from tests.rust.generated import FILES, NEWLINES, Plan, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_flowcorpus.rust import Successor

FN = """\
/// Sends what is due.
pub async fn send(queue: &Queue, limit: usize) -> Result<usize> {
    let due = queue.due(limit).await?;
    for task in &due {
        task.send().await?;
    }
    Ok(due.len())
}
"""
unhurried = settings(deadline=None)


def successors(
    before: Mapping[str, str],
    after: Mapping[str, str],
    item: str,
    *,
    is_text_known: bool = True,
) -> list[Successor]:
    """Give what ``a.rs::go`` of `before` can be in `after`."""
    past = {path: RustFile(text.encode()) for path, text in before.items()}
    now = {path: RustFile(text.encode()) for path, text in after.items()}
    path, _, address = item.partition("::")
    found = past[path].find(address)
    text = found.text if is_text_known else None
    lost = Lost(path, found.address, found.kind, past[path].fingerprint(found), text)

    def was_there(path: str, address: str) -> bool:
        try:
            return is_text_known and bool(past[path].find(address))
        except (AddressError, KeyError):
            return False

    return Candidates(now.items()).of(lost, was_there)


def named(found: list[Successor]) -> list[str]:
    return [f"{one.path}::{one.found.address}" for one in found]


@pytest.mark.parametrize("is_text_known", [True, False])
@pytest.mark.parametrize(
    ("after", "now"),
    [
        ({"a.rs": "", "b.rs": f"use x;\n\n{FN}"}, "b.rs::send"),
        ({"a.rs": f"mod inner {{\n{FN}}}"}, "a.rs::inner::send"),
        ({"a.rs": f"impl Sender {{\n{FN}}}"}, "a.rs::Sender::send"),
        ({"a.rs": FN.replace("fn send", "fn send_due")}, "a.rs::send_due"),
        ({"b.rs": FN.replace("fn send", "fn send_due")}, "b.rs::send_due"),
        ({"b.rs": FN.replace("\n    ", "\n\t\t").replace("///", "//!!")}, "b.rs::send"),
        ({"b.rs": f"#[instrument]\n{FN}"}, "b.rs::send"),
        ({"b.rs": FN.replace("\n", "\r\n")}, "b.rs::send"),
    ],
)
def test_what_moved_or_was_renamed_is_found_alone(
    after: dict[str, str], now: str, *, is_text_known: bool
) -> None:
    [found] = successors({"a.rs": FN}, after, "a.rs::send", is_text_known=is_text_known)
    assert named([found]) == [now]
    assert found.likeness == 1


@pytest.mark.parametrize(
    "edited",
    [
        FN.replace("usize) ->", "usize, now: Time) ->"),
        FN.replace("&due", "due.iter()"),
        FN.replace("async ", "").replace(".await", ""),
        FN.replace("Ok(due.len())", "queue.note(due.len());\n    Ok(due.len())"),
    ],
)
@pytest.mark.parametrize("name", ["send", "send_due"])
def test_what_was_edited_besides_is_found_by_its_likeness(edited: str, name: str) -> None:
    other = FN.replace("fn send", "fn other").replace("due", "all").replace("task", "one")
    after = {"a.rs": "", "b.rs": edited.replace("fn send", f"fn {name}") + other}
    [found, *_] = successors({"a.rs": FN}, after, "a.rs::send")
    assert named([found]) == [f"b.rs::{name}"]
    assert 0.4 < found.likeness < 1


def test_of_two_that_are_alike_the_namesake_comes_first() -> None:
    after = {"b.rs": FN.replace("fn send", "fn other"), "c.rs": FN}
    assert named(successors({"a.rs": FN}, after, "a.rs::send")) == ["c.rs::send"]
    member = {"b.rs": FN.replace("fn send", "fn other"), "c.rs": f"impl S {{\n{FN}}}"}
    assert named(successors({"a.rs": FN}, member, "a.rs::send")) == ["c.rs::S::send", "b.rs::other"]


def test_of_two_that_are_alike_the_likelier_comes_before_the_namesake() -> None:
    after = {
        "b.rs": FN.replace("limit: usize", "limit: u64"),
        "c.rs": FN.replace("fn send", "fn other"),
    }
    assert named(successors({"a.rs": FN}, after, "a.rs::send")) == ["c.rs::other", "b.rs::send"]


def test_of_two_that_are_hardly_apart_the_namesake_comes_first() -> None:
    notes = "".join(f"    note({number});\n" for number in range(400))
    long = FN.replace("    Ok(", f"{notes}    Ok(")
    after = {"b.rs": long.replace("fn send", "fn other"), "c.rs": long.replace("usize)", "u64)")}
    found = named(successors({"a.rs": long}, after, "a.rs::send"))
    assert found == ["c.rs::send", "b.rs::other"]


def test_of_two_that_are_alike_the_namesake_comes_before_its_neighbour() -> None:
    before = f"impl Sender {{\n{FN}}}\n"
    after = {
        "a.rs": before.replace("fn send", "fn other"),
        "b.rs": before.replace("Sender", "Courier"),
    }
    found = named(successors({"a.rs": before}, after, "a.rs::Sender::send"))
    assert found == ["b.rs::Courier::send", "a.rs::Sender::other"]


def test_what_was_edited_much_is_found_where_it_kept_its_name() -> None:
    edited = """\
        pub async fn send(queue: &Queue, limit: usize) -> Result<usize> {
            let (sent, failed) = queue.due(limit).await?.send_all().await;
            metrics.record(sent.len(), failed.len());
            Ok(sent.len())
        }
    """
    [found] = successors({"a.rs": FN}, {"b.rs": edited}, "a.rs::send")
    assert named([found]) == ["b.rs::send"]
    other = edited.replace("fn send", "fn other")
    assert successors({"a.rs": FN}, {"b.rs": other}, "a.rs::send") == []


def test_one_that_is_much_less_alike_is_not_told_besides() -> None:
    other = FN.replace("task.send().await?", "log(task); task.close(); note(task.id())")
    after = {"b.rs": FN.replace("usize) ->", "u64) ->"), "c.rs": other}
    assert named(successors({"a.rs": FN}, after, "a.rs::send")) == ["b.rs::send"]
    assert named(successors({"a.rs": FN}, {"c.rs": other}, "a.rs::send")) == ["c.rs::send"]


def test_of_two_namesakes_that_of_the_same_file_comes_first() -> None:
    after = dict.fromkeys(("b.rs", "a.rs", "c.rs"), f"impl S {{\n{FN}}}")
    found = named(successors({"a.rs": FN}, after, "a.rs::send"))
    assert found == ["a.rs::S::send", "b.rs::S::send", "c.rs::S::send"]


def test_of_two_namesakes_that_of_the_same_type_comes_first() -> None:
    before, other = f"impl Sender {{\n{FN}}}\n", f"impl Other {{\n{FN}}}\n"
    after = {"b.rs": other + before.replace("impl", "impl Loud for")}
    found = named(successors({"a.rs": before}, after, "a.rs::Sender::send"))
    assert found == ["b.rs::<Sender as Loud>::send", "b.rs::Other::send"]


def test_where_two_copies_stand_at_the_same_address_both_are_told() -> None:
    found = successors({"a.rs": FN}, {"b.rs": FN, "c.rs": FN}, "a.rs::send")
    assert named(found) == ["b.rs::send", "c.rs::send"]


def test_of_many_three_are_told() -> None:
    after = {f"{letter}.rs": FN for letter in "bcdefg"}
    assert len(successors({"a.rs": FN}, after, "a.rs::send")) == 3


def test_what_was_there_before_is_no_successor() -> None:
    twin = FN.replace("fn send", "fn twin")
    assert successors({"a.rs": FN, "b.rs": twin}, {"a.rs": "", "b.rs": twin}, "a.rs::send") == []
    after = {"a.rs": "", "b.rs": twin + FN}
    found = successors({"a.rs": FN, "b.rs": twin}, after, "a.rs::send")
    assert named(found) == ["b.rs::send"]


def test_however_many_twins_were_there_before_the_one_that_moved_is_found() -> None:
    twins = "".join(FN.replace("fn send", f"fn twin_{number}") for number in range(40))
    namesakes = "".join(f"impl T{number} {{\n{FN}}}\n" for number in range(40))
    before = {"a.rs": FN, "b.rs": twins, "c.rs": namesakes}
    after = {"b.rs": twins, "c.rs": namesakes, "z.rs": f"impl Z {{\n{FN}}}\n"}
    assert named(successors(before, after, "a.rs::send")) == ["z.rs::Z::send"]


TRAIT_IMPLS = "".join(
    f"""
impl Default for {name} {{
    fn default() -> Self {{
        Self::new(Settings::default().limit)
    }}
}}
"""
    for name in ("A", "B", "C", "D")
)


@pytest.mark.parametrize("name", ["A", "B", "C", "D"])
def test_each_of_many_twins_that_moved_together_is_found_as_itself(name: str) -> None:
    address = f"<{name} as Default>::default"
    found = successors({"a.rs": TRAIT_IMPLS}, {"b.rs": TRAIT_IMPLS}, f"a.rs::{address}")
    assert named(found) == [f"b.rs::{address}"]


def test_an_item_of_another_kind_is_no_successor() -> None:
    after = {"b.rs": "trait Limits { const LIMIT: Duration = Duration::from_secs(30 * 60); }\n"}
    before = {"a.rs": "static LIMIT: Duration = Duration::from_secs(30 * 60);\n"}
    assert successors(before, after, "a.rs::LIMIT") == []


def test_what_went_into_the_body_of_a_function_is_found_there() -> None:
    [found, *_] = successors({"a.rs": FN}, {"b.rs": f"fn outer() {{\n{FN}}}\n"}, "a.rs::send")
    assert named([found]) == ["b.rs::outer::send"]
    assert RustFile(f"fn outer() {{\n{FN}}}\n".encode()).find("outer::send") == found.found


@pytest.mark.parametrize("is_text_known", [True, False])
@pytest.mark.parametrize("after", ["", "fn", "fn fine() {}\nstruct Queue;\n"])
def test_where_nothing_is_alike_nothing_is_found(after: str, *, is_text_known: bool) -> None:
    found = successors({"a.rs": FN}, {"a.rs": after}, "a.rs::send", is_text_known=is_text_known)
    assert found == []


def test_a_namesake_that_does_something_else_is_no_successor() -> None:
    other = """\
        pub fn send(mail: Mail) {
            let body = mail.render().unwrap_or_default();
            SMTP.with(|smtp| smtp.borrow_mut().transmit(body, Flags::empty()));
        }
    """
    assert successors({"a.rs": FN}, {"b.rs": other}, "a.rs::send") == []


def test_a_namesake_of_the_same_shape_that_does_something_else_is_no_successor() -> None:
    shades = "fn set(on: &mut Pixel) { *red = *cyan; *green = *pink; *blue = *gold; }"
    limbs = "fn set(on: &mut Robot) { *left = *knee; *right = *foot; *back = *toe; }"
    assert successors({"a.rs": shades}, {"b.rs": limbs}, "a.rs::set") == []


@pytest.mark.parametrize("lines", [28, 60])
def test_what_grew_many_times_as_long_is_no_successor(lines: int) -> None:
    padding = "".join(f"    note({number});\n" for number in range(lines))
    after = {"b.rs": FN.replace("    Ok(", f"{padding}    Ok(")}
    assert successors({"a.rs": FN}, after, "a.rs::send") == []


def test_what_stands_where_its_file_does_not_parse_is_no_successor() -> None:
    broken = FN.replace("limit: usize)", "limit: usize))")
    assert successors({"a.rs": FN}, {"b.rs": broken}, "a.rs::send") == []


SHORT = {
    "a const": ("const A: u8 = 1;", "A"),
    "a static": ("static A: u8 = 1;", "A"),
    "a type": ("type A = B;", "A"),
    "a struct": ("struct A;", "A"),
    "a variant": ("enum E { A, B }", "E::A"),
    "a variant with fields": ("enum E { A(u8), B }", "E::A"),
    "an impl": ("impl Marker for A {}", "impl Marker for A"),
    "a function": ("fn a() {}", "a"),
    "a module": ("mod a;", "a"),
    "a macro call": ("id!(A);", "id!(A)"),
    "a trait's function": ("trait T { fn a(); }", "T::a"),
}


@pytest.mark.parametrize("is_text_known", [True, False])
@pytest.mark.parametrize(("code", "address"), SHORT.values(), ids=SHORT)
def test_what_is_short_is_found_where_it_is_as_it_was(
    code: str, address: str, *, is_text_known: bool
) -> None:
    after = {"b.rs": f"// Another file.\n\n{code}\n"}
    item = f"a.rs::{address}"
    found = successors({"a.rs": code}, after, item, is_text_known=is_text_known)
    assert named(found) == [f"b.rs::{address}"]


def test_what_is_short_is_not_found_where_it_was_edited() -> None:
    before, after = {"a.rs": "const A: u8 = 1;"}, {"b.rs": "pub const A: u8 = 1 + 1;"}
    assert successors(before, after, "a.rs::A") == []


ALIKE = {
    "a const": "const X: u8 = 1;",
    "a static": "static X: u8 = 1;",
    "a type": "type X = B;",
    "a struct": "struct X;",
    "a variant": "enum E { X, Y }",
    "a variant with fields": "enum E { X(u8), B }",
    "an impl": "impl Marker for X {}",
    "a function": "fn x() {}",
    "a module": "mod x;",
    "a macro call": "id!(X);",
    "a trait's function": "trait T { fn x(); }",
}


@pytest.mark.parametrize("is_text_known", [True, False])
@pytest.mark.parametrize("kind", SHORT)
def test_what_is_short_is_alike_by_chance_and_no_successor(
    kind: str, *, is_text_known: bool
) -> None:
    code, address = SHORT[kind]
    after = {"b.rs": ALIKE[kind]}
    assert successors({"a.rs": code}, after, f"a.rs::{address}", is_text_known=is_text_known) == []


GENERIC = """\
impl<T: Clone, const N: usize> Ring<T, N> {
    fn push(&mut self, value: T) -> Option<T> {
        let old = self.slots[self.next].replace(value);
        self.next = (self.next + 1) % N;
        old
    }
}
"""


@pytest.mark.parametrize(
    ("after", "now"),
    [
        (GENERIC, "b.rs::Ring::push"),
        (GENERIC.replace("Ring<", "Buffer<"), "b.rs::Buffer::push"),
        (GENERIC.replace("impl<T: Clone,", "impl<T: Copy + Clone,"), "b.rs::Ring::push"),
        (GENERIC.replace("N> {", "N>\nwhere\n    T: Send,\n{"), "b.rs::Ring::push"),
        (GENERIC.replace("Ring<T, N>", "Push for Ring<T, N>").replace("impl<", "impl<'a, ").replace(
            " Push", " Push<'a>"), "b.rs::<Ring as Push>::push"),
        (GENERIC.replace("fn push", "fn turn"), "b.rs::Ring::turn"),
    ],
)  # fmt: skip
def test_a_member_of_a_generic_impl_is_found_by_an_address_that_finds_it(
    after: str, now: str
) -> None:
    [found] = successors({"a.rs": GENERIC}, {"b.rs": after}, "a.rs::Ring::push")
    file = RustFile(after.encode())
    assert file.find(found.found.address) == found.found
    assert file.find(now.removeprefix("b.rs::")) == found.found


def test_generic_impls_of_one_type_are_told_apart() -> None:
    code = "".join(GENERIC.replace("Ring<T, N>", f"Ring<{name}, N>") for name in ("A", "B"))
    for name in ("A", "B"):
        address = RustFile(code.encode()).find(f"Ring<{name}, N>::push").address
        found = successors({"a.rs": code}, {"b.rs": code}, f"a.rs::{address}")
        assert named(found) == [f"b.rs::{address}"]


MADE = """\
kv_def! {
    EndpointKey, EndpointValue,
    |app: &AppId, endpoint: &EndpointId| format!("endpoint_{app}_{endpoint}")
}
"""


def test_what_a_macro_makes_is_found_with_its_arguments() -> None:
    item = "a.rs::kv_def!(EndpointKey)"
    other = MADE.replace("ndpoint", "ther")
    [moved] = successors({"a.rs": MADE, "b.rs": other}, {"b.rs": other + MADE}, item)
    assert moved.found.text.decode() == MADE.strip()
    [renamed] = successors({"a.rs": MADE}, {"a.rs": MADE.replace("EndpointKey", "HookKey")}, item)
    assert "HookKey" in renamed.found.address


def test_a_digest_goes_with_each_that_is_found() -> None:
    [found] = successors({"a.rs": FN}, {"b.rs": FN}, "a.rs::send")
    file = RustFile(FN.encode())
    assert found.fingerprint == file.fingerprint(file.find("send"))


@unhurried
@given(FILES, NEWLINES, st.data())
def test_an_item_of_a_file_that_moved_unchanged_is_always_found_first(
    plans: tuple[Plan, ...], newline: str, data: st.DataObject
) -> None:
    written = write(plans, newline)
    assume(written.items)
    item = data.draw(st.sampled_from(written.items))
    file = RustFile(bytes(written.code))
    found = file.find(item.address)
    text = found.text if data.draw(st.booleans()) else None
    lost = Lost("old.rs", found.address, found.kind, file.fingerprint(found), text)
    first, *_ = Candidates([("new.rs", file)]).of(lost, lambda *_: False)
    assert (first.path, first.found.address) == ("new.rs", found.address)


@settings(deadline=None, max_examples=40)
@given(FILES, NEWLINES, st.data())
def test_a_function_that_was_renamed_and_nothing_else_is_always_found_first(
    plans: tuple[Plan, ...], newline: str, data: st.DataObject
) -> None:
    written = write(plans, newline)
    longer = [item for item in written.items if item.kind == "fn" and item.end - item.body > 40]
    assume(longer)
    item = data.draw(st.sampled_from(longer))
    code = bytes(written.code)
    file = RustFile(code)
    found = file.find(item.address)
    name = file.item(found).name
    at = file.item(found).name_at
    renamed = RustFile(code[:at] + b"quite_another" + code[at + len(name) :])
    lost = Lost("old.rs", found.address, found.kind, file.fingerprint(found), found.text)
    known = {one.address for one in written.items}
    path = data.draw(st.sampled_from(("old.rs", "new.rs")))
    first, *_ = Candidates([(path, renamed)]).of(lost, lambda _, address: address in known)
    assert renamed.item(first.found).name == "quite_another"
