"""Rules that a flow is relaxed from: the marks that say so, and what is left to complain of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus.options import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from pytest_flowcorpus.breach import Breach


def relaxed(flow: pytest.Item, relaxable: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Read a flow's marks: its reasons by the rules' names, and what is wrong with other marks.

    Both are in an order of their own, whatever the order of the marks.
    """
    reasons: dict[str, str] = {}
    faults = []
    for mark in flow.iter_markers(MARK):
        rule = str(mark.args[0]) if len(mark.args) == 1 else ""
        reason = _reason(mark)
        if rule not in relaxable:
            rules = ", ".join(relaxable)
            faults.append(f'"{rule}" is no rule that can be relaxed; those are: {rules}')
        elif not reason or rule in reasons:
            faults.append(f"{rule} is relaxed by one mark, which gives a reason: {_usage(rule)}")
        else:
            reasons[rule] = reason
    return dict(sorted(reasons.items())), sorted(faults)


def left(breaches: Sequence[Breach], reasons: Mapping[str, str]) -> list[str]:
    """Give the breaches that are not relaxed; where there are none, what is relaxed for nothing.

    A mark that is no longer needed would hide the next breach.
    """
    broken = {breach.rule for breach in breaches}
    found = [str(breach) for breach in breaches if breach.rule not in reasons]
    idle = (rule for rule in reasons if rule not in broken)
    return found or [f"{rule} is relaxed, yet the flow keeps it: remove the mark" for rule in idle]


def _reason(mark: pytest.Mark) -> str:
    reason = mark.kwargs.get("reason")
    return " ".join(reason.split()) if isinstance(reason, str) and len(mark.kwargs) == 1 else ""


def _usage(rule: str) -> str:
    return f'@pytest.mark.{MARK}("{rule}", reason="…")'
