"""The texts of an example, each with where it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.folders import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_flowcorpus.example import Example
    from pytest_flowcorpus.told import Places

CODE: Final = "the code"
"""What the passages of code are called."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of an example."""

    what: str
    """Such as ``the request``."""
    text: str
    place: Callable[[int], str]
    """Gives where a character of the text stands, as far as that is known."""
    is_in_record: bool = True
    """Whether the line of the JSONL holds it; else the manifest and the page do."""


def passages(example: Example, places: Places | None = None) -> Iterator[Passage]:
    """Give all that is told or quoted; without `places` it is not known where prose stands."""
    yield Passage("the system message", example.system, lambda _: SETTINGS_FILE)
    told = (("the request", example.request), *_thoughts(example))
    for part, (what, text) in enumerate(told):
        place = places.of_part(part) if places else what
        yield Passage(what, text, lambda _, place=place: place)  # type: ignore[misc]
    for excerpt in example.excerpts:
        yield Passage("the path", excerpt.path, lambda _, path=excerpt.path: path)  # type: ignore[misc]
        yield Passage(CODE, excerpt.code, excerpt.place)
    yield from _beside(example)


def _thoughts(example: Example) -> Iterator[tuple[str, str]]:
    for number, thought in enumerate(example.thoughts, 1):
        yield f"thought {number}", thought.text


def _beside(example: Example) -> Iterator[Passage]:
    """Give what stands beside the record."""
    texts = [("the title", example.title)]
    texts += [(f"defect {number}", text) for number, text in enumerate(example.defects, 1)]
    for what, text in texts:
        yield Passage(what, text, lambda _: example.spec, is_in_record=False)
