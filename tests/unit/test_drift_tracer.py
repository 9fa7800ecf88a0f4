"""What became of a fragment, told from the source as reviewed and the source as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import Fate
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.drift.tracer import Tracer, is_as_it_was
from tests.unit.memory import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    Files: TypeAlias = Mapping[str, str | bytes]


PUT = "pub fn put(store: &mut Store, value: u8) -> bool {\n    store.push(value);\n    true\n}\n"
GET = "pub fn get(store: &Store, at: usize) -> Option<u8> {\n    store.values.get(at).copied()\n}\n"
ALL = "pub fn all(store: &Store) -> &[u8] {\n    store.values.as_slice()\n}\n"
STORE = "pub struct Store {\n    values: Vec<u8>,\n    names: Vec<String>,\n}\n"
USE = "use std::fmt;\nuse crate::store::Store;\n\n"


def accepted(before: Files, *places: str) -> list[Accepted]:
    """Give items as a review of `before` keeps them, each by ``path::address``."""
    then = opened(before)
    found = []
    for place in places:
        path, _, address = place.partition(".rs::")
        rust = then.file(f"{path}.rs").rust
        item = rust.find(address)
        found.append(Accepted(f"{path}.rs", item.address, str(item.kind), rust.fingerprint(item)))
    return found


def traced(before: Files, after: Files, *places: str, past: bool = True) -> list[Drifted]:
    tracer = Tracer(opened(after), opened(before) if past else None)
    return tracer.drifted(accepted(before, *places))


def standing(one: Standing | None) -> str:
    return f"{one.path}::{one.address}" if one else ""


def test_what_stands_as_it_stood_did_not_drift() -> None:
    files = {"src/a.rs": PUT + GET}
    [put] = accepted(files, "src/a.rs::put")
    later = opened({"src/a.rs": "// So.\n\n" + GET + PUT})
    assert is_as_it_was(later, put)
    assert Tracer(later, opened(files)).drifted([put]) == []


@pytest.mark.parametrize(
    "after",
    [
        {"src/a.rs": PUT.replace("true", "false")},
        {"src/a.rs": GET},
        {"src/a.rs": PUT + PUT},
        {"src/a.rs": b"\xff"},
        {"src/b.rs": PUT},
    ],
)
def test_what_changed_broke_or_went_is_not_as_it_was(after: Files) -> None:
    [put] = accepted({"src/a.rs": PUT}, "src/a.rs::put")
    assert not is_as_it_was(opened(after), put)


def test_a_change_is_told_with_where_both_stand_and_the_new_digests() -> None:
    before = {"src/a.rs": f"{GET}impl Store {{\n    {PUT.strip()}\n}}\n"}
    after = {"src/a.rs": f"impl Store {{\n    {PUT.strip().replace('true', 'false')}\n}}\n"}
    [one] = traced(before, after, "src/a.rs::Store::put")
    [then], [now] = (accepted(files, "src/a.rs::Store::put") for files in (before, after))
    assert one == Drifted(
        then,
        (Fate.BODY,),
        Standing("src/a.rs", "Store::put", (5, 8), f"    {PUT.strip()}".encode()),
        Standing(
            "src/a.rs", "Store::put", (2, 5), f"    {PUT.strip()}".replace("true", "false").encode()
        ),
        now.fingerprint,
    )
    assert not one.is_broken
    assert not one.is_gone


def test_what_stands_before_an_item_on_its_line_is_none_of_it() -> None:
    before, after = ({"src/a.rs": f"fn a() {{}} fn b() {{ {n} }}\n"} for n in (1, 2))
    [one] = traced(before, after, "src/a.rs::b")
    assert one.now is not None
    assert one.now.text == b"fn b() { 2 }"


def test_where_the_review_cannot_be_read_the_change_is_told_all_the_same() -> None:
    after = {"src/a.rs": PUT.replace("true", "false")}
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put", past=False)
    assert (one.fates, one.was, standing(one.now)) == ((Fate.BODY,), None, "src/a.rs::put")


def test_those_that_drifted_come_in_the_order_asked_each_as_often_as_asked() -> None:
    before = {"src/a.rs": PUT + GET + ALL}
    after = {"src/a.rs": PUT.replace("true", "false") + GET + ALL.replace("&[u8]", "Vec<u8>")}
    names = ("src/a.rs::all", "src/a.rs::get", "src/a.rs::put", "src/a.rs::all")
    found = traced(before, after, *names)
    assert [one.accepted.address for one in found] == ["all", "put", "all"]
    assert [one.fates for one in found] == [(Fate.SIGNATURE,), (Fate.BODY,), (Fate.SIGNATURE,)]


def test_what_several_answer_to_is_ambiguous_and_each_is_named() -> None:
    before = {"src/a.rs": PUT}
    after = {"src/a.rs": f"#[cfg(unix)]\n{PUT}#[cfg(windows)]\n{PUT}"}
    [one] = traced(before, after, "src/a.rs::put")
    assert one.fates == (Fate.AMBIGUOUS,)
    assert one.others == ("src/a.rs::#[cfg(unix)] fn put", "src/a.rs::#[cfg(windows)] fn put")
    assert (standing(one.was), one.now, one.fingerprint) == ("src/a.rs::put", None, None)
    assert "put" in one.note
    assert one.is_broken


@pytest.mark.parametrize(
    ("after", "note"), [(PUT.replace("value: u8)", "value: u8"), "put"), (b"\xff\xfe", "UTF-8")]
)
def test_what_does_not_parse_or_is_no_text_is_told_with_why(after: str | bytes, note: str) -> None:
    [one] = traced({"src/a.rs": PUT}, {"src/a.rs": after}, "src/a.rs::put")
    assert one.fates == (Fate.UNPARSABLE,)
    assert (standing(one.was), one.now, one.others) == ("src/a.rs::put", None, ())
    assert note in one.note
    assert one.is_broken
    assert not one.is_gone


@pytest.mark.parametrize("past", [True, False])
@pytest.mark.parametrize("after", [{}, {"src/a.rs": STORE}])
def test_what_nothing_is_like_is_gone(after: Files, past: bool) -> None:  # noqa: FBT001
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put", past=past)
    assert (one.fates, one.now, one.fingerprint) == ((Fate.GONE,), None, None)
    assert standing(one.was) == ("src/a.rs::put" if past else "")
    assert one.is_gone
    assert one.is_broken


@pytest.mark.parametrize("past", [True, False])
@pytest.mark.parametrize(
    ("after", "fates", "now"),
    [
        ({"src/b.rs": PUT}, (Fate.MOVED,), "src/b.rs::put"),
        (
            {"src/a.rs": PUT.replace("fn put", "fn push")},
            (Fate.RENAMED,),
            "src/a.rs::push",
        ),
        (
            {"src/b.rs": STORE + PUT.replace("fn put", "fn push")},
            (Fate.MOVED, Fate.RENAMED),
            "src/b.rs::push",
        ),
        (
            {"src/b.rs": "/// Puts.\n" + PUT},
            (Fate.MOVED, Fate.COMMENTS),
            "src/b.rs::put",
        ),
    ],
)
def test_what_stands_elsewhere_is_found_again(
    after: Files,
    fates: tuple[Fate, ...],
    now: str,
    past: bool,  # noqa: FBT001
) -> None:
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put", past=past)
    assert (one.fates, standing(one.now), one.others) == (fates, now, ())
    [there] = accepted(after, now)
    assert one.fingerprint == there.fingerprint
    assert one.is_broken
    assert not one.is_gone


EDITED = PUT.replace("true", "store.is_sorted()")


def test_what_was_renamed_and_edited_is_found_by_its_text_as_reviewed() -> None:
    after = {"src/a.rs": STORE + EDITED.replace("fn put", "fn push")}
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put")
    assert one.fates == (Fate.RENAMED, Fate.BODY)
    assert (standing(one.was), standing(one.now)) == ("src/a.rs::put", "src/a.rs::push")
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put", past=False)
    assert one.fates == (Fate.GONE,)


def test_a_member_too_short_to_be_likened_is_found_where_its_text_is_the_same() -> None:
    before = {"src/a.rs": "impl Store {\n    fn a() {}\n}\n"}
    after = {"src/b.rs": "impl Store {\n    fn a() {}\n    fn b() {}\n}\n"}
    [one] = traced(before, after, "src/a.rs::Store::a")
    assert (one.fates, standing(one.now)) == ((Fate.MOVED,), "src/b.rs::Store::a")


def test_of_two_that_are_as_like_the_one_in_the_same_file_comes_first() -> None:
    push = EDITED.replace("fn put", "fn push")
    for order in ("b", "0"):
        after = {f"src/{order}.rs": push, "src/a.rs": push}
        [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put")
        assert (standing(one.now), one.others) == ("src/a.rs::push", (f"src/{order}.rs::push",))


def test_of_several_that_it_may_be_the_others_are_named() -> None:
    after = {"src/b.rs": PUT, "src/c.rs": PUT}
    [one] = traced({"src/a.rs": PUT}, after, "src/a.rs::put")
    assert sorted((standing(one.now), *one.others)) == ["src/b.rs::put", "src/c.rs::put"]


def test_an_item_of_the_source_does_not_become_a_double_in_a_test() -> None:
    [one] = traced({"src/a.rs": PUT}, {"tests/it.rs": PUT, "src/note.txt": PUT}, "src/a.rs::put")
    assert one.fates == (Fate.GONE,)


def test_an_item_of_a_test_is_looked_for_everywhere() -> None:
    [one] = traced({"tests/a.rs": PUT}, {"tests/it.rs": PUT, "src/b.rs": GET}, "tests/a.rs::put")
    assert (one.fates, standing(one.now)) == ((Fate.MOVED,), "tests/it.rs::put")
    [one] = traced({"tests/a.rs": PUT}, {"src/it.rs": PUT}, "tests/a.rs::put")
    assert (one.fates, standing(one.now)) == ((Fate.MOVED,), "src/it.rs::put")


def test_an_item_is_not_looked_for_in_a_manifest() -> None:
    [one] = traced({"tests/a.rs": PUT}, {"Cargo.toml": PUT}, "tests/a.rs::put")
    assert one.fates == (Fate.GONE,)


def test_what_stood_there_already_is_not_what_it_became() -> None:
    other = PUT.replace("fn put", "fn push")
    [one] = traced({"src/a.rs": PUT + other}, {"src/a.rs": other}, "src/a.rs::put")
    assert one.fates == (Fate.GONE,)
    before = {"src/a.rs": PUT, "src/b.rs": PUT}
    [one] = traced(before, {"src/b.rs": PUT}, "src/a.rs::put")
    assert one.fates == (Fate.GONE,)


def test_what_several_answered_to_then_stood_there_already() -> None:
    twins = f"#[cfg(unix)]\n{PUT}#[cfg(windows)]\n{PUT}".replace("fn put", "fn push")
    one_left = f"#[cfg(unix)]\n{PUT}".replace("fn put", "fn push")
    [one] = traced({"src/a.rs": PUT + twins}, {"src/a.rs": one_left}, "src/a.rs::put")
    assert one.fates == (Fate.GONE,)


def test_what_did_not_parse_then_stood_there_already() -> None:
    push = PUT.replace("fn put", "fn push")
    before = {"src/a.rs": PUT, "src/b.rs": push.replace("value: u8)", "value: u8")}
    [one] = traced(before, {"src/b.rs": push}, "src/a.rs::put")
    assert one.fates == (Fate.GONE,)


def from_impl(of: str) -> str:
    return (
        f"impl From<{of}> for Error {{\n    fn from(value: {of}) -> Self {{\n"
        "        let wrapped = Inner::of(value);\n        Self { wrapped, at: now() }\n    }\n}\n"
    )


def test_an_address_that_named_several_is_another_only_where_one_of_them_is_left() -> None:
    before = {"src/a.rs": from_impl("Db") + from_impl("Io")}
    place = "src/a.rs::<Error as From<Db>>::from"
    [one] = traced(before, {"src/a.rs": from_impl("Io")}, place)
    assert one.fates == (Fate.GONE,)
    [one] = traced(before, {"src/a.rs": from_impl("Sql")}, place)
    assert (one.fates, standing(one.now)) == (
        (Fate.RENAMED, Fate.SIGNATURE),
        "src/a.rs::<Error as From>::from",
    )


def test_an_address_that_names_the_lost_item_in_another_way_is_its_successor() -> None:
    member = (
        "    fn fmt(&self, f: &mut Formatter) -> Result {\n        f.write_str(self.name)\n    }"
    )
    imp = f"impl {{}} for Point {{{{\n{member.replace('{', '{{').replace('}', '}}')}\n}}}}\n"
    before = {"src/a.rs": imp.format("Debug") + imp.format("Display").replace("name", "label")}
    after = {"src/b.rs": imp.format("Debug")}
    [one] = traced(before, after, "src/a.rs::<Point as Debug>::fmt")
    assert Fate.MOVED in one.fates
    assert standing(one.now).startswith("src/b.rs::")


def test_imports_are_looked_for_where_most_items_of_their_file_went() -> None:
    before = {"src/a.rs": USE + PUT + GET + ALL}
    after = {"src/b.rs": USE + PUT + GET, "src/c.rs": "use a::b;\n" + ALL}
    names = [f"src/a.rs::{name}" for name in ("use", "all", "put", "get")]
    for order in (names, names[::-1]):
        found = {one.accepted.address: one for one in traced(before, after, *order)}
        assert standing(found["use"].now) == "src/b.rs::use"
        assert found["use"].fates == (Fate.MOVED,)
        assert standing(found["use"].was) == "src/a.rs::use"
        [there] = accepted(after, "src/b.rs::use")
        assert found["use"].fingerprint == there.fingerprint


@pytest.mark.parametrize("after", [{"src/b.rs": PUT + GET}, {"src/b.rs": GET, "src/c.rs": USE}])
def test_imports_without_imports_where_its_items_went_are_gone(after: Files) -> None:
    found = traced({"src/a.rs": USE + GET}, after, "src/a.rs::use", "src/a.rs::get")
    assert [one.fates for one in found] == [(Fate.GONE,), (Fate.MOVED,)]


def test_imports_that_left_a_file_that_stands_are_looked_for_where_its_items_went() -> None:
    before = {"src/a.rs": USE + PUT + GET + ALL}
    after = {"src/a.rs": EDITED + ALL.replace("&[u8]", "Vec<u8>"), "src/b.rs": USE + GET}
    found = traced(before, after, *(f"src/a.rs::{name}" for name in ("use", "put", "all", "get")))
    assert [standing(one.now) for one in found] == [
        *("src/b.rs::use", "src/a.rs::put", "src/a.rs::all", "src/b.rs::get"),
    ]


def test_imports_of_a_file_that_stands_are_compared_where_they_are() -> None:
    before = {"src/a.rs": USE + PUT + GET}
    after = {"src/a.rs": "use b;\n" + GET, "src/b.rs": USE + PUT}
    found = traced(before, after, "src/a.rs::use", "src/a.rs::put")
    assert [standing(one.now) for one in found] == ["src/a.rs::use", "src/b.rs::put"]
    assert Fate.MOVED not in found[0].fates


def test_an_item_as_it_was_is_given_by_its_full_address() -> None:
    before = {"src/a.rs": f"impl Store {{ {PUT} }}\nfn twin() {{}}\nfn twin() {{}}\n"}
    tracer = Tracer(opened({}), opened(before))
    assert (
        tracer.as_it_was("src/a.rs", " Store :: put")
        == accepted(before, "src/a.rs::Store::put").pop()
    )
    for path, address in (("src/a.rs", "get"), ("src/a.rs", "twin"), ("src/b.rs", "put")):
        assert tracer.as_it_was(path, address) is None
    assert Tracer(opened(before), None).as_it_was("src/a.rs", "Store::put") is None
