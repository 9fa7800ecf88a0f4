"""Which folders are corpora, and which files in them are specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_FILE: Final = "flowcorpus.toml"
"""What makes a folder a corpus."""
_SPEC: Final = "flow_*.py"


def corpus_folder(path: Path) -> Path | None:
    """Give the corpus folder that `path` is a spec of, or None where it is no spec."""
    if not path.match(_SPEC):
        return None
    return next((folder for folder in path.parents if (folder / SETTINGS_FILE).is_file()), None)
