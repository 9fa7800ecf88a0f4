"""Print constraints that pin each dependency to the oldest version that pyproject.toml allows."""

from __future__ import annotations

import tomllib
from pathlib import Path

project = tomllib.loads(
    Path(__file__).parent.parent.joinpath("pyproject.toml").read_text(encoding="utf-8")
)["project"]
for dependency in (*project["dependencies"], *project["optional-dependencies"]["test"]):
    print(dependency.replace(">=", "=="))
