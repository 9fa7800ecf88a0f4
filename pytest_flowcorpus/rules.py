"""What every example must satisfy: one function a rule, each naming every breach it finds."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus import chatml
from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.prose import open_fence
from pytest_flowcorpus.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.example import Example
    from pytest_flowcorpus.settings import Limits

WORDS_AN_ASPECT: Final = 30
_FILES: Final = 2


def problems(example: Example, limits: Limits) -> list[str]:
    """Give every breach of every rule, a line each; an empty list where the example is good."""
    rules = (encodable, request, aspects, files, functions, think_tags, fences)
    found = list(chain.from_iterable(rule(example) for rule in rules))
    # A record can be asked for its format and length only where the example has all its parts.
    return found or list(record(example)) or list(tokens(example, limits))


def encodable(example: Example) -> Iterator[str]:
    """Every text can be written as UTF-8, those of the manifest too."""
    asked = (question.text for thought in example.thoughts for question in thought.questions)
    for text in (example.title, example.request, example.reasoning, *example.defects, *asked):
        if any("\ud800" <= character <= "\udfff" for character in text):
            yield f"a lone surrogate cannot be written as UTF-8: {text!a}"


def request(example: Example) -> Iterator[str]:
    """Somebody asks for the feature."""
    if not example.request:
        yield "it has no request: say what a maintainer would have asked for, by flow.request(…)"


def aspects(example: Example) -> Iterator[str]:
    """The reasoning gives every aspect at least `WORDS_AN_ASPECT` words."""
    for aspect in ASPECTS:
        texts = [thought.text for thought in example.thoughts if aspect in thought.covers]
        words = sum(len(text.split()) for text in texts)
        if not texts:
            yield f'no thought covers "{aspect}": flow.think(…, covers=["{aspect}"])'
        elif words < WORDS_AN_ASPECT:
            yield f'"{aspect}" is covered by {words} words; {WORDS_AN_ASPECT} are the least'


def files(example: Example) -> Iterator[str]:
    """A flow runs through two files at least."""
    if len(example.excerpts) < _FILES:
        where = example.excerpts[0].path if example.excerpts else "no file at all"
        yield f"a flow runs through at least two files; this one has code from {where}"


def functions(example: Example) -> Iterator[str]:
    """Something happens: one fragment at least is a function."""
    if example.fragments and not any(fragment.kind == "fn" for fragment in example.fragments):
        yield "none of its fragments is a function: extract one that the feature runs through"


def think_tags(example: Example) -> Iterator[str]:
    """Each ``<think>`` tag stands once in the record: a second one makes templates drop words."""
    parts = {
        "system message": example.system,
        "request": example.request,
        "reasoning": example.reasoning,
        **{excerpt.path: excerpt.code for excerpt in example.excerpts},
    }
    for where, text in parts.items():
        for tag in chatml.THINK:
            if tag in text:
                yield f"{tag} stands in the {where}; a record has it once, around the reasoning"


def fences(example: Example) -> Iterator[str]:
    """No fenced block of the prose runs on into what follows it."""
    parts = [("request", example.request)]
    parts += [("reasoning", thought.text) for thought in example.thoughts]
    for where, text in parts:
        if (fence := open_fence(text)) is not None:
            yield f"a fence of the {where} is never closed: {fence}"


def record(example: Example) -> Iterator[str]:
    """The line reads back as exactly what the example says."""
    try:
        if chatml.loads(chatml.dumps(example)) != chatml.record_of(example):
            yield "its record does not read back as what was written"
    except chatml.RecordError as error:
        yield f"its record is not of the format: {error}"


def tokens(example: Example, limits: Limits) -> Iterator[str]:
    """A record fits the window that trainers give it, or its tail would be cut off unseen."""
    contents = chatml.contents(example)
    # A token holds a byte at least, so what is short enough need not be counted.
    if sum(len(content.encode()) for content in contents) <= limits.max_tokens:
        return
    count = count_tokens(contents)
    if count > limits.max_tokens:
        yield (
            f"its record has {count:,} tokens; the limit is {limits.max_tokens:,} "
            "([limits] max_tokens): extract fewer or smaller items"
        )
