"""Where the features of a source begin: its entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.rust import Kind
from pytest_flowcorpus.target import Target, target_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.reach import Callgraph


class EntryError(Exception):
    """An entry point is not there: one line that says which, and what to do."""


def entries(graph: Callgraph) -> tuple[Target, ...]:
    """Give the functions that ``[entries]`` means, by file and place in it, each once.

    Raises `EntryError` for an attribute that no function below ``root`` bears, and for an item
    that is not there or is no function with a body.
    """
    declared = graph.opened.corpus.settings.entries
    found = [entry_at(graph.opened, text, "[entries] items: ") for text in declared.items]
    for name in declared.attributes:
        bearing = [*_bearing(graph, tuple(name.split("::")))]
        if not bearing:
            raise EntryError(f"[entries] attributes: no function bears #[{name}]")
        found += bearing
    return tuple(sorted(set(found), key=lambda entry: (entry.path, entry.found.start)))


def entry_at(opened: OpenCorpus, text: str, where: str = "") -> Target:
    """Give the function that ``core/x.rs::f`` names; `EntryError` says `where` that stands."""
    if not text.partition(".rs::")[2].strip():
        raise EntryError(f"{where}a function is named as core/x.rs::Type::member, not as {text!a}")
    try:
        target = target_at(opened, text)
    except FlowError as error:
        raise EntryError(f"{where}{error}") from None
    if target.kind is not Kind.FN or target.found.text.endswith(b";"):
        raise EntryError(f"{where}{target} ({target.kind}) is no function with a body")
    if not opened.rust_files.holds(target.path):
        raise EntryError(
            f"{where}{target} lies outside of `root` and `search`, where nothing is known of calls"
        )
    return target


def _bearing(graph: Callgraph, name: tuple[str, ...]) -> Iterator[Target]:
    for target in graph.functions(head=name[-1].encode()):
        code = graph.opened.file(target.path).rust
        paths = code.attribute_paths(code.item(target.found))
        if any(path[-len(name) :] == name for path in paths):
            yield target
