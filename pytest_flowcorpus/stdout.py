"""Standard output, past what pytest catches."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from pytest_flowcorpus.output import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest


def write(config: pytest.Config, pieces: Iterable[bytes]) -> None:
    """Write bytes at the start of a line; raises `OutputError` where nobody reads them."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        reporter.write_line("")
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        try:
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.flush()
        except OSError as error:
            raise OutputError(f"standard output: {error.strerror}") from None
