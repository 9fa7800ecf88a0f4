"""A copy of the project in which mutmut has written every mutant beside its function."""

from __future__ import annotations

import difflib
import shutil
from contextlib import chdir
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from mutmut.mutation.file_mutation import mutate_file_contents

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "pytest_flowcorpus"
_COPIED = (PACKAGE, "tests", "corpus", "conftest.py", "pyproject.toml", "README.md", "LICENSE")
_RUNTIME = ("from mutmut.mutation.trampoline", "from tests.mutants.switch")


@dataclass(slots=True)
class Mutant:
    """One change of one function, and what came of it."""

    module: str
    name: str
    function: str
    """What the function is called, with its module and class."""
    path: str
    before: tuple[int, int]
    """Where its file has the function as written: the first line, and the one behind it."""
    after: tuple[int, int]
    """Where it has the mutant."""
    verdict: str = ""


def copied(project: Path, work: Path) -> None:
    """Copy what the tests need, and tell mutmut where the package is."""
    (work / "setup.cfg").write_text(f"[mutmut]\nsource_paths={PACKAGE}\n", encoding="utf-8")
    for name in _COPIED:
        copied_anew(project, work, name)


def copied_anew(project: Path, work: Path, name: str) -> None:
    """Copy a file or a folder, and nothing that stood in it."""
    if (project / name).is_dir():
        shutil.rmtree(work / name, ignore_errors=True)
        shutil.copytree(project / name, work / name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(project / name, work / name)


def written(work: Path, patterns: list[str]) -> list[Mutant]:
    """Write the mutants of the modules that a pattern fits, as `rust/*`, and give them."""
    found = []
    with chdir(work):  # mutmut looks for its settings there
        for file in sorted((work / PACKAGE).rglob("*.py")):
            name = file.relative_to(work / PACKAGE).as_posix().removesuffix(".py")
            if any(fnmatch(name, pattern) for pattern in patterns):
                found += _mutated(work, file)
    return found


def diff(work: Path, mutant: Mutant) -> list[str]:
    """Give the lines that a mutant takes away and puts there, without their indentation."""
    lines = (work / mutant.path).read_text(encoding="utf-8").splitlines()
    before, after = (
        [line.strip() for line in lines[start:end]] for start, end in (mutant.before, mutant.after)
    )
    told = (line for line in difflib.ndiff(before, after) if line[0] in "-+")
    return [line for line in told if "__mutmut_" not in line]


def _mutated(work: Path, file: Path) -> list[Mutant]:
    path = file.relative_to(work).as_posix()
    module = path.removesuffix(".py").replace("/", ".")
    made = mutate_file_contents(str(file), file.read_text(encoding="utf-8"))
    file.write_text(made.code.replace(*_RUNTIME), encoding="utf-8")
    places = {
        name: (span.start - 1, span.end) for name, span in made.line_span_by_function_name.items()
    }
    found = []
    for name in made.mutant_names:
        mangled = name.rpartition("__mutmut_")[0]
        before = places[f"{mangled}__mutmut_orig"]
        function = f"{module}.{_function(mangled)}"
        found.append(Mutant(module, name, function, path, before, places[name]))
    return found


def _function(mangled: str) -> str:
    """Give a name as `__qualname__` has it: `xǁRuleǁdefines` is `Rule.defines`, `x_go` is `go`."""
    if mangled.startswith("xǁ"):
        return mangled.removeprefix("xǁ").replace("ǁ", ".")
    return mangled.removeprefix("x_")
