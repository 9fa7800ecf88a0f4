"""An account of drift as people read it below a failed flow."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.drift.fate import BREAKING, SHA, WORDS, Fate
from pytest_flowcorpus.rust.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.drift.account import Account, Story
    from pytest_flowcorpus.drift.fate import Drifted, Standing
    from pytest_flowcorpus.drift.proposal import Proposal
    from pytest_flowcorpus.drift.sentences import Sentence
    from pytest_flowcorpus.summary import Line

_DIFF: Final = 40
_SENTENCES: Final = 8
_COMMITS: Final = 5
_COLOURS: Final = {"+": {"green": True}, "-": {"red": True}, "@": {"cyan": True}}


def lines(account: Account, *, is_full: bool) -> Iterator[Line]:
    """Give an account line by line; what is long is cut, unless it is to be full."""
    shown: set[Sentence | Proposal] = set()
    for story in account.stories:
        yield from _story(story, account, shown, is_full=is_full)
    for story in account.named:
        yield visible(f"{story.drifted.accepted}: {told(story.drifted)}"), {"red": True}
        yield from _proposals(story, account, shown)
    if account.problem:
        yield visible(account.problem), {"yellow": True}


def head(account: Account) -> str:
    """Give what stands above an account."""
    since = f" since {account.reviewed[:SHA]}" if account.reviewed else ""
    return visible(f"drift of {account.flow}{since}")


def brief(account: Account) -> str:
    """Give what happened in a few words."""
    told_of = (f"{one.drifted.accepted.address} {told(one.drifted)}" for one in account.stories)
    return visible(f"drift: {'; '.join(told_of)}")


def told(drifted: Drifted) -> str:
    """Give what happened to a fragment, in words."""
    words = [WORDS[fate] for fate in drifted.fates]
    is_only = len(words) == 1 and drifted.fates[0] in (Fate.FORMAT, Fate.COMMENTS, Fate.ATTRIBUTES)
    return f"{words[0]} only" if is_only else ", ".join(words)


def _story(
    story: Story, account: Account, shown: set[Sentence | Proposal], *, is_full: bool
) -> Iterator[Line]:
    drifted = story.drifted
    colour = "red" if not BREAKING.isdisjoint(drifted.fates) else "yellow"
    yield visible(f"{drifted.accepted}: {told(drifted)}"), {colour: True, "bold": True}
    yield from ((f"  {place}", {}) for place in _places(drifted))
    if drifted.was is None:
        yield from ((visible(f"  {digest}"), {}) for digest in _digests(drifted))
    yield from _proposals(story, account, shown)
    yield from _cut([_coloured(line) for line in story.diff], _DIFF, "lines of diff", is_full)
    commits: list[Line] = [
        (f"  by {one.sha[:SHA]} {one.date} {visible(one.subject)}", {}) for one in story.commits
    ]
    yield from _cut(commits, _COMMITS, "commits", is_full)
    again: list[Line] = [
        (visible(f"  read again {account.spec}:{one.line}: {one.text}"), {})
        for one in story.sentences
        if one not in shown
    ]
    shown.update(story.sentences)
    yield from _cut(again, _SENTENCES, "sentences", is_full)


def _proposals(story: Story, account: Account, shown: set[Sentence | Proposal]) -> Iterator[Line]:
    new = [proposal for proposal in story.proposals if proposal not in shown]
    shown.update(new)
    for proposal in new:
        line = f":{proposal.line}" if proposal.line else ""
        yield visible(f"  write in {account.spec}{line}: {proposal.code}"), {"green": True}


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
            yield f"sha256 of its {field.name} {after[:SHA]}, accepted {before[:SHA]}"


def _coloured(line: str) -> Line:
    return f"    {line}", _COLOURS.get(line[:1], {})


def _cut(shown: Sequence[Line], most: int, what: str, is_full: bool) -> Iterator[Line]:  # noqa: FBT001
    # One more costs as much as the words that it is left out.
    if is_full or len(shown) <= most + 1:
        yield from shown
        return
    yield from shown[:most]
    yield f"  … {len(shown) - most:,} more {what} (-vv shows all)", {"light": True}
