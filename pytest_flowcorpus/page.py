"""An example as a Markdown page for human readers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pytest_flowcorpus.chatml import fenced, inline
from pytest_flowcorpus.example import Hop, Verdict
from pytest_flowcorpus.rust.hidden import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.example import Example, Excerpt, Fragment, Question, Thought


def page(example: Example, revision: str | None) -> str:
    """Give the page: request, each thought with what was asked under it, code, where it is from.

    Characters that are not seen, or turn round what is shown, stand in it as escapes.
    """
    return escaped("\n".join(_lines(example, revision)) + "\n")


def page_name(spec: str) -> str:
    """Give the file name of a spec's page: of ``flow_x.py::flow_x`` it is ``flow_x.md``."""
    path, _, node = spec.partition("::")
    stem = path.removesuffix(".py")
    # Parameters of a node may hold anything, a way out of the folder too; no two give one name.
    safe = quote(node, safe="[]")
    return f"{stem}.md" if node == stem.rpartition("/")[2] else f"{stem}.{safe}.md"


def _lines(example: Example, revision: str | None) -> Iterator[str]:
    yield f"# {example.title}"
    place = f"at revision {inline(revision)}" if revision else "from a checkout on disk"
    yield f"\n{inline(example.spec)} {place}"
    yield f"\n## Request\n\n{example.request}"
    yield "\n## Reasoning"
    for number, thought in enumerate(example.thoughts, 1):
        yield from _thought(number, thought)
    yield "\n## Code"
    for excerpt in example.excerpts:
        yield f"\n{fenced(excerpt)}"
        yield from _provenance(excerpt, example.fragments)
    if example.defects:
        yield "\n## Defects of the code, kept out of the example\n"
        yield from (f"* {defect}" for defect in example.defects)
    if example.relaxed:
        yield "\n## Rules that it is relaxed from\n"
        yield from (f"* {inline(rule)}: {reason}" for rule, reason in example.relaxed)


def _thought(number: int, thought: Thought) -> Iterator[str]:
    covered = f" ({', '.join(thought.covers)})" if thought.covers else ""
    yield f"\n### {number}{covered}\n\n{thought.text}"
    if thought.questions:
        yield ""
        yield from (f"* {_question(question)}" for question in thought.questions)


def _question(question: Question | Hop) -> str:
    if isinstance(question, Hop):
        return _hop(question)
    verdict = "holds" if question.found else "does not hold"
    return f"{inline(question.fragment)} {verdict} {inline(question.text)}"


def _hop(hop: Hop) -> str:
    caller, callee = inline(hop.caller), inline(hop.callee)
    match hop.verdict:
        case Verdict.RESOLVED:
            return f"{caller} {hop.means} {callee}, line {hop.line}"
        case Verdict.NAMED:
            return f"{caller} {hop.means} something of the name {callee}, line {hop.line}"
        case Verdict.STATED:
            return f"{caller} leads to {callee} through {inline(hop.means)}: stated, not proven"
        case Verdict.ABSENT:
            return f"{caller} never {hop.means} {callee}"


def _provenance(excerpt: Excerpt, fragments: tuple[Fragment, ...]) -> Iterator[str]:
    yield f"blob {inline(excerpt.blob)}{''.join(f', {inline(tag)}' for tag in excerpt.spdx)}\n"
    for fragment in fragments:
        if fragment.path == excerpt.path:
            first, last = fragment.lines
            yield f"* {inline(fragment.address)}, {fragment.kind}, lines {first}-{last}"
