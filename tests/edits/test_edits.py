"""Edits of courier's files: nothing is served that rustc does not see so."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.rust import RustFile
from tests.conftest import ROOT
from tests.edits.edit import KINDS, Edit, made
from tests.edits.judge import Judge, Original, Outcome
from tests.edits.oracle import Oracle
from tests.edits.reader import lexemes
from tests.rust.rustc_ast import Refused, rustc_items

if TYPE_CHECKING:
    from tests.edits.judge import Verdict

COURIER = sorted((ROOT / "tests/courier/src").rglob("*.rs"))
CODE = b"""\
use a::b;

impl Foo {
    fn one() {
        "{";
    }
}

/// Docs.
fn two() {}
"""


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """Give rustc; skip where it does not print its tree."""
    probe = tmp_path_factory.mktemp("edits") / "probe.rs"
    probe.write_text("fn probe() {}\n", encoding="utf-8")
    try:
        rustc_items(probe)
    except Refused as refusal:
        pytest.skip(str(refusal))
    return Oracle()


@pytest.fixture(scope="session")
def originals(oracle: Oracle) -> list[Original]:
    return [Original(path.name, path.read_bytes(), oracle) for path in COURIER]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_silently_wrong_after_an_edit(
    kind: str, originals: list[Original], oracle: Oracle
) -> None:
    random = Random(kind)
    wrong: list[str] = []
    for original in random.choices(originals, k=6):
        edit = made(kind, original.code, original.spans, random)
        judge = Judge(original, edit, oracle)
        wrong += [f"{edit} {one}" for one in judge.verdicts() if one.outcome is Outcome.WRONG]
        assert judge.misread() == []
    assert wrong == []


def test_the_same_seed_makes_the_same_edits() -> None:
    made_twice = [[made(kind, CODE, [(0, 9)], Random(7)) for kind in KINDS] for _ in range(2)]
    assert made_twice[0] == made_twice[1]
    assert len(set(made_twice[0])) > len(KINDS) / 2


def judged(edit: Edit, oracle: Oracle) -> dict[str, Verdict]:
    original = Original("a.rs", CODE, oracle)
    return {one.address: one for one in Judge(original, edit, oracle).verdicts()}


def at(text: bytes, new: bytes) -> Edit:
    start = CODE.index(text)
    return Edit("test", ((start, start + len(text), new),))


@pytest.mark.parametrize(
    ("edit", "outcomes"),
    [
        (at(b'"{"', b"1"), ["kept exact", "right by rustc", "right by rustc", "kept exact"]),
        (at(b'"{"', b'"{'), ["kept exact", "refused", "refused", "refused"]),
        (at(b"/// Docs", b"// Docs"), ["kept exact"] * 3 + ["right by rustc"]),
        (at(b'"{"', b";let"), ["kept exact", "whole by tokens", "whole by tokens", "kept exact"]),
        (at(b"two", b"three"), ["kept exact"] * 3 + ["refused"]),
        (at(b"one", b"\xff"), ["refused"] * 4),
    ],
)
def test_what_is_found_is_judged(edit: Edit, outcomes: list[str], oracle: Oracle) -> None:
    told = judged(edit, oracle)
    addresses = ["use", "impl Foo", "Foo::one", "two"]
    assert [str(told[address].outcome) for address in addresses] == outcomes


def test_another_text_is_silently_wrong(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    find = RustFile.find
    monkeypatch.setattr(RustFile, "find", lambda file, text: find(file, text.replace("two", "use")))
    two = judged(at(b"one", b"uno"), oracle)["two"]
    assert two.outcome is Outcome.WRONG


def test_a_needless_refusal_is_told_of(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    find = RustFile.find
    monkeypatch.setattr(RustFile, "find", lambda file, text: find(file, text.replace("two", "no")))
    told = judged(at(b"one", b"uno"), oracle)["two"]
    assert (told.outcome, told.why) == (Outcome.NEEDLESS, "no item `no`; nearest: `Foo::uno`")


def test_braces_are_read_as_rust_reads_them() -> None:
    code = rb"""fn a<'a>(b: &'a u8) { '{'; '\''; b'}'; r#"{"# ; "\"{"; /* { /* } */ { */ } // {
    c"{"; 'b: loop { } r#fn; '"'; x"""
    depths = {one.raw: len(one.around) for one in lexemes(code)}
    assert (depths[b"r#fn"], depths[b"x"], depths[b"'\\''"]) == (0, 0, 1)


def test_an_edit_touches_what_it_stands_next_to() -> None:
    edit = Edit("test", ((5, 7, b"x"), (20, 20, b"yy")))
    spans = [(0, 4), (0, 5), (7, 9), (8, 19), (20, 22), (21, 25)]
    assert [edit.moved(*span) for span in spans] == [0, None, None, -1, None, 1]
