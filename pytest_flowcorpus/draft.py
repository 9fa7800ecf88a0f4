"""An example in the making: what a flow has told and taken so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_flowcorpus.example import Example, Excerpt, Fragment, Hop, Question, Thought
from pytest_flowcorpus.told import Places, line_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_flowcorpus.corpus import CodeFile, OpenCorpus
    from pytest_flowcorpus.rust import Found


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that is part of the example: as it was found, and as it will be told."""

    found: Found
    fragment: Fragment


@dataclass(slots=True, eq=False)
class Draft:
    """Gathers the parts of one example, in the order in which its flow tells them."""

    spec: str
    """The node of the spec, as ``flow_x.py::flow_x``, from the corpus folder."""
    title: str
    opened: OpenCorpus
    request: str = ""
    is_requested: bool = False
    """Whether the request was told; what was told can still be empty."""
    request_line: int | None = None
    """The spec's line that told the request; None where no line of the spec did."""
    thought_lines: list[int | None] = field(default_factory=list)
    """The same of each thought."""
    defects: list[str] = field(default_factory=list)
    _thoughts: list[Thought] = field(default_factory=list)
    _early: tuple[Question | Hop, ...] = ()
    _taken: dict[str, dict[tuple[int, int], Taken]] = field(default_factory=dict)

    @property
    def spec_path(self) -> Path:
        """The file that the flow stands in."""
        return self.opened.corpus.folder / self.spec.partition("::")[0]

    def places(self, shown: str) -> Places:
        """Give where the prose stands in the spec; `shown` is how a message calls the spec."""
        return Places(self.spec_path, shown, (self.request_line, *self.thought_lines))

    def open(self, code: CodeFile) -> None:
        """Note that a file was opened, before anything is taken from it."""
        self._taken.setdefault(code.blob.path, {})

    def take(self, code: CodeFile, found: Found) -> Fragment:
        """Make an item part of the example; one that is taken twice stands once."""
        taken, span = self._taken[code.blob.path], (found.start, found.end)
        if span not in taken:
            taken[span] = Taken(found, _fragment(code, found))
        return taken[span].fragment

    def add_request(self, text: str) -> None:
        """Set the request; nothing keeps a second one from replacing it."""
        self.request, self.is_requested = text, True
        self.request_line = self._line()

    def add_thought(self, text: str, covers: tuple[str, ...]) -> None:
        """Add a thought; what was asked before the first one stands under that one."""
        self._thoughts.append(Thought(text, covers, self._early))
        self._early = ()
        self.thought_lines.append(self._line())

    def add_question(self, question: Question | Hop) -> None:
        """Note a question and its answer under the thought that it stands under."""
        if not self._thoughts:
            self._early = (*self._early, question)
            return
        last = self._thoughts[-1]
        self._thoughts[-1] = Thought(last.text, last.covers, (*last.questions, question))

    def unwritten(self) -> Iterator[tuple[str, int | None, str]]:
        """Give what was told and is empty: the rule that asks for it, its line, what it is."""
        if self.is_requested and not self.request:
            yield "request", self.request_line, "the request"
        for line, thought in zip(self.thought_lines, self._thoughts, strict=True):
            if not thought.text:
                about = f" on {' and '.join(thought.covers)}" if thought.covers else ""
                yield "reasoning", line, f"the thought{about}"

    def idle_files(self) -> list[str]:
        """Give the files that were opened and nothing extracted from."""
        return [path for path, taken in self._taken.items() if not taken]

    def hops(self) -> list[Hop]:
        """Give the hops that were asked about or stated so far."""
        asked = (question for thought in self._thoughts for question in thought.questions)
        return [question for question in asked if isinstance(question, Hop)]

    def example(self) -> Example:
        """Give all of it as frozen data."""
        paths = [path for path, taken in self._taken.items() if taken]
        return Example(
            spec=self.spec,
            title=self.title,
            system=self.opened.corpus.settings.system,
            request=self.request,
            thoughts=tuple(self._thoughts),
            excerpts=tuple(self._excerpt(path) for path in paths),
            fragments=tuple(fragment for path in paths for fragment in self._in_order(path)),
            defects=tuple(self.defects),
        )

    def _line(self) -> int | None:
        return line_in(str(self.spec_path))

    def _excerpt(self, path: str) -> Excerpt:
        code = self.opened.file(path)
        excerpt = code.rust.excerpt(taken.found for taken in self._taken[path].values())
        return Excerpt(path, excerpt.text.decode(), excerpt.lines, code.blob.sha, code.spdx)

    def _in_order(self, path: str) -> list[Fragment]:
        return [taken.fragment for _, taken in sorted(self._taken[path].items())]


def _fragment(code: CodeFile, found: Found) -> Fragment:
    return Fragment(
        path=code.blob.path,
        address=found.address,
        kind=str(found.kind),
        lines=(found.first_line, found.last_line),
        text=found.text.decode(),
        fingerprint=code.rust.fingerprint(found),
    )
