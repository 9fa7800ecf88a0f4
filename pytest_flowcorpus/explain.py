"""What pytest shows where an assert about a fragment failed."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.example import Verdict
from pytest_flowcorpus.flow import FragmentHandle
from pytest_flowcorpus.hops import Sites, leads_to
from pytest_flowcorpus.rust import Certainty
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.tokens import TokenKind, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.target import Target

_ORDER: Final = (Certainty.RESOLVED, Certainty.UNDECIDED, Certainty.FOREIGN)
_WHERE: Final = {TokenKind.COMMENT: " in a comment", TokenKind.TEXT: " in a literal"}
_MOST_NUMBERS: Final = 5
# What is longer takes long to compare, and says little.
_LONGEST: Final = 120
_MOST_LINES: Final = 1000


def explanation(op: str, left: object, right: object) -> list[str] | None:
    """Give lines for ``left in right``, the first one a summary; None where it is not about ours.

    pytest cuts them when they are many, so what explains most comes first.
    """
    if isinstance(right, Sites):
        lines = _of_sites(op, right.target(left), right)
    elif isinstance(right, FragmentHandle) and isinstance(left, str):
        lines = _of_text(op, left, right)
    else:
        return None
    return [visible(line) for line in lines]


def _of_sites(op: str, target: Target, sites: Sites) -> Iterator[str]:
    caller, asked = sites.caller.address, target.address
    is_so = sites.answer(target).verdict is Verdict.RESOLVED
    says = f"{caller} {sites.means if is_so else sites.denied} {asked}"
    if _holds(op, is_so=is_so):
        yield says
        return
    yield f"fails: {says}"
    if is_so:
        yield from (sites.told(site) for site in sites if leads_to(site, target))
    else:
        yield from _near_misses(sites, target)
        yield from _all_of(sites)


def _holds(op: str, *, is_so: bool) -> bool:
    """Tell whether this comparison is true: pytest explains those beside the failed one too."""
    return is_so == (op == "in")


def _near_misses(sites: Sites, target: Target) -> Iterator[str]:
    alike = sites.alike(target.name)
    yield from (f"{sites.told(site)}: that is {site.meaning}" for site in alike)
    if not alike and target.name != sites.caller.name:
        yield from _stray(sites, target.name)
    turned = sites.turned(target)
    if turned.verdict is Verdict.RESOLVED and turned.site is not None:
        says = f"{sites.written(target)} {sites.means} {sites.caller.address}"
        yield f"it is the other way round: {says}, line {turned.site.line}"


def _stray(sites: Sites, name: str) -> Iterator[str]:
    """Tell where a word first stands that is neither called nor named."""
    found = sites.caller.found
    for token in tokens(found.text):
        if name in re.findall(r"\w+", token.text):
            line = found.first_line + found.text.count(b"\n", 0, token.start)
            where = _WHERE.get(token.kind, "")
            yield f"the word `{name}` stands at line {line}{where}, but is not {sites.done} there"
            return


def _all_of(sites: Sites) -> Iterator[str]:
    """List what is called or named, once each: items of the source first."""
    lines: dict[str, list[int]] = {}
    for site in sorted(sites, key=lambda site: (_ORDER.index(site.certainty), site.line)):
        name = site.address or f"`{site.name}`, {site.meaning}"
        lines.setdefault(name, []).append(site.line)
    yield f"it {sites.means}:" if lines else f"it {sites.means} nothing"
    for name, at in lines.items():
        yield f"  {name} (line {_listed(at)})"


def _listed(lines: list[int]) -> str:
    numbers = list(map(str, dict.fromkeys(lines)))
    more = len(numbers) - _MOST_NUMBERS
    return ", ".join(numbers[:_MOST_NUMBERS]) + (f" and {more} more" if more > 0 else "")


def _of_text(op: str, text: str, fragment: FragmentHandle) -> Iterator[str]:
    yield f"{text!r} {op} {fragment!r}"
    lines = [*_lines_with(text, fragment)]
    if _holds(op, is_so=bool(lines)):
        return
    if lines:
        yield f"it stands at line {_listed(lines)}"
    elif "".join(text.split()) in "".join(fragment.text.split()):
        yield "it does stand there, but with other white space"
    else:
        yield from _likest_line(text, fragment)


def _lines_with(text: str, fragment: FragmentHandle) -> Iterator[int]:
    line, at = fragment.data.lines[0], 0
    for match in re.finditer(re.escape(text), fragment.text):
        line += fragment.text.count("\n", at, match.start())
        at = match.start()
        yield line


def _likest_line(text: str, fragment: FragmentHandle) -> Iterator[str]:
    lines = [line.strip() for line in fragment.text.split("\n")]
    short = [line for line in lines if len(line) <= _LONGEST][:_MOST_LINES]
    for near in difflib.get_close_matches(text[:_LONGEST], short, n=1):
        yield f"the likest line is {fragment.data.lines[0] + lines.index(near)}: {near}"
