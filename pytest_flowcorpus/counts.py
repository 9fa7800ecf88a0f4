"""Token counts of records that earlier runs made: kept in pytest's cache, believed by no output."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_flowcorpus.tokens import count_tokens, tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY: Final = "flowcorpus/tokens"
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts the tokens of records; knows those of records that have not changed.

    Counting is the dearest thing that a run does. A count is found by the digest of the tokenizer
    and the texts; one that is damaged is made anew.
    """

    known: Mapping[str, object] = field(default_factory=dict)
    """What earlier runs counted, by digest."""
    used: dict[str, int] = field(default_factory=dict)
    """What this run asked for."""

    @classmethod
    def of(cls, config: pytest.Config) -> Counts:
        """Give the counts of the run."""
        if COUNTS not in config.stash:
            # A run that writes counts for itself: what others train on rests on no cache.
            is_writing = bool(config.option.flowcorpus_out)
            config.stash[COUNTS] = cls({} if is_writing else _read(config))
        return config.stash[COUNTS]

    def count(self, texts: Sequence[str]) -> int:
        """Give the number of tokens in `texts` together, as `count_tokens` does."""
        key = _digest(texts)
        match self.known.get(key):
            case int(known) if known > 0:
                self.used[key] = known
            case _:
                self.used[key] = count_tokens(texts)
        return self.used[key]

    def keep(self, config: pytest.Config) -> None:
        """Keep what this run asked for, and as much of the rest as is worth it."""
        cache = getattr(config, "cache", None)
        if cache is not None and not self.used.items() <= self.known.items():
            rest = {key: count for key, count in _read(config).items() if key not in self.used}
            cache.set(_KEY, dict([*rest.items(), *sorted(self.used.items())][-_MOST:]))


COUNTS: Final[pytest.StashKey[Counts]] = pytest.StashKey()
"""On the config: the counts of the run."""


def _read(config: pytest.Config) -> dict[str, Any]:
    cache = getattr(config, "cache", None)
    kept = cache.get(_KEY, {}) if cache is not None else {}
    return kept if isinstance(kept, dict) else {}


def _digest(texts: Sequence[str]) -> str:
    sha = hashlib.sha256(tokenizer().encode())
    for text in texts:
        data = text.encode()
        sha.update(b"\0%d:" % len(data) + data)
    return sha.hexdigest()
