"""What the specs and the tests share: pytester, which comes with pytest."""

from __future__ import annotations

pytest_plugins = ["pytester"]
