"""What is found in an edited file by the addresses of the original, and whether that is right."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust import AddressError, Kind, RustFile
from pytest_flowcorpus.source import Blob, FileUnavailable
from tests.edits.reader import Lexeme, declaration, lexemes, plain, things

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_flowcorpus.rust import Found, Item
    from tests.edits.edit import Edit
    from tests.edits.oracle import Oracle, Reading
    from tests.rust.rustc_ast import RustcItem

IMPORTS: Final = "use"
_OTHERS: Final = frozenset(
    b"fn struct enum union trait impl const static type macro_rules {".split()
)
"""What begins an item that is no import, or its body."""
_IMPORT: Final = re.compile(
    rb"(?:pub (?:\( [^)]*\) )?)?(?:use .*|extern crate .*|mod [\w#]+ );$|;$", re.DOTALL
)
_COMMENTS: Final = re.compile(rb"(?:[ \t]*(?://[^\n]*|/\*.*?\*/[ \t]*)\r?\n?)*[ \t]*", re.DOTALL)


class Outcome(StrEnum):
    """What came of asking for one item."""

    KEPT = "kept exact"
    """Not touched, and found with its old bytes where it now stands."""
    RIGHT = "right by rustc"
    """Touched, or gone elsewhere, and found as rustc sees it."""
    WHOLE = "whole by tokens"
    """Touched, in a file that rustc rejects, and found as one whole item."""
    REFUSED = "refused"
    """Refused where it was touched, is gone or twice there, or where rustc rejects the file."""
    NEEDLESS = "refused needlessly"
    """Refused, though rustc accepts the file and sees the item once with its old bytes."""
    WRONG = "silently wrong"


@dataclass(frozen=True)
class Verdict:
    """What came of asking for one item, and why that is wrong or needless."""

    outcome: Outcome
    address: str
    is_touched: bool
    why: str = ""


@dataclass(frozen=True, eq=False)
class Asked:
    """An item of the original; offsets are bytes."""

    address: str
    kind: str
    start: int
    end: int
    around: int
    """Where what stands before it ends: what is between can become its docs or attributes."""
    seen: RustcItem | None
    """None of the imports at the top, which rustc sees one by one."""


class Original:
    """A file as it is upstream, and how a spec would ask for each of its items."""

    def __init__(self, path: str, code: bytes, oracle: Oracle) -> None:
        self.path = path
        self.code = code
        reading = oracle.read(code)
        assert reading is not None, f"rustc rejects {path}"
        file = RustFile(code)
        self._tokens = plain(lexemes(code))
        self.asked = tuple(self._asked(file, reading))
        self.spans = tuple((one.start, one.end) for one in self.asked if one.address != IMPORTS)

    def _asked(self, file: RustFile, reading: Reading) -> Iterator[Asked]:
        items = list(file.items)
        if any(item.kind is Kind.USE for item in items):
            found = _find(file, IMPORTS)
            if not isinstance(found, AddressError):
                yield Asked(IMPORTS, IMPORTS, found.start, found.end, 0, None)
        for item in items:  # grows on the way
            items.extend(file.nested(item))
            if item.kind is not Kind.USE:
                seen = reading.at[str(item.kind), item.outer, item.end]
                before = self._before(item.outer)
                address = file.address(item)
                yield Asked(address, str(item.kind), item.start, item.end, before, seen)

    def _before(self, offset: int) -> int:
        before = bisect_right(self._tokens, offset, key=lambda token: token.end)
        return self._tokens[before - 1].end if before else 0


def _find(file: RustFile, address: str) -> Found | AddressError:
    try:
        return file.find(address)
    except AddressError as error:
        return error


class Judge:
    """Judges all that is found in one edited file."""

    def __init__(self, original: Original, edit: Edit, oracle: Oracle) -> None:
        self._original = original
        self._edit = edit
        self._code = edit.apply(original.code)
        self.reading = oracle.read(self._code)
        self._tokens = plain(lexemes(self._code))
        self._by_start = {token.start: token for token in self._tokens}

    def verdicts(self) -> list[Verdict]:
        """Give what comes of asking for each item of the original."""
        try:
            file = RustFile(Blob.of(self._original.path, self._code).data)
        except FileUnavailable as error:
            return [self._refused(asked, error) for asked in self._original.asked]
        found = {asked: _find(file, asked.address) for asked in self._original.asked}
        told = [self._told(file, asked, one) for asked, one in found.items()]
        served = [one for one in found.values() if not isinstance(one, AddressError)]
        return [*told, *_excerpts(file, served)]

    def misread(self) -> list[str]:
        """Give the items that rustc sees at another depth than the reader of tokens."""
        items = self.reading.items if self.reading else ()
        told = [item for item in items if not item.is_local and item.kind != "macro_call"]
        return [
            "::".join(item.path)
            for item in told
            if item.start in self._by_start
            and len(self._by_start[item.start].around) != len(item.path) - 1
        ]

    def _told(self, file: RustFile, asked: Asked, found: Found | AddressError) -> Verdict:
        if isinstance(found, AddressError):
            return self._refused(asked, found)
        moved = self._moved(asked)
        if asked.address == IMPORTS:
            why = self._wrong_imports(found)
        elif self.reading is not None:
            why = self._wrong_by_rustc(file, asked, found)
        else:
            why = self._wrong_by_tokens(file, asked, found)
        is_same = moved is not None and (
            (found.start, found.text) == (asked.start + moved, self._text(asked))
        )
        if not why and moved is not None and not self._is_kept(asked, found):
            why = f"it was not touched, and is other text: {found.text[:80]!r}"
        if why:
            return Verdict(Outcome.WRONG, asked.address, moved is None, why)
        if is_same:
            return Verdict(Outcome.KEPT, asked.address, is_touched=False)
        outcome = Outcome.WHOLE if self.reading is None else Outcome.RIGHT
        return Verdict(outcome, asked.address, moved is None)

    def _is_kept(self, asked: Asked, found: Found) -> bool:
        """Tell whether it is its old text, after comments that the edit made of what was above."""
        head = found.text.removesuffix(self._text(asked))
        is_there = found.end == asked.end + (self._moved(asked) or 0)
        is_old = found.text.endswith(self._text(asked)) and not plain(lexemes(head))
        return asked.address == IMPORTS or (is_there and is_old)

    def _moved(self, asked: Asked) -> int | None:
        return self._edit.moved(asked.around, asked.end)

    def _text(self, asked: Asked) -> bytes:
        return self._original.code[asked.start : asked.end]

    def _refused(self, asked: Asked, error: Exception) -> Verdict:
        is_touched = self._moved(asked) is None
        if self.reading is not None and asked.seen is not None:
            before = self._original.code[asked.seen.start : asked.seen.end]
            same = [item for item in self.reading.items if _is_like(item, asked.seen)]
            if [self._code[item.start : item.end] for item in same] == [before]:
                return Verdict(Outcome.NEEDLESS, asked.address, is_touched, str(error))
        return Verdict(Outcome.REFUSED, asked.address, is_touched, type(error).__name__)

    def _wrong_by_rustc(self, file: RustFile, asked: Asked, found: Found) -> str:
        item, reading = file.item(found), self.reading
        assert reading is not None
        assert asked.seen is not None
        seen = reading.at.get((str(item.kind), item.outer, item.end))
        if seen is None:
            return f"rustc sees no such {item.kind}: {found.text[:80]!r}"
        if _plain(seen.path, asked.address) != _plain(asked.seen.path, asked.address):
            return f"to rustc it is {'::'.join(seen.path)}"
        twins = reading.named(seen.path)
        if seen in twins and len(twins) > 1 and not _is_narrow(asked.address, seen.kind):
            return f"rustc sees {len(twins)} of that path"
        if not _COMMENTS.fullmatch(self._code, item.start, item.outer):
            return f"it begins with {self._code[item.start : item.outer][:80]!r}"
        return ""

    def _wrong_by_tokens(self, file: RustFile, asked: Asked, found: Found) -> str:
        item = file.item(found)
        first = self._by_start.get(item.decl)
        if first is None:
            return "no token begins where its declaration does"
        around = tuple(one.body[0] for one in item.enclosing())[::-1]
        is_local = asked.seen is not None and asked.seen.is_local
        if first.around != around and not (is_local and _is_within(around, first.around)):
            return f"it is said to stand in {len(around)} items, in {len(first.around)} braces"
        if self._moved(asked) is None and item.kind is not Kind.VARIANT:
            return self._wrong_extent(item)
        return ""

    def _wrong_extent(self, item: Item) -> str:
        own = [token for token in self._tokens if item.decl <= token.start < item.end]
        parted = list(things(own))
        if len(parted) != 1 or own[-1].end != item.end or own[-1].raw not in (b"}", b";"):
            return f"it is not one whole item but {len(parted)}"
        words = [token.raw for token in declaration(own)]
        if item.name and item.name.encode() not in (word.removeprefix(b"r#") for word in words):
            return f"nothing in it is called {item.name}"
        return ""

    def _wrong_imports(self, found: Found) -> str:
        if self.reading is None:
            return self._wrong_imports_by_tokens(found)
        span = self._imports_by_rustc()
        if span != (found.start, found.end):
            return f"the imports are {span}, were found at {found.start}:{found.end}"
        return ""

    def _wrong_imports_by_tokens(self, found: Found) -> str:
        own = [token for token in self._tokens if found.start <= token.start < found.end]
        if not all(_is_import(declaration(thing)) for thing in things(own)):
            return "more than imports was found as imports"
        if own[0].around:
            return f"the imports stand in {len(own[0].around)} braces"
        top = [token for token in self._tokens if not token.around]
        rest = next((at for at, token in enumerate(top) if token.raw in _OTHERS), len(top))
        left = [token for token in top[:rest] if token.raw == b"use" and token not in own]
        return f"an import at {left[0].start} was left out" if left else ""

    def _imports_by_rustc(self) -> tuple[int, int] | None:
        assert self.reading is not None
        uses: list[RustcItem] = []
        for item in self.reading.items:
            if item.is_local or len(item.path) > 1:
                continue
            if item.kind in ("use", "extern_crate"):
                uses.append(item)
            elif item.kind != "mod" or self._code[item.end - 1 : item.end] != b";":
                break
        return self._with_comments(uses[0].start, uses[-1].end) if uses else None

    def _with_comments(self, start: int, end: int) -> tuple[int, int]:
        """Count whole comment lines in that stand right above, or docs that rustc did not count."""
        own = [one for one in lexemes(self._code[:start]) if one.sort in ("line", "block")]
        for comment in reversed(own):
            gap = self._code[comment.end : start]
            line = self._code[self._code.rfind(b"\n", 0, comment.start) + 1 : comment.start]
            if gap.strip() or gap.count(b"\n") > 1 or comment.raw[2:3] == b"!":
                break
            if line.removeprefix(b"\xef\xbb\xbf").strip():
                break
            start = comment.start
        return start, end


def _is_within(few: Sequence[int], many: Sequence[int]) -> bool:
    rest = iter(many)
    return all(one in rest for one in few)


def _is_like(item: RustcItem, other: RustcItem) -> bool:
    return (item.kind, item.path) == (other.kind, other.path)


def _is_narrow(address: str, kind: str) -> bool:
    return address.startswith(("#", f"{kind} "))


def _plain(path: tuple[str, ...], address: str) -> list[str]:
    """Give a path without what an address may leave out of impls: `T::x` says no trait."""
    left_out = r"(?:\w+::)+|'\w+|[<>&,]|\bmut\b|\bdyn\b"
    if not address.startswith(("<", "impl ")):
        left_out = rf" as .*|{left_out}"
    return [re.sub(left_out, "", part) for part in path]


def _is_import(words: Sequence[Lexeme]) -> bool:
    return _IMPORT.match(b" ".join(word.raw for word in words)) is not None


def _excerpts(file: RustFile, served: Sequence[Found]) -> Iterator[Verdict]:
    """Judge excerpts of some of what was found: each alone, and first, middle and last together."""
    few = [served[at] for at in sorted({0, len(served) // 2, len(served) - 1}) if served]
    for some in ([few], *([[one]] for one in few)):
        why = _wrong_excerpt(file, some[0])
        if why:
            yield Verdict(Outcome.WRONG, some[0][0].address, is_touched=False, why=why)


def _wrong_excerpt(file: RustFile, some: Sequence[Found]) -> str:
    text = file.excerpt(some).text
    lines = file.code.splitlines(keepends=True) if b"\r" not in file.code else _lines(file.code)
    taken = text.splitlines(keepends=True) if b"\r" not in text else _lines(text)
    rest = iter(lines)
    if not all(line in (b"\n", b"\r\n") or line in rest for line in taken):
        return "its excerpt is no sequence of the file's lines"
    missing = [one.address for one in some if one.text not in text]
    return f"its excerpt lacks {missing[0]}" if missing else ""


def _lines(code: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", code)
