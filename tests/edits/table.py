"""What a run over edits prints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.edits.judge import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COLUMNS: Final = tuple(Outcome)


@dataclass
class Tally:
    """What came out for the edits of one kind."""

    edits: int = 0
    accepted: int = 0
    """Edited files that rustc accepts."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    untouched: Counter[tuple[bool, Outcome]] = field(default_factory=Counter)
    """Of items that the edit did not touch, by whether rustc accepts the file."""

    def add(self, verdicts: Sequence[Verdict], *, is_accepted: bool) -> None:
        """Count one edit."""
        self.edits += 1
        self.accepted += is_accepted
        self.outcomes.update(one.outcome for one in verdicts)
        plain = (one.outcome for one in verdicts if not one.is_touched)
        self.untouched.update((is_accepted, outcome) for outcome in plain)

    def merge(self, other: Tally) -> None:
        """Count another's in."""
        self.edits += other.edits
        self.accepted += other.accepted
        self.outcomes += other.outcomes
        self.untouched += other.untouched


def report(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """Give a line for each kind of edit, and one for all."""
    heads = ("edits", "rustc ok", "items", *_COLUMNS)
    yield f"{'':<18}" + "".join(f"{head:>19}" for head in heads)
    total = Tally()
    for kind, tally in sorted(tallies.items()):
        yield _row(kind, tally)
        total.merge(tally)
    yield _row("all", total)
    yield ""
    yield from _shares(total)


def _row(kind: str, tally: Tally) -> str:
    counts = [tally.edits, tally.accepted, tally.outcomes.total()]
    counts += [tally.outcomes[outcome] for outcome in _COLUMNS]
    return f"{kind:<18}" + "".join(f"{count:>19,}" for count in counts)


def _shares(total: Tally) -> Iterator[str]:
    for is_accepted, where in ((True, "accepts"), (False, "rejects")):
        cells = {o: n for (ok, o), n in total.untouched.items() if ok is is_accepted}
        asked = sum(cells.values()) or 1
        kept = cells.get(Outcome.KEPT, 0)
        refused = cells.get(Outcome.REFUSED, 0) + cells.get(Outcome.NEEDLESS, 0)
        yield (
            f"items not touched, in files that rustc {where}: {asked:,}; "
            f"kept exact {kept / asked:.2%}, refused {refused / asked:.2%}"
        )
