"""What several rooms' tests share: the real Svix, where it can be had."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

with suppress(ModuleNotFoundError):  # courier's corpus runs without what the tests need
    from hypothesis import settings

    # How long an input takes is for benchmarks: a machine that is busy makes no test fail.
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")

ROOT = Path(__file__).parent.parent
AROUND = (
    *("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"),
    *("CI", "BUILD_NUMBER", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "PYTEST_ADDOPTS"),
)
"""What a run inside a test would take over from the run around it: that it is a worker, that its
summary tells failures in full (where CI is set), its width, its colour and its options."""


@pytest.fixture(autouse=True)
def _as_at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a run inside a test from telling things as the run around it is told to."""
    for name in AROUND:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def svix_settings() -> dict[str, str]:
    """Give the source that the Svix corpus pins."""
    settings = tomllib.loads((ROOT / "corpus/flowcorpus.toml").read_text(encoding="utf-8"))
    source: dict[str, str] = settings["source"]
    return source


@pytest.fixture(scope="session")
def svix_repository(
    svix_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a bare repository that holds the pinned revision, fetched by git alone."""
    repository = tmp_path_factory.mktemp("svix") / "repository"
    subprocess.run(["git", "init", "-q", "--bare", repository], check=True)
    fetch = ["fetch", "-q", "--depth", "1", svix_settings["git"], svix_settings["rev"]]
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    try:
        subprocess.run(
            ["git", "-C", repository, *fetch],
            check=True,
            capture_output=True,
            timeout=120,
            env=environment,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{svix_settings['git']} cannot be had: {error}")
    return repository


@pytest.fixture(scope="session")
def svix_tree(
    svix_repository: Path, svix_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a folder with the files of the pinned revision's ``server/`` and its licence."""
    folder = tmp_path_factory.mktemp("svix-tree")
    what = [svix_settings["rev"], "server", "LICENSE"]
    archive = ["git", "-C", str(svix_repository), "archive", *what]
    with subprocess.Popen(archive, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            tar.extractall(folder, filter="data")
    return folder
