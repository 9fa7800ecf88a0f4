"""The corpora of a run, each loaded and opened once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson
import pytest

from pytest_flowcorpus import disk
from pytest_flowcorpus.corpus import Corpus, OpenCorpus, OpenError, Override, load_corpus
from pytest_flowcorpus.folders import corpus_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


CORPORA: Final[pytest.StashKey[Corpora]] = pytest.StashKey()
"""On the config: the corpora of the run."""


def tell_folders(handoff: str, specs: Iterable[Path]) -> None:
    """Write for the controller, beside the handoff, which corpora a worker has specs of."""
    folders = sorted({str(folder) for spec in specs if (folder := corpus_folder(spec))})
    with suppress(OSError):  # the controller fails over the same disk, and can tell it
        disk.replace({_folders_file(Path(handoff)): orjson.dumps(folders)})


def told_folders(handoff: Path) -> list[Path]:
    """Give what the workers wrote, or nothing where they have not."""
    file = _folders_file(handoff)
    return [Path(folder) for folder in orjson.loads(file.read_bytes())] if file.exists() else []


def _folders_file(handoff: Path) -> Path:
    return handoff.with_name("corpora.json")


@dataclass(slots=True, eq=False)
class Corpora:
    """Loads and opens corpora by their folders.

    `handoff` is the file in which a worker of a distributed run finds the revisions that the
    controller opened: what ``main`` stood for is asked once for all of them.
    """

    override: Override
    handoff: Path | None = None
    _loaded: dict[Path, Corpus] = field(default_factory=dict)
    _opened: dict[Path, OpenCorpus] = field(default_factory=dict)
    _past: dict[tuple[Path, str], OpenCorpus | OpenError] = field(default_factory=dict)
    """A revision that cannot be had is asked for once."""

    @classmethod
    def of(cls, config: pytest.Config) -> Corpora:
        """Give those that the options of a run ask for; none is loaded yet."""
        option, folder = config.option, config.invocation_params.dir
        checkout = folder / option.flowcorpus_checkout if option.flowcorpus_checkout else None
        handoff = getattr(config, "workerinput", {}).get("flowcorpus_handoff")
        override = Override(checkout=checkout, rev=option.flowcorpus_rev)
        return cls(override, Path(handoff) if handoff else None)

    def corpus(self, folder: Path) -> Corpus:
        """Give the corpus of a folder; raises `SettingsError`."""
        if folder not in self._loaded:
            self._loaded[folder] = load_corpus(folder)
        return self._loaded[folder]

    def open(self, folder: Path, progress: Callable[[str], None] | None = None) -> OpenCorpus:
        """Give the opened corpus of a folder; raises `OpenError`."""
        if folder not in self._opened:
            override = self._settled(folder)
            self._opened[folder] = self.corpus(folder).open(override, progress)
        return self._opened[folder]

    def past(
        self, folder: Path, revision: str, progress: Callable[[str], None] | None = None
    ) -> OpenCorpus:
        """Give the corpus of a folder as it was at a revision, a full sha; raises `OpenError`."""
        key = (folder, revision)
        if key not in self._past:
            self._past[key] = self._opened_past(self.corpus(folder), revision, progress)
        if isinstance(found := self._past[key], OpenError):
            raise found
        return found

    def hand_off(self, path: Path) -> None:
        """Write for the workers which revisions the opened corpora stand at; raises `OpenError`."""
        revisions = {str(folder): opened.source.revision for folder, opened in self._opened.items()}
        try:
            disk.replace({path: orjson.dumps(revisions)})
        except OSError as error:
            problem = f"nothing can be written there for the workers ({error.strerror})"
            raise OpenError(f"{path.parent}: {problem}; make room, or set TMPDIR") from None

    def seen(self) -> dict[str, dict[str, str]]:
        """Give what was read of checkouts, by the folders of their corpora."""
        return {str(folder): opened.seen for folder, opened in self._opened.items()}

    def changed(self, seen: Iterable[dict[str, dict[str, str]]] = ()) -> list[str]:
        """Give a line for each file that is not what it was when this process read it.

        Or when another did: `seen` is what each of them gives as its own.
        """
        lines = (
            line
            for one in (self.seen(), *seen)
            for folder, opened in self._opened.items()
            for line in opened.changed(one.get(str(folder), {}))
        )
        return sorted({*lines})

    def close(self) -> None:
        """Close every source."""
        for opened in (*self._opened.values(), *self._past.values()):
            if isinstance(opened, OpenCorpus):
                opened.source.close()

    @staticmethod
    def _opened_past(
        corpus: Corpus, revision: str, progress: Callable[[str], None] | None
    ) -> OpenCorpus | OpenError:
        if corpus.settings.source.git is None:
            return OpenError(f"{corpus.folder.name} reads a checkout on disk now")
        try:
            return corpus.open(Override(rev=revision), progress)
        except OpenError as error:
            return error

    def _settled(self, folder: Path) -> Override:
        if self.override.rev is None or self.handoff is None:
            return self.override
        return replace(self.override, rev=orjson.loads(self.handoff.read_bytes())[str(folder)])
