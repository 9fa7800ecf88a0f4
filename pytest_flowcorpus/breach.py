"""What is wrong with an example, by the name of the rule that says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that an example breaks."""

    rule: str
    """The rule's name, which does not change: a spec relaxes a rule by it."""
    problem: str
    """What is wrong and where, then what to do."""

    def __str__(self) -> str:
        return f"{self.problem} [{self.rule}]"
