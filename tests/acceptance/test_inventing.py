"""Every code span of the real flows, replaced by what is not real: each replacement has to fail.

All spans are replaced at once in the text of its spec, and the flow is told anew.
"""

from __future__ import annotations

import ast
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus import grounding
from pytest_flowcorpus.corpus import OpenCorpus, Override, load_corpus
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
COURIER = sorted((ROOT / "tests/courier/corpus").glob("flow_*.py"))
SVIX = sorted((ROOT / "corpus").glob("flow_*.py"))

SPAN = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_]\w+")


@dataclass(frozen=True)
class Told:
    """A spec, and the corpus that it is told in."""

    spec: Path
    opened: OpenCorpus
    memberless: str
    """A type of the source that has no member at all."""

    def problems(self, text: str) -> set[str]:
        """Tell the spec as `text` has it; give what grounding says of it."""
        self.spec.write_text(text)
        draft = Draft(f"{self.spec.name}::{self.spec.stem}", "", self.opened)
        names: dict[str, object] = {}
        exec(compile(text, str(self.spec), "exec"), names)
        flow = names[self.spec.stem]
        assert callable(flow)
        flow(Flow(draft))
        prose = grounding.Prose.of(draft, draft.example(), self.spec.name)
        return set(grounding.grounding(prose))

    def words(self) -> set[str]:
        """Give every word of the source, be it code or not, and of its files' names."""
        paths = [path for path in self.opened.source.paths() if path.endswith(".rs")]
        read = (self.opened.source.read(path).data.decode() for path in paths)
        return {word for text in (*paths, *read) for word in re.findall(r"\w+", text)}


def prose(text: str) -> Iterator[tuple[int, int]]:
    """Give where each request and thought stands in a spec, docstrings and defects left out."""
    starts = [0, *(end.end() for end in re.finditer("\n", text))]
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            told = call.args[0] if call.args else None
            if call.func.attr in ("request", "think") and isinstance(told, ast.Constant):
                assert told.end_lineno is not None
                yield starts[told.lineno - 1], starts[told.end_lineno] - 1


def invented(span: str, words: set[str]) -> Iterator[str]:
    """Give a span with a name that is nowhere: a longer one, then a shorter one."""
    for name in NAME.findall(span)[-1:]:
        shorter = (name[:length] for length in range(len(name) - 1, 0, -1))
        for other in (f"{name}_anew", next((one for one in shorter if one not in words), "")):
            if other and other not in words:
                yield other.join(span.rsplit(name, 1))


def mistyped(span: str, type_: str) -> Iterator[str]:
    """Give a path with a type before its last name that has no such member."""
    path = " ".join(span.split())
    if re.fullmatch(r"\w+(::\w+)+", path):
        yield f"{type_}::{path.rpartition('::')[2]}"


def spoilt(text: str, told: Told, words: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Give the spec with every span replaced in one way, and the places where it has to fail."""
    found = [span for part in prose(text) for span in SPAN.finditer(text, *part)]
    ways = [[*invented(span[1], words), *mistyped(span[1], told.memberless)] for span in found]
    for way in range(max(map(len, ways))):
        changed, places = text, []
        for span, others in reversed([*zip(found, ways, strict=True)]):
            if len(others) > way:
                changed = f"{changed[: span.start(1)]}{others[way]}{changed[span.end(1) :]}"
                places.append((span.start(), others[way]))
        yield changed, list(_placed(changed, text, dict(places)))


def _placed(changed: str, text: str, places: dict[int, str]) -> Iterator[str]:
    shift = 0
    for start in sorted(places):
        at = start + shift
        line, column = changed.count("\n", 0, at) + 1, at - changed.rfind("\n", 0, at)
        yield f"{line}:{column}: "
        shift += len(places[start]) - (text.index("`", start + 1) - start - 1)


def check(told: Told) -> int:
    """Replace every span of a spec in every way; give how often."""
    text, words = told.spec.read_text(), told.words()
    assert told.problems(text) == set()
    count = 0
    for changed, places in spoilt(text, told, words):
        new = {one.removeprefix(f"{told.spec.name}:") for one in told.problems(changed)}
        missed = [place for place in places if not any(one.startswith(place) for one in new)]
        assert missed == []
        assert len(new) == len(places)
        count += len(places)
    return count


@pytest.mark.parametrize("spec", COURIER, ids=lambda spec: spec.stem)
def test_no_invention_passes_in_a_flow_of_courier(spec: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests/courier/src", tmp_path / "src")
    shutil.copyfile(ROOT / "tests/courier/Cargo.toml", tmp_path / "Cargo.toml")
    copy = shutil.copytree(spec.parent, tmp_path / "corpus") / spec.name
    opened = load_corpus(copy.parent).open(Override())
    assert check(Told(copy, opened, "Parcel")) > 60


@pytest.mark.parametrize("spec", SVIX, ids=lambda spec: spec.stem)
def test_no_invention_passes_in_a_flow_of_svix(spec: Path, tmp_path: Path, svix_tree: Path) -> None:
    copy = shutil.copytree(spec.parent, tmp_path / "corpus") / spec.name
    opened = load_corpus(copy.parent).open(Override(checkout=svix_tree))
    assert check(Told(copy, opened, "RecoverOut")) > 40
