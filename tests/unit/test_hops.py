"""What a spec can ask about calls and mentions; what the code says is made up for each test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from pytest_flowcorpus import chatml, output
from pytest_flowcorpus.corpus import OpenCorpus, load_corpus
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.example import Hop, Question, Thought, Verdict
from pytest_flowcorpus.explain import explanation
from pytest_flowcorpus.flow import Flow, FragmentHandle
from pytest_flowcorpus.page import page
from pytest_flowcorpus.rust import Call, Certainty, Found, Kind, Mention, Place
from pytest_flowcorpus.source import Worktree
from tests.unit.examples import example

SETTINGS = 'system = "x"\n[source]\npath = "rust"\nroot = "src"\n'
HANDLER = """\
pub fn go(store: &mut Store) -> bool {
    // store.flush()
    let text = "stay()";
    store.put(1)
}
pub fn stay() {}
pub struct Wide { at: u8 }
pub trait Put {
    fn put(&self);
}
"""
STORE = """\
pub struct Store(Vec<u8>);
impl Store {
    pub fn put(&mut self, value: u8) -> bool { true }
    pub fn flush(&self) {}
}
impl Put for Wide {
    fn put(&self) {}
}
impl Turn<u8> for Wide {
    fn turn(&self) {}
}
impl Turn<u16> for Wide {
    fn turn(&self) {}
}
"""
GO, STAY, PUT = "src/handler.rs::go", "src/handler.rs::stay", "src/store.rs::Store::put"
IMPL, TRAIT = "src/store.rs::<Wide as Put>::put", "src/handler.rs::Put::put"


class Told:
    """A code base of which all that it says is told beforehand, by caller."""

    def __init__(self) -> None:
        self.of: dict[str, list[Call]] = {}

    def calls(self, path: str, found: Found) -> tuple[Call, ...]:
        return tuple(self.of.get(f"{path}::{found.address}", ()))

    def mentions(self, path: str, found: Found) -> tuple[Mention, ...]:
        return tuple(
            Mention(call.name, call.line, call.certainty, call.callee)
            for call in self.calls(path, found)
        )


def place(item: str) -> Place:
    path, _, address = item.partition(".rs::")
    return Place(f"{path}.rs", address, Kind.FN, 1)


def resolved(callee: str, line: int = 4, *, trait: str = "", receiver: str = "") -> Call:
    declared = place(trait) if trait else None
    name = callee.rpartition("::")[2]
    return Call(name, line, Certainty.RESOLVED, place(callee), declared, receiver)


def undecided(name: str, line: int = 4, receiver: str = "`it`, untyped") -> Call:
    return Call(name, line, Certainty.UNDECIDED, None, None, receiver)


def foreign(name: str, line: int = 4) -> Call:
    return Call(name, line, Certainty.FOREIGN, None, None, "`it: Vec<u8>`")


class Spec:
    """A flow with its draft, and the code base that it asks."""

    def __init__(self, folder: Path) -> None:
        self.told = Told()
        opened = OpenCorpus(load_corpus(folder), Worktree(folder / "rust"))
        vars(opened)["codebase"] = self.told  # where its own would be kept
        self.draft = Draft("flow_go.py::flow_go", "Going", opened)
        self.flow = Flow(self.draft)

    def extract(self, item: str) -> FragmentHandle:
        path, _, address = item.removeprefix("src/").partition(".rs::")
        return self.flow.file(f"{path}.rs").extract(address)

    def asked(self) -> tuple[Question | Hop, ...]:
        self.flow.think("So it goes.")
        return self.draft.example().thoughts[0].questions


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    (tmp_path / "flowcorpus.toml").write_text(SETTINGS)
    (tmp_path / "rust/src").mkdir(parents=True)
    (tmp_path / "rust/src/handler.rs").write_text(HANDLER)
    (tmp_path / "rust/src/store.rs").write_text(STORE)
    return Spec(tmp_path)


@pytest.fixture
def go(spec: Spec) -> FragmentHandle:
    return spec.extract(GO)


def shown(op: str, left: object, right: object) -> list[str]:
    lines = explanation(op, left, right)
    assert lines is not None
    return lines


# What is known


@pytest.mark.parametrize("item", ["store.rs::Store::put", "/src/store.rs::Store::put"])
def test_a_resolved_call_is_in_the_calls(spec: Spec, go: FragmentHandle, item: str) -> None:
    spec.told.of[GO] = [resolved(PUT, 4)]
    assert item in go.calls
    assert spec.extract(PUT) in go.calls
    assert spec.asked() == (Hop(GO, PUT, "calls", Verdict.RESOLVED, 4),) * 2


def test_what_is_not_called_is_not_in_the_calls(spec: Spec, go: FragmentHandle) -> None:
    namesake = resolved("src/other.rs::Store::put")
    spec.told.of[GO] = [resolved(STAY), foreign("put"), undecided("take"), namesake]
    assert spec.extract(PUT) not in go.calls
    assert spec.asked() == (Hop(GO, PUT, "calls", Verdict.ABSENT, None),)


def test_what_is_undecided_has_no_answer_in_either_polarity(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [undecided("put", 4)]
    why = r"^in handler\.rs::go `put` is called at line 4 on `it`, untyped: .*\.named\("
    with pytest.raises(FlowError, match=why):
        assert PUT[4:] in go.calls
    with pytest.raises(FlowError, match=why):
        assert PUT[4:] not in go.calls
    assert spec.asked() == ()


def test_a_resolved_call_outweighs_an_undecided_one(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [undecided("put", 3), resolved(PUT, 4)]
    assert spec.extract(PUT) in go.calls


def test_a_call_of_an_impl_counts_as_one_of_what_its_trait_declares(
    spec: Spec, go: FragmentHandle
) -> None:
    spec.told.of[GO] = [resolved(IMPL, trait=TRAIT)]
    assert spec.extract(TRAIT) in go.calls
    assert spec.extract(IMPL) in go.calls
    assert spec.extract(PUT) not in go.calls


def test_a_call_through_a_trait_says_nothing_of_one_impl(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved(TRAIT, receiver="`it: dyn Put`")]
    assert spec.extract(TRAIT) in go.calls
    assert spec.extract(PUT) not in go.calls
    with pytest.raises(FlowError, match=r"on `it: dyn Put`, as handler\.rs::Put::put, whose"):
        assert spec.extract(IMPL) not in go.calls
    spec.told.of[GO] = [resolved("src/handler.rs::Other::put"), resolved("src/a.rs::Turn::turn")]
    assert spec.extract(IMPL) not in spec.extract(GO).calls
    with pytest.raises(FlowError, match=r"rules out store\.rs::<Wide as Turn<u8>>::turn;"):
        assert "store.rs::<Wide as Turn<u8>>::turn" not in spec.extract(GO).calls


def test_mentions_answer_as_calls_do(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [replace(resolved("src/store.rs::Store", 1), trait=None), undecided("put")]
    assert "store.rs::Store" in go.mentions
    assert "store.rs::Store::flush" not in go.mentions
    with pytest.raises(FlowError, match="`put` is named at line 4"):
        assert "store.rs::Store::put" in go.mentions
    assert [hop.means for hop in spec.asked() if isinstance(hop, Hop)] == ["mentions"] * 2


def test_the_sites_come_in_source_order_and_say_what_they_are(
    spec: Spec, go: FragmentHandle
) -> None:
    spec.told.of[GO] = [resolved(STAY, 2), undecided("take", 3), foreign("push", 4)]
    assert len(go.calls) == 3
    assert [str(site) for site in go.calls] == [
        "handler.rs::stay, line 2",
        "`take`, not decided by syntax, line 3",
        "`push`, of another crate, line 4",
    ]
    assert repr(next(iter(go.calls))) == "<handler.rs::stay, line 2>"
    assert repr(go.calls) == f"<calls of {GO}: 3>"


def test_questions_stand_under_their_thought_in_the_order_asked(
    spec: Spec, go: FragmentHandle
) -> None:
    spec.told.of[GO] = [resolved(PUT)]
    spec.flow.think("First.")
    assert "store.put(1)" in go
    assert PUT[4:] in go.calls
    spec.flow.think("Second.")
    spec.flow.hop(go, "handler.rs::stay", via="a  macro")
    assert go.calls.named("put")
    first, second = spec.draft.example().thoughts
    assert [type(question) for question in first.questions] == [Question, Hop]
    assert second.questions == (
        Hop(GO, STAY, "a macro", Verdict.STATED, None),
        Hop(GO, "put", "calls", Verdict.NAMED, 4),
    )


# The weaker claim


def test_a_bare_name_is_named_by_any_call_of_it(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [foreign("push", 2), resolved(PUT, 3), undecided("take", 4)]
    assert [bool(go.calls.named(name)) for name in ("push", "put", "take", "r#take", "stay")] == [
        *(True, True, True, True),
        False,
    ]
    assert spec.asked()[3:] == (
        Hop(GO, "take", "calls", Verdict.NAMED, 4),
        Hop(GO, "stay", "calls", Verdict.ABSENT, None),
    )


def test_a_bare_name_that_is_nowhere_proves_nothing(go: FragmentHandle) -> None:
    with pytest.raises(FlowError, match="nothing in the source is called `drop`"):
        go.calls.named("drop")


def test_an_item_is_named_where_it_could_be_what_is_called(spec: Spec, go: FragmentHandle) -> None:
    put = spec.extract(PUT)
    spec.told.of[GO] = [undecided("put", 3)]
    assert go.calls.named(put)
    spec.told.of[GO] = [undecided("put", 3), resolved(PUT, 4)]
    assert spec.extract(GO).calls.named(put)
    spec.told.of[GO] = [resolved("src/other.rs::Other::put"), foreign("put")]
    assert not spec.extract(GO).calls.named(put)
    assert [hop.verdict for hop in spec.asked() if isinstance(hop, Hop)] == [
        Verdict.NAMED,
        Verdict.RESOLVED,
        Verdict.ABSENT,
    ]


def test_the_weaker_claim_explains_itself(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved("src/other.rs::Other::put", 3, receiver="`other: Other`")]
    assert repr(go.calls.named(spec.extract(PUT))) == (
        "<go does not call anything that could be `put`; `put` is called at line 3 "
        "on `other: Other`: that is other.rs::Other::put>"
    )
    assert repr(go.calls.named("put")) == "<in go `put` is called at line 3 on `other: Other`>"
    assert repr(go.calls.named("flush")) == "<go does not call anything that could be `flush`>"


# What is no question


def test_an_address_that_names_no_item_says_what_is_near_and_where_it_stands(
    spec: Spec, go: FragmentHandle
) -> None:
    with pytest.raises(FlowError, match=r"^src/store\.rs: no item `Store::pt`; nearest: `Store::p"):
        assert "store.rs::Store::pt" not in go.calls
    with pytest.raises(FlowError, match=r'\nit stands in src/store\.rs: "store\.rs::Store::put"$'):
        assert "handler.rs::Store::put" not in go.calls
    with pytest.raises(FlowError, match=r"hander\.rs: no such file .*handler\.rs"):
        assert "hander.rs::go" not in go.calls
    with pytest.raises(FlowError, match=r"store\.rs: .* is not an address"):
        assert "store.rs::Store::" not in go.calls
    (spec.draft.opened.corpus.folder / "rust/src/twins.rs").write_text("fn a() {} fn a() {}")
    with pytest.raises(FlowError, match="ambiguous"):
        assert "twins.rs::a" not in go.calls


def test_a_file_of_which_nothing_is_known_is_not_asked(spec: Spec, go: FragmentHandle) -> None:
    (spec.draft.opened.corpus.folder / "rust/aside.rs").write_text("fn aside() { go() }")
    aside = spec.flow.file("/aside.rs").extract("aside")
    why = r'^aside\.rs::aside lies outside of `root` and `search`.* add "aside\.rs" to `search`'
    with pytest.raises(FlowError, match=why):
        assert aside not in go.calls
    with pytest.raises(FlowError, match=why):
        assert go not in aside.calls


@pytest.mark.parametrize("item", ["put", "Store::put", "", ".rs::put", "store.rs::", 3, None, b"a"])
def test_what_names_no_item_is_told_what_to_write(go: FragmentHandle, item: Any) -> None:
    why = r'by its address .*\("core/x\.rs::Type::member"\), not'
    with pytest.raises(FlowError, match=why):
        assert item in go.calls
    with pytest.raises(FlowError, match=why):
        assert item not in go.mentions


def test_a_bare_name_is_sent_to_the_weaker_claim(go: FragmentHandle) -> None:
    with pytest.raises(FlowError, match=r"a bare name is for `calls\.named\('put'\)`$"):
        assert "put" in go.calls


@pytest.mark.parametrize("item", [4, None, "a b", "a::b", "use", "self", ""])
def test_the_weaker_claim_takes_one_name_and_no_more(go: FragmentHandle, item: Any) -> None:
    with pytest.raises(FlowError, match="by its address with the file before it"):
        go.calls.named(item)


@pytest.mark.parametrize("item", ["handler.rs::Wide", "handler.rs::Put", "store.rs::impl Store"])
def test_what_cannot_be_called_is_not_asked_of_calls(go: FragmentHandle, item: str) -> None:
    with pytest.raises(FlowError, match=r"is no function: .*`mentions`"):
        assert item not in go.calls


@pytest.mark.parametrize("asked", ["", None, 3])
def test_a_fragment_is_asked_for_a_text(go: FragmentHandle, asked: Any) -> None:
    item: Any = go
    why = "asks a fragment for a text, and not for an empty one: ask its `calls` and `mentions`"
    with pytest.raises(FlowError, match=why):
        assert asked not in go
    with pytest.raises(FlowError, match=why):
        assert item not in go


def test_what_has_no_name_is_not_asked_of_mentions(go: FragmentHandle) -> None:
    with pytest.raises(FlowError, match="has no name that code could mention"):
        assert "store.rs::impl Store" not in go.mentions


@pytest.mark.parametrize("item", ["src/handler.rs::Wide", TRAIT])
def test_what_has_no_code_has_no_calls(spec: Spec, item: str) -> None:
    with pytest.raises(FlowError, match=r"has no code that could call anything: .*`mentions`"):
        assert spec.extract(item).calls
    assert len(spec.extract(item).mentions) == 0


# What is stated


def test_a_hop_is_stated_with_what_it_goes_through(spec: Spec, go: FragmentHandle) -> None:
    spec.flow.hop(go, spec.extract(PUT), via="Model::update")
    assert spec.asked() == (Hop(GO, PUT, "Model::update", Verdict.STATED, None),)


def test_a_hop_that_the_code_says_is_asserted_and_not_stated(
    spec: Spec, go: FragmentHandle
) -> None:
    spec.told.of[GO] = [resolved(PUT, 4)]
    with pytest.raises(FlowError, match=f"^{PUT} is called at line 4 of src/handler.rs: assert it"):
        spec.flow.hop(go, "store.rs::Store::put", via="Model::update")


def test_a_hop_leads_elsewhere(spec: Spec, go: FragmentHandle) -> None:
    with pytest.raises(FlowError, match="from one item to another"):
        spec.flow.hop(go, go, via="Model::update")


def test_a_hop_can_start_and_end_at_what_calls_nothing(spec: Spec) -> None:
    spec.flow.hop(spec.extract("src/handler.rs::Wide"), "store.rs::impl Store", via="a derive")
    assert [hop.callee for hop in spec.asked() if isinstance(hop, Hop)] == [
        "src/store.rs::impl Store"
    ]


@pytest.mark.parametrize("via", ["", " \n", None, 3, "\ud800", "\x1b[31m"])
def test_a_hop_says_what_it_goes_through(spec: Spec, go: FragmentHandle, via: Any) -> None:
    with pytest.raises(FlowError, match="`via` says nothing"):
        spec.flow.hop(go, "store.rs::Store::put", via=via)


@pytest.mark.parametrize("caller", ["handler.rs::go", None, 3])
def test_a_hop_starts_at_a_fragment(spec: Spec, caller: Any) -> None:
    with pytest.raises(FlowError, match="the caller is a fragment"):
        spec.flow.hop(caller, "store.rs::Store::put", via="Model::update")


# What pytest shows


def test_a_failed_in_shows_whom_the_fragment_calls_items_first(
    spec: Spec, go: FragmentHandle
) -> None:
    spec.told.of[GO] = [foreign("push", 2), resolved(STAY, 4), undecided("take"), resolved(STAY, 5)]
    assert shown("in", "store.rs::Store::put", go.calls)[0] == "fails: go does not call Store::put"
    assert shown("in", "store.rs::Store::put", go.calls)[-4:] == [
        "it calls:",
        "  handler.rs::stay (line 4, 5)",
        "  `take`, not decided by syntax (line 4)",
        "  `push`, of another crate (line 2)",
    ]


def test_many_lines_are_counted(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved(STAY, line) for line in range(2, 9)]
    lines = shown("in", "store.rs::Store::put", go.calls)
    assert lines[-1] == "  handler.rs::stay (line 2, 3, 4, 5, 6 and 2 more)"


def test_a_fragment_that_calls_nothing_says_so(go: FragmentHandle) -> None:
    assert shown("in", "handler.rs::stay", go.calls)[-1] == "it calls nothing"
    assert shown("in", "store.rs::Store", go.mentions)[-1] == "it mentions nothing"


def test_a_near_miss_says_what_is_called_on_what(spec: Spec, go: FragmentHandle) -> None:
    receiver = "`it: Alias`, an alias of `Other`"
    spec.told.of[GO] = [resolved("src/other.rs::Other::put", 4, receiver=receiver), foreign("put")]
    assert shown("in", "store.rs::Store::put", go.calls)[1:3] == [
        f"`put` is called at line 4 on {receiver}: that is other.rs::Other::put",
        "`put` is called at line 4 on `it: Vec<u8>`: that is of another crate",
    ]
    assert shown("in", "store.rs::Store::put", go.calls)[3] == "it calls:"


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ("store.rs::Store::flush", "`flush` stands at line 2 in a comment"),
        ("handler.rs::stay", "`stay` stands at line 3 in a literal"),
        ("store.rs::Store::put", "`put` stands at line 4"),
    ],
)
def test_a_word_that_is_no_call_is_told(go: FragmentHandle, item: str, where: str) -> None:
    assert f"the word {where}, but is not called there" in shown("in", item, go.calls)


def test_a_call_the_other_way_round_is_told(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[PUT] = [resolved(GO, 3)]
    line = "it is the other way round: store.rs::Store::put calls go, line 3"
    assert line in shown("in", "store.rs::Store::put", go.calls)
    spec.told.of[STAY] = [undecided("go")]
    assert not any("other way" in line for line in shown("in", "handler.rs::stay", go.calls))


def test_a_failed_not_in_shows_each_line(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved(PUT, 3), resolved(STAY), resolved(PUT, 4, receiver="`it: Store`")]
    assert shown("not in", "store.rs::Store::put", go.calls) == [
        "fails: go calls Store::put",
        "`put` is called at line 3",
        "`put` is called at line 4 on `it: Store`",
    ]


def test_what_holds_is_told_in_a_line(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved(PUT)]
    assert shown("in", "store.rs::Store::put", go.calls) == ["go calls Store::put"]
    assert shown("not in", "handler.rs::stay", go.calls) == ["go does not call stay"]
    assert len(shown("in", "store.put(1)", go)) == 1


def test_a_text_is_explained_without_the_code(go: FragmentHandle) -> None:
    summary = "<src/handler.rs::go, lines 1-5>"
    assert shown("in", "store.put(2)", go) == [
        f"'store.put(2)' in {summary}",
        "the likest line is 4: store.put(1)",
    ]
    assert shown("in", "let text=", go) == [
        f"'let text=' in {summary}",
        "it does stand there, but with other white space",
    ]
    assert shown("in", "zzz", go) == [f"'zzz' in {summary}"]
    assert shown("not in", "store", go) == [
        f"'store' not in {summary}",
        "it stands at line 1, 2, 4",
    ]


def test_an_explanation_asks_nothing(spec: Spec, go: FragmentHandle) -> None:
    spec.told.of[GO] = [resolved(PUT)]
    shown("not in", "store.rs::Store::put", go.calls)
    shown("in", "handler.rs::stay", go.calls)
    shown("in", "x", go)
    assert spec.asked() == ()


@pytest.mark.parametrize(("left", "right"), [("a", "abc"), (1, [2]), ("a", {})])
def test_what_is_not_ours_is_left_to_others(left: object, right: object) -> None:
    assert explanation("in", left, right) is None


def test_rust_is_shown_so_that_it_cannot_act_on_a_terminal(spec: Spec, go: FragmentHandle) -> None:
    evil = "`\x1b]0;x\x07\n: dyn \u202eT`"
    spec.told.of[GO] = [undecided("put", receiver=evil), resolved("src/\x1b.rs::\x9bx", 3)]
    with pytest.raises(FlowError) as error:
        assert "store.rs::Store::put" in go.calls
    told = [error.value, repr(go.calls.named("put")), [*go.calls][1]]
    told += shown("in", "handler.rs::stay", go.calls)
    assert all(str(one).isprintable() for one in told)
    assert r"on `\x1b]0;x\x07\n: dyn \u202eT`" in str(error.value)


# Where hops go

HOPS = (
    Hop("a.rs::go", "b.rs::put", "calls", Verdict.RESOLVED, 7),
    Hop("a.rs::go", "Task", "mentions", Verdict.NAMED, 8),
    Hop("a.rs::go", "b.rs::save", "Model::update", Verdict.STATED),
    Hop("a.rs::go", "b.rs::drop", "calls", Verdict.ABSENT),
)


def test_a_page_says_of_each_hop_how_much_is_known() -> None:
    asked = (HOPS[0], Question("a.rs::go", "x", found=True), *HOPS[1:])
    assert (
        "so\n\n"
        "* `a.rs::go` calls `b.rs::put`, line 7\n"
        "* `a.rs::go` holds `x`\n"
        "* `a.rs::go` mentions something of the name `Task`, line 8\n"
        "* `a.rs::go` leads to `b.rs::save` through `Model::update`: stated, not proven\n"
        "* `a.rs::go` never calls `b.rs::drop`\n"
    ) in page(example(thoughts=(Thought("so", (), asked),)), None)


def test_the_manifest_holds_each_hop_under_its_thought_and_counts_them() -> None:
    asked = (*HOPS, Question("a.rs::go", "x", found=True))
    entry = orjson.loads(
        orjson.dumps(output.entry_of(example(thoughts=(Thought("so", (), asked),))))
    )
    assert entry["hops"] == {"resolved": 1, "named": 1, "stated": 1, "absent": 1}
    told = entry["thoughts"][0]["asked"]
    assert told[2:] == [
        {
            "caller": "a.rs::go",
            "callee": "b.rs::save",
            "means": "Model::update",
            "verdict": "stated",
            "line": None,
        },
        {
            "caller": "a.rs::go",
            "callee": "b.rs::drop",
            "means": "calls",
            "verdict": "absent",
            "line": None,
        },
        {"fragment": "a.rs::go", "text": "x", "found": True},
    ]


def test_no_hop_changes_the_record() -> None:
    thoughts = example().thoughts
    asked = tuple(replace(thought, questions=HOPS) for thought in thoughts)
    assert chatml.dumps(example(thoughts=asked)) == chatml.dumps(example())
