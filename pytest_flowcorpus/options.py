"""The command line: what can be asked for, and what cannot be asked for together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


STDOUT = "-"
"""The value of ``--flowcorpus-out`` that means standard output."""
MARK = "flowcorpus_relax"
"""The name of the mark: ``@pytest.mark.flowcorpus_relax("filler", reason="…")``, one for a rule."""
RELAX = f"{MARK}(rule, reason): do not hold this flow to a rule of its corpus, and say why"
"""What ``--markers`` tells of it."""


def add(group: pytest.OptionGroup) -> None:
    """Add every option to `group`."""
    group.addoption(
        "--flowcorpus-out",
        metavar="FILE",
        help="write the example of every flow that passes to FILE, one JSON record a line, and "
        "beside it FILE's manifest (where each line of code is from); - prints the lines. A run "
        "that does not finish leaves FILE as it was.",
    )
    group.addoption(
        "--flowcorpus-render",
        metavar="DIR",
        help="write each example as a Markdown page for human readers into DIR",
    )
    group.addoption(
        "--flowcorpus-checkout",
        metavar="DIR",
        help="read the Rust from the checkout in DIR as it is, uncommitted edits included, instead "
        "of the revision that flowcorpus.toml pins",
    )
    group.addoption(
        "--flowcorpus-rev",
        metavar="REV",
        help="read the Rust at REV (a branch, a tag or a full sha of the remote) instead of the "
        "revision that flowcorpus.toml pins: do the flows still hold there?",
    )


def check(config: pytest.Config) -> None:
    """Raise `pytest.UsageError` where options contradict each other or name what is not there."""
    if hasattr(config, "workerinput"):
        return  # the controller has checked them, and would be raced for the probe
    option = config.option
    for name in ("out", "render", "checkout", "rev"):
        if getattr(option, f"flowcorpus_{name}") == "":
            raise pytest.UsageError(f"--flowcorpus-{name}: needs a value")
    if option.flowcorpus_rev and option.flowcorpus_checkout:
        raise pytest.UsageError(
            "--flowcorpus-rev and --flowcorpus-checkout both say where the Rust is from: give one"
        )
    if option.flowcorpus_rev and is_updating(option):
        raise pytest.UsageError(
            "--flowcorpus-rev with --snapshot-update: the next run at the pinned revision would "
            "fail; set rev in flowcorpus.toml first"
        )
    if option.flowcorpus_out not in (None, STDOUT) and not option.collectonly:
        _check_out(config.invocation_params.dir / option.flowcorpus_out)


def is_updating(option: Namespace) -> bool:
    """Tell whether snapshots are to be written; syrupy may be switched off."""
    names = ("update_snapshots", "update_new_snapshots_only")
    return any(getattr(option, name, False) for name in names)


def is_asked(config: pytest.Config) -> bool:
    """Tell whether the run is asked for anything of ours."""
    names = ("out", "render", "checkout", "rev")
    return any(getattr(config.option, f"flowcorpus_{name}") for name in names)


def _check_out(path: Path) -> None:
    from pytest_flowcorpus.output import OutputError, check_target  # noqa: PLC0415

    try:
        check_target(path)
    except OutputError as error:
        raise pytest.UsageError(f"--flowcorpus-out: {error}") from None
