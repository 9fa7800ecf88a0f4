"""Prose for the specs that ``--flowcorpus-new`` writes; it keeps every rule and says nothing."""

from __future__ import annotations

import ast
import re
from itertools import cycle, islice
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.rust import Address
from pytest_flowcorpus.rust.address import Block, Call, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMPTY: Final = re.compile(r'"""\n( *)"""')
_WORDS: Final = 60
"""Of the request and of each thought, without the spans: 40 and 250 are asked for."""
_APART: Final = 15
"""How many words stand between two spans of a thought; one in 40 is asked for."""


def filled(spec: str) -> str:
    """Give a spec with words in its empty request and its five empty thoughts.

    No two words of a spec are the same, nor are those of two specs with functions of two names.
    Each item that is extracted is named in a thought.
    """
    names = [*dict.fromkeys(name for text in addresses(spec) if (name := _spoken(text)))]
    told = [names[start :: len(ASPECTS)] for start in range(len(ASPECTS))]
    stem = "".join(re.findall(r"[a-z]", spec.partition("def flow_")[2].partition("(")[0]))
    texts = iter(
        [
            _text(f"{stem}q", []),
            *(
                _text(f"{stem}{part}n", own or names)
                for part, own in zip("abcde", told, strict=True)
            ),
        ]
    )
    done, count = _EMPTY.subn(lambda empty: f'"""\n{empty[1]}{next(texts)}\n{empty[1]}"""', spec)
    assert count == 1 + len(ASPECTS)
    return done


def addresses(spec: str) -> Iterator[str]:
    """Give what a spec extracts, in its order."""
    for node in ast.walk(ast.parse(spec)):
        match node:
            case ast.Call(func=ast.Attribute(attr="extract"), args=[ast.Constant(value=str(text))]):
                yield text


def _spoken(address: str) -> str:
    """Give the name by which an item is spoken of; imports have none."""
    if address == "use":
        return ""
    match Address.parse(address).steps[-1]:
        case Name(name=name):
            return name
        case Block(self_type=spelling) | Call(arguments=spelling):
            return next(part for part in spelling if part[0].isalpha())
        case other:
            raise AssertionError(other)


def _text(stem: str, names: list[str]) -> str:
    words = [f"{stem}{number}" for number in range(_WORDS)]
    spans = max(len(names), _WORDS // _APART if names else 0)
    for number, name in enumerate(islice(cycle(names), spans)):
        words.insert(1 + number * _APART % len(words), f"`{name}`")
    return " ".join(words)
