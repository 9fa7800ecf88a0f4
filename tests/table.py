"""The README's table of the Svix corpus, made of the manifest: `python -m tests.table` writes it.

A test compares the two, so that the table cannot go stale.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pytest_flowcorpus.layers import Layers
from pytest_flowcorpus.settings import Settings, load_settings

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
HEAD: Final = "| feature | layers | files | tokens |\n|---|---|---|---|\n"
_TABLE: Final = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")


def svix_settings() -> Settings:
    """Give the settings of the Svix corpus."""
    return load_settings(ROOT / "corpus/flowcorpus.toml")


def layers_of(entry: dict[str, Any], settings: Settings) -> list[str]:
    """Give the layers that an example of a manifest has code of, in the order of the settings."""
    layers = Layers(settings)
    held = {layers.layer_of(file["path"]) for file in entry["files"]}
    return [name for name in layers.names if name in held]


def table(manifest: dict[str, Any], settings: Settings) -> str:
    """Give the table, its rows in the order of the JSONL."""
    return HEAD + "".join(_row(entry, settings) for entry in manifest["examples"])


def shown() -> str:
    """Give the table that the README shows; empty where there is none."""
    found = _TABLE.search(README.read_text(encoding="utf-8"))
    return found[0] if found else ""


def _row(entry: dict[str, Any], settings: Settings) -> str:
    feature, spec = entry["title"].partition(":")[0], entry["spec"].partition("::")[0]
    cells = (
        f"[{feature}](corpus/{spec})",
        " → ".join(layers_of(entry, settings)),
        str(len(entry["files"])),
        f"{entry['tokens']:,}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "flows.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", f"--flowcorpus-out={out}"]
        subprocess.run(command, cwd=ROOT, check=True)
        manifest = json.loads(out.with_suffix(".manifest.json").read_bytes())
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(shown(), table(manifest, svix_settings())), encoding="utf-8")


if __name__ == "__main__":
    main()
