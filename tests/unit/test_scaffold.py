"""What a new flow begins with: which items, in which order, and how much of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import settings as tested
from hypothesis import strategies as st

from pytest_flowcorpus import chatml
from pytest_flowcorpus.example import Example, Excerpt
from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.scaffold.novelty import Novelty
from pytest_flowcorpus.scaffold.scaffold import Scaffold, scaffold
from pytest_flowcorpus.tokens import count_tokens
from tests.unit.memory import item, opened

if TYPE_CHECKING:
    from pytest_flowcorpus.corpus import OpenCorpus

LAYERS = (
    ("api", ("api.rs",)),
    ("core", ("core.rs", "core/**")),
    ("worker", ("worker.rs",)),
    ("rest", ("**",)),
)
MODS = "mod api;\nmod core;\nmod worker;\nmod db;\n"
LIMITS: dict[str, Any] = {
    "request_words": (10, 40),
    "reasoning_words": (20, 100),
    "max_tokens": 4000,
}


def tree(files: dict[str, str], **limits: Any) -> OpenCorpus:
    sources = {"src/lib.rs": MODS} | {f"src/{path}": text for path, text in files.items()}
    return opened(sources, LAYERS, **(LIMITS | limits))


def made(of: OpenCorpus, entry: str = "api.rs::go") -> Scaffold:
    return scaffold(Callgraph(of), item(of, entry))


def taken(found: Scaffold) -> list[str]:
    return [str(pick.target).removeprefix("src/") for pick in found.taken]


def cut(found: Scaffold) -> list[str]:
    return [str(pick.target).removeprefix("src/") for pick in found.cut]


def body(size: int) -> str:
    """Give statements of about `size` tokens that call nothing."""
    return " ".join(f"let x{at} = {at};" for at in range(size // 7 + 1))


def fn(name: str, size: int, calls: str = "") -> str:
    """Give a function of about `size` tokens that makes some calls."""
    return f"pub fn {name}() {{ {calls} {body(size)} }}\n"


def record_tokens(of: OpenCorpus, found: Scaffold) -> int:
    """Give the tokens of a record that holds what is taken, and prose of the greatest length."""
    picks = [*found.taken, *([found.imports] if found.imports else [])]
    excerpts = []
    for path, _ in found.files:
        shown = of.file(path).rust.excerpt(
            one.target.found for one in picks if one.target.path == path
        )
        excerpts.append(Excerpt(path, shown.text.decode(), shown.lines, "b" * 40, ()))
    settings = of.corpus.settings
    bare = Example("a.py::a", "A", settings.system, "", (), tuple(excerpts), ())
    limits = settings.limits
    words = limits.request_words[1] + limits.reasoning_words[1]
    prose = "a `code_span` among words that a maintainer would write here, " * words
    prose = " ".join(prose.split()[:words])
    return count_tokens(chatml.contents(bare)) + count_tokens([prose])


# Which items


def test_the_entry_comes_with_the_imports_of_its_file_what_it_calls_and_what_that_calls() -> None:
    api = "use crate::core::far;\n" + fn("go", 0, "near(); far();") + fn("near", 20)
    core = "use std::fmt;\n" + fn("far", 20, "farther();") + fn("farther", 20)
    found = made(tree({"api.rs": api, "core.rs": core}))
    assert taken(found) == ["api.rs::go", "api.rs::near", "core.rs::far", "core.rs::farther"]
    assert found.imports is not None
    assert str(found.imports.target) == "src/api.rs::use"
    assert found.cut == ()


def test_a_file_without_imports_has_none() -> None:
    assert made(tree({"api.rs": "fn go() {}\n"})).imports is None


def test_what_says_nothing_new_is_left_out_and_what_only_that_leads_to() -> None:
    code = f"""
fn go(x: &A) {{ x.name(); make() }}
struct A {{ name: String }}
impl A {{ fn name(&self) -> &str {{ &self.name }} }}
struct HttpError;
impl HttpError {{ {fn("new", 20, "behind();")} }}
{fn("make", 20, "HttpError::new();")}
{fn("behind", 20)}
"""
    assert taken(made(tree({"api.rs": code}))) == [
        *("api.rs::go", "api.rs::A"),
        *("api.rs::make", "api.rs::HttpError"),
    ]


def test_what_stands_inside_of_what_is_taken_is_not_taken_again() -> None:
    code = f"fn go() {{ {fn('inner', 20)} inner() }}\n"
    assert taken(made(tree({"api.rs": code}))) == ["api.rs::go"]


def test_how_each_item_was_come_to_is_told() -> None:
    code = "struct In { part: Part }\nstruct Part;\nfn go(x: In) {\n    a()\n}\n" + fn("a", 9)
    found = made(tree({"api.rs": code})).taken
    assert [
        (one.target.address, str(one.way), one.origin and one.origin.address) for one in found
    ] == [
        ("go", "call", None),
        ("In", "signature", "go"),
        ("Part", "part", "In"),
        ("a", "call", "go"),
    ]


# Their order


def test_files_stand_in_the_order_of_the_layers_and_items_in_that_in_which_they_run() -> None:
    files = {
        "worker.rs": fn("w", 9, "crate::db::d();"),
        "db.rs": fn("d", 9),
        "core.rs": fn("second", 9) + fn("first", 9, "inner();") + fn("inner", 9),
        "api.rs": "use crate::core::*;\n" + fn("go", 0, "crate::worker::w(); first(); second();"),
    }
    found = made(tree(files))
    assert [path for path, _ in found.files] == [
        f"src/{name}.rs" for name in ("api", "core", "worker", "db")
    ]
    assert taken(found) == [
        "api.rs::go",
        *("core.rs::first", "core.rs::inner", "core.rs::second"),
        "worker.rs::w",
        "db.rs::d",
    ]
    assert all(one.target.path == path for path, picks in found.files for one in picks)


def test_files_of_one_layer_stand_as_they_are_come_to() -> None:
    files = {
        "core.rs": "pub mod a;\npub mod b;\n",
        "core/a.rs": fn("a", 9),
        "core/b.rs": fn("b", 9),
        "api.rs": fn("go", 0, "crate::core::b::b(); crate::core::a::a();"),
    }
    paths = [path for path, _ in made(tree(files)).files]
    assert paths == ["src/api.rs", "src/core/b.rs", "src/core/a.rs"]


# What there is room for


def test_the_nearest_is_taken_and_the_rest_is_cut_with_its_tokens_the_nearest_first() -> None:
    chain = [("go", "a"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    files = {"api.rs": "".join(fn(one, 100, f"{two}();") for one, two in chain) + fn("e", 100)}
    whole = made(tree(files))
    assert taken(whole) == [f"api.rs::{name}" for name in ("go", "a", "b", "c", "d", "e")]
    sizes = [one.tokens for one in whole.taken]
    prose = int(1.5 * (40 + 100)) + count_tokens(["You maintain it."])
    found = made(tree(files, max_tokens=prose + sum(sizes[:4]) + sizes[4] // 2))
    assert taken(found) == ["api.rs::go", "api.rs::a", "api.rs::b", "api.rs::c"]
    assert cut(found) == ["api.rs::d", "api.rs::e"]
    assert [one.tokens for one in found.cut] == sizes[4:]


def test_another_file_is_farther_than_two_calls_in_the_same() -> None:
    files = {
        "api.rs": fn("go", 0, "crate::core::far(); a();") + fn("a", 50, "b();") + fn("b", 300),
        "core.rs": fn("far", 300),
    }
    found = made(tree(files, max_tokens=850))
    assert taken(found) == ["api.rs::go", "api.rs::a", "api.rs::b"]
    assert cut(found) == ["core.rs::far"]


def test_what_is_smaller_and_farther_is_taken_where_a_larger_one_does_not_fit() -> None:
    code = fn("go", 0, "large(); small();") + fn("large", 3000) + fn("small", 50)
    found = made(tree({"api.rs": code}, max_tokens=1000))
    assert taken(found) == ["api.rs::go", "api.rs::small"]


def test_nothing_hangs_on_what_is_cut() -> None:
    code = fn("go", 0, "large();") + fn("large", 3000, "small();") + fn("small", 50)
    found = made(tree({"api.rs": code}, max_tokens=1000))
    assert taken(found) == ["api.rs::go"]
    assert "api.rs::small" in cut(found)


def test_no_more_is_shown_as_cut_than_would_fill_another_record() -> None:
    code = fn("go", 0, " ".join(f"f{at}();" for at in range(60)))
    code += "".join(fn(f"f{at}", 200) for at in range(60))
    found = made(tree({"api.rs": code}, max_tokens=2000))
    assert len(found.taken) < 10
    assert 1000 < sum(one.tokens for one in found.cut) <= 2000


def test_the_summary_counts_what_there_is() -> None:
    files = {"api.rs": fn("go", 0, "a(); b();") + fn("a", 50) + fn("b", 500)}
    found = made(tree(files))
    assert re.fullmatch(
        rf"3 items of 1 files?, about {found.tokens:,} tokens of code", found.summary
    )
    assert "1 more as comment" in made(tree(files, max_tokens=800)).summary


# Whatever the source


FORMS = (
    "pub fn f{at}() {{ {calls} {size} }}\n",
    "pub struct S{at};\nimpl S{at} {{\n    pub fn f{at}() {{ {calls} {size} }}\n}}\n",
    "/// Does {at}.\n#[inline]\npub fn f{at}() {{\n    {calls}\n    {size}\n}}\n\n",
    "pub mod m{at} {{\n    use super::*;\n    pub fn f{at}() {{ {calls} {size} }}\n}}\n",
)
CALLED = ("f{0}();", "S{0}::f{0}();", "f{0}();", "m{0}::f{0}();")
PLACES = ("api", "core", "worker", "db")


@st.composite
def sources(draw: st.DrawFn) -> dict[str, str]:
    """Give a crate of functions of some forms that call those with greater numbers, and circles."""
    count = draw(st.integers(1, 12))
    kinds = [draw(st.integers(0, len(FORMS) - 1)) for _ in range(count)]
    places = [draw(st.sampled_from(PLACES)) for _ in range(count)]
    files = dict.fromkeys((f"{place}.rs" for place in PLACES), "")
    for at in range(count):
        called = draw(st.lists(st.integers(0, count - 1), max_size=3))
        calls = " ".join(f"crate::{places[to]}::{CALLED[kinds[to]]}".format(to) for to in called)
        size = body(draw(st.integers(0, 300)))
        files[f"{places[at]}.rs"] += FORMS[kinds[at]].format(at=at, calls=calls, size=size)
    entry = f"crate::{places[0]}::{CALLED[kinds[0]]}".format(0)
    uses = "use std::fmt;\nuse std::collections::HashMap;\n"
    files["api.rs"] = f"{uses}pub fn go() {{ {entry} }}\n" + files["api.rs"]
    return files


@tested(deadline=None, max_examples=60)
@given(files=sources(), most=st.integers(400, 2500))
def test_a_record_with_the_longest_prose_is_never_longer_than_it_may_be(
    files: dict[str, str], most: int
) -> None:
    of = tree(files, max_tokens=most)
    found = made(of)
    assert "api.rs::go" in taken(found)
    assert record_tokens(of, found) <= most
    held = {one.target for one in found.taken}
    assert all(one.origin is None or one.origin in held for one in found.taken)
    assert not held & {one.target for one in found.cut}
    assert len(held) == len(found.taken)
    order = [LAYER_OF[path] for path, _ in found.files]
    assert order == sorted(order)


LAYER_OF = {"src/api.rs": 0, "src/core.rs": 1, "src/worker.rs": 2, "src/db.rs": 3}


@tested(deadline=None, max_examples=20)
@given(files=sources(), most=st.integers(400, 2500))
def test_the_same_source_gives_the_same_whatever_is_asked_before(
    files: dict[str, str], most: int
) -> None:
    first = made(tree(files, max_tokens=most))
    of = tree(dict([*files.items()][::-1]), max_tokens=most)
    graph = Callgraph(of)
    for function in graph.functions():
        graph.calls(function)
    again = scaffold(graph, item(of, "api.rs::go"))
    assert (again.files, again.cut, again.imports) == (first.files, first.cut, first.imports)


@tested(deadline=None, max_examples=20)
@given(files=sources())
def test_where_there_is_room_all_that_runs_and_says_something_is_taken(
    files: dict[str, str],
) -> None:
    of = tree(files, max_tokens=100_000)
    found = made(of)
    assert found.cut == ()
    graph = Callgraph(of)
    novelty = Novelty(graph)
    held = {one.target for one in found.taken}
    for caller in held:
        for callee in graph.callees(caller):
            assert callee in held or novelty.is_plain(callee)
