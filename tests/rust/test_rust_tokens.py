"""Tokens as rustc reads them, comments told apart."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust.tokens import is_inner_doc, is_outer_doc, tokens


@pytest.mark.parametrize(
    "prelude",
    ["#!/bin/sh it's \"so\n", "\ufeff", "\ufeff#! /bin/sh /*\n"],
    ids=["shebang", "byte order mark", "both"],
)
def test_what_stands_before_the_first_token_is_none(prelude: str) -> None:
    code = f"{prelude}fn go() {{}}".encode()
    assert [token.text for token in tokens(code)] == ["fn", "go", "(", ")", "{", "}"]


def test_an_inner_attribute_is_no_shebang() -> None:
    assert [token.text for token in tokens(b"#! [x]")] == ["#", "!", "[", "x", "]"]


@pytest.mark.parametrize(
    ("comment", "is_outer", "is_inner"),
    [
        (b"/// a", True, False),
        (b"///", True, False),
        (b"//// a", False, False),
        (b"//a", False, False),
        (b"//! a", False, True),
        (b"/** a */", True, False),
        (b"/*** a */", False, False),
        (b"/**/", False, False),
        (b"/* a */", False, False),
        (b"/*! a */", False, True),
    ],
)
def test_docs_are_told_from_comments(comment: bytes, is_outer: bool, is_inner: bool) -> None:  # noqa: FBT001
    assert (is_outer_doc(comment), is_inner_doc(comment)) == (is_outer, is_inner)


@pytest.mark.parametrize(
    ("code", "raw"), [(b"/* a */ b", b"/* a"), (b"// a b", b"// a"), (b'"a" b"', b'"a" ')]
)
def test_tokens_end_where_they_are_asked_to(code: bytes, raw: bytes) -> None:
    assert b"".join(token.raw for token in tokens(code, 0, 4)) == raw.strip()
