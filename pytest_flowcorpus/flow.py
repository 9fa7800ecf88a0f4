"""Flow and the handles that a spec works with."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import ASPECTS, Question
from pytest_flowcorpus.prose import unwrap
from pytest_flowcorpus.rust import AddressError, NoSuchItem
from pytest_flowcorpus.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_flowcorpus.corpus import CodeFile, OpenCorpus
    from pytest_flowcorpus.draft import Draft
    from pytest_flowcorpus.example import Fragment

_MOST_ASPECTS: Final = 2


class FlowError(Exception):
    """A spec asks for what is not so: a line that says what and where, then what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class FragmentHandle:
    """An extracted item, as a spec sees it; ``"text" in fragment`` asks about its code."""

    data: Fragment
    _draft: Draft = field(repr=False)

    @property
    def text(self) -> str:
        """Its code with docs, attributes and attached comments, byte for byte."""
        return self.data.text

    def __contains__(self, text: str) -> bool:
        if not isinstance(text, str) or not text:
            raise FlowError(f"`in` asks a fragment for a text, not for {text!r}")
        found = text in self.data.text
        self._draft.add_question(Question(str(self.data), text, found))
        return found

    def __str__(self) -> str:
        return str(self.data)

    def __repr__(self) -> str:
        first, last = self.data.lines
        return f"<{self.data}, lines {first}-{last}>"


@dataclass(frozen=True, slots=True, eq=False)
class FileHandle:
    """A file of the source, as a spec sees it."""

    _code: CodeFile = field(repr=False)
    _draft: Draft = field(repr=False)

    @property
    def path(self) -> str:
        """Where it stands, from the top of the repository."""
        return self._code.blob.path

    def extract(self, address: str) -> FragmentHandle:
        """Take the item at `address` into the example, whole.

        Raises `FlowError` unless exactly one item of the file is meant; the message tells the
        candidates, the nearest names, or the file where the item lives now.
        """
        try:
            found = self._code.rust.find(address)
        except AddressError as error:
            lines = [
                f"{self.path}: {error}",
                *_elsewhere(self._draft.opened, self.path, error, address),
            ]
            raise FlowError("\n".join(lines)) from None
        return FragmentHandle(self._draft.take(self._code, found), self._draft)

    def __repr__(self) -> str:
        return f"<{self.path}>"


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One feature across modules: what a spec calls to tell it."""

    _draft: Draft = field(repr=False)

    def request(self, text: str) -> None:
        """Say what a maintainer would have asked for; once, in Markdown."""
        if self._draft.request:
            raise FlowError("the request is told twice: a flow has one")
        self._draft.request = _told(text, "request")

    def think(self, text: str, *, covers: Iterable[str] = ()) -> None:
        """Add a thought to the reasoning; `covers` names at most two of the five aspects."""
        self._draft.add_thought(_told(text, "thought"), _checked(covers))

    def defect(self, text: str) -> None:
        """Record a fault of the quoted code: it goes to the manifest, never into the example."""
        self._draft.defects.append(_told(text, "defect"))

    def file(self, path: str) -> FileHandle:
        """Open a file of the source: from its ``root``, or with ``/`` from the repository's top.

        Raises `FlowError` where it is missing, leaves the tree or is not UTF-8.
        """
        try:
            code = self._draft.open(self._draft.opened.corpus.repository_path(path))
        except SourceError as error:
            raise FlowError(str(error)) from None
        return FileHandle(code, self._draft)

    def __repr__(self) -> str:
        return f"<Flow {self._draft.spec}>"


def _told(text: str, what: str) -> str:
    prose = unwrap(text) if isinstance(text, str) else ""
    if not prose:
        raise FlowError(f"the {what} is empty")
    return prose


def _checked(covers: Iterable[str]) -> tuple[str, ...]:
    aspects = (covers,) if isinstance(covers, str) else tuple(covers)
    for aspect in aspects:
        if aspect not in ASPECTS:
            near = difflib.get_close_matches(aspect, ASPECTS, n=1) or ASPECTS
            raise FlowError(f'"{aspect}" is not an aspect; did you mean {" or ".join(near)}?')
    if len(aspects) > _MOST_ASPECTS:
        raise FlowError(f"a thought covers at most two aspects, not {len(aspects)}: part it")
    return aspects


def _elsewhere(opened: OpenCorpus, path: str, error: AddressError, address: str) -> list[str]:
    if not isinstance(error, NoSuchItem) or address.strip() == "use":
        return []
    others = [other for other in opened.files_with(address) if other != path]
    spec_path = opened.corpus.spec_path
    return [
        f'it stands in {other}: flow.file("{spec_path(other)}").extract("{address}")'
        for other in others
    ]
