"""The pages of a run's examples, as files for human readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus import disk
from pytest_flowcorpus.output import OutputError
from pytest_flowcorpus.page import page_name
from pytest_flowcorpus.summary import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pytest_flowcorpus.results import Results


def write(results: Results) -> Iterator[str]:
    """Write a page of every flow that has one, and say so; raises `OutputError`."""
    folder = results.option.flowcorpus_render
    pages = {page_name(flow.flow): flow.page for flow in results.run.shown() if flow.page}
    if results.sources.changed():
        raise OutputError(f"{folder} left as it was: {results.run.broken}")
    if not pages:
        raise OutputError(f"{folder} left as it was: no flow passed")
    put(results.place(folder), pages)
    yield f"wrote {counted(len(pages), 'page')} to {folder}"


def put(folder: Path, pages: Mapping[str, Iterable[bytes]]) -> None:
    """Put each page by its name into `folder`; raises `OutputError`."""
    try:
        disk.replace({folder / name: text for name, text in pages.items()})
    except OSError as error:
        raise OutputError(f"{folder}: pages not written: {error.strerror or error}") from None
