"""The command line: what can be asked for, and what cannot be asked for together."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


STDOUT = "-"
"""The value of ``--flowcorpus-out`` and ``--flowcorpus-scan`` that means standard output."""
_WHOLE = 100
_NAMES = ("out", "render", "drift", "checkout", "rev", "scan", "new")
_ERRANDS = ("scan", "new")
"""The options that have something done instead of running tests."""
_DRY = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
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
        "--flowcorpus-drift",
        metavar="FILE.json",
        help="write what became of the code of every flow since its review to FILE.json: which "
        "changed, by what commits, what to read again, what to write in the spec",
    )
    group.addoption(
        "--flowcorpus-scan",
        nargs="?",
        const=True,
        metavar="FILE.json",
        help="run nothing; tell which entry points of the source (flowcorpus.toml, [entries]) no "
        "flow tells of yet, and how much of each layer and file stands in a flow; with =FILE.json "
        "(- prints it) for programs too",
    )
    group.addoption(
        "--flowcorpus-fail-under",
        type=_percent,
        metavar="N",
        help="with --flowcorpus-scan: fail where less than N percent of the source's lines stand "
        "in a flow",
    )
    group.addoption(
        "--flowcorpus-new",
        metavar="FILE::ITEM",
        help="run nothing; write the spec of a flow that begins at that function, such as "
        "core/x.rs::f: the items that it runs through and the asserts that hold, and all prose "
        "left to you",
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
    for name in _NAMES:
        if getattr(option, f"flowcorpus_{name}") == "":
            raise pytest.UsageError(f"--flowcorpus-{name}: needs a value")
    _check_errand(option)
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
    if option.flowcorpus_drift and not option.collectonly:
        _check_drift(config.invocation_params.dir / option.flowcorpus_drift)


def is_updating(option: Namespace) -> bool:
    """Tell whether snapshots are to be written; syrupy may be switched off."""
    names = ("update_snapshots", "update_new_snapshots_only")
    return any(getattr(option, name, False) for name in names)


def is_dry(option: Namespace) -> bool:
    """Tell whether a run shows what it would do, and runs nothing."""
    return any(getattr(option, name, False) for name in _DRY)


def is_asked(config: pytest.Config) -> bool:
    """Tell whether the run is asked for anything of ours."""
    return any(getattr(config.option, f"flowcorpus_{name}") for name in _NAMES)


def _check_errand(option: Namespace) -> None:
    asked = [f"--flowcorpus-{name}" for name in _ERRANDS if getattr(option, f"flowcorpus_{name}")]
    if option.flowcorpus_fail_under is not None and not option.flowcorpus_scan:
        raise pytest.UsageError("--flowcorpus-fail-under goes with --flowcorpus-scan")
    if len(asked) > 1:
        raise pytest.UsageError(f"{' and '.join(asked)}: give one of them")
    of_flows = (option.flowcorpus_out, option.flowcorpus_render, option.flowcorpus_drift)
    if asked and (any(of_flows) or is_updating(option)):
        raise pytest.UsageError(
            f"{asked[0]} runs no flow, so nothing comes of --flowcorpus-out, --flowcorpus-render, "
            "--flowcorpus-drift and --snapshot-update: leave them out"
        )
    file = option.flowcorpus_scan
    if file not in (None, True, STDOUT) and not file.endswith(".json"):
        raise pytest.UsageError(
            f"--flowcorpus-scan={file}: the file's name ends in .json; a folder of specs goes "
            f"before the option: pytest {file} --flowcorpus-scan"
        )


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _WHOLE:  # also of NaN
        raise ArgumentTypeError("has to be a number from 0 to 100")
    return value


def _check_out(path: Path) -> None:
    from pytest_flowcorpus.output import OutputError, check_target  # noqa: PLC0415

    try:
        check_target(path)
    except OutputError as error:
        raise pytest.UsageError(f"--flowcorpus-out: {error}") from None


def _check_drift(path: Path) -> None:
    from pytest_flowcorpus.drift.file import FILE  # noqa: PLC0415
    from pytest_flowcorpus.output import OutputError  # noqa: PLC0415

    if path.suffix != ".json":
        raise pytest.UsageError(f"--flowcorpus-drift={path.name}: the file's name ends in .json")
    try:
        FILE.check(path)
    except OutputError as error:
        raise pytest.UsageError(f"--flowcorpus-drift: {error}") from None
