from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.rust import Found, Kind
from pytest_flowcorpus.scaffold.names import Names, words
from pytest_flowcorpus.target import Target


def target(path: str, address: str) -> Target:
    return Target(path, Found(address, Kind.FN, 0, 0, 1, 1, b""))


def names(*items: str) -> list[str]:
    """Give the variables of files and items, which stand as ``a.rs::go``."""
    parted = [one.partition("::") for one in items]
    targets = [target(path, address) for path, _, address in parted]
    paths = list(dict.fromkeys(one.path for one in targets))
    made = Names.of(paths, targets)
    return [*map(made.file, paths), *map(made.item, targets)]


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("go", ["go"]),
        ("Worker::step", ["worker", "step"]),
        ("core::Worker::step", ["core", "worker", "step"]),
        ("HTTPServer", ["http_server"]),
        ("V2Client::getURL", ["v2_client", "get_url"]),
        ("MAX_SIZE", ["max_size"]),
        ("_private__name", ["private_name"]),
        ("<Queue as Sender>::send", ["sender", "queue", "send"]),
        ("<Cache<u8> as From<Memory>>::from", ["from", "memory", "cache", "u8", "from"]),
        ("Größe", ["größe"]),
    ],
)
def test_the_words_of_an_address_are_its_names_in_snake_case(
    address: str, parts: list[str]
) -> None:
    assert words(address) == parts


def test_a_trait_can_be_left_out_of_the_words() -> None:
    assert words("<Queue as Sender>::send", with_traits=False) == ["queue", "send"]
    assert words("Sender::send", with_traits=False) == ["sender", "send"]


def test_a_file_and_an_item_go_by_their_last_names() -> None:
    assert names("src/core/queue.rs::Queue::send") == ["queue_rs", "send"]


def test_a_folders_mod_rs_goes_by_the_folders_name() -> None:
    assert names("src/queue/mod.rs::send") == ["queue_rs", "send"]


def test_namesakes_take_as_much_of_their_path_as_tells_them_apart() -> None:
    assert names("a/x.rs::A::new", "a/x.rs::B::new", "b/x.rs::go", "c/x.rs::C::go") == [
        *("a_x_rs", "b_x_rs", "c_x_rs"),
        *("a_new", "b_new", "x_go", "c_go"),
    ]
    assert names("a/x.rs::go", "b/y.rs::go")[2:] == ["x_go", "y_go"]


def test_what_only_its_spelling_tells_apart_is_numbered() -> None:
    assert names("x.rs::go", "x.rs::Go") == ["x_rs", "x_go", "x_go_2"]


def test_what_means_something_in_python_or_the_spec_is_never_taken() -> None:
    items = ("x.rs::r#class", "x.rs::Flow", "x.rs::r#for", "x.rs::List")
    assert names(*items)[1:] == ["class_", "flow_", "for_", "list_"]


def test_names_that_python_takes_for_one_are_told_apart() -> None:
    assert names("x.rs::file", "x.rs::ﬁle")[1:] == ["x_file", "x_file_2"]


def test_an_item_leaves_a_files_name_to_the_file() -> None:
    assert names("queue.rs::queue_rs") == ["queue_rs", "queue_rs_2"]


def test_a_file_whose_name_is_no_identifier_has_a_variable() -> None:
    assert names("src/2-factor.rs::go")[0].isidentifier()


def test_what_was_not_named_has_no_variable() -> None:
    made = Names.of(["a.rs"], [target("a.rs", "go")])
    assert made.has(target("a.rs", "go"))
    assert not made.has(target("a.rs", "other"))
    assert not made.has(target("b.rs", "go"))


rust_names = st.one_of(
    st.from_regex(r"(r#)?[a-cA-C_]{0,2}_?(rs|item|1|2|2fa)?", fullmatch=True),
    st.sampled_from(["class", "flow", "Flow", "é", "ﬁle", "file", "İ", "ß", "ſ", "s", "名前", "µ"]),
)
addresses = st.lists(
    rust_names.filter(lambda one: one.removeprefix("r#").isidentifier()), min_size=1, max_size=3
).map("::".join)
file_names = st.one_of(
    st.from_regex(r"[ab_]?[12ab_.-]{0,2}(item_|flow|class)?", fullmatch=True),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=4),
)
paths = st.lists(file_names, min_size=1, max_size=3).map(lambda parts: f"{'/'.join(parts)}.rs")


@given(st.lists(st.tuples(paths, addresses), min_size=1, max_size=8, unique=True))
def test_whatever_the_names_are_python_takes_each_variable_for_another(
    items: list[tuple[str, str]],
) -> None:
    found = names(*(f"{path}::{address}" for path, address in items if "::" not in path))
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in found)
    assert len({unicodedata.normalize("NFKC", name) for name in (*found, "flow")}) == len(found) + 1
