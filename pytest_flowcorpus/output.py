"""The JSONL and its manifest: their order, what they say, and how they replace older ones."""

from __future__ import annotations

import hashlib
import os.path
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from pytest_flowcorpus import chatml, disk
from pytest_flowcorpus.tokens import count_tokens, tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pytest_flowcorpus.example import Example, Fragment, Thought

FORMAT: Final = 1
"""The number of the manifest's format; it goes up when a key changes its meaning."""
_EXAMPLES: Final = b'\n  "examples": ['


class OutputError(Exception):
    """The output cannot be written, or must not be: one line that says which file, and why."""


class Record(Protocol):
    """What is written of one example; it may be read from elsewhere whenever it is asked for."""

    @property
    def line(self) -> bytes:
        """Its line of the JSONL."""

    @property
    def entry(self) -> Mapping[str, Any]:
        """Its entry of the manifest."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """All that one run has to write for one corpus."""

    source: Mapping[str, Any]
    """Where the code comes from: place, root, revision, licences with their texts."""
    whole: bool
    """Whether every flow of the corpus ran, and not a selection of them."""
    records: Sequence[Record]
    """In the order of the file."""
    rejected: tuple[Mapping[str, str], ...]
    """Spec and reason of each flow that has no line."""

    def jsonl(self) -> Iterator[bytes]:
        """Give the JSONL, a record at a time: each a line, UTF-8, LF."""
        return (record.line for record in self.records)

    def manifest(self) -> Iterator[bytes]:
        """Give the manifest as indented JSON, in pieces: an entry at a time."""
        data = {
            "format": FORMAT,
            "jsonl": {"lines": len(self.records), "sha256": _sha256(self.jsonl())},
            "whole": self.whole,
            "source": self.source,
            "tokenizer": tokenizer(),
            "examples": [],
            "rejected": self.rejected,
        }
        # No text in JSON has an end of line, so a key of the object itself begins only one.
        before, examples, after = _indented(data).partition(_EXAMPLES)
        yield before + examples
        yield from _listed(record.entry for record in self.records)
        yield after + b"\n"


def manifest_path(path: Path) -> Path:
    """Give where the manifest of the JSONL at `path` stands: ``x.jsonl``, ``x.manifest.json``."""
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.manifest.json")


def check_target(path: Path) -> None:
    """Raise `OutputError` where `path` can be seen beforehand not to be writable.

    Where a run was killed after it replaced the JSONL and before its manifest, that is done now.
    """
    for file in (path, manifest_path(path)):
        if os.path.lexists(file) and not os.path.isfile(file):  # noqa: PTH113 - it raises nothing
            raise OutputError(f"{file} is not a regular file; name a file, or - for stdout")
    if path.is_file() and not _can_be_ours(path):
        raise OutputError(f"{path} holds something else than JSON lines; name another file")
    check_folder(path)
    if path.is_file():
        with suppress(OSError):  # then whoever reads the two sees that they do not fit
            _finish(path.resolve(), manifest_path(path).resolve())


def check_folder(path: Path) -> None:
    """Raise `OutputError` where no file can be made at `path`."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise OutputError(f"{folder} is not a folder, so {path} cannot be written")
    try:
        # Asked by doing it: permission bits say little about root, quotas and network disks.
        probe = folder / f".{path.name}.probe"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}: {folder}") from None


def write(path: Path, dataset: Dataset) -> None:
    """Replace the JSONL at `path` and its manifest, or leave both and raise `OutputError`.

    A selection of flows never replaces what a whole run wrote.
    """
    if not dataset.records:
        raise OutputError(f"{path} left as it was: no flow passed")
    if not dataset.whole and path.exists() and not _is_selection(path):
        raise OutputError(
            f"{path} left as it was: this run is a selection, and the file is not known to be one; "
            "write the selection to another file"
        )
    try:
        disk.replace({path: dataset.jsonl(), manifest_path(path): dataset.manifest()})
    except OSError as error:
        raise OutputError(f"{path} left as it was: {error.strerror or error}") from None


def entry_of(example: Example) -> dict[str, Any]:
    """Give what the manifest says of `example`: all that it takes to check its line."""
    return {
        "spec": example.spec,
        "title": example.title,
        "tokens": count_tokens(chatml.contents(example)),
        "files": [
            {
                "path": excerpt.path,
                "blob": excerpt.blob,
                "spdx": excerpt.spdx,
                "lines": excerpt.lines,
                "fragments": [_fragment(f) for f in example.fragments if f.path == excerpt.path],
            }
            for excerpt in example.excerpts
        ],
        "hops": example.hop_counts,
        "thoughts": [_thought(thought) for thought in example.thoughts],
        "defects": example.defects,
        "relaxed": [{"rule": rule, "reason": reason} for rule, reason in example.relaxed],
    }


def _indented(data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2)


def _listed(entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Give what stands between the brackets of a list, as deep in the manifest as it is there."""
    between = b"\n    "
    for entry in entries:
        yield between + _indented(entry).replace(b"\n", b"\n    ")
        between = b",\n    "
    if between.startswith(b","):
        yield b"\n  "


def _fragment(fragment: Fragment) -> dict[str, Any]:
    return {
        "address": fragment.address,
        "kind": fragment.kind,
        "lines": fragment.lines,
        "sha256": _sha256([fragment.text.encode()]),
    }


def _thought(thought: Thought) -> dict[str, Any]:
    asked = [asdict(question) for question in thought.questions]
    return {"covers": thought.covers, "words": len(thought.text.split()), "asked": asked}


def _can_be_ours(path: Path) -> bool:
    """Tell whether `path` is empty or starts as JSON lines do: a spec named by mistake does not."""
    with path.open("rb") as file:
        return file.read(1) in (b"", b"{") and path.absolute().parts[1:2] != ("dev",)


def _is_selection(path: Path) -> bool:
    """Tell whether a selection wrote the file at `path`: so says a manifest that fits it."""
    return _whole(manifest_path(path), path) is False


def _finish(path: Path, manifest: Path) -> None:
    """Put the manifest in place that a killed run had written aside for the JSONL at `path`."""
    with disk.alone_in(manifest.parent):
        for left in disk.left_aside(manifest):
            if _whole(manifest, path) is None and _whole(left, path) is not None:
                left.replace(manifest)


def _whole(manifest: Path, path: Path) -> bool | None:
    """Tell what a manifest says of its run; None where it is not of the JSONL at `path`."""
    try:
        data = orjson.loads(manifest.read_bytes())
        fits = data["jsonl"]["sha256"] == _sha256([path.read_bytes()])
        return bool(data["whole"]) if fits else None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return None


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
