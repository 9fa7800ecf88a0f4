"""A file that shows a wrong answer, without most of what does not matter for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.edits.edit import Edit
from tests.edits.judge import Judge, Original, Outcome

if TYPE_CHECKING:
    from tests.edits.judge import Verdict
    from tests.edits.oracle import Oracle


def shrunk(original: Original, edit: Edit, verdict: Verdict, oracle: Oracle) -> str:
    """Leave out items as long as the answer stays wrong; give edit, address and file."""
    at = 0
    while at < len(original.spans):
        start, end = sorted(original.spans, key=lambda span: span[0] - span[1])[at]
        smaller = _without(original, edit, start, end, oracle)
        if smaller is not None and _is_wrong(*smaller, verdict.address, oracle):
            original, edit = smaller
        else:
            at += 1
    return f"{edit}\n{verdict.address}: {verdict.why}\n\n{original.code.decode()}"


def _without(
    original: Original, edit: Edit, start: int, end: int, oracle: Oracle
) -> tuple[Original, Edit] | None:
    if edit.moved(start, end) is None:
        return None
    code = original.code[:start] + original.code[end:]
    hunks = tuple(
        (a - (end - start) * (a >= end), b - (end - start) * (b >= end), text)
        for a, b, text in edit.hunks
    )
    if oracle.read(code) is None:
        return None
    return Original(original.path, code, oracle), Edit(edit.kind, hunks)


def _is_wrong(original: Original, edit: Edit, address: str, oracle: Oracle) -> bool:
    told = Judge(original, edit, oracle).verdicts()
    return any(one.outcome is Outcome.WRONG and one.address == address for one in told)
