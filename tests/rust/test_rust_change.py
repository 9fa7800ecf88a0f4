"""Which sorts of change lie between two readings of an item."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from pytest_flowcorpus.rust import Change, Fingerprint, RustFile, changes

DIGESTS = Fingerprint("text", "comments", "attributes", "signature", "body")
PARTS = ("signature", "body", "attributes", "comments")
SOME = [names for count in range(1, 5) for names in combinations(PARTS, count)]
"""Every choice of parts, each in the order in which they are told."""


def fingerprint(code: str, address: str) -> Fingerprint:
    file = RustFile(code.encode())
    return file.fingerprint(file.find(address))


@pytest.mark.parametrize("renamed", [False, True])
def test_an_item_whose_bytes_match_did_not_change(*, renamed: bool) -> None:
    assert changes(DIGESTS, replace(DIGESTS), renamed=renamed) == ()


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("names", SOME, ids="+".join)
def test_every_part_that_differs_is_told_and_no_other(
    names: tuple[str, ...], *, renamed: bool
) -> None:
    after = replace(DIGESTS, text="other", **dict.fromkeys(names, "other"))
    for found in (changes(DIGESTS, after, renamed=renamed), changes(after, DIGESTS)):
        assert [str(one) for one in found] == [*names]


def test_where_nothing_but_the_text_differs_it_is_the_format() -> None:
    assert changes(DIGESTS, replace(DIGESTS, text="other")) == (Change.FORMAT,)


def test_the_text_of_what_was_renamed_differs_by_its_name() -> None:
    before, after = fingerprint("fn a() { x() }", "a"), fingerprint("fn b() { x() }", "b")
    assert changes(before, after, renamed=True) == ()
    after = fingerprint("fn b(y: u8) { x() }", "b")
    assert changes(before, after, renamed=True) == (Change.SIGNATURE,)


def test_sorts_are_told_in_the_order_in_which_they_are_declared() -> None:
    after = Fingerprint(*("other",) * 5)
    assert changes(DIGESTS, after) == tuple(Change)[:4]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("fn a() { x() }", "fn a() {\n    x()\n}", "format"),
        ("fn a() { x() }", "fn a() { x() }\r\n", ""),
        ("fn a(b: u8) {}", "fn a(b: u8,) {}", "format"),
        ("fn a() { /* x */ }", "fn a() { /* y */ }", "comments"),
        ("fn a() {}", "/// Docs.\nfn a() {}", "comments"),
        ("fn a() {}", "#[cold]\nfn a() {}", "attributes"),
        ("fn a() {}", "pub(crate) fn a() {}", "signature"),
        ("fn a() {}", "fn a() { 1 }", "body"),
        ("struct a;", "struct a {}", "signature body"),
        ("/// A.\n#[x]\nfn a() {}", "/// B.\n#[y]\nfn a(c: u8) {\n    c\n}", " ".join(PARTS)),
        ("use b;", "use c;", "body"),
    ],
)
def test_an_edit_is_told_by_its_sort(before: str, after: str, told: str) -> None:
    address = "use" if before.startswith("use") else "a"
    found = changes(fingerprint(before, address), fingerprint(after, address))
    assert " ".join(found) == told
