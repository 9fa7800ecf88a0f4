"""The specs that ``--flowcorpus-new`` begins for Svix: what is left to write, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_flowcorpus.chatml import loads
from pytest_flowcorpus.corpus import Override, load_corpus
from pytest_flowcorpus.entries import entry_at
from pytest_flowcorpus.example import ASPECTS
from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.scaffold.scaffold import scaffold
from pytest_flowcorpus.scaffold.skeleton import skeleton, spec_name
from pytest_flowcorpus.tokens import count_tokens
from tests.acceptance.project import QUIET
from tests.conftest import ROOT
from tests.filling import filled
from tests.scan.test_svix_scan import wanted

LOOSE = "[limits]\nsimilar = [0, 0]\nrepeated = 0\nitem_flows = 0\n"
"""Off: the prose of the tests says the same of every flow."""
LONG = ("max_tokens = 8192", "max_tokens = 16384")
"""For the words of the tests, which no tokenizer has seen before."""
PROSE = 1500
"""The tokens of a request and a reasoning of 1,000 words together, as those of the corpus have."""


@pytest.fixture(scope="module")
def begun(svix_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a corpus with the skeletons of all entries that somebody made a list for."""
    folder = tmp_path_factory.mktemp("begun") / "corpus"
    folder.mkdir()
    shutil.copy(ROOT / "corpus/flowcorpus.toml", folder)
    settings = folder / "flowcorpus.toml"
    settings.write_text(settings.read_text().replace("[limits]\n", LOOSE))
    opened = load_corpus(folder).open(Override(checkout=svix_tree))
    graph = Callgraph(opened)
    for entry in (entry_at(opened, text) for text in wanted()):
        name = spec_name(entry)
        (folder / f"{name}.py").write_text(skeleton(scaffold(graph, entry), name))
    return folder


def run(folder: Path, tree: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *QUIET, f"--flowcorpus-checkout={tree}"]
    return subprocess.run(
        [*command, "corpus", *args], cwd=folder.parent, capture_output=True, text=True, check=False
    )


def test_a_skeleton_fails_with_what_is_to_be_written_and_with_nothing_else(
    begun: Path, svix_tree: Path
) -> None:
    done = run(begun, svix_tree)
    problems = re.findall(r"^  \* (.*)$", done.stdout, re.MULTILINE)
    left = [problem for problem in problems if "no snapshot yet" not in problem]
    assert len(left) == len(wanted()) * (1 + len(ASPECTS))
    assert [problem for problem in left if "still to be written" not in problem] == []
    assert f"{len(wanted())} failed" in done.stdout


@pytest.fixture
def written(begun: Path, tmp_path: Path) -> Path:
    """Give a copy in which the prose is written."""
    corpus = shutil.copytree(begun, tmp_path / "corpus")
    settings = corpus / "flowcorpus.toml"
    settings.write_text(settings.read_text().replace(*LONG))
    for spec in corpus.glob("flow_*.py"):
        spec.write_text(filled(spec.read_text()))
    return corpus


def test_a_skeleton_passes_once_its_prose_is_written_and_leaves_room_for_it(
    written: Path, svix_tree: Path
) -> None:
    out = written.parent / "flows.jsonl"
    done = run(written, svix_tree, "--snapshot-update", f"--flowcorpus-out={out}")
    assert done.returncode == 0, done.stdout
    records = [loads(line) for line in out.read_bytes().splitlines()]
    assert len(records) == len(wanted())
    for record in records:
        code = "".join(f"`{path}`\n\n```rust\n{code}```\n" for path, code in record.files)
        assert count_tokens([record.system, code]) <= 8192 - PROSE


def test_what_a_skeleton_suggests_holds_when_it_is_claimed(written: Path, svix_tree: Path) -> None:
    claims = re.compile(r"^    # (flow\.hop\(|assert )", re.MULTILINE)
    count = 0
    for spec in written.glob("flow_*.py"):
        text, claimed = claims.subn(r"    \1", spec.read_text())
        count += claimed
        spec.write_text(text)
    assert count > len(wanted())
    done = run(written, svix_tree, "--snapshot-update")
    assert done.returncode == 0, done.stdout
