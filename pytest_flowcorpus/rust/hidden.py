"""Characters by which code reads otherwise than it is: they turn the order round, or show nothing.

What "Trojan Source" (Boucher and Anderson, 2021, CVE-2021-42574) hides code with.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# C0 and C1 but tab, LF and CRLF; the line and paragraph separators; interlinear annotation.
_CONTROLS: Final = "\0-\b\v\f\x0e-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
# Unicode 16, DerivedCoreProperties.txt, Default_Ignorable_Code_Point; Bidi_Control is part of it.
_IGNORABLE: Final = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# After and between pictures two of them have a meaning that everybody sees (UTS #51).
_PICTURE: Final = (
    "[#*0-9\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_SEEN: Final = (
    rf"(?<={_PICTURE})\ufe0f(?!\ufe0f)(?<![#*0-9]\ufe0f)|(?<=[#*0-9])\ufe0f(?=\u20e3)"
    rf"|(?:(?<={_PICTURE})|(?<={_PICTURE}\ufe0f))\u200d(?=[\u2300-\u27bf\U0001f000-\U0001faff])"
)
_BIDIRECTIONAL: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

HIDDEN: Final = re.compile(rf"(?!{_SEEN})(?:[{_CONTROLS}{_IGNORABLE}]|\r(?!\n))")
"""Finds each such character; of an emoji it leaves out what joins it and what colours it."""


def escaped(text: str) -> str:
    """Give a text with the hidden characters as escapes, which name them by their numbers."""
    return HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)


def named(character: str) -> str:
    """Give number and name of a character: ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    unnamed = "a control character" if unicodedata.category(character) == "Cc" else "without a name"
    return f"U+{ord(character):04X} {unicodedata.name(character, unnamed)}"


def is_bidirectional(character: str) -> bool:
    """Tell whether a character turns round the order in which the others are shown."""
    return _BIDIRECTIONAL.match(character) is not None
