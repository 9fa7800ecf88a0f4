"""Training examples of whole Rust features, told by pytest specs, extracted from real code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_flowcorpus.flow import FileHandle, Flow, FragmentHandle

__all__ = ["FileHandle", "Flow", "FragmentHandle"]


def __getattr__(name: str) -> Any:
    # pytest imports this package in every project that has it installed; tree-sitter can wait
    # until a spec asks for a name.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pytest_flowcorpus import flow  # noqa: PLC0415

    return getattr(flow, name)
