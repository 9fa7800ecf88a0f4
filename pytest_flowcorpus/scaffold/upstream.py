"""Upstream's tests, as far as they are of an entry point."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import Kind
from pytest_flowcorpus.search import TEST
from pytest_flowcorpus.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.rust import Item, Route, RustFile

_VERBS: Final = frozenset(("get", "post", "put", "patch", "delete", "head", "options"))
_ANY: Final = frozenset(("ANY", "*", "?"))
"""What a route has for a method where it is served for many, or nobody knows."""
_CALLED: Final = re.compile(rb"\.\s*(\w+)\s*(?:::<[^()]*>)?\(\s*&?\s*(?:\w+!\s*\(\s*)?$")
"""The method whose first argument, or that of a macro in it, a text is."""
_GAP: Final = "{:*"
"""How a part of a route begins that anything can fill."""
_BEFORE: Final = 200
"""How many bytes before a text are looked at for the call around it."""


def tests_of(
    opened: OpenCorpus, entry: Target, routes: Iterable[Route], most: int
) -> tuple[Target, ...]:
    """Give the first tests, by file and place, that name a function, or ask for its route.

    A route is asked for by a text that ends like it, and by its method where the call with the
    text is named as one. Tests are found below ``root`` and in what ``search`` means.
    """
    asked = [(route.method, _pattern(route.path)) for route in routes]
    name = re.compile(rb'(?<![\w"])' + re.escape(entry.name.encode()) + rb'(?![\w"])')
    found: list[Target] = []
    for path in sorted(opened.rust_files.paths()):
        data = opened.rust_files.read(path) or b""
        if path.endswith(".rs") and (_is_asked(asked, data) or name.search(data)):
            tests = _tests(opened, path)
            found += [one for one, body in tests if name.search(body) or _is_asked(asked, body)]
    return tuple(found[:most])


def _tests(opened: OpenCorpus, path: str) -> Iterator[tuple[Target, bytes]]:
    """Give the tests of a file, each with its body."""
    code = opened.rust_files.rust(path)
    for item in code.items if code is not None else ():
        if code is not None and item.kind is Kind.FN and _is_test(code, item):
            yield Target(path, code.found(item)), code.code[slice(*item.body)]


def _is_test(code: RustFile, item: Item) -> bool:
    return any(TEST.fullmatch(path[-1]) for path in code.attribute_paths(item) if path)


def _is_asked(asked: Iterable[tuple[str, re.Pattern[bytes]]], code: bytes) -> bool:
    return any(
        method in _ANY or _verb(code, match.start()) in (None, method)
        for method, pattern in asked
        for match in pattern.finditer(code)
    )


def _verb(code: bytes, at: int) -> str | None:
    """Give the HTTP method that a call with the text around `at` is named for, if any."""
    start = code.rfind(b'"', 0, at)
    called = _CALLED.search(code[max(0, start - _BEFORE) : max(0, start)])
    name = called[1].decode(errors="replace").partition("_")[0] if called else ""
    return name.upper() if name in _VERBS else None


def _pattern(route: str) -> re.Pattern[bytes]:
    """Give what matches the end of a text that ends in a route, whatever fills its gaps.

    A route that has nothing but gaps is asked for by a whole text: any other ends like it.
    """
    parts = [part for part in route.split("/") if part]
    told = rb"/".join(map(_part, parts))
    has_word = any(part[0] not in _GAP for part in parts)
    start = rb'(?<=[/"])' if has_word else rb'(?<=")/'
    return re.compile(start + told + rb'/?(?:\?[^"\n]{0,200})?"')


def _part(part: str) -> bytes:
    """Give what matches a part of a route; ``{*rest}`` and ``*rest`` stand for several."""
    if part[0] not in _GAP:
        return re.escape(part.encode())
    return rb'[^"\n]+' if part.startswith(("*", "{*")) else rb'[^/"\n]+'
