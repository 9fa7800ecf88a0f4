"""Which folders are corpora, and which files in them are specs."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETTINGS_FILE: Final = "flowcorpus.toml"
"""What makes a folder a corpus."""
_SPEC: Final = "flow_*.py"


def corpus_folder(path: Path) -> Path | None:
    """Give the corpus folder that `path` is a spec of, or None where it is no spec."""
    if not path.match(_SPEC):
        return None
    return next((folder for folder in path.parents if (folder / SETTINGS_FILE).is_file()), None)


def corpora_at(path: Path, passed_over: Sequence[str]) -> Iterator[Path]:
    """Give the corpus folder that `path` is or lies in, or else those below it.

    Folders of a name that a pattern of `passed_over` means are not entered.
    """
    around = next((one for one in (path, *path.parents) if (one / SETTINGS_FILE).is_file()), None)
    if around is not None:
        yield around
        return
    for top, names, files in os.walk(path):
        names[:] = sorted(name for name in names if not any(fnmatch(name, p) for p in passed_over))
        if SETTINGS_FILE in files:
            yield Path(top)
