"""The examples of a run, as the JSONL and its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus import output, stdout
from pytest_flowcorpus.options import STDOUT
from pytest_flowcorpus.output import Dataset, OutputError
from pytest_flowcorpus.summary import counted, of_tokens
from pytest_flowcorpus.tokens import tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.results import Results


def write(results: Results) -> Iterator[str]:
    """Write the examples of all flows that passed, and say so; raises `OutputError`."""
    out = results.option.flowcorpus_out
    if reason := results.run.unfinished():
        raise OutputError(f"{out} left as it was: {reason}")
    dataset = _dataset(results)
    if not dataset.records:
        raise OutputError(f"{out} left as it was: no flow passed")
    if out == STDOUT:
        stdout.write(results.config, dataset.jsonl())
    else:
        output.write(results.place(out), dataset)
    yield f"wrote {counted(len(dataset.records), 'example')} to {out}{_left_out(dataset)}"
    yield of_tokens([one.entry["tokens"] for one in dataset.records], tokenizer())


def _dataset(results: Results) -> Dataset:
    run = results.run
    return Dataset(
        source=results.sources.provenance,
        whole=results.is_whole(),
        records=[flow.yielded for flow in run.passed() if flow.yielded],
        rejected=tuple({"spec": flow.flow, "why": flow.reason} for flow in run.rejected()),
    )


def _left_out(dataset: Dataset) -> str:
    rejected = len(dataset.rejected)
    return f"; {counted(rejected, 'flow')} left out" if rejected else ""
