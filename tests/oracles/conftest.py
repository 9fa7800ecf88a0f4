from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: socket.socket, address: object) -> None:
        pytest.fail(f"a reader wanted to reach {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give Hugging Face `datasets`, told before its import to stay off the network and our home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("huggingface")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_DATASETS_OFFLINE", "1")
        patch.setenv("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        why = "the extra `oracles`, which has Hugging Face `datasets`, is not installed"
        yield pytest.importorskip("datasets", reason=why)


@pytest.fixture
def load(datasets: Any, tmp_path: Path) -> Callable[[Path], Any]:
    """Give what loads a JSONL file as a table, with a cache of this test alone."""

    def loaded(file: Path) -> Any:
        cache = str(tmp_path / "cache")
        return datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=cache)

    return loaded


@pytest.fixture(scope="session")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the JSONL that courier's corpus yields."""
    out = tmp_path_factory.mktemp("courier") / "flows.jsonl"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/courier/corpus", f"--flowcorpus-out={out}"],
        cwd=ROOT,
        env={name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out
