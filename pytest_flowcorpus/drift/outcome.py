"""What a run found of a flow: whether its code is as reviewed, and whether its claims hold."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_flowcorpus.run import Gathered


class Outcome(StrEnum):
    """What a run found of a flow."""

    UNCHANGED = "unchanged"
    DRIFTED = "drifted"
    """Its code is not as reviewed, and all that its spec claims still holds."""
    BROKEN = "broken"
    """An address finds nothing any more, or what its spec claims no longer holds."""
    FAILED = "failed"
    """It fails although its code is as reviewed, or it was never accepted."""


def outcome(flow: Gathered) -> Outcome:
    """Give what a run found of a flow that ran to its end."""
    if not flow.reason:
        return Outcome.UNCHANGED
    if not flow.drift:
        return Outcome.FAILED
    is_sound = flow.drift["holds"] and not flow.drift["is_broken"]
    return Outcome.DRIFTED if is_sound else Outcome.BROKEN
