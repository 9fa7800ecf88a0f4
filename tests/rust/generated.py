"""Rust files made up by Hypothesis, with what stands where in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

LEADS = (
    "/// Docs with ``` and } in them.",
    "/** Block docs. */",
    "// attached {",
    "/* attached /* nested */ */",
    "#[inline]",
    '#[doc(alias = "] }")]',
    "#[allow(/* ] */ unused)]",
)
STATEMENTS = (
    "call(a, 'b');",
    'let s = "fn no() { }";',
    'let r = r#"} " {"#;',
    "let l = 'x: loop { break 'x; };",
    "let c = |x: u8| { x + 1 };",
    "// } a comment",
    "match x { '{' => 1, _ => { 2 } }",
    "mac! { fn no() {} }",
    "let f = for<'a> |x: &'a u8| x;",  # unknown to the grammar
    "",
)


@dataclass(frozen=True)
class Plan:
    """An item to be written, and the items inside it."""

    kind: str
    leads: tuple[str, ...]
    statements: tuple[str, ...]
    members: tuple[Plan, ...]
    gap: int
    """Blank lines before it."""


@dataclass(frozen=True)
class Placed:
    """An item as it was written, by its address; `end` is exclusive, offsets are bytes."""

    address: str
    kind: str
    start: int
    decl: int
    body: int
    end: int


@dataclass
class Written:
    """A file in the making."""

    newline: str
    code: bytearray = field(default_factory=bytearray)
    items: list[Placed] = field(default_factory=list)
    number: int = 0

    def line(self, depth: int, text: str) -> int:
        """Write a line; gives where its text starts."""
        self.code += b"    " * depth
        start = len(self.code)
        self.code += (text + self.newline).encode()
        return start


LEAVES = ("fn", "struct", "const", "type", "call")
CONTAINERS = ("mod", "impl", "trait impl", "trait", "enum", "extern")


def plans(
    kinds: Sequence[str], members: st.SearchStrategy[tuple[Plan, ...]]
) -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        st.sampled_from(kinds),
        st.lists(st.sampled_from(LEADS), max_size=3).map(tuple),
        st.lists(st.sampled_from(STATEMENTS), max_size=3).map(tuple),
        members,
        st.integers(0, 2),
    )


FILES = st.recursive(
    st.lists(plans(LEAVES, st.just(())), max_size=4).map(tuple),
    lambda inner: st.lists(plans((*LEAVES, *CONTAINERS), inner), max_size=4).map(tuple),
    max_leaves=12,
)
NEWLINES = st.sampled_from(("\n", "\r\n"))


def write(plans: tuple[Plan, ...], newline: str = "\n") -> Written:
    """Write a file of these items, each with a name of its own."""
    file = Written(newline)
    for plan in plans:
        _write(file, plan, "", 0)
    return file


def _write(file: Written, plan: Plan, prefix: str, depth: int, within: str = "mod") -> None:
    kind = _allowed(plan.kind, within)
    file.number += 1
    number = file.number
    for _ in range(plan.gap):
        file.line(0, "")
    starts = [file.line(depth, lead) for lead in plan.leads]
    header, address, inside = _header(kind, number)
    decl = file.line(depth, header)
    start = starts[0] if starts else decl
    body = decl + len(header.encode()) - 1
    end = decl + len(header.encode())
    if header.endswith("{"):
        if kind in CONTAINERS:
            for member in plan.members:
                _write(file, member, f"{prefix}{inside}", depth + 1, kind)
        else:
            for statement in plan.statements:
                file.line(depth + 1, statement)
        end = file.line(depth, "}" + "," * (within == "enum")) + 1
    elif within == "enum":
        end -= 1
    file.items.append(Placed(f"{prefix}{address}", kind, start, decl, body, end))


def _allowed(kind: str, within: str) -> str:
    """Turn a kind into one that may stand there."""
    if within == "enum":
        return "variant"
    if within in ("trait", "extern"):
        return "signature"
    if within in ("impl", "trait impl") and kind not in ("fn", "const"):
        return "fn"
    return kind


def _header(kind: str, number: int) -> tuple[str, str, str]:
    """Give an item's first line, its address and the address's beginning for its members."""
    name = f"n{number}"
    return {
        "fn": (f"pub fn {name}<T>(a: T, b: [u8; 2]) -> Vec<Vec<u8>> {{", name, f"{name}::"),
        "signature": (f"fn {name}(&self);", name, ""),
        "struct": (f"struct {name}<T>(T,);", name, ""),
        "const": (f'const {name}: &str = r"{{";', name, ""),
        "type": (f"type {name} = u8;", name, ""),
        "call": (f"make!({name}, {{ fn no() {{}} }});", f"make!({name})", ""),
        "variant": (f"{name}(u8),", name, ""),
        "mod": (f"mod {name} {{", name, f"{name}::"),
        "impl": (f"impl<T> {name}<T> {{", f"impl {name}", f"{name}::"),
        "trait impl": (
            f"impl T{number}<u8> for {name} {{",
            f"impl T{number} for {name}",
            f"<{name} as T{number}>::",
        ),
        "trait": (f"trait {name}: Sized {{", name, f"{name}::"),
        "enum": (f"enum {name} {{", name, f"{name}::"),
        "extern": (f'extern "C{number}" {{', f'extern "C{number}"', ""),
    }[kind]
