"""What every example must satisfy: one function a rule, by the rule's name, naming every breach."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus import chatml
from pytest_flowcorpus.breach import Breach
from pytest_flowcorpus.example import ASPECTS, Question
from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.passages import CODE, passages
from pytest_flowcorpus.prose import blocks, open_fence
from pytest_flowcorpus.rust.hidden import HIDDEN, is_bidirectional, named
from pytest_flowcorpus.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_flowcorpus.example import Example
    from pytest_flowcorpus.passages import Passage
    from pytest_flowcorpus.settings import Settings
    from pytest_flowcorpus.told import Places

RELAXABLE: Final = (
    *("request_words", "reasoning_words", "aspect_words", "filler", "layers", "hidden"),
)
"""The rules that one flow can be relaxed from: without the others its row is false or broken."""
OF_PROSE: Final = ("request", "request_words", "reasoning_words", "aspect_words", "filler")
"""The rules that have nothing to say of a flow whose prose is not written yet."""

_FILES: Final = 2
_AROUND: Final = 3
_PLACES: Final = 5
"""So many places of one text are told."""
_NUL: Final = re.compile("\0")
_CONTROL: Final = re.compile(r"[\0-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
# CommonMark 0.31 §6.1: a run of backticks closes at the next run of its length.
_CODE_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_THINK: Final = re.compile("|".join(chatml.THINK))
_FILLER: Final = re.compile(
    r"(?<!\w)(?:robust(?:ly|ness)?|scalab(?:le|ly|ility)|seamless(?:ly|ness)?"
    r"|best[-\s]+practices?|leverag(?:e[sd]?|ing)|ensur(?:e[sd]?|ing)\s+that)(?!\w)",
    re.IGNORECASE,
)


def breaches(
    example: Example,
    settings: Settings,
    places: Places | None = None,
    count: Callable[[Sequence[str]], int] = count_tokens,
) -> list[Breach]:
    """Give every breach of every rule; an empty list where the example is good.

    `places` tells where its prose stands in its spec. `count` gives the tokens of some texts; that
    there are too many is not taken from it alone.
    """
    parts = (encodable, request, reasoning, aspects, files, paths, functions, fences)
    measures = (request_words, reasoning_words, aspect_words, filler, layers)
    texts = [*passages(example, places)]
    found = _found(parts, example) + _found((nul, think_tags, special_tokens), texts)
    # A record can be asked for its format and length only where the example has all its parts.
    found = found or _found((record,), example) or _found((tokens,), example, settings, count)
    return found + _found(measures, example, settings) + _found((hidden,), texts)


def _found(rules: Iterable[Callable[..., Iterator[str]]], *judged: object) -> list[Breach]:
    return [Breach(rule.__name__, problem) for rule in rules for problem in rule(*judged)]


def encodable(example: Example) -> Iterator[str]:
    """Every text can be written as UTF-8, those of the manifest too."""
    for text in _texts(example):
        if _SURROGATE.search(text):
            yield f"a lone surrogate cannot be written as UTF-8: {text!a}"


def request(example: Example) -> Iterator[str]:
    """Somebody asks for the feature."""
    if not example.request:
        yield "it has no request: say what a maintainer would have asked for, by flow.request(…)"


def reasoning(example: Example) -> Iterator[str]:
    """Somebody thinks it through."""
    if not example.thoughts:
        yield "it has no reasoning: tell it thought by thought, by flow.think(…)"


def aspects(example: Example) -> Iterator[str]:
    """The reasoning leaves no aspect out."""
    for aspect in ASPECTS:
        if not any(aspect in thought.covers for thought in example.thoughts):
            yield f'no thought covers "{aspect}": flow.think(…, covers=["{aspect}"])'


def files(example: Example) -> Iterator[str]:
    """A flow runs through two files at least."""
    if len(example.excerpts) < _FILES:
        where = example.excerpts[0].path if example.excerpts else "no file at all"
        yield f"a flow runs through at least two files; this one has code from {where}"


def paths(example: Example) -> Iterator[str]:
    """A file's path stands on one line."""
    for excerpt in example.excerpts:
        if _CONTROL.search(excerpt.path):
            yield f"{excerpt.path}: a path with a control character stands on no line of a record"


def functions(example: Example) -> Iterator[str]:
    """Something happens: one fragment at least is a function."""
    if example.fragments and not any(fragment.kind == "fn" for fragment in example.fragments):
        yield "none of its fragments is a function: extract one that the feature runs through"


def nul(texts: Iterable[Passage]) -> Iterator[str]:
    """No text has a NUL: Markdown replaces it, and much else ends there."""
    for text in texts:
        for place, _ in _stands(_NUL, text):
            yield f"{place}: NUL stands in {text.what}, and few readers keep it: take it out"


def think_tags(texts: Iterable[Passage]) -> Iterator[str]:
    """Each ``<think>`` tag stands once in the record: a second one makes templates drop words."""
    for text in texts:
        for place, tag in _stands(_THINK, text) if text.is_in_record else ():
            yield (
                f"{place}: {tag} stands in {text.what}; a record has it once, around the reasoning"
            )


def special_tokens(texts: Iterable[Passage]) -> Iterator[str]:
    """No text ends its message: what parts messages stands between them alone."""
    for text in texts:
        for place, token in _stands(chatml.SPECIAL, text) if text.is_in_record else ():
            yield (
                f"{place}: {token} stands in {text.what}, and parts messages where a model reads "
                "it: leave it out"
            )


def hidden(texts: Iterable[Passage]) -> Iterator[str]:
    """Nothing is told or quoted that is not seen, or is read in another order than it is shown."""
    for text in texts:
        for place, character in _stands(HIDDEN, text):
            # A byte order mark says how its file is read, and is no part of what the file says.
            is_mark = character == "\ufeff" and text.what == CODE and place.endswith(":1:1")
            if character != "\0" and not is_mark:
                turned = "turns round what is shown" if is_bidirectional(character) else "is hidden"
                yield (
                    f"{place}: {named(character)} {turned} in {text.what}: leave it out, or relax "
                    "the rule and say why it is there"
                )


def fences(example: Example) -> Iterator[str]:
    """No fenced block of the prose runs on into what follows it."""
    for where, text in _prose(example):
        if (fence := open_fence(text)) is not None:
            yield f"a fence of {where} is never closed: {fence}"


def record(example: Example) -> Iterator[str]:
    """The line reads back as exactly what the example says."""
    try:
        if chatml.loads(chatml.dumps(example)) != chatml.record_of(example):
            yield "its record does not read back as what was written"
    except chatml.RecordError as error:
        yield f"its record is not of the format: {error}"


def tokens(
    example: Example, settings: Settings, count: Callable[[Sequence[str]], int]
) -> Iterator[str]:
    """A record fits the window that trainers give it, or its tail would be cut off unseen."""
    contents = chatml.contents(example)
    most = settings.limits.max_tokens
    # A token holds a byte at least, so what is short enough need not be counted.
    if sum(len(content.encode()) for content in contents) <= most:
        return
    if count(contents) > most and (counted := count_tokens(contents)) > most:
        yield (
            f"its record has {counted:,} tokens; the limit is {most:,} ([limits] max_tokens): "
            "extract fewer or smaller items"
        )


def request_words(example: Example, settings: Settings) -> Iterator[str]:
    """The request is neither a headline nor a design."""
    yield from _length("request", example.request, settings.limits.request_words)


def reasoning_words(example: Example, settings: Settings) -> Iterator[str]:
    """The reasoning is neither a remark nor a treatise."""
    yield from _length("reasoning", example.reasoning, settings.limits.reasoning_words)


def aspect_words(example: Example, settings: Settings) -> Iterator[str]:
    """An aspect is not covered by name alone."""
    least = settings.limits.aspect_words
    for aspect in ASPECTS:
        texts = [thought.text for thought in example.thoughts if aspect in thought.covers]
        words = sum(len(text.split()) for text in texts)
        if texts and words < least:
            yield f'"{aspect}" is covered by {words} words; {least} are the least'


def filler(example: Example, _: Settings) -> Iterator[str]:
    """The prose has no phrase that would be as true of any other feature."""
    for where, text in _prose(example):
        for block in blocks(text):
            if block.info is None:
                yield from _phrases(text[block.start : block.end], where)


def layers(example: Example, settings: Settings) -> Iterator[str]:
    """A flow runs through more than one layer, where the corpus says what its layers are."""
    declared, least = Layers(settings), settings.limits.layers
    by_path = {excerpt.path: declared.layer_of(excerpt.path) for excerpt in example.excerpts}
    reached = [name for name in declared.names if name in by_path.values()]
    if declared.names and by_path and len(reached) < least:
        where = ", ".join(f"{path} ({layer or 'no layer'})" for path, layer in by_path.items())
        yield f"it runs through {len(reached)} of the [layers]; {least} are the least: {where}"


def _texts(example: Example) -> Iterator[str]:
    yield from (example.spec, example.title, example.request, example.reasoning, *example.defects)
    yield from (reason for _, reason in example.relaxed)
    for asked in chain.from_iterable(thought.questions for thought in example.thoughts):
        yield asked.text if isinstance(asked, Question) else f"{asked.callee} {asked.means}"


def _prose(example: Example) -> Iterator[tuple[str, str]]:
    """Give the texts that are written by hand, each with what it is."""
    yield "the request", example.request
    yield from ((f"thought {n}", thought.text) for n, thought in enumerate(example.thoughts, 1))


def _stands(sought: re.Pattern[str], passage: Passage) -> Iterator[tuple[str, str]]:
    """Give places and texts of the first finds in a passage; the last place counts the others."""
    found = [*sought.finditer(passage.text)]
    more = len(found) - _PLACES
    for number, one in enumerate(found[:_PLACES], 1):
        others = f" and {more:,} more" if number == _PLACES and more > 0 else ""
        yield f"{passage.place(one.start())}{others}", one[0]


def _length(what: str, text: str, limits: tuple[int, int]) -> Iterator[str]:
    words, (least, most) = len(text.split()), limits
    if words and (words < least or words > (most or words)):
        upwards = f"{least} to {most}" if most else f"{least} or more"
        yield f"its {what} has {words} words; it should have {upwards} ([limits] {what}_words)"


def _phrases(text: str, where: str) -> Iterator[str]:
    told = _CODE_SPAN.sub(lambda span: "`" * len(span[0]), text)
    for phrase in _FILLER.finditer(told):
        before, after = text[: phrase.start()].split(), text[phrase.end() :].split()
        said = " ".join(phrase[0].split())
        around = " ".join((*before[-_AROUND:], said, *after[:_AROUND]))
        yield f'{where} says "{said.lower()}", which says nothing: "… {around} …"'
