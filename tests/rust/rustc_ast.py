"""rustc's own reading of a Rust file, from `-Zunpretty=ast-tree`: the oracle of the item index.

rustc prints the syntax tree before expansion, one field a line, four blanks deeper for each level.
Shares no code with `pytest_flowcorpus.rust`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {
    "Fn": "fn",
    "Struct": "struct",
    "Enum": "enum",
    "Union": "union",
    "Trait": "trait",
    "TraitAlias": "trait_alias",
    "Impl": "impl",
    "Const": "const",
    "Static": "static",
    "TyAlias": "type",
    "Type": "type",
    "ForeignTy": "type",
    "MacroDef": "macro",
    "Mod": "mod",
    "Use": "use",
    "MacCall": "macro_call",
    "ExternCrate": "extern_crate",
    "ForeignMod": "extern",
    "Variant": "variant",
}
_OPEN = re.compile(r"^( *)(Item|Variant) \{$")
_OPENS = ("Item {", "Variant {")
_DEEPEST = 28
"""How much deeper than an item its fields stand that are read."""
_SPAN = re.compile(r":(\d+):(\d+): (\d+):(\d+) \(#0\)")
_IDENT = re.compile(r"^(?:ident: )?(?:r#)?([^\s:#\"\[\](){},]+)#0,?$")


@dataclass
class RustcItem:
    """An item as rustc sees it; `start` counts outer attributes and docs, offsets are bytes."""

    kind: str
    path: tuple[str, ...]
    """What encloses it and its name; an impl as its trait and type, written without blanks."""
    start: int
    end: int
    is_local: bool
    """Whether it stands in the body of a function or in another expression."""


@dataclass
class _Open:
    indent: int
    kind: str = ""
    name: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    trait: tuple[int, int] | None = None
    self_type: tuple[int, int] | None = None
    has_trait: bool = False
    is_negative: bool = False
    is_placed: bool = False
    is_local: bool = False

    def __post_init__(self) -> None:
        # Most of the lines are an expression's: they are passed over fast.
        self.close = " " * self.indent + "}"
        self.beyond = " " * (self.indent + _DEEPEST + 1)


class Refused(Exception):  # noqa: N818  (it is rustc that errs)
    """rustc is missing, takes no `-Z`, or does not accept the file."""


def rustc_items(path: Path, edition: str = "2021") -> list[RustcItem]:
    """Give all items of a file, nested ones too; raises `Refused`."""
    code = path.read_bytes()
    return sorted(_items(_dump(path, edition), code), key=lambda item: (item.start, -item.end))


def _dump(path: Path, edition: str) -> list[str]:
    rustc = shutil.which("rustc")
    if rustc is None:
        raise Refused("no rustc on the PATH")
    command = [rustc, "-Zunpretty=ast-tree", "--crate-type=lib", f"--edition={edition}"]
    done = subprocess.run(
        [*command, "--cap-lints=allow", path.name],
        cwd=path.parent,
        env={**os.environ, "RUSTC_BOOTSTRAP": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise Refused(f"rustc refuses {path}: {done.stderr[:500]}")
    return done.stdout.split("\n")


class _Offsets:
    """From rustc's line and column (characters, without the mark at the start) to bytes."""

    def __init__(self, code: bytes) -> None:
        self._lines = code.split(b"\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def byte(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if line == 1:
            column += text.startswith(b"\xef\xbb\xbf")
        before = text if text.isascii() else text.decode()[: column - 1].encode()
        return self._starts[line - 1] + (column - 1 if text.isascii() else len(before))


def _items(lines: list[str], code: bytes) -> Iterator[RustcItem]:
    offsets = _Offsets(code)
    stack: list[_Open] = []
    for number, line in enumerate(lines):
        if line.endswith(_OPENS) and (opened := _OPEN.match(line)):
            is_local = "kind: Item(" in lines[number - 1] or any(one.is_local for one in stack)
            kind = "Variant" if opened[2] == "Variant" else ""
            stack.append(_Open(len(opened[1]), kind, is_local=is_local))
        elif not stack or line.startswith(stack[-1].beyond):
            continue
        elif line.startswith(stack[-1].close):
            item = stack.pop()
            yield _finished(item, stack, code)
        else:
            _note(stack[-1], lines, number, offsets)


def _finished(item: _Open, around: list[_Open], code: bytes) -> RustcItem:
    path = tuple(_label(one, code) for one in (*around, item))
    start = min(start for start, _ in item.spans)
    end = max(end for _, end in item.spans)
    return RustcItem(KINDS[item.kind], path, start, end, item.is_local)


def _label(item: _Open, code: bytes) -> str:
    if item.kind != "Impl":
        return item.name
    parts = []
    for span in (item.trait, item.self_type):
        text = code[span[0] : span[1]].decode() if span else ""
        parts.append(re.sub(r"//.*|/\*.*?\*/|\s+", "", text))
    return f"<{parts[1]} as {'!' * item.is_negative}{parts[0]}>"


def _note(item: _Open, lines: list[str], number: int, offsets: _Offsets) -> None:
    text = lines[number].strip()
    depth = len(lines[number]) - len(lines[number].lstrip(" ")) - item.indent
    if text.startswith("span: ") and not item.is_placed and depth in (4, 12):
        # Attributes, at depth 12, are printed before the item's own span.
        item.spans.append(_span(text, offsets))
        item.is_placed = depth == 4
    elif depth == 4 and text.startswith("kind: "):
        item.kind = re.split(r"[ (,]", text[6:])[0]
    elif depth == 4 and text.startswith("ident: "):
        item.name = _ident(text)
    elif item.kind == "Impl":
        _note_impl(item, lines, number, depth, offsets)
    elif item.kind not in ("", "Use", "ForeignMod", "Variant"):
        _note_name(item, text, depth)


def _note_name(item: _Open, text: str, depth: int) -> None:
    if item.kind == "MacCall":
        # A path's last segment is the macro's name.
        if depth == 24 and text.startswith("ident: "):
            item.name = _ident(text)
    elif not item.name and depth in (8, 12) and (found := _IDENT.match(text)):
        item.name = found[1]


def _note_impl(item: _Open, lines: list[str], number: int, depth: int, offsets: _Offsets) -> None:
    text = lines[number].strip()
    if depth == 12 and text == "of_trait: Some(":
        item.has_trait = True
    elif depth == 20 and text == 'polarity: "negative",':
        item.is_negative = True
    elif depth == 28 and text.startswith("span: ") and item.has_trait and item.trait is None:
        item.trait = _span(text, offsets)
    elif depth == 12 and text == "self_ty: Ty {":
        item.self_type = _self_type(lines, number, offsets)


def _self_type(lines: list[str], number: int, offsets: _Offsets) -> tuple[int, int]:
    indent = len(lines[number]) - len(lines[number].lstrip(" ")) + 4
    wanted = " " * indent + "span: "
    line = next(line for line in lines[number:] if line.startswith(wanted))
    return _span(line, offsets)


def _ident(text: str) -> str:
    found = _IDENT.match(text)
    assert found is not None, text
    return found[1]


def _span(text: str, offsets: _Offsets) -> tuple[int, int]:
    found = _SPAN.search(text)
    assert found is not None, text
    first_line, first_column, last_line, last_column = map(int, found.groups())
    return offsets.byte(first_line, first_column), offsets.byte(last_line, last_column)
