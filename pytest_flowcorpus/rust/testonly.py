"""Code that is compiled for tests alone: what stands under ``#[cfg(test)]``.

The predicates are read after https://doc.rust-lang.org/reference/conditional-compilation.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_flowcorpus.rust.tokens import significant
from pytest_flowcorpus.rust.wording import bracketed, own_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.rust.excerpt import LineRange
    from pytest_flowcorpus.rust.file import RustFile
    from pytest_flowcorpus.rust.item import Item
    from pytest_flowcorpus.rust.module import Module
    from pytest_flowcorpus.rust.typename import Spelling


def test_lines(module: Module) -> tuple[LineRange, ...]:
    """Give the lines of a module's whole file that only tests compile: ascending and apart."""
    rust = module.source.rust
    if _is_test_module(module) or _needs_test(_inner_attributes(rust)):
        return ((1, rust.line_count),)
    items = (item for item in rust.items if is_test_only(rust, item))
    return tuple(_apart((rust.line(item.start), rust.line(item.end - 1)) for item in items))


def is_test_only(rust: RustFile, item: Item) -> bool:
    """Tell whether an item bears a ``cfg`` that holds in tests alone."""
    head = rust.code[item.outer : item.decl]
    return b"test" in head and _needs_test(own_attributes(rust.code, item))


def _is_test_module(module: Module) -> bool:
    """Tell whether the `mod` of a file, or one around it, is of tests alone."""
    while module.parent is not None:
        above = module.parent
        declared = [module.item] if module.item is not None else above.mods[module.name]
        if all(is_test_only(above.source.rust, item) for item in declared):
            return True
        module = module.parent
    return False


def _needs_test(attributes: Iterator[Spelling]) -> bool:
    return any(needs_test(found[2:-1]) for found in attributes if found[:1] == ("cfg",))


def needs_test(predicate: Spelling) -> bool:
    """Tell whether a ``cfg`` predicate holds only where `test` is set."""
    parts: list[list[bool]] = [[]]
    names: list[str] = []
    for at, text in enumerate(predicate):
        if text == "(":
            parts.append([])
            names.append(predicate[at - 1])
        elif text == ")" and len(parts) > 1:
            inner = parts.pop()
            parts[-1].append(_combined(names.pop(), inner))
        elif text.isidentifier() and predicate[at + 1 : at + 2] != ("(",):
            parts[-1].append(text == "test" and predicate[at + 1 : at + 2] != ("=",))
    return any(parts[0])


def _combined(name: str, parts: list[bool]) -> bool:
    """Tell whether a combination needs `test`, by whether its parts do; of ``not`` never."""
    return (name == "all" and any(parts)) or (name == "any" and bool(parts) and all(parts))


def _inner_attributes(rust: RustFile) -> Iterator[Spelling]:
    """Give the tokens inside each inner attribute at the top of a file."""
    first = min((item.start for item in rust.items), default=None)
    return bracketed(significant(rust.code, end=first))


def _apart(ranges: Iterator[LineRange]) -> Iterator[LineRange]:
    end = 0
    for first, last in sorted(ranges):
        if last > end:
            yield max(first, end + 1), last
            end = last
