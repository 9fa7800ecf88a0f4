"""How long work before the first test shows that it goes on, and whether in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def is_coloured(config: pytest.Config) -> bool:
    """Tell whether the run is shown in colour; a worker was told by its controller."""
    told: bool = getattr(config, "workerinput", {}).get("flowcorpus_colour", False)
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    return told if reporter is None else told or reporter.hasmarkup


def shown_on(reporter: pytest.TerminalReporter | None) -> Callable[[str], None]:
    """Give a function that shows a line of progress: in place on a terminal, else a line each.

    Off a terminal percentages are left out: a log has no use for a hundred of them.
    """

    def show(text: str) -> None:
        if reporter is None:
            return
        if reporter.isatty:
            reporter.rewrite(f"flowcorpus: {text}", erase=True)
        elif "%" not in text:
            reporter.ensure_newline()
            reporter.write_line(f"flowcorpus: {text}")

    return show
