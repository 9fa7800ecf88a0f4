"""Flows that were never collected: a spec and a snapshot on disk, and a source in memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest

from pytest_flowcorpus import snapshot
from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import OpenCorpus, OpenError
from pytest_flowcorpus.source import Commit, SourceError
from tests.unit import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

REVIEWED, NOW = "a" * 40, "b" * 40
SAY_SO = Commit("c" * 40, "2026-01-31", "Say so")


@dataclass
class Commits:
    """A history that gives one commit for each question, or fails, and notes what it is asked."""

    distance: tuple[int, int] = (3, 0)
    problem: str = ""
    questions: list[tuple[object, ...]] = field(default_factory=list)

    def touching(self, *question: object) -> tuple[Commit, ...]:
        return self._answer("touching", *question)

    def removing(self, *question: object) -> tuple[Commit, ...]:
        return self._answer("removing", *question)

    def _answer(self, *question: object) -> tuple[Commit, ...]:
        self.questions.append(question)
        if self.problem:
            raise SourceError(self.problem)
        return (SAY_SO,)


@dataclass(frozen=True)
class Upstream(memory.Memory):
    """A source in memory that knows its commits, or why it does not."""

    revision: str | None = NOW
    history: Any = field(default_factory=Commits)

    def since(self, revision: str) -> Any:
        if isinstance(self.history, SourceError):
            raise self.history
        assert revision == REVIEWED
        return self.history


@dataclass
class Past:
    """Opens the source as it was reviewed, or fails, and notes what is asked for."""

    found: OpenCorpus | OpenError
    asked: list[tuple[Path, str]] = field(default_factory=list)

    def past(self, folder: Path, revision: str, progress: Callable[[str], None]) -> OpenCorpus:
        self.asked.append((folder, revision))
        progress("fetching")
        if isinstance(self.found, OpenError):
            raise self.found
        return self.found


class Reporter:
    """A terminal that keeps what it is told to show."""

    isatty = False

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hasmarkup = False

    def ensure_newline(self) -> None:
        pass

    def write_line(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class Run:
    """A run of one corpus: the source as reviewed, the source as it is."""

    folder: Path
    """Of the corpus."""
    then: OpenCorpus
    opened: OpenCorpus
    past: Past
    reporter: Reporter = field(default_factory=Reporter)
    verbosity: int = 0
    config: Any = None

    def __post_init__(self) -> None:
        stash = pytest.Stash()
        stash[CORPORA] = cast("Any", self.past)
        plugins = {"terminalreporter": self.reporter}
        self.config = SimpleNamespace(
            rootpath=self.folder.parent,
            stash=stash,
            pluginmanager=SimpleNamespace(getplugin=plugins.get),
            get_verbosity=lambda: self.verbosity,
        )

    def flow(
        self, code: str, *places: tuple[str, str], revision: str | None = REVIEWED
    ) -> pytest.Item:
        """Give a flow of that code that was reviewed with these items, or never, if with none."""
        (self.folder / "flow_x.py").write_text(code, encoding="utf-8")
        spec = SimpleNamespace(
            path=self.folder / "flow_x.py", corpus=self.opened.corpus, obj=SimpleNamespace()
        )
        accepted = self.folder / "flow_x.json"
        accepted.unlink(missing_ok=True)
        if places:
            fragments = [_accepted(self.then, *place) for place in places]
            accepted.write_bytes(orjson.dumps({"revision": revision, "fragments": fragments}))
        item = SimpleNamespace(
            name="flow_x",
            location=("corpus/flow_x.py", 0, "flow_x"),
            config=self.config,
            getparent=lambda _: spec,
            accepted=str(accepted),
        )
        return cast("pytest.Item", item)


def run(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    before: Mapping[str, str],
    after: Mapping[str, str],
    **changes: Any,
) -> Run:
    """Give a run of a corpus at `folder`; `changes` are those of its `Upstream`."""
    monkeypatch.setattr(snapshot, "PyTestLocation", lambda flow: flow)
    located = lambda *, test_location, index: test_location.accepted  # noqa: ARG005, E731
    monkeypatch.setattr(snapshot.FlowSnapshot, "get_location", located)
    folder.mkdir()
    corpus = replace(memory.opened({}).corpus, folder=folder)
    then = OpenCorpus(corpus, _source(before, revision=REVIEWED))
    return Run(folder, then, OpenCorpus(corpus, _source(after, **changes)), Past(then))


def _source(files: Mapping[str, str], **changes: Any) -> Upstream:
    return Upstream({path: text.encode() for path, text in files.items()}, **changes)


def _accepted(opened: OpenCorpus, path: str, address: str) -> dict[str, str]:
    rust = opened.file(path).rust
    found = rust.find(address)
    place = {"file": path, "address": found.address, "kind": str(found.kind)}
    return {**place, **asdict(rust.fingerprint(found))}
