"""The drift of a flow as people read it below its failure."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.fate import WORDS, Fate
from pytest_flowcorpus.drift.sha import short
from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.drift.drifted import Drifted
    from pytest_flowcorpus.drift.flow import FlowDrift
    from pytest_flowcorpus.drift.fragment import FragmentDrift
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.drift.standing import Standing
    from pytest_flowcorpus.source import Commit
    from pytest_flowcorpus.summary import Line

_DIFF: Final = 40
_SENTENCES: Final = 8
_COMMITS: Final = 5
_COLOURS: Final = {"+": {"green": True}, "-": {"red": True}, "@": {"cyan": True}}


def lines(drift: FlowDrift, *, is_full: bool) -> Iterator[Line]:
    """Give the drift of a flow line by line; what is long is cut, unless it is to be full."""
    shown: set[Sentence | Proposal] = set()
    for fragment in drift.fragments:
        yield from _fragment(fragment, drift.spec, shown, is_full=is_full)
    for item in drift.named:
        yield visible(f"{item.drifted.accepted}: {told(item.drifted)}"), {"red": True}
        yield from _proposals(item, drift.spec, shown)
    if drift.problem:
        yield visible(drift.problem), {"yellow": True}


def head(drift: FlowDrift) -> str:
    """Give what stands above those lines."""
    since = f" since {short(drift.reviewed)}" if drift.reviewed else ""
    return visible(f"drift of {drift.flow}{since}")


def brief(drift: FlowDrift) -> str:
    """Give what happened in a few words."""
    told_of = (f"{one.drifted.accepted.address} {told(one.drifted)}" for one in drift.fragments)
    return visible(f"drift: {'; '.join(told_of)}")


def told(drifted: Drifted) -> str:
    """Give what happened to a fragment, in words."""
    words = [WORDS[fate] for fate in drifted.fates]
    is_only = len(words) == 1 and drifted.fates[0] in (Fate.FORMAT, Fate.COMMENTS, Fate.ATTRIBUTES)
    return f"{words[0]} only" if is_only else ", ".join(words)


def _fragment(
    fragment: FragmentDrift, spec: str, shown: set[Sentence | Proposal], *, is_full: bool
) -> Iterator[Line]:
    drifted = fragment.drifted
    colour = "red" if drifted.is_broken else "yellow"
    yield visible(f"{drifted.accepted}: {told(drifted)}"), {colour: True, "bold": True}
    yield from ((f"  {place}", {}) for place in _places(drifted))
    if drifted.was is None:
        yield from ((visible(f"  {digest}"), {}) for digest in _digests(drifted))
    yield from _proposals(fragment, spec, shown)
    yield from _cut([*map(_coloured, fragment.diff)], _DIFF, "lines of diff", is_full)
    yield from _cut([*map(_commit, fragment.commits)], _COMMITS, "commits", is_full)
    yield from _cut(_sentences(fragment, spec, shown), _SENTENCES, "sentences", is_full)


def _proposals(
    fragment: FragmentDrift, spec: str, shown: set[Sentence | Proposal]
) -> Iterator[Line]:
    new = [proposal for proposal in fragment.proposals if proposal not in shown]
    shown.update(new)
    for proposal in new:
        line = f":{proposal.line}" if proposal.line else ""
        yield visible(f"  write in {spec}{line}: {proposal.code}"), {"green": True}


def _sentences(fragment: FragmentDrift, spec: str, shown: set[Sentence | Proposal]) -> list[Line]:
    new = [sentence for sentence in fragment.sentences if sentence not in shown]
    shown.update(new)
    return [(visible(f"  read again {spec}:{one.line}: {one.text}"), {}) for one in new]


def _commit(commit: Commit) -> Line:
    return f"  by {short(commit.sha)} {commit.date} {visible(commit.subject)}", {}


def _places(drifted: Drifted) -> Iterator[str]:
    if drifted.now is not None:
        named = f"  {drifted.now.address}" if drifted.is_broken else ""
        yield visible(f"{_lines_of(drifted.now)}{named}")
    elif drifted.is_gone:
        there = f"; it was {_lines_of(drifted.was)}" if drifted.was else ""
        yield visible(f"nothing like it stands in the source{there}")
    if drifted.note:
        yield visible(drifted.note)
    for other in drifted.others:
        yield visible(f"or {other}")


def _lines_of(standing: Standing) -> str:
    first, last = standing.lines
    return f"{standing.path}:{first}-{last}"


def _digests(drifted: Drifted) -> Iterator[str]:
    """Give the digests of what changed, for lack of a diff."""
    old, new = drifted.accepted.fingerprint, drifted.fingerprint
    for field in fields(old) if new else ():
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield f"sha256 of its {field.name} {short(after)}, accepted {short(before)}"


def _coloured(line: str) -> Line:
    return f"    {line}", _COLOURS.get(line[:1], {})


def _cut(shown: Sequence[Line], most: int, what: str, is_full: bool) -> Iterator[Line]:  # noqa: FBT001
    # One more costs as much as the words that it is left out.
    if is_full or len(shown) <= most + 1:
        yield from shown
        return
    yield from shown[:most]
    yield f"  … {len(shown) - most:,} more {what} (-vv shows all)", {"light": True}
