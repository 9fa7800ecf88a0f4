"""What the replay prints."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.fate import Fate
from tests.replay.walk import SORTS, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.replay.walk import Tally

_PLACED: Final = (State.ELSEWHERE, State.LOST, State.AMBIGUOUS)


def is_clean(tally: Tally) -> bool:
    """Tell whether no change was missed and no alarm was false."""
    return not any(_is_missed(one) or _is_false(one) for one in tally.verdicts)


def report(title: str, tally: Tally) -> Iterator[str]:
    """Give all lines about the items of a tally."""
    yield from ("", title, "=" * len(title), *_counts(tally))
    yield from ("", *_changed(tally))
    yield from ("", *_kinds(tally.verdicts))
    yield from ("", *_places([one for one in tally.verdicts if one.state in _PLACED]))
    yield from ("", *_seconds(tally))


def lineage(verdicts: Sequence[Verdict], known: set[str]) -> Iterator[str]:
    """Give what was said where the items that are `known` today came from elsewhere.

    `verdicts` are those of all items, oldest snapshot first; `known` are addresses with paths.
    """
    names, found = set(known), []
    for one in reversed(verdicts):
        if one.state is State.ELSEWHERE and not names.isdisjoint(one.went):
            names.add(f"{one.path}::{one.address}")
            found.append(one)
    yield from ("", *_places(found[::-1]))


def _counts(tally: Tally) -> Iterator[str]:
    yield f"compared {tally.compared:,}"
    if tally.untouched:
        yield f"in files that did not change, so not compared: {tally.untouched:,}"
    for why, count in sorted(tally.skipped.items()):
        yield f"left out, {why}: {count:,}"


def _changed(tally: Tally) -> Iterator[str]:
    missed = [one for one in tally.verdicts if _is_missed(one)]
    alarms = [one for one in tally.verdicts if _is_false(one)]
    right = len(tally.verdicts) - len(missed) - len(alarms)
    quiet = tally.compared - len(tally.verdicts)
    yield f"{'changed or not':<18}{'drift: changed':>16}{'drift: nothing':>16}"
    yield f"{'truth: changed':<18}{right:>16,}{len(missed):>16,}"
    yield f"{'truth: the same':<18}{len(alarms):>16,}{quiet:>16,}"
    yield from (f"  missed: {_line(one)}" for one in missed)
    yield from (f"  false alarm: {_line(one)}" for one in alarms)


def _kinds(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Give, of items that stand where they stood, which parts changed by whom."""
    changed = [one for one in verdicts if one.state is State.CHANGED and one.fates]
    agreed = [one for one in changed if one.sorts == one.told]
    yield f"kinds of change: the same ones for {len(agreed):,} of {len(changed):,}"
    yield f"{'':<18}{'both':>10}{'only truth':>12}{'only drift':>12}{'neither':>10}"
    for sort in SORTS:
        cells = Counter((sort in one.sorts, sort in one.told) for one in changed)
        both, truth, drift = cells[True, True], cells[True, False], cells[False, True]
        yield f"{sort:<18}{both:>10,}{truth:>12,}{drift:>12,}{cells[False, False]:>10,}"
    for told, count in sorted(Counter(one.sorts for one in agreed).items()):
        yield f"  {', '.join(told)}: {count:,}"
    for one in changed:
        if one.sorts != one.told:
            yield f"  other kinds: {_line(one)}"


def _places(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Give what was proposed for items that no longer stand where they stood."""
    went = [one for one in verdicts if one.state is State.ELSEWHERE]
    right = [one for one in went if one.is_right]
    share = f", {len(right) / len(went):.1%}" if went else ""
    yield f"moved or renamed: {len(went):,}, proposed rightly: {len(right):,}{share}"
    named = {
        "missed": [one for one in went if not one.proposed],
        "wrongly proposed": [one for one in went if one.proposed and not one.is_right],
        "proposed where truth knows of nothing": [
            one for one in verdicts if one.state is State.LOST and one.proposed
        ],
    }
    proposed = len(right) + sum(map(len, named.values())) - len(named["missed"])
    if proposed:
        yield f"of {proposed:,} proposals right: {len(right) / proposed:.1%}"
    for name, found in named.items():
        yield f"{name}: {len(found):,}"
        yield from (f"  {_line(one)}" for one in found)
    lost = [one for one in verdicts if one.state is State.LOST and not one.proposed]
    if lost:
        yield f"gone: {len(lost):,}, said to be: {_saying(Fate.GONE, lost):,}"
    several = [one for one in verdicts if one.state is State.AMBIGUOUS]
    if several:
        yield f"ambiguous: {len(several):,}, said to be: {_saying(Fate.AMBIGUOUS, several):,}"


def _saying(fate: Fate, verdicts: Sequence[Verdict]) -> int:
    return sum(one.fates == (fate,) for one in verdicts)


def _seconds(tally: Tally) -> Iterator[str]:
    told = tally.seconds
    if told:
        mean, median = statistics.fmean(told), statistics.median(told)
        cells = f"mean {mean:.3f}, median {median:.3f}, most {max(told):.3f}"
        yield f"seconds of drift per snapshot: {cells}; together {sum(told):.1f}"


def _line(one: Verdict) -> str:
    truth = ", ".join(one.sorts) or str(one.state)
    went = f" → {' or '.join(one.went)}" if one.state is State.ELSEWHERE else ""
    place = f" → {one.proposed}" if one.proposed else ""
    others = ", the right one among others" if one.is_among and not one.is_right else ""
    drift = f"{', '.join(one.fates) or 'nothing'}{place}{others}"
    return f"{one.snapshot} {one.path}::{one.address}: truth {truth}{went}; drift {drift}"


def _is_missed(one: Verdict) -> bool:
    return one.state is not State.SAME and not one.fates


def _is_false(one: Verdict) -> bool:
    return one.state is State.SAME and bool(one.fates)
