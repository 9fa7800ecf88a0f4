"""What is fuzzed, and how: a strategy of inputs, and what has to hold for each."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, seed
from hypothesis import given as given_by
from hypothesis import settings as hypothesis_settings

from tests.fuzz import rust_targets, soups, text_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

_BATCH: Final = 1_000
"""Inputs drawn with one seed: what hypothesis remembers of them costs memory."""


@dataclass(frozen=True)
class Target:
    """A part of the product, with the inputs that it has to stand."""

    inputs: st.SearchStrategy[Any]
    holds: Callable[[Any], None]
    """Raises on a finding."""


@dataclass(frozen=True)
class Outcome:
    """What came of fuzzing a target."""

    inputs: int
    seconds: float
    finding: str = ""
    """The smallest input that was found, and what went wrong; empty where nothing did."""


TARGETS: Final = {
    "items": Target(soups.CODE, rust_targets.items),
    "addresses": Target(rust_targets.LOOKUPS, rust_targets.addresses),
    "excerpts": Target(rust_targets.EXCERPTS, rust_targets.excerpts),
    "fingerprints": Target(rust_targets.PAIRS, rust_targets.fingerprints),
    "successors": Target(rust_targets.PAIRS, rust_targets.successors),
    "calls": Target(rust_targets.TREES, rust_targets.calls),
    "grounding": Target(text_targets.GROUNDED, text_targets.ground),
    "settings": Target(soups.TOML, text_targets.settings),
    "packages": Target(soups.TOML, text_targets.packages),
    "records": Target(text_targets.LINES, text_targets.records),
    "files": Target(text_targets.FILES, text_targets.files),
}


def fuzz(name: str, inputs: int, start: int) -> Outcome:
    """Give a target so many inputs, the same for the same seed; the first finding ends it."""
    begun, done, batch = time.process_time(), 0, 0
    while done < inputs:
        count, finding = _batch(TARGETS[name], min(_BATCH, inputs - done), start * 10_000 + batch)
        done, batch = done + count, batch + 1
        if finding:
            return Outcome(done, time.process_time() - begun, finding)
    return Outcome(done, time.process_time() - begun)


def _batch(target: Target, inputs: int, start: int) -> tuple[int, str]:
    seen: list[Any] = []
    count = 0

    def held(data: Any) -> None:
        nonlocal count
        count += not seen
        try:
            target.holds(data)
        except Exception:
            seen.append(data)
            raise

    run = seed(start)(
        hypothesis_settings(
            max_examples=inputs,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )(given_by(target.inputs)(held))
    )
    try:
        run()
    except Exception:  # noqa: BLE001 - whatever it is, it is a finding
        return count, f"{seen[-1] if seen else ''!r}\n{traceback.format_exc(limit=-3)}"
    return max(count, 1), ""
