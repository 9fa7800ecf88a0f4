"""What rustc says of a file: its items, where they stand, and digests of their parts.

Nothing here is shared with `pytest_flowcorpus`. Items, spans and parts come from rustc's own parser
(`-Zunpretty=ast-tree`), comments from Pygments' lexer.

*Parts.* rustc's tree holds neither white space, nor comments, nor the commas that end a list (but
for those in a macro's arguments, which it keeps token by token). With the spans, node numbers and
the spacing of tokens taken out, two items are the same code where their trees print the same lines.
The lines are put in three heaps, which are digested:

* attributes: the item's own, outer and inner, but for docs (``///``, ``#[doc = …]``);
* body: of a function its block, of a constant its value, of a type what it stands for, of a struct
  or a variant its data, of an enum its variants, of an impl, a trait or a module its members, of a
  macro its rules, of a macro call its arguments, of a `use` its tree;
* signature: all the rest, without the item's own name.

*Spans.* rustc's begin with the first outer attribute or doc. To them belong here the comments that
stand right above, line by line, up to the first line that is blank or holds anything else.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pygments.lexers.rust import RustLexer  # type: ignore[import-untyped]
from pygments.token import Comment, String  # type: ignore[import-untyped]

from tests.rust import rustc_ast
from tests.rust.rustc_ast import RustcItem

IMPORTS: Final = "use"
"""The address, and here the path, of the imports at the top of a file taken together."""
_OPEN: Final = re.compile(r"(Item|Variant) \{$")
_SPAN: Final = re.compile(r"\S+:\d+:\d+: \d+:\d+ \(#0\)")
_IDLE: Final = re.compile(
    r"(?:\w*span\w*|id|ref_id): |tokens: (?:None|Some\()|(?:DelimSpan|DelimSpacing|ModSpans) "
    r"|(?:Joint|Alone|JointHidden),$"
)
"""Lines that tell of places and of spacing, and what they open."""
_BODIES: Final = {
    **dict.fromkeys(("Fn", "MacroDef"), (12, ("body:",))),
    **dict.fromkeys(("Impl", "Trait", "ForeignMod"), (12, ("items:",))),
    **dict.fromkeys(("Const", "Static"), (12, ("rhs", "expr:"))),
    **dict.fromkeys(("TyAlias", "Type", "ForeignTy"), (12, ("ty:",))),
    **dict.fromkeys(("Struct", "Union"), (8, ("Struct {", "Tuple(", "Unit("))),
    "MacCall": (12, ("args:",)),
    "Enum": (8, ("EnumDef {",)),
    "Mod": (8, ("Loaded(", "Unloaded")),
    "Use": (8, ("UseTree {",)),
    "ExternCrate": (8, ("",)),
}
"""By what rustc calls the kind of an item: how much deeper than the item its fields are printed,
and how that one begins which is its body."""
_NAME: Final = re.compile(r"(?:ident: )?[^\s:]+#0,")


@dataclass(frozen=True, slots=True)
class Parts:
    """Digests of an item's code, of its own name nothing."""

    attributes: str
    signature: str
    body: str


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """An item of a file as rustc sees it; offsets are bytes."""

    kind: str
    path: tuple[str, ...]
    """What encloses it and its name; of a macro call, its name and first argument."""
    start: int
    """With the comments right above it."""
    outer: int
    end: int
    is_local: bool
    """Whether it stands in an expression."""
    parts: Parts

    @property
    def name(self) -> str:
        """The last of its path."""
        return self.path[-1]


def read(code: bytes) -> list[Seen]:
    """Give the items of a file, and its imports as one more; raises `Refused`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.rs")
        path.write_bytes(code)
        lines = rustc_ast._dump(path, "2021")
    pairs = zip(rustc_ast._items(lines, code), _parts(lines), strict=True)
    seen = [_seen(code, item, parts) for item, parts in pairs]
    seen.sort(key=lambda one: (one.start, -one.end))
    return seen + _imports(code, seen)


def dumped(seen: list[Seen]) -> list[Any]:
    """Give what JSON can keep of items."""
    return [astuple(one) for one in seen]


def loaded(data: list[Any]) -> list[Seen]:
    """Give the items back that were `dumped`."""
    return [
        Seen(kind, tuple(path), start, outer, end, is_local, Parts(*parts))
        for kind, path, start, outer, end, is_local, parts in data
    ]


@cache
def version() -> str:
    """Tell which rustc and which code of ours the answers come from."""
    told = subprocess.run(["rustc", "--version"], capture_output=True, check=True).stdout
    codes = (Path(__file__), Path(rustc_ast.__file__))
    return _digest([told.decode(), *(path.read_text(encoding="utf-8") for path in codes)])[:16]


def comments(text: str) -> list[str]:
    """Give the lines of the comments and docs in a piece of code, white space around them left out.

    Of `//` and `/*` in strings Pygments knows. Inside of an attribute it sees no comments, so that
    brackets are made of attributes.
    """
    found: list[str] = []
    after = 0
    lexer = RustLexer(stripnl=False, ensurenl=False)
    for at, kind, told in lexer.get_tokens_unprocessed(re.sub(r"#!?\[", "[", f"{text}\n")):
        if kind in (Comment.Single, Comment.Multiline, String.Doc):
            found += [""] * (at != after or not found)
            found[-1] += told
            after = at + len(told)
    lines = (line.strip() for one in found for line in one.split("\n"))
    return [line for line in lines if line]


def _seen(code: bytes, item: RustcItem, parts: Parts) -> Seen:
    path = item.path
    if item.kind == "macro_call":
        path = (*path[:-1], _called(code[item.start : item.end].decode(), path[-1]))
    start = _attached(code, item.start)
    return Seen(item.kind, path, start, item.start, item.end, item.is_local, parts)


def _called(text: str, name: str) -> str:
    """Give a macro call's name with its first argument, which tells it from others."""
    inside = re.split(rf"\b{name}\s*!\s*[(\[{{]", text, maxsplit=1)[-1]
    first = re.split(r"[,;{)\]}]|=>", inside, maxsplit=1)[0]
    written = re.sub(r"//.*|\s+", "", first)
    return f"{name}!({written})"


def _attached(code: bytes, start: int) -> int:
    """Give where the comments begin that stand right above an item."""
    lines = code[:start].split(b"\n")
    if lines[-1].strip(b"\xef\xbb\xbf \t"):
        return start
    at = len(lines) - 1
    while at and _is_comment(lines, at - 1):
        at -= 1
    while at < len(lines) - 1 and not lines[at].strip().startswith((b"//", b"/*")):
        at += 1
    return start if at == len(lines) - 1 else sum(map(len, lines[:at])) + at + _indent(lines[at])


def _indent(line: bytes) -> int:
    return len(line) - len(line.removeprefix(b"\xef\xbb\xbf").lstrip())


def _is_comment(lines: list[bytes], at: int) -> bool:
    text = lines[at].strip(b"\xef\xbb\xbf \t\r")
    if text.startswith((b"//", b"/*")):
        return not text.startswith((b"//!", b"/*!")) and (b"*/" not in text or text.endswith(b"*/"))
    if not text.endswith(b"*/") or b"/*" in text:
        return text.startswith(b"*") and not text.endswith(b"*/") and _is_inside(lines, at)
    return _is_inside(lines, at)


def _is_inside(lines: list[bytes], at: int) -> bool:
    """Tell whether a line is one of a block comment that a line above it begins."""
    above = (line.strip() for line in reversed(lines[:at]))
    found = next((line for line in above if b"/*" in line or b"*/" in line), b"")
    return found.startswith(b"/*") and b"*/" not in found


def _imports(code: bytes, seen: list[Seen]) -> list[Seen]:
    """Give the imports at the top of a file as one item, its code all of it a body."""
    taken: list[Seen] = []
    for one in seen:
        if len(one.path) > 1 or one.is_local:
            continue
        if not _is_import(one) and (one.kind != "mod" or not code[: one.end].endswith(b";")):
            break
        taken.append(one)
    uses = [one for one in taken if _is_import(one)]
    if not uses:
        return []
    first, last = uses[0], uses[-1]
    inside = taken[taken.index(first) : taken.index(last) + 1]
    told = [text for one in inside for text in (one.name, *astuple(one.parts))]
    parts = Parts("", "", _digest(told))
    return [Seen("use", (IMPORTS,), first.start, first.outer, last.end, False, parts)]  # noqa: FBT003


def _is_import(one: Seen) -> bool:
    return one.kind in ("use", "extern_crate")


def _parts(lines: list[str]) -> Iterator[Parts]:
    """Digest the parts of all items of a tree, in the order in which they are closed."""
    kept: list[tuple[int, str]] = []
    opened: list[tuple[int, int]] = []
    skipped: int | None = None
    for number, line in enumerate(lines):
        depth = len(line) - len(line.lstrip(" "))
        text = line[depth:]
        is_closing = text[:1] in (")", "]", "}")
        if skipped is not None:
            if depth > skipped or (depth == skipped and is_closing):
                continue
            skipped = None
        if _is_idle(lines, number, text):
            skipped = depth if text[-1:] in ("(", "[", "{") else None
        elif not is_closing:
            if _OPEN.fullmatch(text):
                opened.append((depth, len(kept)))
            # An item without attributes and one that has but docs are printed otherwise.
            kept.append((depth, "attrs" if text.startswith("attrs: ") else _SPAN.sub("", text)))
        elif opened and opened[-1][0] == depth:
            indent, first = opened.pop()
            yield _sorted([(depth - indent, told) for depth, told in kept[first:]])


def _is_idle(lines: list[str], number: int, text: str) -> bool:
    if text == "Attribute {":
        return _is_doc([line.strip() for line in lines[number + 1 : number + 20]])
    if text == "Token(":
        return lines[number + 2].strip() == "kind: DocComment("
    return _IDLE.match(text) is not None


def _is_doc(attribute: list[str]) -> bool:
    if attribute[0] == "kind: DocComment(":
        return True
    name = next((at for at, line in enumerate(attribute) if line.startswith("ident: ")), 0)
    return attribute[name] == "ident: doc#0," and any("Eq {" in one for one in attribute[name:])


def _sorted(lines: list[tuple[int, str]]) -> Parts:
    """Put the lines of an item's tree on the three heaps."""
    heaps: dict[str, list[str]] = {"attributes": [], "signature": [], "body": []}
    is_variant = lines[0][1].startswith("Variant")
    heap, fields = "signature", 0
    body: tuple[str, ...] = ("",)
    for depth, text in lines[1:]:
        if depth == 4:
            heap = "attributes" if text == "attrs" else "body" if is_variant else "signature"
            kind = re.match(r"kind: (\w+)", text)
            fields, body = _BODIES[kind[1]] if kind and not is_variant else (0, ("",))
        elif depth == fields:
            heap = "body" if text.startswith(body) else "signature"
        is_kept = heap != "signature" and depth > 4
        if is_kept or depth not in (4, 8, fields) or not _NAME.fullmatch(text):
            heaps[heap].append(f"{depth} {text}")
    return Parts(*map(_digest, heaps.values()))


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
