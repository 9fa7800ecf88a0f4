"""An example as one ChatML record, and a strict reader of such records.

The answer has the layout that trainers of reasoning models split on, byte for byte:
``<think>``, the reasoning, ``</think>``, a blank line, then for each file its path as inline code
and one fenced block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from pytest_flowcorpus.example import Example, Excerpt

THINK: Final = ("<think>", "</think>")
SPECIAL: Final = re.compile(
    r"<[|\uff5c]/?[\w\u2581][\w\u2581:./-]*[|\uff5c]>|<\|turn>|<turn\|>|<(?:start|end)_of_turn>"
)
"""Finds what tokenizers take for the end or the beginning of a message, wherever it stands.

``<|im_end|>`` of ChatML, and what other models of its shape have (Llama 3, Phi, GLM, Kimi, gpt-oss;
DeepSeek with full-width bars), and Gemma's. None is Rust outside of literals and comments; ``<s>``,
``[INST]`` and ``<tool_call>`` can be, and stay.
"""
_ROLES: Final = ("system", "user", "assistant")
_RUN: Final = re.compile("`+")
_OPENING: Final = re.compile(
    r"(?P<ticks>`+) ?(?P<path>[^\r\n]+?) ?(?P=ticks)\n\n(?P<fence>`{3,})rust\n"
)

# JSON allows them as they are, but `str.splitlines` and its like would part a line there.
_LINE_BREAKS: Final = tuple(
    (character.encode(), f"\\u{ord(character):04x}".encode()) for character in "\u0085\u2028\u2029"
)


class RecordError(ValueError):
    """A line is not a record of the format that this module writes."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in one line of the JSONL."""

    system: str
    request: str
    reasoning: str
    files: tuple[tuple[str, str], ...]
    """Path and code of each file; the code ends in a newline."""


def record_of(example: Example) -> Record:
    """Give what the line of `example` will say."""
    files = tuple((excerpt.path, _ended(excerpt.code)) for excerpt in example.excerpts)
    return Record(example.system, example.request, example.reasoning, files)


def answer(example: Example) -> str:
    """Give the assistant's message: the reasoning, then the code, file by file."""
    start, end = THINK
    files = "\n".join(fenced(excerpt) for excerpt in example.excerpts)
    return f"{start}\n{example.reasoning}\n{end}\n\n{files}"


def contents(example: Example) -> tuple[str, str, str]:
    """Give the three messages of `example`: system, user, assistant."""
    return example.system, example.request, answer(example)


def dumps(example: Example) -> bytes:
    """Give the line of `example`, with its newline.

    Raises `RecordError` where a text cannot be written as UTF-8 (a lone surrogate).
    """
    messages = [
        {"role": role, "content": content}
        for role, content in zip(_ROLES, contents(example), strict=True)
    ]
    try:
        line = orjson.dumps(
            {"type": "chatml", "messages": messages}, option=orjson.OPT_APPEND_NEWLINE
        )
    except TypeError as error:
        raise RecordError(f"a text cannot be written as UTF-8: {error}") from None
    for character, escape in _LINE_BREAKS:
        line = line.replace(character, escape)
    return line


def loads(line: bytes) -> Record:
    """Read a line back, or raise `RecordError` where it departs from the format in any way."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error}") from None
    system, request, content = _contents(data)
    return Record(system, request, *_answered(content))


def fenced(excerpt: Excerpt) -> str:
    """Give the path as a line of inline code and the code in a fence that it cannot close."""
    fence = "`" * max(3, _longest_run(excerpt.code) + 1)
    return f"{inline(excerpt.path)}\n\n{fence}rust\n{_ended(excerpt.code)}{fence}\n"


def inline(text: str) -> str:
    """Give `text` as a Markdown code span, whatever backticks it holds."""
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _contents(data: object) -> list[str]:
    match data:
        case {"type": "chatml", "messages": [*messages], **others} if not others:
            pairs = [_role_and_content(message) for message in messages]
        case _:
            raise RecordError("not exactly the keys `type` (chatml) and `messages`")
    if tuple(role for role, _ in pairs) != _ROLES:
        raise RecordError("not exactly the messages system, user, assistant")
    return [content for _, content in pairs]


def _role_and_content(message: object) -> tuple[str, str]:
    match message:
        case {"role": str(role), "content": str(content), **others} if content and not others:
            return role, content
        case _:
            raise RecordError("a message is not exactly a role and a content that is not empty")


def _answered(content: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    start, end = THINK
    if content.count(start) != 1 or content.count(end) != 1:
        raise RecordError(f"{start} and {end} do not stand exactly once in the answer")
    reasoning, parted, files = content.removeprefix(f"{start}\n").partition(f"\n{end}\n\n")
    if not content.startswith(f"{start}\n") or not parted:
        raise RecordError(f"the reasoning does not stand between {start} and {end} at the start")
    return reasoning, tuple(_files(files))


def _files(text: str) -> list[tuple[str, str]]:
    files: list[tuple[str, str]] = []
    at = 0
    while opening := _OPENING.match(text, at):
        closing = re.compile(f"^ {{0,3}}{opening['fence']}`*[ \t]*$", re.MULTILINE)
        closed = closing.search(text, opening.end())
        if closed is None:
            raise RecordError(f"the fence of {opening['path']} is never closed")
        files.append((opening["path"], text[opening.end() : closed.start()]))
        at = closed.end() + 1
        at += text.startswith("\n", at)
    if at < len(text) or not files:
        raise RecordError("something other than paths and fenced code follows the reasoning")
    return files


def _longest_run(text: str) -> int:
    return max(map(len, _RUN.findall(text)), default=0)


def _ended(code: str) -> str:
    return code if code.endswith("\n") else f"{code}\n"
