"""Fuzzes what the product reads: Rust, addresses, prose, settings, and its own files.

    python -m tests.fuzz [--inputs N] [--seed S] [--only TARGET] [--jobs N]

Hypothesis draws the inputs (soups.py: soups of Rust's tokens, edited fragments of real files,
generated files with splices); what has to hold for each says rust_targets.py and text_targets.py:
no error but our own, spans that are byte-exact, addresses that lead back to their items, answers
that do not depend on who asked before. The same seed gives the same inputs. It prints a table,
whose seconds are of the processor, and of each finding the smallest input. Exit 0: nothing found;
1: findings.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from tests.fuzz.target import TARGETS, Outcome, fuzz


def main() -> int:
    """Fuzz, and print what came out."""
    options = _options()
    names = options.only or [*TARGETS]
    each = -(-options.inputs // len(names))
    outcomes: list[Outcome] = []
    _say("| target | inputs | seconds | findings |")
    _say("|---|---|---|---|")
    with ProcessPoolExecutor(options.jobs) as pool:
        found = pool.map(fuzz, names, repeat(each), repeat(options.seed))
        for name, outcome in zip(names, found, strict=True):
            outcomes.append(outcome)
            _say(_row(name, outcome))
    findings = [outcome for outcome in outcomes if outcome.finding]
    total = sum(outcome.inputs for outcome in outcomes)
    spent = sum(outcome.seconds for outcome in outcomes)
    _say(_row("all", Outcome(total, spent), len(findings)))
    for name, outcome in zip(names, outcomes, strict=True):
        if outcome.finding:
            _say(f"\n{name}: {outcome.finding}")
    return 1 if findings else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = "inputs in all, shared among the targets (default: 220,000)"
    parser.add_argument("--inputs", type=int, default=220_000, metavar="N", help=told)
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="other inputs (default: 0)"
    )
    told = f"one of {', '.join(TARGETS)}; may be given several times"
    parser.add_argument("--only", action="append", choices=TARGETS, metavar="TARGET", help=told)
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default: 2)")
    return parser.parse_args()


def _row(name: str, outcome: Outcome, findings: int | None = None) -> str:
    found = int(bool(outcome.finding)) if findings is None else findings
    return f"| {name} | {outcome.inputs:,} | {outcome.seconds:,.0f} | {found} |"


def _say(text: str) -> None:
    sys.stdout.write(f"{text.encode('utf-8', 'backslashreplace').decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
