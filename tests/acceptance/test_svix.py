"""The real Svix corpus, as its maintainers run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import table
from tests.acceptance.project import QUIET
from tests.conftest import ROOT

NAME = "feature_implementation_flows.jsonl"
SPECS = sorted(ROOT.glob("corpus/flow_*.py"))


# Whatever is asked of GitHub is asked of a port where nobody listens.
CUT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "url.https://127.0.0.1:9/.insteadOf",
    "GIT_CONFIG_VALUE_0": "https://github.com/",
}


def run(
    *args: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *QUIET, *map(str, args)]
    env = os.environ | (environment or {})
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def written(svix_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the command of the README writes."""
    assert svix_repository.exists()
    out = tmp_path_factory.mktemp("out") / NAME
    done = run(f"--flowcorpus-out={out}")
    assert done.returncode == 0, done.stdout + done.stderr
    out.with_suffix(".told").write_text(done.stdout, encoding="utf-8")
    return out


@pytest.fixture(scope="session")
def manifest(written: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(written.with_suffix(".manifest.json").read_bytes())
    return told


def both(out: Path) -> tuple[bytes, bytes]:
    return out.read_bytes(), out.with_suffix(".manifest.json").read_bytes()


def test_every_flow_is_a_line(written: Path) -> None:
    assert len(written.read_bytes().splitlines()) == len(SPECS)


def test_every_layer_is_crossed_by_three_flows_and_twelve_cross_four_files(
    manifest: dict[str, Any],
) -> None:
    settings = table.svix_settings()
    crossed = Counter(
        layer for entry in manifest["examples"] for layer in table.layers_of(entry, settings)
    )
    assert [name for name, _ in settings.layers if crossed[name] < 3] == []
    assert sum(len(entry["files"]) >= 4 for entry in manifest["examples"]) >= 12


def test_what_it_claims_is_mostly_proven(manifest: dict[str, Any]) -> None:
    hops: Counter[str] = Counter()
    for entry in manifest["examples"]:
        hops.update(entry["hops"])
    assert hops["resolved"] >= 150
    assert hops["stated"] + hops["named"] < hops["resolved"] / 4


def test_no_rule_is_relaxed_and_nothing_is_said_twice(
    written: Path, manifest: dict[str, Any]
) -> None:
    assert [entry["spec"] for entry in manifest["examples"] if entry["relaxed"]] == []
    assert "warning: " not in written.with_suffix(".told").read_text(encoding="utf-8")


def test_the_readme_shows_what_is_in_it(manifest: dict[str, Any]) -> None:
    made = table.table(manifest, table.svix_settings())
    assert table.shown() == made, "`python -m tests.table` writes the table of the README anew"


@pytest.mark.parametrize(
    "args",
    [("-n", "2"), ("-p", "no:randomly", *reversed(SPECS))],
    ids=["two workers", "specs in reverse"],
)
def test_the_same_bytes_however_it_is_run(
    written: Path, tmp_path: Path, args: tuple[str | Path, ...]
) -> None:
    assert run(f"--flowcorpus-out={tmp_path / NAME}", *args).returncode == 0
    assert both(tmp_path / NAME) == both(written)


def test_the_same_bytes_from_another_folder(written: Path, tmp_path: Path) -> None:
    done = run(f"--flowcorpus-out={NAME}", ROOT / "corpus", cwd=tmp_path)
    assert done.returncode == 0
    assert both(tmp_path / NAME) == both(written)


def test_the_same_bytes_from_a_clone_at_another_path(written: Path, tmp_path: Path) -> None:
    clone = tmp_path / "some other" / "place"
    shutil.copytree(ROOT / "corpus", clone / "corpus")
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, clone)
    assert run(f"--flowcorpus-out={NAME}", cwd=clone).returncode == 0
    assert both(clone / NAME) == both(written)


def test_the_same_bytes_with_the_network_cut(written: Path, tmp_path: Path) -> None:
    assert run(f"--flowcorpus-out={tmp_path / NAME}", environment=CUT).returncode == 0
    assert both(tmp_path / NAME) == both(written)


def test_where_svix_cannot_be_had_the_run_is_a_usage_error(tmp_path: Path) -> None:
    nothing_cached = CUT | {"XDG_CACHE_HOME": str(tmp_path)}
    done = run(f"--flowcorpus-out={tmp_path / NAME}", environment=nothing_cached)
    assert done.returncode == 4
    assert "cannot be reached" in done.stderr
    assert not (tmp_path / NAME).exists()


def test_the_auditor_finds_nothing(
    written: Path, svix_repository: Path, svix_settings: dict[str, str]
) -> None:
    place = ["--git", str(svix_repository), "--rev", svix_settings["rev"]]
    command = [sys.executable, str(ROOT / "tests/audit.py"), str(written), *place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_attributes_and_docs_come_along(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert '#[aide_annotate(op_id = \\"v1.message.create\\")]' in text
    assert "/// Creates a new message" in text
