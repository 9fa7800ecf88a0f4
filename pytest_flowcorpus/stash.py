"""What marks a flow on pytest's own objects; light, for the hooks of projects without a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FLOWS: Final[pytest.StashKey[dict[Path, list[pytest.Item] | None]]] = pytest.StashKey()
"""On the session: every spec with all its flows, deselected ones too; None if it has not told."""
ORDER: Final[pytest.StashKey[int]] = pytest.StashKey()
"""On a flow: its place among the flows of its spec, from 0. What has none is an ordinary test."""
