"""The section of a failed flow's report that tells what became of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_flowcorpus.drift import file, view
from pytest_flowcorpus.drift.account import account_of

if TYPE_CHECKING:
    import pytest

    from pytest_flowcorpus.corpus import OpenCorpus

_FULL = 2


def explain(item: pytest.Item, report: pytest.TestReport, opened: OpenCorpus) -> dict[str, Any]:
    """Add the section, where there is something to tell; gives what it tells as data."""
    account = account_of(item, opened)
    if account is None:
        return {}
    writer = item.config.get_terminal_writer()
    is_full = item.config.get_verbosity() >= _FULL
    lines = (writer.markup(line, **mark) for line, mark in view.lines(account, is_full=is_full))
    report.sections.append((view.head(account), "\n".join(lines)))
    return file.entry(account)
