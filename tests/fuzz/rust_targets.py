"""What holds of `rust/` for every input; an assertion that fails is a finding."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_flowcorpus.rust import (
    Address,
    AddressError,
    Candidates,
    Certainty,
    Codebase,
    Fingerprint,
    Kind,
    Lost,
    RustFile,
    changes,
)
from tests.fuzz.soups import ADDRESSES, CODE, MUTATED, SOUPS
from tests.rust.files import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust import Found, Item

_MOST = 12
"""So many items of a file are asked about."""
PAIRS = st.tuples(CODE, CODE)
LOOKUPS = st.tuples(st.one_of(SOUPS, MUTATED), ADDRESSES)
EXCERPTS = st.tuples(CODE, st.randoms(use_true_random=False))
TREES = st.fixed_dictionaries(
    {"lib": CODE.map("mod a; mod b; use a::*;\n".__add__)}, optional={"a": CODE, "b": CODE}
)


def file_of(code: str) -> RustFile:
    return RustFile(code.encode())


def found_in(file: RustFile) -> Iterator[tuple[Item, Found]]:
    """Give some sound items, each as its own address finds it; a twin has none of its own."""
    named = [item for item in file.items if item.kind is not Kind.USE and not item.is_broken]
    for item in named[:_MOST]:
        try:
            yield item, file.find(file.address(item))
        except AddressError as error:
            check_error(error)


def check_error(error: AddressError) -> None:
    text = str(error)
    assert text
    assert text.isprintable(), text
    assert type(error) is not AddressError


def items(code: str) -> None:
    """Spans lie in the file and in each other, and an address finds the very bytes."""
    file = file_of(code)
    last = -1
    for item in file.items:
        assert 0 <= item.start <= item.outer <= item.decl < item.end <= len(file.code)
        assert item.decl <= item.body[0] <= item.body[1] <= item.end
        assert last <= item.start
        last = item.start
        if item.parent is not None:
            assert item.parent.body[0] <= item.start
            assert item.end <= item.parent.body[1]
            assert item in file.members(item.parent)
    for item, found in found_in(file):
        assert (found.start, found.end) == (item.start, item.end)
        assert found.text == file.code[item.start : item.end]
        assert file.find(found.address) == found
        assert file.code[: found.start].count(b"\n") + 1 == found.first_line
        assert file.code[: found.end - 1].count(b"\n") + 1 == found.last_line
        nested(file, item)


def nested(file: RustFile, item: Item) -> None:
    for one in file.nested(item):
        assert item.body[0] <= one.start < one.end <= item.body[1]
        assert item in one.enclosing()


def addresses(given: tuple[str, str]) -> None:
    """Any text is an address that prints and parses back, or is refused in one line."""
    code, text = given
    file = file_of(code)
    try:
        address = Address.parse(text)
        assert Address.parse(str(address)) == address
        found = file.find(text)
    except AddressError as error:
        check_error(error)
        return
    assert file.code[found.start : found.end] == found.text
    assert file.find(found.address) == found


def excerpts(given: tuple[str, st.Random]) -> None:  # type: ignore[name-defined]
    """An excerpt is whole lines of the file in order, and every fragment stands in it whole."""
    code, random = given
    file = file_of(code)
    found = [one for _, one in found_in(file)]
    chosen = random.sample(found, min(3, len(found)))
    excerpt = file.excerpt(chosen)
    lines = file.code.split(b"\n")
    lines = [line + b"\n" for line in lines[:-1]] + lines[-1:]
    parts = [b"".join(lines[first - 1 : last]) for first, last in excerpt.lines]
    text = b""
    for part in parts:
        gap = b"\r\n" if text.endswith(b"\r\n") else b"\n"
        text += (gap if text else b"") + part
    assert excerpt.text == text
    assert file.excerpt(reversed(chosen)) == excerpt
    for one in chosen:
        assert any(one.text in part for part in parts)
        assert any(
            first <= one.first_line <= one.last_line <= last for first, last in excerpt.lines
        )


def fingerprints(given: tuple[str, str]) -> None:
    """Digests are of the item alone, and two of them tell the same changes either way."""
    prints = [list(prints_of(file_of(code))) for code in given]
    for one, other in zip(*prints, strict=False):
        told = changes(one, other)
        assert told == changes(other, one)
        assert bool(told) == (one != other) or one.text != other.text
    for one in (*prints[0], *prints[1]):
        assert changes(one, replace(one)) == ()


def prints_of(file: RustFile) -> Iterator[Fingerprint]:
    for item, found in found_in(file):
        mark = file.fingerprint(found)
        assert all(len(value) == 64 for value in asdict(mark).values())
        moved = replace_in(file, item)
        if moved is not None:
            assert moved == mark
        yield mark


def replace_in(file: RustFile, item: Item) -> Fingerprint | None:
    """Digest an item of a sound file again, with something written before and behind it all."""
    if not file.is_whole or item.parent is not None or file.code.startswith((b"#!", b"\xef\xbb")):
        return None
    around = RustFile(b"struct Before;\n\n" + file.code + b"\n\nstruct Behind;\n")
    try:
        return around.fingerprint(around.find(file.address(item)))
    except AddressError:
        return None


def successors(given: tuple[str, str]) -> None:
    """What an item can have become is an item, and itself above all where it is unchanged."""
    old, new = map(file_of, given)
    candidates = Candidates([("b.rs", new)])
    same = Candidates([("a.rs", old)])
    for _, found in list(found_in(old))[:3]:
        lost = Lost("a.rs", found.address, found.kind, old.fingerprint(found), found.text)
        for one in candidates.of(lost, lambda _path, _address: False):
            assert new.code[one.found.start : one.found.end] == one.found.text
            assert 0 <= one.likeness <= 1
        itself = same.of(lost, lambda _path, _address: False)
        assert not itself or itself[0].found.text == found.text or itself[0].likeness == 1


def calls(given: dict[str, str]) -> None:
    """Questions have one answer, and what they lead to stands where they say."""
    tree = Tree.of(**given)
    for path in tree.files:
        first, second = Codebase(tree), Codebase(Tree(tree.files))
        rust = tree.rust(path)
        assert rust is not None
        for _, found in list(found_in(rust))[:4]:
            called, mentioned = first.calls(path, found), first.mentions(path, found)
            assert mentioned == second.mentions(path, found)
            assert called == second.calls(path, found)
            for one in called:
                assert found.first_line <= one.line <= found.last_line
                assert (one.certainty is Certainty.RESOLVED) == (one.callee is not None)
                if one.callee is not None:
                    stands(tree, one.callee.path, one.callee.address, one.callee.line)
        for lines in first.test_lines(path):
            assert 1 <= lines[0] <= lines[1] <= rust.line_count
        assert first.routes() == second.routes()


def stands(tree: Tree, path: str, address: str, line: int) -> None:
    """Check that what an address names in a file is there, unless it has a twin or is broken."""
    rust = tree.rust(path)
    assert rust is not None
    try:
        found = rust.find(address)
    except AddressError as error:
        check_error(error)
        return
    assert found.first_line <= line <= found.last_line
