"""The files in which names of the prose may live besides a flow's own excerpts."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.lexed import Lexed
from pytest_flowcorpus.rust import Kind
from pytest_flowcorpus.rust.tokens import TokenKind, significant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.rust import RustFile
    from pytest_flowcorpus.rust.tokens import Token
    from pytest_flowcorpus.rustfiles import RustFiles

_FN: Final = re.compile(rb"\bfn\s+(?:r#)?(\w+)")
# Of `#[tokio::test]`, `#[test_case(…)]`, `#[wasm_bindgen_test]` and their like the last name.
TEST: Final = re.compile(r"(?:\w+_)?test(?:_case)?|rstest|quickcheck")
_TEST_MARKS: Final = (b"test", b"quickcheck")
"""One of them stands in whatever `TEST` matches."""
_QUALIFIERS: Final = frozenset(
    ("pub", "(", "crate", "super", "self", "in", "::", ")", "const", "async", "unsafe", "extern")
)
"""What can stand between an attribute and `fn`, besides the text of an ABI."""


class Search:
    """The names in files under ``root`` and in those that ``search`` means, read when asked for."""

    def __init__(self, files: RustFiles) -> None:
        self._files = files
        self._paths = [path for path in files.everything() if files.holds(path)]
        self._read = files.read
        self._tests: dict[str, frozenset[str]] = {}
        self._lexed: dict[str, Lexed] = {}

    def file(self, name: str) -> str | None:
        """Give a file by its name, its name without extension, or the end of its path.

        A folder's ``mod.rs`` goes by the folder's name, as its module does.
        """
        paths = self._named.get(name.rpartition("/")[2], ())
        if "/" in name:
            return next((path for path in paths if f"/{path}".endswith(f"/{name}")), None)
        return next(iter(paths), None)

    def test(self, name: str) -> str | None:
        """Give the file that holds a test function of that name."""
        paths = self._functions.get(name, ())
        return next((path for path in paths if name in self._tests_of(path)), None)

    def code(self, sequence: Sequence[Token]) -> str | None:
        """Give the file in whose code the tokens stand side by side: the shortest such file."""
        words = [token.raw for token in sequence if token.kind is TokenKind.WORD]
        parts = rb"\s*".join(re.escape(token.raw) for token in sequence)
        written = re.compile(rb"(?<!\w)" + parts + rb"(?!\w)")
        for path, data in self._by_length:
            is_likely = all(word in data for word in words) and written.search(data)
            if is_likely and self._lexed_of(path).has(sequence):
                return path
        return None

    def names(self) -> Iterator[str]:
        """Give what files go by, and the functions of files with tests: tests among them."""
        yield from self._named
        yield from self._functions

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        named: defaultdict[str, list[str]] = defaultdict(list)
        for path in map(PurePosixPath, self._paths):
            stem = path.parent.name if path.name == "mod.rs" else path.stem
            for name in {path.name, stem}:
                named[name].append(str(path))
        return dict(named)

    @cached_property
    def _by_length(self) -> list[tuple[str, bytes]]:
        # What cannot be read holds no name; a flow that opens it is told why.
        read = ((path, self._read(path)) for path in self._paths if path.endswith(".rs"))
        files = ((path, data) for path, data in read if data is not None)
        return sorted(files, key=lambda file: len(file[1]))

    @cached_property
    def _functions(self) -> dict[str, list[str]]:
        functions: defaultdict[str, list[str]] = defaultdict(list)
        for path, data in self._by_length:
            if any(mark in data for mark in _TEST_MARKS):
                for name in dict.fromkeys(_FN.findall(data)):
                    functions[name.decode(errors="replace")].append(path)
        return dict(functions)

    def _lexed_of(self, path: str) -> Lexed:
        if path not in self._lexed:
            self._lexed[path] = Lexed([(self._read(path) or b"").decode(errors="replace")])
        return self._lexed[path]

    def _tests_of(self, path: str) -> frozenset[str]:
        if path not in self._tests:
            rust = self._files.rust(path)
            self._tests[path] = frozenset(_tests(rust) if rust else ())
        return self._tests[path]


def _tests(file: RustFile) -> Iterator[str]:
    """Give the names of a file's test functions, those among a macro's arguments too."""
    for item in file.items:
        if item.kind is Kind.FN:
            start, end = item.outer, item.body[0] or item.end
            head = item.decl
        elif item.kind is Kind.MACRO_CALL:
            (start, end), head = item.body, item.end
        else:
            continue
        if any(mark in file.code[start:head] for mark in _TEST_MARKS):
            yield from _declared(list(significant(file.code, start, end)))


def _declared(tokens: Sequence[Token]) -> Iterator[str]:
    """Give the names of the functions among some tokens that bear a test's attribute."""
    is_test, at = False, 0
    while at < len(tokens) - 1:
        text = tokens[at].text
        if text == "#" and tokens[at + 1].text == "[":
            name, at = _attribute(tokens, at + 2)
            is_test |= TEST.fullmatch(name) is not None
            continue
        if text == "fn" and is_test:
            yield tokens[at + 1].text
        is_test &= text in _QUALIFIERS or tokens[at].kind is TokenKind.TEXT
        at += 1


def _attribute(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Give the last name of an attribute's path, and the place after its bracket."""
    name, depth, is_path = "", 1, True
    while at < len(tokens) and depth:
        text = tokens[at].text
        is_path &= text == "::" or tokens[at].kind is TokenKind.WORD
        name = text if is_path else name
        depth += (text == "[") - (text == "]")
        at += 1
    return name, at
