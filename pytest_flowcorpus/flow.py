"""Flow and the handles that a spec works with."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.example import ASPECTS, Question
from pytest_flowcorpus.hops import ItemHandle, state
from pytest_flowcorpus.prose import unwrap
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.target import open_file, target_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_flowcorpus.corpus import CodeFile
    from pytest_flowcorpus.draft import Draft
    from pytest_flowcorpus.example import Fragment

_MOST_ASPECTS: Final = 2


@dataclass(frozen=True, eq=False)
class FragmentHandle(ItemHandle):
    """An extracted item, as a spec sees it; ``"text" in fragment`` asks about its code."""

    data: Fragment

    @property
    def text(self) -> str:
        """Its code with docs, attributes and attached comments, byte for byte."""
        return self.data.text

    def __contains__(self, text: str) -> bool:
        if not isinstance(text, str) or not text:
            raise FlowError(
                "`in` asks a fragment for a text, and not for an empty one: "
                "ask its `calls` and `mentions` about an item"
            )
        found = text in self.data.text
        self._draft.add_question(Question(str(self.data), text, found))
        return found

    def __repr__(self) -> str:
        first, last = self.data.lines
        return visible(f"<{self.data}, lines {first}-{last}>")


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
        opened = self._draft.opened
        target = target_in(
            opened, self._code, address, lambda path: f'flow.file("{path}").extract("{address}")'
        )
        return FragmentHandle(target, self._draft, self._draft.take(self._code, target.found))

    def __repr__(self) -> str:
        return visible(f"<{self.path}>")


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One feature across modules: what a spec calls to tell it."""

    _draft: Draft = field(repr=False)

    def request(self, text: str) -> None:
        """Say what a maintainer would have asked for; once, in Markdown."""
        if self._draft.is_requested:
            raise FlowError("the request is told twice: a flow has one")
        self._draft.add_request(_told(text, "request"))

    def think(self, text: str, *, covers: Iterable[str] = ()) -> None:
        """Add a thought to the reasoning; `covers` names at most two of the five aspects."""
        self._draft.add_thought(_told(text, "thought"), _checked(covers))

    def defect(self, text: str) -> None:
        """Record a fault of the quoted code: it goes to the manifest, never into the example."""
        if not (told := _told(text, "defect")):
            raise FlowError("the defect is empty")
        self._draft.defects.append(told)

    def file(self, path: str) -> FileHandle:
        """Open a file of the source: from its ``root``, or with ``/`` from the repository's top.

        Raises `FlowError` where it is missing, leaves the tree or is not UTF-8.
        """
        code = open_file(self._draft.opened, path)
        self._draft.open(code)
        return FileHandle(code, self._draft)

    def hop(self, caller: FragmentHandle, callee: FragmentHandle | str, *, via: str) -> None:
        """State a hop that no line of the code says, since a framework makes it.

        `callee` is a fragment or an address with its file; `via` says what it goes through, such
        as ``ActiveModelTrait::update``. Raises `FlowError` where the code does say it.
        """
        if not isinstance(caller, FragmentHandle):
            raise FlowError(f"flow.hop: the caller is a fragment, not a {type(caller).__name__}")
        through = " ".join(via.split()) if isinstance(via, str) else ""
        if not (through and through.isprintable()):
            raise FlowError("flow.hop: `via` says nothing: name what the hop goes through")
        state(caller, callee, through, self._draft)

    def __repr__(self) -> str:
        return f"<Flow {self._draft.spec}>"


def _told(text: str, what: str) -> str:
    if not isinstance(text, str):
        raise FlowError(f"the {what} is a text, not a value of type {type(text).__name__}")
    return unwrap(text)


def _checked(covers: Iterable[str]) -> tuple[str, ...]:
    aspects = (covers,) if isinstance(covers, str) else tuple(covers)
    for aspect in aspects:
        if aspect not in ASPECTS:
            near = difflib.get_close_matches(aspect, ASPECTS, n=1) or ASPECTS
            raise FlowError(f'"{aspect}" is not an aspect; did you mean {" or ".join(near)}?')
    if len(aspects) > _MOST_ASPECTS:
        raise FlowError(f"a thought covers at most two aspects, not {len(aspects)}: part it")
    return aspects
