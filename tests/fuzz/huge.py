"""Files beyond all measure: what is asked of each ends in bounded time, with exact bytes.

    python -m tests.fuzz.huge [CASE …]

Each case is read in a process of its own, which is killed when it takes more than its seconds or
its memory. Of its items `go` stands at the top: it is found with its exact text, or refused in one
line. It prints a table and exits 1 where a case is not as it has to be.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import AddressError, Codebase, RustFile
from tests.fuzz.text_targets import ground
from tests.rust.files import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS: Final = 120
"""Of the processor; a few are usual, and a square of the size takes hours."""
MEMORY: Final = 6 << 30
_MANY: Final = 100_000
GO: Final = "/// Goes.\n#[inline]\nfn go(on: On) { on.stop(); stay(); m!(stay()) }"
_AROUND: Final = "fn stay() {}\nstruct On;\nimpl On { fn stop(&self) {} }\n"


def _nested(opener: str, closer: str, inside: str = "", count: int = _MANY) -> str:
    return opener * count + inside + closer * count


def _numbered(text: str, count: int = _MANY) -> str:
    return "".join(text.replace("@", str(number)) for number in range(count))


def _body(text: str) -> str:
    return f"fn f() {{ {text} }}"


CASES: Final[dict[str, Callable[[], str]]] = {
    "blocks": lambda: _body(_nested("{", "}")),
    "open blocks": lambda: "fn f() " + "{" * _MANY,
    "closing braces": lambda: "}" * _MANY + "fn f() {}",
    "closing brackets": lambda: "] fn f() {}\n" * _MANY,
    "parentheses": lambda: _body("let x = " + _nested("(", ")", "1") + ";"),
    "open parentheses": lambda: _body("let x = " + "(" * _MANY),
    "arrays": lambda: _body("let x = " + _nested("[", "]") + ";"),
    "generics": lambda: f"fn f(x: {_nested('A<', '>', 'u8')}) {{}}",
    "open generics": lambda: "fn f(x: " + "A<" * _MANY,
    "tuple types": lambda: f"type T = {_nested('(', ',)', 'u8')};",
    "function types": lambda: f"type T = {_nested('Box<dyn Fn(', ')>')};",
    "modules": lambda: _nested("mod m { ", "}", "fn f() {}"),
    "functions in functions": lambda: _nested("fn f() { ", "}"),
    "ifs": lambda: _body(_nested("if a { ", "}")),
    "elses": lambda: _body("if a {} else " * _MANY + "{}"),
    "matches": lambda: _body(_nested("match a { _ => ", "}", "1")),
    "closures": lambda: _body("let x = " + "|| " * _MANY + "1;"),
    "calls in calls": lambda: _body(_nested("a(", ")")),
    "a chain of calls": lambda: _body("x" + ".a()" * _MANY),
    "a sum": lambda: _body("1 + " * _MANY + "1"),
    "a long path": lambda: _body("a::" * _MANY + "b()"),
    "token trees": lambda: "m! " + _nested("{(", ")}"),
    "macros in macros": lambda: _body(_nested("m!(", ")", "a()")),
    "imports in imports": lambda: f"use {_nested('a::{', '}', 'b')};",
    "imported names": lambda: "use a::{" + _numbered("b@, ") + "};",
    "imports": lambda: _numbered("use a::b@;\n"),
    "attributes": lambda: "#[a]\n" * _MANY + "fn f() {}",
    "conditions": lambda: "#[cfg(test)]\n" * _MANY + "fn f() {}",
    "nested conditions": lambda: f"#[cfg({_nested('not(', ')', 'test')})] fn f() {{}}",
    "inner attributes": lambda: _body("#![a]\n" * _MANY),
    "docs": lambda: "/// a\n" * _MANY + "fn f() {}",
    "comments": lambda: "// a\n\n" * _MANY + "fn f() {}",
    "comments in comments": lambda: _nested("/*", "*/") + "fn f() {}",
    "open comments": lambda: "fn f() {} " + "/*" * _MANY,
    "open raw strings": lambda: _body('let s = r#" ' * _MANY),
    "open raw strings and a long comment": lambda: (
        _body('let s = r#" ' * 4_000) + "//" + "x" * 10_000_000
    ),
    "quotes": lambda: _body('"' * (_MANY + 1)),
    "items": lambda: _numbered("fn f@() {}\n"),
    "items of one name": lambda: "fn f() {}\n" * _MANY,
    "impls": lambda: _numbered("impl A { fn f@() {} }\n"),
    "macro calls": lambda: _numbered("m!(a@);\n"),
    "macro calls alike": lambda: "m!(a);\n" * _MANY,
    "variants": lambda: "enum E {" + _numbered("V@(u8),") + "}",
    "parameters": lambda: "fn f(" + _numbered("a@: u8, ") + ") {}",
    "statements": lambda: _body(_numbered("let a@ = a.b();\n")),
    "broken bodies": lambda: _numbered("fn f@() { @ }\n"),
    "broken heads": lambda: "fn f(" * _MANY,
    "keywords": lambda: "fn " * _MANY + "f() {}",
    "signs": lambda: "<" * _MANY + "#" * _MANY + "@" * _MANY + "fn f() {}",
    "traits above traits": lambda: _numbered("trait A@: A@@ {}\n", 10_000),
    "a line of 10 MB": lambda: _body(f'let s = "{"x" * 10_000_000}";'),
    "a name of 1 MB": lambda: f"fn {'a' * 1_000_000}() {{}}",
    "a file of 50 MB": lambda: _numbered(
        "pub fn f@(a: u8) -> u8 { let x = b(a); x + 1 }\n", 1_040_000
    ),
}
"""What stands behind `go`, by name."""
PROSE: Final[dict[str, Callable[[], str]]] = {
    "prose: backticks": lambda: "`" * _MANY,
    "prose: spans": lambda: "`put` " * _MANY,
    "prose: a path": lambda: "a" + "::a" * _MANY,
    "prose: angles": lambda: "<A" * _MANY + "::b",
    "prose: fences": lambda: "```\n" * _MANY,
    "prose: an impl": lambda: f"`impl {'<' * _MANY}`",
    "prose: a macro": lambda: f"`a!{'(' * _MANY}`",
    "prose: generics": lambda: f"`A{'::<A' * _MANY}{'>' * _MANY}::b`",
    "prose: a raw string": lambda: "`" + 'r#" ' * _MANY + "`",
}
"""Thoughts of a flow, by name."""
QUICK: Final = (
    *("blocks", "open generics", "modules", "broken heads", "open raw strings and a long comment"),
    *("comments in comments", "keywords", "attributes", "a line of 10 MB", "macro calls alike"),
    *("prose: an impl", "prose: a macro"),
)
"""Cases that a test suite has the time for."""


def read(name: str) -> None:
    """Ask of a case all that a spec can ask; prints what came of it."""
    prose = PROSE[name]() if name in PROSE else ""
    code = f"{GO}\n{_AROUND}{CASES[name]()}".encode() if not prose else prose.encode()
    begun = time.process_time()
    words = _asked(code) if not prose else _grounded(prose)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    spent = time.process_time() - begun
    sys.stdout.write(f"{len(code) / 1e6:.1f} | {spent:.1f} | {peak:,} | {'; '.join(words)}")


def _asked(code: bytes) -> list[str]:
    file = RustFile(code)
    words = [_missed(file)]
    try:
        found = file.find("go")
    except AddressError as error:
        assert str(error).isprintable()
        return [*words, f"refused: {error}"]
    assert found.text == GO.encode()
    assert file.excerpt([found]).text == GO.encode() + b"\n"
    file.fingerprint(found)
    tree = Tree({"src/lib.rs": code}, {"src/lib.rs": file})
    base = Codebase(tree)
    called = [str(call.callee) for call in base.calls("src/lib.rs", found)]
    assert called[:2] == ["src/lib.rs::On::stop", "src/lib.rs::stay"], called
    base.mentions("src/lib.rs", found)
    base.names(("On", "stop"))
    base.routes()
    last = next((item for item in reversed(file.items) if item.kind != "use"), None)
    if last is not None and not last.is_broken:
        other = file.found(last)
        file.fingerprint(other)
        base.calls("src/lib.rs", other)
        base.mentions("src/lib.rs", other)
    return [*words, "exact"]


def _grounded(prose: str) -> list[str]:
    ground((GO, "", prose))
    return ["held"]


def _missed(file: RustFile) -> str:
    try:
        file.find("gone")
    except AddressError as error:
        assert str(error).isprintable()
        return type(error).__name__
    return "found"


def run(name: str) -> tuple[bool, str]:
    """Read a case in a process of its own; tells whether it went well, and what came of it."""
    command = [sys.executable, "-m", "tests.fuzz.huge", "--here", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = done.stdout or f"- | - | - | exit {done.returncode}: {done.stderr[-300:].strip()}"
    return done.returncode == 0, told


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> int:
    """Read the cases, and print what came of each."""
    options = _options()
    if options.here:
        _bounded()
        read(*options.cases)
        return 0
    sys.stdout.write("| case | MB | seconds | peak MB | |\n|---|---|---|---|---|\n")
    is_well = True
    for name in options.cases or (*CASES, *PROSE):
        went_well, told = run(name)
        is_well &= went_well
        sys.stdout.write(f"| {name} | {told} |\n")
        sys.stdout.flush()
    return 0 if is_well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.huge",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = f"one of {', '.join((*CASES, *PROSE))}; all where none is given"
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    # Not `choices`: of an empty list argparse would say that it is none of them.
    parser.add_argument("cases", nargs="*", metavar="CASE", help=told)
    options = parser.parse_args()
    if strange := [name for name in options.cases if name not in (*CASES, *PROSE)]:
        parser.error(f"no case {strange[0]!r}: see --help")
    return options


if __name__ == "__main__":
    sys.exit(main())
