"""Mutation testing of the package's own tests.

    python -m tests.mutants --work /tmp/mutants rules output grounding 'drift/*'
    python -m tests.mutants --work /tmp/mutants --sample 600 'rust/*'
    python -m tests.mutants --work /tmp/mutants --again

It needs mutmut (https://mutmut.readthedocs.io), which writes the mutants: each changes one thing in
one function. A mutant is killed where one of the tests in tests/rust and tests/unit fails that call
its function; it survives where none does. Each is judged in a process of its own, forked after all
tests have been collected. hypothesis tries few examples, always the same, and rustc is not asked.

It prints the mutants that survived, then by module how many were written, killed, endless (they
spend a minute of the processor), survived and untested (no such test calls their function).
What is known to be no change at all stands in equivalent.md.
`--again` judges once more, with the tests as they are now, what was not killed before. The mutants
stay those of the package as it was: where that has changed since, give another folder.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.mutants.writing import Mutant, copied, copied_anew, diff, written

_PROJECT = Path(__file__).parent.parent.parent
_PYTEST = (
    *("-m", "pytest", "-p", "tests.mutants.server", "-p", "no:cacheprovider", "-s", "--tb=no"),
    *("--assert=plain", "--hypothesis-profile=mutants", "-qq", "--rootdir=."),
    *("tests/rust", "tests/unit", "--deselect", "tests/rust/test_rust_oracle.py"),
)
_VERDICTS = ("killed", "endless", "survived", "untested")


def main() -> int:
    """Write the mutants, judge them and print what came out."""
    options = _options()
    file = options.work / "mutants.json"
    if options.again:
        copied_anew(_PROJECT, options.work, "tests")
        (options.work / "called.json").unlink(missing_ok=True)
    else:
        options.work.mkdir(parents=True)
        copied(_PROJECT, options.work)
        _choose(file, options)
    judging = (f"--mutants={file}", f"--mutants-jobs={options.jobs}")
    seconds = f"--mutants-seconds={options.seconds}"
    subprocess.run([sys.executable, *_PYTEST, *judging, seconds], cwd=options.work, check=False)
    _tell(options.work, json.loads(file.read_text(encoding="utf-8")))
    return 0


def _choose(file: Path, options: argparse.Namespace) -> None:
    mutants = written(options.work, options.modules)
    chosen = mutants
    if options.sample and options.sample < len(mutants):
        chosen = random.Random(options.seed).sample(mutants, options.sample)
    counts = Counter(mutant.module for mutant in mutants)
    told = {"written": counts, "mutants": [asdict(mutant) for mutant in chosen]}
    file.write_text(json.dumps(told), encoding="utf-8")


def _tell(work: Path, data: dict[str, Any]) -> None:
    modules: dict[str, int] = data["written"]
    mutants = [Mutant(**one) for one in data["mutants"]]
    for mutant in mutants:
        if mutant.verdict == "survived":
            print(mutant.function, *diff(work, mutant), sep="\n    ")  # noqa: T201
    counts = Counter((mutant.module, mutant.verdict) for mutant in mutants)
    total = Counter(mutant.verdict for mutant in mutants)
    print("module", "written", *_VERDICTS, sep="\t")  # noqa: T201
    for module, count in modules.items():
        print(module, count, *(counts[module, one] for one in _VERDICTS), sep="\t")  # noqa: T201
    print("all", sum(modules.values()), *(total[one] for one in _VERDICTS), sep="\t")  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("modules", nargs="*", help="as rules or rust/*, below the package")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the copy")
    parser.add_argument("--again", action="store_true", help="judge once more what survived there")
    parser.add_argument("--sample", type=int, default=0, help="judge so many of them, by chance")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0, help="of tests for one mutant")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
