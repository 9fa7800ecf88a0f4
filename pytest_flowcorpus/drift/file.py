"""Drift as data, for a report to carry and for programs to read.

Of each flow: ``flow`` and ``spec``; ``outcome`` (see `Outcome`); ``reviewed``, a revision or null;
``failure``, why it does not pass; ``problem``, why something is not told; and ``fragments``. Of
each fragment that is not as it was: ``path``, ``address`` and ``kind`` as reviewed; ``changes``;
``now`` (path, address, lines; null where it is gone); ``others`` that it may be; ``digests``
(``accepted`` and ``now``); ``diff`` (lines); ``commits`` (sha, date, subject); ``proposals`` (line
of the spec, code) and ``sentences`` (line of the spec, text). ``named`` are items that asserts
speak of by addresses that no longer find them, in the same form.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_flowcorpus.drift.account import Account, Story
    from pytest_flowcorpus.drift.fate import Standing


def entry(account: Account) -> dict[str, Any]:
    """Give an account as plain data."""
    return {
        "spec": account.spec,
        "reviewed": account.reviewed,
        "problem": account.problem,
        "is_broken": any(story.drifted.is_broken for story in (*account.stories, *account.named)),
        "fragments": [_fragment(story) for story in account.stories],
        "named": [_fragment(story) for story in account.named],
    }


def _fragment(story: Story) -> dict[str, Any]:
    drifted = story.drifted
    return {
        "path": drifted.accepted.path,
        "address": drifted.accepted.address,
        "kind": drifted.accepted.kind,
        "changes": [str(fate) for fate in drifted.fates],
        "now": _standing(drifted.now),
        "others": list(drifted.others),
        "digests": {
            "accepted": asdict(drifted.accepted.fingerprint),
            "now": asdict(drifted.fingerprint) if drifted.fingerprint else None,
        },
        "diff": list(story.diff),
        "commits": [asdict(commit) for commit in story.commits],
        "proposals": [asdict(proposal) for proposal in story.proposals],
        "sentences": [asdict(sentence) for sentence in story.sentences],
    }


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {"path": standing.path, "address": standing.address, "lines": list(standing.lines)}
