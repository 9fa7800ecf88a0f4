"""The section of a failed flow's report that tells what became of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_flowcorpus.drift import file, view
from pytest_flowcorpus.drift.flow import flow_drift
from pytest_flowcorpus.progress import is_coloured
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    import pytest

    from pytest_flowcorpus.draft import Draft
    from pytest_flowcorpus.summary import Line

_FULL: Final = 2
_UNTOLD: Final = "What became of its code cannot be told"
# ECMA-48, Select Graphic Rendition. A worker has no terminal to ask.
_CODES: Final = {"bold": 1, "light": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def explain(item: pytest.Item, report: pytest.TestReport, draft: Draft) -> dict[str, Any]:
    """Add the section, where there is something to tell; gives what it tells as data."""
    try:
        drift = flow_drift(item, draft.opened, draft.hops())
    except SourceError as error:
        report.sections.append((_UNTOLD, str(error)))
        return {}
    if drift is None:
        return {}
    lines = view.lines(drift, is_full=item.config.get_verbosity() >= _FULL)
    shown = map(_marked, lines) if is_coloured(item.config) else (line for line, _ in lines)
    report.sections.append((view.head(drift), "\n".join(shown)))
    # What the list of failures at the end of the run says of this one.
    if crash := getattr(report.longrepr, "reprcrash", None):
        crash.message = view.brief(drift)
    return file.entry(drift)


def _marked(line: Line) -> str:
    text, marks = line
    codes = "".join(f"\x1b[{_CODES[name]}m" for name, is_on in marks.items() if is_on)
    return f"{codes}{text}\x1b[0m" if codes else text
