"""The lines that a run closes with: what the flows say twice, their hops, their tokens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pytest

    from pytest_flowcorpus.repetition import Finding

Line = tuple[str, dict[str, bool]]
"""A line and how pytest's terminal writer marks it up."""

_WINDOWS: Final = (2, 4, 8)
_WARNINGS: Final = 20
_PROVEN: Final = (Verdict.RESOLVED, Verdict.NAMED, Verdict.STATED)


def show(reporter: pytest.TerminalReporter, lines: Iterable[Line]) -> None:
    """Write the lines below the name of this plugin."""
    for line, markup in lines:
        reporter.write_line(f"flowcorpus: {line}", **markup)


def show_failures(config: pytest.Config, lines: Iterable[Line]) -> None:
    """Where there is no terminal to tell why the run failed, say it on standard error."""
    if not config.pluginmanager.hasplugin("terminalreporter"):
        for line, markup in lines:
            if markup.get("red"):
                print(f"flowcorpus: {line}", file=sys.stderr)  # noqa: T201


def of_findings(findings: Sequence[Finding], where: str = "") -> Iterator[Line]:
    """Give a line for each finding that fails, and for the first of those that only warn.

    `where` stands before each.
    """
    yield from ((f"{where}{finding}", {"red": True}) for finding in findings if finding.fails)
    warnings = [finding for finding in findings if not finding.fails]
    yield from ((f"{where}{finding}", {"yellow": True}) for finding in warnings[:_WARNINGS])
    if len(warnings) > _WARNINGS:
        more = f"{where}{len(warnings) - _WARNINGS:,} more warnings of this kind"
        yield more, {"yellow": True}


def of_hops(counts: Mapping[str, int]) -> Iterator[Line]:
    """Give the line that tells how many hops are proven, how, and how many are not there."""
    if any(counts.values()):
        told = ", ".join(f"{counts.get(verdict, 0):,} {verdict}" for verdict in _PROVEN)
        yield f"hops: {told}; {counts.get(Verdict.ABSENT, 0):,} ruled out", {}


def of_tokens(counts: Sequence[int], tokenizer: str) -> str:
    """Give the line that tells how long the examples are; of one at least.

    Median and p90 are lengths of examples (nearest rank); shares are rounded down.
    """
    ordered = sorted(counts)
    percents = {"min": 0, "median": 50, "p90": 90, "max": 100}
    told = (f"{name} {_percentile(ordered, percent):,}" for name, percent in percents.items())
    return f"tokens: {', '.join(told)}; {', '.join(_shares(ordered))} ({tokenizer})"


def counted(number: int, noun: str) -> str:
    """Give so many of something, such as ``1,000 pages`` or ``1 page``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _percentile(ordered: Sequence[int], percent: int) -> int:
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def _shares(counts: Sequence[int]) -> Iterator[str]:
    for window in _WINDOWS:
        inside = sum(count <= window * 1024 for count in counts)
        yield f"{inside * 100 // len(counts)} % ≤ {window}k"
