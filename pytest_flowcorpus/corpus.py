"""A corpus folder: its settings, its specs and its source."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from pytest_flowcorpus.folders import SETTINGS_FILE, corpus_folder
from pytest_flowcorpus.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_flowcorpus.rust import Codebase, RustFile
    from pytest_flowcorpus.rustfiles import RustFiles
    from pytest_flowcorpus.search import Search
    from pytest_flowcorpus.source import Blob, Source

_FULL_SHA: Final = re.compile(r"[0-9a-fA-F]{40}")


_LEAVE_ALONE: Final = "leave the checkout alone and run again"


class OpenError(Exception):
    """The source of a corpus cannot be had: one line that says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Override:
    """Where a run takes the Rust from instead of what the settings say."""

    checkout: Path | None = None
    """A checkout on disk, read as it is."""
    rev: str | None = None
    """What the remote calls a revision: a branch, a tag or a full sha."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder with a ``flowcorpus.toml`` and specs; one dataset comes out of it."""

    folder: Path
    settings: Settings

    def specs(self, passed_over: Sequence[str] = ()) -> list[Path]:
        """Give the spec files of this corpus on disk, sorted.

        What lies below a folder of a name that a pattern of `passed_over` means is left out.
        """
        found = (Path(top, name) for top, _, names in os.walk(self.folder) for name in names)
        own = (path for path in found if corpus_folder(path) == self.folder)
        return sorted(
            path
            for path in own
            if not any(
                fnmatch(part, pattern)
                for part in path.relative_to(self.folder).parts[:-1]
                for pattern in passed_over
            )
        )

    def open(self, override: Override, progress: Callable[[str], None] | None = None) -> OpenCorpus:
        """Open the source, fetching its revision where it is not on this machine yet.

        Raises `OpenError` where it cannot be had, or `override` does not fit this corpus.
        """
        # The source room stays unloaded in a run that has no flow to run.
        from pytest_flowcorpus.source import SourceError  # noqa: PLC0415

        try:
            return OpenCorpus(self, self._source(override, progress))
        except SourceError as error:
            raise OpenError(str(error)) from None

    def repository_path(self, path: str) -> str:
        """Give a spec's path from the repository's top: ``/x`` is ``x``, and ``x`` is in `root`."""
        root = self.settings.source.root
        if path.startswith("/"):
            return path.lstrip("/")
        return f"{root}/{path}" if root else path

    def spec_path(self, path: str) -> str:
        """Give a repository's path as a spec would write it."""
        root = self.settings.source.root
        if not root:
            return path
        return path.removeprefix(f"{root}/") if path.startswith(f"{root}/") else f"/{path}"

    def _source(self, override: Override, progress: Callable[[str], None] | None) -> Source:
        from pytest_flowcorpus.source import GitSource, Worktree, native  # noqa: PLC0415

        if override.checkout is not None:
            return Worktree(override.checkout)
        settings = self.settings.source
        if settings.path is not None:
            if override.rev is not None:
                raise OpenError(
                    f"--flowcorpus-rev: {self.folder.name} reads a checkout on disk; "
                    "use --flowcorpus-checkout"
                )
            return Worktree(self.folder / native(settings.path))
        url, revision = self._url(), override.rev or settings.rev or ""
        if not _FULL_SHA.fullmatch(revision):
            revision = GitSource.resolve(url, revision, progress=progress)
        return GitSource.open(url, revision, progress=progress)

    def _url(self) -> str:
        from pytest_flowcorpus.source import native, utf8  # noqa: PLC0415

        git = self.settings.source.git or ""
        return utf8(str((self.folder / native(git)).resolve())) if git.startswith(".") else git


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of the source, parsed."""

    blob: Blob
    rust: RustFile

    @property
    def spdx(self) -> tuple[str, ...]:
        """The SPDX tags of its first lines, which extraction of items leaves behind."""
        head = self.blob.data[:2048].decode(errors="ignore")
        return tuple(match.strip() for match in re.findall(r"SPDX-[\w-]+:[^\n*]*", head))


@dataclass(frozen=True)
class OpenCorpus:
    """A corpus and its opened source; every file is read and parsed once."""

    corpus: Corpus
    source: Source
    _blobs: dict[str, Blob] = field(default_factory=dict)
    _files: dict[str, CodeFile] = field(default_factory=dict)

    @cached_property
    def codebase(self) -> Codebase:
        """What answers questions about calls and names across files."""
        from pytest_flowcorpus.rust import Codebase  # noqa: PLC0415

        return Codebase(self.rust_files)

    @cached_property
    def rust_files(self) -> RustFiles:
        """The files in which names may live besides those that the flows open."""
        from pytest_flowcorpus.rustfiles import RustFiles  # noqa: PLC0415

        return RustFiles(
            self.corpus.settings.source, self.source, self.blob, lambda path: self.file(path).rust
        )

    @cached_property
    def search(self) -> Search:
        """What finds tests and files by their names, and code outside of the flows."""
        from pytest_flowcorpus.search import Search  # noqa: PLC0415

        return Search(self.rust_files)

    def blob(self, path: str) -> Blob:
        """Give what `path`, from the top of the repository, holds; raises `FileUnavailable`."""
        if path not in self._blobs:
            self._blobs[path] = self.source.read(path)
        return self._blobs[path]

    def file(self, path: str) -> CodeFile:
        """Give the file at `path`, from the top of the repository; raises `FileUnavailable`."""
        # Parsing is the dearest thing that a run does before its first flow.
        from pytest_flowcorpus.rust import RustFile  # noqa: PLC0415

        if path not in self._files:
            blob = self.blob(path)
            self._files[path] = CodeFile(blob, RustFile(blob.data))
        return self._files[path]

    def files_with(self, address: str) -> list[str]:
        """Give the Rust files that hold an item at `address`, for somebody who looked elsewhere."""
        from pytest_flowcorpus.rust import AddressError, RustFile  # noqa: PLC0415
        from pytest_flowcorpus.source import FileUnavailable  # noqa: PLC0415

        found = []
        name = _last_name(address)
        for path in self.source.paths():
            if not path.endswith(".rs"):
                continue
            try:
                data = self.source.read(path).data
                if name in data and RustFile(data).find(address):
                    found.append(path)
            except (AddressError, FileUnavailable):
                continue
        return found

    @property
    def seen(self) -> dict[str, str]:
        """What was read of a checkout, which others may write to: path -> blob id."""
        from pytest_flowcorpus.source import Worktree  # noqa: PLC0415

        return dict(self.source.seen) if isinstance(self.source, Worktree) else {}

    def changed(self, seen: Mapping[str, str]) -> list[str]:
        """Give a line for each file of a checkout that is not what was `seen` of it."""
        from pytest_flowcorpus.source import Worktree  # noqa: PLC0415

        paths = self.source.changed(seen) if isinstance(self.source, Worktree) else ()
        return [f"{path} changed while the run read it; {_LEAVE_ALONE}" for path in paths]

    def provenance(self) -> dict[str, Any]:
        """Give where the code is from and under which licences; raises `OpenError`.

        A password in a url is left out, and so is where a checkout stands on this machine.
        """
        settings = self.corpus.settings.source
        revision = self.source.revision
        place = {"git": _public(settings.git)} if settings.git and revision else {"checkout": True}
        licenses = [self._license(path) for path in settings.license]
        return {**place, "revision": revision, "root": settings.root, "licenses": licenses}

    def _license(self, path: str) -> dict[str, str]:
        from pytest_flowcorpus.source import SourceError  # noqa: PLC0415

        try:
            return {"path": path, "text": self.source.read(path).data.decode()}
        except SourceError as error:
            raise OpenError(f"[source] license: {error}") from None


def load_corpus(folder: Path) -> Corpus:
    """Read the settings of a corpus folder; raises `SettingsError`."""
    return Corpus(folder, load_settings(folder / SETTINGS_FILE))


def _last_name(address: str) -> bytes:
    names = re.findall(r"\w+", address)
    return names[-1].encode() if names else b""


def _public(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host)) if parts.netloc else url
