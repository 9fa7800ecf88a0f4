"""Edits real Rust files at random, and judges what is then found in them.

    python -m tests.edits [--edits N] [--seed S]

Takes all Rust files of the pinned revision below `server/`, through the product's own source, and
edits each in turn in all the ways of edit.py: one edit at a time, the same ones for the same seed.
In the edited file it asks for every item of the original by its address, and judges the answer.
A refusal by one of the product's own errors (`AddressError`, `FileUnavailable`) is never wrong;
any other exception ends the run. *Silently wrong* is an answer

where rustc's parser accepts the edited file (`-Zunpretty=ast-tree`, tests/rust/rustc_ast.py):
* that rustc does not see as one item of that kind from the first attribute to the last byte;
* whose path to rustc is another than the original's, the generics of impls apart;
* of which rustc sees a twin, kind and path being the same, that the address cannot tell from it;
* that begins with anything but attached comments before the first attribute;

where rustc rejects it, and so knows of no items (reader.py reads the tokens then):
* whose declaration begins inside of a string or comment, as when an opened one swallows it;
* that stands in other braces than those of the items that are said to enclose it, as when a
  brace is lost or one too many before it: it may be a part of something else;
* that was touched by the edit, and is less or more than one whole item by its own tokens, or
  nothing in it has its name;

everywhere:
* of which the edit touches no byte, nor what stands between it and the token before, unless it is
  exactly its old bytes at its place, after comments at most that the edit made of code above it;
* for `use`, if an import at the top is left out, or anything but a stray `;` taken in besides;
* whose excerpt is anything but lines of the file in order, or does not hold it whole.

rustc stops at a character without its second quote; what follows is read as if only that quote was
too many. An item is *refused needlessly* where rustc accepts the file and sees it once with its old
bytes.

Exit 0: nothing is silently wrong; 1: something is, and the shortest file that shows it is told;
2: rustc does not see braces where reader.py does. Needs git, rustc, and some minutes of a core.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.corpus import Override, load_corpus
from tests.edits.edit import KINDS, made
from tests.edits.judge import Judge, Original, Outcome
from tests.edits.oracle import Oracle
from tests.edits.shrink import shrunk
from tests.edits.table import Tally, report

if TYPE_CHECKING:
    from tests.edits.edit import Edit
    from tests.edits.judge import Verdict

ROOT: Final = Path(__file__).parent.parent.parent
Wrong = tuple["Original", "Edit", "Verdict"]


def main() -> int:
    """Edit, judge, and print what came out."""
    options = _options()
    oracle = Oracle()
    originals = _originals(oracle)
    tallies: dict[str, Tally] = defaultdict(Tally)
    wrong: list[Wrong] = []
    needless: list[Wrong] = []
    misread: list[str] = []
    for number in range(options.edits):
        original = originals[number % len(originals)]
        edit = edited(original, number // len(originals), options.seed)
        judge = Judge(original, edit, oracle)
        verdicts = judge.verdicts()
        tallies[edit.kind.partition(":")[0]].add(verdicts, is_accepted=judge.reading is not None)
        told = [(original, edit, one) for one in verdicts if one.why]
        wrong += [one for one in told if one[2].outcome is Outcome.WRONG]
        needless += [one for one in told if one[2].outcome is Outcome.NEEDLESS]
        misread += [f"{original.path} {edit}: {name}" for name in judge.misread()]
    _print(f"{options.edits} edits of {len(originals)} files, seed {options.seed}; ")
    _print(f"rustc was asked {oracle.asked} times\n\n", *(f"{line}\n" for line in report(tallies)))
    if options.verbose:
        _print(*(f"needless: {_line(one)}\n" for one in needless))
    _print(*(f"wrong: {_line(one)}\n" for one in wrong[:200]))
    _print(*(f"the reader of tokens errs: {one}\n" for one in misread[:20]))
    if wrong:
        shortest = min(wrong, key=lambda one: len(one[0].code))
        _print("\nthe shortest, cut down:\n", shrunk(*shortest, oracle))
    return 1 if wrong else 2 if misread else 0


def edited(original: Original, turn: int, seed: str) -> Edit:
    """Give one edit of a file; the kinds take turns."""
    random = Random(f"{seed} {original.path} {turn}")
    offset = sum(original.path.encode())
    kind = KINDS[(turn + offset) % len(KINDS)]
    return made(kind, original.code, original.spans, random)


def _originals(oracle: Oracle) -> list[Original]:
    source = load_corpus(ROOT / "corpus").open(Override()).source
    paths = [path for path in source.paths() if path.endswith(".rs") and "server/" in path]
    read = ((path, source.read(path).data) for path in paths)
    originals = [Original(path, code, oracle) for path, code in read if code]
    source.close()
    return originals


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.edits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = "how many edits (default: 6000)"
    parser.add_argument("--edits", type=int, default=6000, metavar="N", help=told)
    parser.add_argument("--seed", default="0", metavar="S", help="other edits (default: 0)")
    parser.add_argument("--verbose", action="store_true", help="tell what is refused needlessly")
    return parser.parse_args()


def _line(one: Wrong) -> str:
    original, edit, verdict = one
    return f"{original.path}::{verdict.address}: {verdict.why} ({edit})"


def _print(*texts: str) -> None:
    sys.stdout.write("".join(texts))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
