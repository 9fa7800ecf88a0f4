"""Globs of a ``flowcorpus.toml``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PART: Final = re.compile(r"\*\*/|\*\*|.", re.DOTALL)
_MEANING: Final = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """Give what fully matches the paths that one of the globs means, and no other.

    ``*`` and ``?`` stay inside a name, ``**`` stands for any number of folders.
    """
    return re.compile("|".join(map(_regex, globs)) or r"(?!)", re.DOTALL)


def _regex(glob: str) -> str:
    return "".join(_MEANING.get(part) or re.escape(part) for part in _PART.findall(glob))
