"""Replays upstream's history: what drift says of every item, held against rustc and git.

    python -m tests.replay --cache ~/.cache/flowcorpus-replay

Walks the first-parent snapshots of the corpus's root up to its pinned revision, oldest to newest.
Of each two neighbours it takes all items of the files that changed, and what the corpus's specs
extract as far as the older one has it, and asks drift what became of them. What really did it
learns from rustc's parser and from bytes and lines, and shares no code with drift in that
(truth.py, whereabouts.py). It prints:

* changed or not: right, missed, false alarms;
* the kinds of change: attributes, body, signature, comments, format;
* moves and renames: proposed rightly, missed, wrongly proposed;
* the seconds that drift took for a snapshot, parsing included, rustc left out.

Exit 0: no change was missed and no alarm was false; 1: some were. It needs git, rustc and, the
first time, some minutes: upstream's repository and rustc's answers, by blob, are kept in the cache.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.corpus import load_corpus
from tests.replay import table, truth
from tests.replay.repository import Repository
from tests.replay.walk import ROOT, Tally, Walk, extracted
from tests.rust.rustc_ast import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_ONCE: Final = 16
"""Neighbours that one process walks in a row: what it parsed for one it has for the next."""


def main() -> int:
    """Replay, and print what came out."""
    options = _options()
    corpus = load_corpus(ROOT / "corpus")
    source = corpus.settings.source
    upstream = options.cache / "repository"
    repository = Repository.cloned(source.git or "", source.rev or "", upstream)
    commits = repository.snapshots(source.rev or "", source.root)[-(options.last or 0) :]
    readings = options.cache / f"rustc-{truth.version()}"
    readings.mkdir(parents=True, exist_ok=True)
    trees = (repository.tree(commit, source.root) for commit in commits)
    blobs = {sha for tree in trees for path, sha in tree.items() if path.endswith(".rs")}
    wanted = sorted(sha for sha in blobs if not (readings / f"{sha}.json").exists())
    parts = [commits[at : at + _AT_ONCE + 1] for at in range(0, len(commits) - 1, _AT_ONCE)]
    everything, fragments = Tally(), Tally()
    with ProcessPoolExecutor(options.jobs) as pool:
        chunks = [wanted[at::64] for at in range(64)]
        for _ in pool.map(_read, [upstream] * 64, [readings] * 64, chunks):
            _say(".")
        walked = pool.map(_walk, [upstream] * len(parts), [readings] * len(parts), parts)
        for items, extracts in walked:
            everything.add(items)
            fragments.add(extracts)
            _say(":")
    _say("\n")
    sys.stdout.write(f"{len(commits)} snapshots of {source.root} up to {source.rev}\n")
    known = {f"{path}::{address}" for path, address in extracted(corpus)}
    lines = [
        *table.report("All items of the files that changed", everything),
        *table.report("What the corpus extracts", fragments),
        *("", "The same, followed back to where it came from"),
        *table.lineage(everything.verdicts, known),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if table.is_clean(everything) and table.is_clean(fragments) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = "folder outside of this repository for upstream's repository and rustc's answers"
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help=told)
    parser.add_argument("--last", type=int, metavar="N", help="walk the newest N snapshots only")
    told = "processes (default: as many as there are processors)"
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help=told)
    options = parser.parse_args()
    options.cache = options.cache.expanduser().resolve()
    if options.cache.is_relative_to(ROOT):
        parser.error("--cache: upstream's code does not belong into this repository")
    return options


def _read(upstream: Path, readings: Path, blobs: Sequence[str]) -> None:
    """Ask rustc for blobs; of what it refuses `null` is kept."""
    repository = Repository(upstream)
    for sha in blobs:
        try:
            told = truth.dumped(truth.read(repository.blob(sha)))
        except Refused:
            told = None
        (readings / f"{sha}.json").write_text(json.dumps(told), encoding="utf-8")
    repository.close()


def _walk(upstream: Path, readings: Path, commits: Sequence[str]) -> tuple[Tally, Tally]:
    repository = Repository(upstream)
    walk = Walk(repository, readings)
    everything, fragments = Tally(), Tally()
    for before, after in pairwise(commits):
        items, extracts = walk.compare(before, after)
        everything.add(items)
        fragments.add(extracts)
    repository.close()
    return everything, fragments


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(text)
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
