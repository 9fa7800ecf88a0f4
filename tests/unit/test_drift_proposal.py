"""What a spec's author is told to write where an address is broken."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.drift.drifted import Drifted
from pytest_flowcorpus.drift.fate import BREAKING, Fate
from pytest_flowcorpus.drift.proposal import Proposal, Proposer, moved_files
from pytest_flowcorpus.drift.review import Accepted
from pytest_flowcorpus.drift.standing import Standing
from pytest_flowcorpus.reading import Teller, read_function
from pytest_flowcorpus.rust import Fingerprint
from tests.unit.memory import opened

SPEC = """\
core = flow.file("core.rs")
send = core.extract("Queue::send")
core.extract("Queue")
for name in ["a", "b"]:
    flow.file("a.rs").extract(name)
tests = flow.file("/tests/it.rs")
assert send.calls("core.rs::Queue::push")
"""


LATE = """\
flow.file("a.rs").extract("b")
tests = flow.file("/tests/it.rs")
flow.file("a.rs").extract("c")
"""


def drifted(
    *fates: Fate,
    item: str = "src/core.rs::Queue::send",
    now: str = "",
    others: tuple[str, ...] = (),
) -> Drifted:
    path, _, address = item.partition("::")
    accepted = Accepted(path, address, "fn", Fingerprint(*"tcasb"))
    path, _, address = now.partition("::")
    there = Standing(path, address, (1, 2), b"") if now else None
    return Drifted(accepted, fates, None, there, others=others)


def proposer(body: str = SPEC, files: dict[str, str] | None = None, **names: object) -> Proposer:
    code = f"def flow_x(flow):\n{indent(body, '    ')}"
    reading = read_function(code.encode(), "flow_x", {**names, "flow": Teller()})
    assert reading is not None
    return Proposer(reading, opened({}).corpus, files or {})


def proposals(what: Drifted, body: str = SPEC, **files: str) -> list[Proposal]:
    return [*proposer(body, files).extracts(what)]


def test_it_is_written_with_the_name_that_the_spec_has_for_the_file() -> None:
    now = "src/core.rs::Queue::push"
    assert proposals(drifted(Fate.RENAMED, now=now)) == [Proposal('core.extract("Queue::push")', 3)]


def test_a_file_that_the_spec_does_not_open_is_opened() -> None:
    [one] = proposals(drifted(Fate.MOVED, now="src/new/it.rs::send"))
    assert one == Proposal('flow.file("new/it.rs").extract("send")', 3)


def test_a_file_outside_of_the_root_is_written_from_the_top() -> None:
    [one] = proposals(drifted(Fate.MOVED, now="tests/other.rs::send"))
    assert one.code == 'flow.file("/tests/other.rs").extract("send")'
    [one] = proposals(drifted(Fate.MOVED, item="src/a.rs::c", now="tests/it.rs::c"), LATE)
    assert one.code == 'tests.extract("c")'


@pytest.mark.parametrize("body", [LATE, LATE.replace("\n", "; ")])
def test_a_name_that_the_spec_gives_only_later_is_not_written(body: str) -> None:
    [one] = proposals(drifted(Fate.MOVED, item="src/a.rs::b", now="tests/it.rs::b"), body)
    assert one == Proposal('flow.file("/tests/it.rs").extract("b")', 2)


def test_what_the_spec_asks_for_already_is_not_proposed() -> None:
    others = ("src/core.rs::Queue", "src/core.rs::A::x")
    what = drifted(Fate.MOVED, now="src/a.rs::b", others=others)
    assert proposals(what) == [Proposal('core.extract("A::x")', 3)]


def test_the_likeliest_comes_first_and_the_others_follow() -> None:
    what = drifted(Fate.MOVED, now="src/a.rs::send", others=("src/core.rs::x", "lib.rs::y"))
    assert [one.code for one in proposals(what)] == [
        'flow.file("a.rs").extract("send")',
        'core.extract("x")',
        'flow.file("/lib.rs").extract("y")',
    ]


def test_what_is_ambiguous_is_proposed_with_all_that_answers() -> None:
    others = ("src/core.rs::#[cfg(unix)] fn send", 'src/core.rs::#[cfg(feature = "x")] fn send')
    assert [one.code for one in proposals(drifted(Fate.AMBIGUOUS, others=others))] == [
        'core.extract("#[cfg(unix)] fn send")',
        "core.extract('#[cfg(feature = \"x\")] fn send')",
    ]


@pytest.mark.parametrize("fate", sorted(set(Fate) - BREAKING))
def test_where_the_address_finds_it_there_is_nothing_to_write(fate: Fate) -> None:
    assert proposals(drifted(fate, now="src/core.rs::Queue::send")) == []


@pytest.mark.parametrize("fate", [Fate.GONE, Fate.UNPARSABLE])
def test_where_nothing_is_found_nothing_is_proposed(fate: Fate) -> None:
    assert proposals(drifted(fate)) == []


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("src/core.rs::Queue::send", 3),
        ("src/core.rs::Queue", 4),
        ("src/core.rs::<Queue<T> as Push>::send", 3),
        ("src/a.rs::b", 6),
        ("src/core.rs::other", None),
        ("src/b.rs::b", None),
        ("core.rs::Queue", None),
        ("src/core.rs::not an ( address", None),
    ],
)
def test_the_line_is_the_one_that_asks_for_it(item: str, line: int | None) -> None:
    [one] = proposals(drifted(Fate.RENAMED, item=item, now="src/core.rs::x"))
    assert one.line == line


def test_an_exact_address_goes_before_one_of_the_same_name() -> None:
    body = 'core = flow.file("core.rs")\ncore.extract("A::go")\ncore.extract("B::go")\n'
    [one] = proposals(drifted(Fate.RENAMED, item="src/core.rs::B::go", now="src/c.rs::B::x"), body)
    assert one.line == 4


def test_a_name_that_may_be_another_file_is_not_written() -> None:
    body = 'f = flow.file("a.rs")\nif f:\n    f = flow.file("core.rs")\n'
    [one] = proposals(drifted(Fate.MOVED, now="src/core.rs::x"), body)
    assert one.code == 'flow.file("core.rs").extract("x")'


def test_a_file_that_went_as_a_whole_is_changed_where_it_is_opened() -> None:
    went = {"src/core.rs": "src/heart.rs"}
    moved = drifted(Fate.MOVED, now="src/heart.rs::Queue::send")
    assert [*proposer(files=went).extracts(moved)] == [Proposal('flow.file("heart.rs")', 2)]
    both = drifted(Fate.MOVED, Fate.RENAMED, now="src/heart.rs::Queue::push")
    assert [*proposer(files=went).extracts(both)] == [
        Proposal('flow.file("heart.rs")', 2),
        Proposal('core.extract("Queue::push")', 3),
    ]


def test_a_file_that_went_and_that_the_spec_opens_by_no_literal_is_proposed_without_a_line() -> (
    None
):
    moved = drifted(Fate.MOVED, now="src/heart.rs::Queue::send")
    went = proposer("pass", {"src/core.rs": "src/heart.rs"})
    assert [*went.extracts(moved)] == [Proposal('flow.file("heart.rs")', None)]


def test_a_file_went_as_a_whole_where_all_of_its_items_that_are_left_stand_in_one_other() -> None:
    def move(item: str, now: str) -> Drifted:
        return drifted(Fate.MOVED if now else Fate.GONE, item=item, now=now)

    found = [move("a.rs::x", "b.rs::x"), move("a.rs::y", "b.rs::y"), move("c.rs::x", "b.rs::x")]
    assert moved_files(found, ["b.rs", "c.rs"]) == {"a.rs": "b.rs"}
    assert moved_files([*found, move("a.rs::z", "d.rs::z")], ["b.rs", "c.rs"]) == {}
    assert moved_files([*found, move("a.rs::z", "")], ["b.rs", "c.rs"]) == {"a.rs": "b.rs"}
    assert moved_files([move("a.rs::z", "")], ["b.rs"]) == {}


def test_an_item_that_an_assert_speaks_of_is_written_as_an_address() -> None:
    what = drifted(
        Fate.RENAMED, item="src/core.rs::Queue::push", now="src/new.rs::put", others=("lib.rs::x",)
    )
    assert [*proposer().addresses(what)] == [
        Proposal('"new.rs::put"', 8),
        Proposal('"/lib.rs::x"', 8),
    ]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("go", '"go"'),
        ('extern "C"', "'extern \"C\"'"),
        ("<T as Get<'a>>::go", '"<T as Get<\'a>>::go"'),
        ("m!(\"a\\n\", 'b')", "'m!(\"a\\\\n\", \\'b\\')'"),
        ("a\\b", '"a\\\\b"'),
        ("a\x1bb", '"a\\x1bb"'),
        ("ünï", '"ünï"'),
    ],
)
def test_an_address_is_quoted_as_python_reads_it(address: str, written: str) -> None:
    [one] = proposals(drifted(Fate.RENAMED, now=f"src/core.rs::{address}"))
    assert one.code == f"core.extract({written})"


@given(st.text(min_size=1), st.text(st.characters(exclude_characters="/:"), min_size=1))
def test_whatever_the_names_python_reads_what_is_meant(address: str, stem: str) -> None:
    [one] = proposals(drifted(Fate.MOVED, now=f"src/{stem}.rs::{address}"), "pass")
    assert one.code.isprintable()
    call = ast.parse(one.code, mode="eval").body
    assert [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)] == [
        *(address, f"{stem}.rs"),
    ]
