"""Where the Rust comes from: path -> bytes. Knows nothing of Rust, nor of pytest."""

from __future__ import annotations

from pytest_flowcorpus.source.blob import Blob, Source
from pytest_flowcorpus.source.errors import (
    FileMissing,
    FileUnavailable,
    FileUnreadable,
    LfsPointer,
    LinkBroken,
    NotRegular,
    NotText,
    PathIsDirectory,
    PathLeavesSource,
    SourceChanged,
    SourceError,
    SourceUnavailable,
)
from pytest_flowcorpus.source.git import GitSource
from pytest_flowcorpus.source.history import Commit, History
from pytest_flowcorpus.source.path import native, utf8
from pytest_flowcorpus.source.worktree import Worktree

__all__ = [
    "Blob",
    "Commit",
    "FileMissing",
    "FileUnavailable",
    "FileUnreadable",
    "GitSource",
    "History",
    "LfsPointer",
    "LinkBroken",
    "NotRegular",
    "NotText",
    "PathIsDirectory",
    "PathLeavesSource",
    "Source",
    "SourceChanged",
    "SourceError",
    "SourceUnavailable",
    "Worktree",
    "native",
    "utf8",
]
