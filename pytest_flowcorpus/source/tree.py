"""Tree: what stands at every path of one revision, and where its links lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.path import is_text

if TYPE_CHECKING:
    from collections.abc import Callable

_LINKS_FOLLOWED_AT_MOST = 40  # as many as Linux, and git's --follow-symlinks
_LINK_LENGTH_AT_MOST = 4096  # Linux's PATH_MAX: a longer blob is no link that works anywhere


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of ``git ls-tree``."""

    mode: str
    """Six octal digits (git-fast-import(1) lists them)."""
    sha: str

    @property
    def is_regular(self) -> bool:
        """A plain or executable file."""
        return self.mode.startswith("100")

    @property
    def is_link(self) -> bool:
        """A symbolic link; its blob holds the target."""
        return self.mode == "120000"

    @property
    def is_tree(self) -> bool:
        """A directory."""
        return self.mode == "040000"

    @property
    def is_submodule(self) -> bool:
        """A commit of another repository, none of whose files are in this one."""
        return self.mode == "160000"


_TOP = Entry("040000", "")


@dataclass(frozen=True, slots=True)
class Tree:
    """All entries of a revision by path, directories included."""

    where: str
    """Names the revision in errors."""
    entries: dict[str, Entry]

    @classmethod
    def parse(cls, where: str, listing: bytes) -> Tree:
        """Read the output of ``git ls-tree -r -t -z``: ``mode type sha TAB path NUL``."""
        entries = {}
        for line in listing.split(b"\0")[:-1]:
            fields, _, name = line.partition(b"\t")
            mode, _, sha = fields.decode("ascii").split(" ")
            entries[name.decode(errors="surrogateescape")] = Entry(mode, sha)
        return cls(where, entries)

    def paths(self) -> tuple[str, ...]:
        """Give every regular file whose name is UTF-8, sorted."""
        return tuple(sorted(p for p, e in self.entries.items() if e.is_regular and is_text(p)))

    def follow(self, path: str, target: Callable[[Entry], bytes]) -> Entry | None:
        """Give the entry behind ``path``, which is never a link; None where nothing stands.

        ``target`` reads a link's blob. Raises ``PathLeavesSource``, ``LinkBroken``, and
        ``NotRegular`` for whatever lies in a submodule.
        """
        walk = _Walk(self, path)
        while walk.goes_on:
            walk.step()
            if walk.entry is not None and walk.entry.is_link:
                walk.enter(target(walk.entry))
        return walk.end()


class _Walk:
    """A way through the tree, one name at a time, as a kernel resolves a path."""

    def __init__(self, tree: Tree, path: str) -> None:
        self.entry: Entry | None = _TOP
        self._tree = tree
        self._path = path
        self._ahead = path.split("/")[::-1]
        self._behind: list[str] = []
        self._links = 0

    @property
    def goes_on(self) -> bool:
        """Whether names are left, and a directory to look them up in."""
        return bool(self._ahead) and self.entry is not None and self.entry.is_tree

    def step(self) -> None:
        """Take the next name."""
        name = self._ahead.pop()
        if name == ".." and not self._behind:
            raise errors.leaves(self._path, self._tree.where, "through a link with '..'")
        if name == "..":
            self._behind.pop()
        elif name not in ("", "."):
            self._behind.append(name)
        self._look()

    def enter(self, target: bytes) -> None:
        """Turn off to where the link just met leads."""
        self._links += 1
        if self._links > _LINKS_FOLLOWED_AT_MOST:
            raise errors.broken_link(self._path, self._tree.where, "a loop of links")
        if len(target) > _LINK_LENGTH_AT_MOST:
            raise errors.broken_link(self._path, self._tree.where, "a link of absurd length")
        if target.startswith(b"/"):
            raise errors.leaves(self._path, self._tree.where, "through an absolute link")
        self._behind.pop()
        self._ahead += target.decode(errors="surrogateescape").split("/")[::-1]
        self._look()

    def end(self) -> Entry | None:
        """Give what stands where the way ended."""
        where = self._tree.where
        if self.entry is not None and self.entry.is_submodule:
            raise errors.not_regular(self._path, where, "a submodule, which is not fetched,")
        if not self._ahead and self.entry is not None:
            return self.entry
        if self._links:
            lost = "/".join(self._behind + self._ahead[::-1])
            raise errors.broken_link(self._path, where, f"a link to {lost}, which is not there,")
        return None

    def _look(self) -> None:
        self.entry = self._tree.entries.get("/".join(self._behind)) if self._behind else _TOP
