"""Texts that readers of JSONL and chat templates have stumbled over, and examples made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import Thought
from tests.unit.examples import example, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_flowcorpus.example import Example

TEXTS: Final[Mapping[str, str]] = {
    "what Unicode calls line breaks": "a\u2028b\u2029c\u0085d\ve\ff",
    "CRLF and a lone CR": "fn go() {\r\n\tstay();\r}\r\n",
    "control characters": "".join(map(chr, [*range(1, 0x20), *range(0x7F, 0xA0)])),
    "byte order marks": "\ufeffa\ufeffb\ufeff",
    "astral, private and no characters": "🦀 \U00010000 \U0010ffff \ue000 \ufdd0 \ufffe \uffff",
    "joiners, directions, decomposed": "👩\u200d👧 \u202eabc\u202c e\u0301 \u00e9 \ufb01 \u212b",
    "backticks": "` `` ``` ```` ```rust\n~~~ `` ` ``",
    "backslashes": r"C:\new\u2028 \" \\ \x00 \ ",
    "another record": '{"type": "chatml", "messages": [{"role": "user", "content": null}]}',
    "a date": "2026-01-02T03:04:05Z",
    "a number": "-0",
    "nothing": "null",
    "a template": "{{ messages }} {% endif %} {# gone? #} {%- raw -%} ${x} %s {0}",
    "another model's tokens": "[INST] <<SYS>> </s> <|eot_id|> <tool_call> <｜User｜>",
    "white space around": " \t\n words \n\n ",
    "a line of a million characters": "let x = 0; " * 100_000,
}


def example_of(text: str) -> Example:
    """Give an example that has `text` wherever a text can stand."""
    return example(
        system=text,
        request=text,
        thoughts=(Thought(f"First {text} last.", ()),),
        excerpts=(excerpt(code=text), excerpt("src/b.rs", f"// {text}")),
    )
