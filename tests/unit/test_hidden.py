from __future__ import annotations

import sys
import unicodedata

import pytest

from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.hidden import HIDDEN, escaped, is_bidirectional, named
from tests import nasty

HIDDEN_ONES = {**nasty.TURNED, **nasty.UNSEEN}


@pytest.mark.parametrize(("name", "character"), HIDDEN_ONES.items(), ids=HIDDEN_ONES)
def test_a_hidden_character_is_found_named_and_escaped(name: str, character: str) -> None:
    text = f"a{character}b"
    assert HIDDEN.findall(text) == [character]
    assert named(character) == name
    assert escaped(text) == visible(text) == f"a{ascii(character)[1:-1]}b"
    assert is_bidirectional(character) == (character in nasty.TURNED.values())


@pytest.mark.parametrize("text", nasty.KEPT.values(), ids=nasty.KEPT)
def test_what_is_seen_is_not_hidden(text: str) -> None:
    assert escaped(text) == text


def test_lines_and_tabs_are_not_hidden() -> None:
    assert escaped("\tfn\r\n\tgo\n") == "\tfn\r\n\tgo\n"


def test_whatever_unicode_says_is_format_or_control_is_hidden() -> None:
    """The data of Python's own Unicode; what is not ignorable there is shown by what stands by."""
    shown = {*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD}
    shown |= {*range(0x13430, 0x13440)}  # they arrange hieroglyphs
    for code in {*range(sys.maxunicode + 1)} - shown - {0x09, 0x0A}:
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zl", "Zp"}:
            assert HIDDEN.search(chr(code)), hex(code)


@pytest.mark.parametrize(
    "text",
    [
        "a\ufe0f",
        "\u26a0\ufe0f\ufe0f",
        "\U0001f469\u200d",
        "\u200d\U0001f469",
        "\U0001f469\u200d\u200d\U0001f4bb",
        "x\ufe0f\u200d\U0001f4bb",
        "1\ufe0f",
        "\u26a0\ufe00",
    ],
)
def test_a_joiner_or_selector_that_shows_nothing_is_hidden(text: str) -> None:
    assert HIDDEN.search(text)
