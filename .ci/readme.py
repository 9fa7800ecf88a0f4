"""Print the first command of the README after the words given, so that CI runs what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

readme = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")
after = readme.partition(sys.argv[1])[2]
command = re.search(r"^```sh\n(.+?)^```$", after, re.DOTALL | re.MULTILINE)
if command is None:
    sys.exit(f"README.md: no command after {sys.argv[1]!r}")
print(command[1])
