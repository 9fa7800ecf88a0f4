"""What a flow yields: plain frozen data, ready to be checked, written and shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_flowcorpus.rust import Fingerprint

ASPECTS: Final = ("orchestration", "boundaries", "errors", "performance", "testing")
"""What the reasoning of every example covers; maintainability belongs to the last."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item that a flow extracted."""

    path: str
    """Its file, from the top of the repository."""
    address: str
    """The full address, which finds this item and no other in its file."""
    kind: str
    """What kind of Rust item it is: ``fn``, ``struct``, ``impl``, ``use`` …"""
    lines: tuple[int, int]
    """Its first and last line, counted from 1."""
    text: str
    """Its code with docs, attributes and attached comments, byte for byte."""
    fingerprint: Fingerprint
    """The digests by which a change is told from no change."""

    def __str__(self) -> str:
        return f"{self.path}::{self.address}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The fragments of one file, in source order, inside their enclosing lines."""

    path: str
    """The file, from the top of the repository."""
    code: str
    """Whole lines of the file, with one blank line for each gap."""
    lines: tuple[tuple[int, int], ...]
    """The ranges of lines that ``code`` holds, first and last, counted from 1."""
    blob: str
    """The git blob id of the whole file."""
    spdx: tuple[str, ...]
    """The file's SPDX tags, such as ``SPDX-License-Identifier: MIT``."""

    def place(self, offset: int) -> str:
        """Give where a character of ``code`` stands: ``path:line:column``, counted from 1."""
        before = self.code[:offset]
        # Between two ranges `code` has a blank line, which is none of the file's.
        numbers = [n for first, last in self.lines for n in (*range(first, last + 1), last)]
        column = offset - before.rfind("\n")
        return f"{self.path}:{numbers[before.count(chr(10))]}:{column}"


@dataclass(frozen=True, slots=True)
class Question:
    """Something a spec asked about a fragment, and the answer it got."""

    fragment: str
    """The fragment asked, as ``path::address``."""
    text: str
    """The text that was looked for in its code."""
    found: bool
    """Whether it stands there."""


class Verdict(StrEnum):
    """How much is known of a hop."""

    RESOLVED = "resolved"
    """The code calls or names the callee: syntax leads to that item and no other."""
    NAMED = "named"
    """The code calls something of the callee's name, which syntax cannot tell apart."""
    STATED = "stated"
    """No line of the code says it: a framework does it, as the spec's author states."""
    ABSENT = "absent"
    """The code neither calls nor names the callee."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from one item to another that a spec asked about or stated."""

    caller: str
    """The fragment that would call or name the other, as ``path::address``."""
    callee: str
    """An item, as ``path::address``; of a hop that is only named it can be a bare name."""
    means: str
    """``calls``, ``mentions``, or for a stated hop what it goes through (`via`)."""
    verdict: Verdict
    line: int | None = None
    """Where the caller's file names the callee, counted from 1; None where no line does."""


@dataclass(frozen=True, slots=True)
class Thought:
    """One ``think`` of a spec, with the questions that stand under it, in the order asked."""

    text: str
    covers: tuple[str, ...]
    questions: tuple[Question | Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A request, the reasoning and the code that answers it."""

    spec: str
    """The node of the spec, as ``flow_x.py::flow_x``, from the corpus folder."""
    title: str
    system: str
    request: str
    thoughts: tuple[Thought, ...]
    excerpts: tuple[Excerpt, ...]
    """One for each file, in the order in which the spec names the files."""
    fragments: tuple[Fragment, ...]
    """Each item once, by file in the order of ``excerpts``, then by place in the file."""
    defects: tuple[str, ...] = ()
    relaxed: tuple[tuple[str, str], ...] = ()
    """The rules that do not hold this example, each with the reason why not."""

    @property
    def hops(self) -> tuple[Hop, ...]:
        """All hops that the spec asked about or stated, in that order."""
        asked = (question for thought in self.thoughts for question in thought.questions)
        return tuple(question for question in asked if isinstance(question, Hop))

    @property
    def hop_counts(self) -> dict[str, int]:
        """How many hops have each verdict, in the order of `Verdict`; one asked twice is one."""
        verdicts = [hop.verdict for hop in set(self.hops)]
        return {str(verdict): verdicts.count(verdict) for verdict in Verdict if verdict in verdicts}

    @property
    def reasoning(self) -> str:
        """All thoughts, joined by blank lines."""
        return "\n\n".join(thought.text for thought in self.thoughts)
