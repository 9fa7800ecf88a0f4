"""What is known of a tree: what its names, types and members are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_flowcorpus.rust.members import Members
from pytest_flowcorpus.rust.paths import Paths
from pytest_flowcorpus.rust.types import Types
from pytest_flowcorpus.rust.workspace import Workspace

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.workspace import Files


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that answers a question about names and types."""

    workspace: Workspace
    paths: Paths
    types: Types
    members: Members

    @classmethod
    def of(cls, files: Files) -> Knowledge:
        """Know what a tree's files say, each read when a question leads to it."""
        workspace = Workspace(files)
        paths = Paths(workspace)
        types = Types(paths)
        return cls(workspace, paths, types, Members(workspace, paths, types))
