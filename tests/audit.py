"""An auditor of the product's output: JSONL and manifest against the source that they quote.

It shares no code with the package and reads Rust with a scanner of its own, so that a fault of
the one is no fault of the other. Run it as a program:

    python tests/audit.py JSONL (--git DIR --rev SHA | --tree DIR)

It prints a line for each finding and a last one that counts. Exit 0: nothing found; 1: findings;
2: it could not begin.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
import subprocess
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Unreadable(Exception):  # noqa: N818 - it is what the text is
    """Something cannot be read as what it should be; the text says what, where and why."""


@dataclass(slots=True)
class Report:
    """What was found, in the order in which it was found."""

    findings: list[str] = field(default_factory=list)
    lines: int = 0
    fragments: int = 0

    def add(self, where: str, what: str) -> None:
        """Note a finding; it stays one line whatever the audited files hold."""
        self.findings.append(" ".join(f"{where}: {what}".splitlines()))


# --- the source --------------------------------------------------------------------------------


class Source:
    """The files of the audited tree, by path from the repository's top; each is read once."""

    def __init__(self, fetch: Callable[[str], bytes], revision: str | None) -> None:
        self.revision = revision
        self._fetch = fetch
        self._files: dict[str, bytes] = {}
        self._codes: dict[str, Code] = {}

    def read(self, path: str) -> bytes:
        """Give the bytes of a file; raises `Unreadable`."""
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or str(parts) != path:
            raise Unreadable("not a plain path from the repository's top")
        if path not in self._files:
            self._files[path] = self._fetch(path)
        return self._files[path]

    def code(self, path: str) -> Code:
        """Give a file as scanned Rust; raises `Unreadable`."""
        if path not in self._codes:
            try:
                self._codes[path] = Code(self.read(path).decode())
            except UnicodeDecodeError as error:
                raise Unreadable(f"not UTF-8 at byte {error.start}") from None
        return self._codes[path]


def git_source(folder: Path, revision: str) -> Source:
    """Give the files of a revision in the git directory `folder`; raises `Unreadable`."""

    def git(*args: str) -> bytes:
        command = ["git", "--git-dir", str(folder), *args]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise Unreadable(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    commit = git("rev-parse", "--verify", f"{revision}^{{commit}}").decode().strip()
    return Source(lambda path: git("cat-file", "blob", f"{commit}:{path}"), commit)


def tree_source(folder: Path) -> Source:
    """Give the files under `folder`; raises `Unreadable`."""
    if not folder.is_dir():
        raise Unreadable(f"{folder} is not a folder")

    def fetch(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise Unreadable(f"{error.strerror}: {folder / path}") from None

    return Source(fetch, None)


# --- Rust --------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[\s\ufeff\u200e\u200f]+)
    | (?P<line>//[^\n]*)
    | (?P<block>/\*)
    | (?P<raw>[bc]?r(?P<hashes>\#*)")
    | (?P<text>[bc]?"[^"\\]*(?:\\.[^"\\]*)*" | b?'(?:\\(?:u\{[^}']*\}|x..|.)|[^'\\])')
    | (?P<lifetime>'(?:r\#)?\w+)
    | (?P<word>(?:r\#)?\w+)
    | (?P<punct>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SHEBANG: Final = re.compile(r"\ufeff?#!(?!\s*\[)[^\n]*")
_BLOCK_EDGE: Final = re.compile(r"/\*|\*/")
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_TRIVIA: Final = frozenset({"space", "comment", "doc", "inner"})
_MODIFIERS: Final = frozenset({"unsafe", "safe", "default", "auto", "const", "async"})
_CONTAINERS: Final = frozenset({"impl", "trait", "mod", "enum"})
_GOES_ON: Final = frozenset(";,.)]?=:+/%^") | {"else", "as"}
"""What cannot begin what follows an item: before one of these, the item had not ended."""
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as git counts them: LF ends it and nothing else."""


class Token(NamedTuple):
    """A token of Rust, or the space or comment between two; `start` and `end` in characters."""

    kind: str
    start: int
    end: int
    text: str


class Enclosing(NamedTuple):
    """Numbers of the lines around an item that are not its own."""

    allowed: set[int]
    required: set[int]


class Code:
    """A Rust file, cut into tokens, with every bracket matched; lines are counted from 1."""

    def __init__(self, text: str) -> None:
        """Scan `text`; raises `Unreadable` where it is not Rust."""
        self.text = text
        self.lines = _LINE.findall(text)
        self._line_starts = list(itertools.accumulate(map(len, self.lines), initial=0))
        self.tokens = list(_scan(text))
        self._starts = [token.start for token in self.tokens]
        self.partners: dict[int, int] = {}
        self.parents: list[int] = []
        self._match_brackets()

    def _match_brackets(self) -> None:
        opened: list[int] = []
        for i, token in enumerate(self.tokens):
            closes = token.kind == "punct" and token.text in _CLOSERS.values()
            if closes:
                if not opened or _CLOSERS[self.tokens[opened[-1]].text] != token.text:
                    raise Unreadable(
                        f"line {self.line(token.start)}: `{token.text}` closes nothing"
                    )
                start = opened.pop()
                self.partners |= {start: i, i: start}
            self.parents.append(opened[-1] if opened else -1)
            if token.kind == "punct" and token.text in _CLOSERS:
                opened.append(i)
        if opened:
            token = self.tokens[opened[-1]]
            raise Unreadable(f"line {self.line(token.start)}: `{token.text}` is never closed")

    def line(self, offset: int) -> int:
        """Give the number of the line that holds the character at `offset`."""
        return bisect_right(self._line_starts, offset, hi=len(self.lines))

    def lines_of(self, first: int, last: int) -> range:
        """Give the numbers of the lines that the tokens `first` to `last` stand on."""
        start, end = self.tokens[first].start, self.tokens[last].end
        return range(self.line(start), self.line(end - 1) + 1)

    def within(self, start: int, end: int) -> range:
        """Give the indices of the tokens between two characters."""
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def on_line(self, number: int) -> range:
        """Give the indices of the tokens that begin on a line."""
        return self.within(*self._line_starts[number - 1 : number + 1])

    def after(self, at: int) -> int | None:
        """Give the next token after `at` that is neither space nor comment."""
        later = range(at + 1, len(self.tokens))
        return next((i for i in later if self.tokens[i].kind not in _TRIVIA), None)

    def before(self, at: int) -> int | None:
        """Give the nearest token before `at` that is neither space nor comment."""
        return next((i for i in range(at - 1, -1, -1) if self.tokens[i].kind not in _TRIVIA), None)

    def text_at(self, at: int | None) -> str:
        """Give the text of a token, and an empty one where there is none."""
        return "" if at is None else self.tokens[at].text

    def item_start(self, at: int) -> int:
        """Give the first token of the item that `at` is in the head of: docs, attributes, comments.

        Docs and attributes belong to the item below them across blank lines, an ordinary comment
        where it has its lines to itself and no blank line below.
        """
        first, attached, i = at, True, at - 1
        while i >= 0:
            token = self.tokens[i]
            attribute = self._attribute_start(i)
            if token.kind == "doc" or attribute is not None:
                first = i = i if attribute is None else attribute
                attached = True
            elif token.kind == "comment":
                attached = attached and self._is_alone(i)
                first = i if attached else first
            elif token.kind == "space":
                attached = attached and token.text.count("\n") < 2
            else:
                break
            i -= 1
        return first

    def _attribute_start(self, at: int) -> int | None:
        """Give the `#` of the outer attribute whose `]` is `at`."""
        if self.tokens[at].kind != "punct" or self.tokens[at].text != "]":
            return None
        sign = self.before(self.partners[at])
        return sign if self.text_at(sign) == "#" else None

    def is_inner_attribute(self, at: int) -> bool:
        """Tell whether `at` is the `]` of a ``#![…]``."""
        if self.text_at(at) != "]":
            return False
        bang = self.before(self.partners[at])
        sign = None if bang is None else self.before(bang)
        return self.text_at(bang) == "!" and self.text_at(sign) == "#"

    def _is_alone(self, at: int) -> bool:
        """Tell whether nothing but space stands before `at` on its line."""
        start = self.tokens[at].start
        return not self.text[self._line_starts[self.line(start) - 1] : start].strip("\ufeff \t")

    def enclosing(self, at: int) -> Enclosing:
        """Give the lines of the blocks that hold the item that begins at the token `at`.

        A block is required as long as nothing but such blocks stands between it and the item.
        """
        found, direct, opening = Enclosing(set(), set()), True, self.parents[at]
        while opening >= 0:
            if self._is_container(opening):
                lines = self._frame(opening)
                if opening == self.parents[at] and self._is_trait_impl(opening):
                    lines |= self._associated(opening)
                found.allowed.update(lines)
                found.required.update(lines if direct else ())
            else:
                direct = False
            opening = self.parents[opening]
        return found

    def _frame(self, opening: int) -> set[int]:
        head = self.item_start(self._head(opening)[0])
        closing = self.partners[opening]
        return {*self.lines_of(head, opening), *self.lines_of(closing, closing)}

    def _head(self, opening: int) -> list[int]:
        """Give the tokens before a `{` that head it, after docs and attributes, in order."""
        head: list[int] = []
        i = self.before(opening)
        while i is not None and i != self.parents[opening]:
            text = self.text_at(i)
            const_generic = text == "}" and self.text_at(self.after(i)) in {">", ","}
            if text == ";" or (text == "}" and not const_generic):
                break
            if text == "]" and (self._attribute_start(i) is not None or self.is_inner_attribute(i)):
                break
            head.append(i)
            i = self.before(self.partners[i] if text in {")", "]", "}"} else i)
        return head[::-1]

    def _is_container(self, opening: int) -> bool:
        """Tell whether a block of items begins at `opening`."""
        if self.text_at(opening) != "{":
            return False
        head = [self.tokens[i] for i in self._head(opening)]
        words = [token.text for token in head]
        if words[:1] == ["pub"]:
            del words[: 2 if words[1:2] == [")"] else 1]
        rest = list(itertools.dropwhile(_MODIFIERS.__contains__, words))
        if rest[:1] == ["extern"]:
            return len(rest) == 1 or (len(rest) == 2 and head[-1].kind in {"text", "raw"})
        return bool(rest) and rest[0] in _CONTAINERS

    def _is_trait_impl(self, opening: int) -> bool:
        head = self._head(opening)
        return any(self.text_at(i) == "for" and not self._is_binder(i) for i in head)

    def _is_binder(self, at: int) -> bool:
        """Tell ``for<'a>`` from the `for` of ``impl Trait for Type``."""
        angle = self.after(at)
        inside = None if angle is None else self.after(angle)
        if self.text_at(angle) != "<" or inside is None:
            return False
        return self.tokens[inside].kind == "lifetime" or self.text_at(inside) == ">"

    def _associated(self, opening: int) -> set[int]:
        """Give the lines of the types and consts of a block."""
        lines: set[int] = set()
        for first, last in self._members(opening):
            tokens = self.tokens[first : last + 1]
            words = [token.text for token in tokens if token.kind not in _TRIVIA]
            words = list(itertools.dropwhile({"pub", "default"}.__contains__, words))
            is_fn = words[1] in {"fn", "unsafe", "async", "extern"}
            if words[0] == "type" or (words[0] == "const" and not is_fn):
                lines.update(self.lines_of(self.item_start(first), last))
        return lines

    def _members(self, opening: int) -> Iterator[tuple[int, int]]:
        """Give the first and last token of each member of a block, without its attributes."""
        first, i = None, opening + 1
        while i < self.partners[opening]:
            token = self.tokens[i]
            if token.text == "#" and first is None:
                bracket = self.after(i) or i
                i = self.after(bracket) or i if self.text_at(bracket) == "!" else bracket
                i = self.partners.get(i, i)
            elif token.kind not in _TRIVIA:
                first = i if first is None else first
                i = self.partners.get(i, i)
                if self.text_at(i) == ";" or (self.text_at(i) == "}" and self._ends_member(i)):
                    yield first, i
                    first = None
            i += 1

    def _ends_member(self, at: int) -> bool:
        return self.text_at(self.after(at)) not in _GOES_ON | {">"}


def _scan(text: str) -> Iterator[Token]:
    shebang = _SHEBANG.match(text)
    at = shebang.end() if shebang else 0
    if shebang:
        yield Token("inner", 0, at, shebang.group())
    while match := _TOKEN.match(text, at):
        kind, end = str(match.lastgroup), match.end()
        if match["block"]:
            end = _block_end(text, at)
        elif match["raw"]:
            closing = '"' + match["hashes"]
            kind, end = "raw", text.find(closing, end) + len(closing)
            if end < at:
                raise Unreadable(f"character {at}: the raw string is never closed")
        found = text[at:end]
        yield Token(_comment_kind(found) if kind in {"line", "block"} else kind, at, end, found)
        at = end


def _block_end(text: str, start: int) -> int:
    depth = 0
    for edge in _BLOCK_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    raise Unreadable(f"character {start}: the comment is never closed")


def _comment_kind(text: str) -> str:
    if text.startswith(("//!", "/*!")):
        return "inner"
    is_doc = re.match(r"///(?!/)|/\*\*(?![*/])", text)
    return "doc" if is_doc else "comment"


# --- the record --------------------------------------------------------------------------------

_FILE: Final = re.compile(
    r"(?P<ticks>`+)( ?)(?P<path>[^\n]+?)\2(?P=ticks)\n\n(?P<fence>`{3,})rust\n"
)
_ROLES: Final = ["system", "user", "assistant"]
_THINK: Final = ("<think>", "</think>")


def contents_of(line: bytes) -> list[str]:
    """Give the three contents of a line of the JSONL; raises `Unreadable`."""
    try:
        record = json.loads(line.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not UTF-8 JSON: {error}") from None
    if not isinstance(record, dict) or list(record) != ["type", "messages"]:
        raise Unreadable("not exactly the keys type, messages")
    if record["type"] != "chatml" or not isinstance(record["messages"], list):
        raise Unreadable("not of type chatml with a list of messages")
    return [_content(*pair) for pair in _paired(record["messages"])]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"a key stands twice among {[key for key, _ in pairs]}")
    return dict(pairs)


def _paired(messages: list[Any]) -> Iterator[tuple[str, Any]]:
    if len(messages) != len(_ROLES):
        raise Unreadable(f"{len(messages)} messages, not {len(_ROLES)}")
    return zip(_ROLES, messages, strict=True)


def _content(role: str, message: Any) -> str:
    if not isinstance(message, dict) or list(message) != ["role", "content"]:
        raise Unreadable(f"the {role} message has not exactly the keys role, content")
    content = message["content"]
    if message["role"] != role or not isinstance(content, str) or not content.strip():
        raise Unreadable(
            f"the {role} message is of another role, or its content is empty or no text"
        )
    if re.search("[\ud800-\udfff]", content):
        raise Unreadable(f"the {role} message holds half a surrogate pair, which is no UTF-8")
    return content


def fences_of(contents: Sequence[str]) -> list[tuple[str, str]]:
    """Give path and code of each file of the answer; raises `Unreadable`."""
    _check_tags(contents)
    reasoning, end, files = contents[-1].removeprefix("<think>\n").partition("\n</think>\n\n")
    if not contents[-1].startswith("<think>\n") or not end or not reasoning.strip():
        raise Unreadable("the reasoning does not stand between the think tags, on lines of its own")
    fences, at = [], 0
    while opening := _FILE.match(files, at):
        code, at = _fenced(files, opening)
        fences.append((opening["path"], code))
        if at < len(files) and files[at:] != "\n":
            if files[at : at + 2] != "\n\n":
                raise Unreadable(f"no blank line after the fence of {opening['path']}")
            at += 2
    if files[at:] not in {"", "\n"} or not fences:
        raise Unreadable(f"neither a path nor a fence: {files[at : at + 60]!r}")
    return fences


def _check_tags(contents: Sequence[str]) -> None:
    for tag in _THINK:
        counts = [content.count(tag) for content in contents]
        if counts != [0, 0, 1]:
            raise Unreadable(f"{tag} does not stand once in the answer and nowhere else: {counts}")


def _fenced(files: str, opening: re.Match[str]) -> tuple[str, int]:
    """Give the code of a fence, and where its closing line ends (before the newline)."""
    fence = opening["fence"]
    closing = re.compile(rf"^ {{0,3}}{fence}`*[ \t]*$", re.MULTILINE).search(files, opening.end())
    if closing is None or closing.group() != fence:
        raise Unreadable(
            f"the fence of {opening['path']} is not closed by a line of its own length"
        )
    code = files[opening.end() : closing.start()]
    if max(map(len, re.findall("`+", code)), default=0) >= len(fence):
        raise Unreadable(
            f"the fence of {opening['path']} is no longer than a run of backticks in it"
        )
    return code, closing.end()


# --- the manifest ------------------------------------------------------------------------------

_FRAGMENT: Final = {"address": str, "kind": str, "lines": [int], "sha256": str}
_FILE_ENTRY: Final = {
    "path": str,
    "blob": str,
    "spdx": [str],
    "lines": [[int]],
    "fragments": [_FRAGMENT],
}
_MANIFEST: Final = {
    "format": int,
    "jsonl": {"lines": int, "sha256": str},
    "whole": bool,
    "source": {"revision": (str, type(None)), "licenses": [{"path": str, "text": str}]},
    "examples": [
        {
            "spec": str,
            "title": str,
            "tokens": int,
            "files": [_FILE_ENTRY],
            "thoughts": [object],
            "defects": [str],
        }
    ],
    "rejected": [object],
}


def manifest_of(data: bytes) -> dict[str, Any]:
    """Give a manifest whose keys and types are right; raises `Unreadable`."""
    try:
        manifest = json.loads(data.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not UTF-8 JSON: {error}") from None
    misfit = next(_misfits(manifest, _MANIFEST, "the manifest"), None)
    if misfit:
        raise Unreadable(misfit)
    return dict(manifest)


def _misfits(data: Any, shape: Any, where: str) -> Iterator[str]:
    """Say where `data` has not the keys and types of `shape`; keys may be added to a manifest."""
    if isinstance(shape, dict):
        if not isinstance(data, dict) or not shape.keys() <= data.keys():
            yield f"{where} has not the keys {', '.join(shape)}"
            return
        for key, inner in shape.items():
            yield from _misfits(data[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        if not isinstance(data, list):
            yield f"{where} is no list"
            return
        for i, item in enumerate(data):
            yield from _misfits(item, shape[0], f"{where}[{i}]")
    elif not isinstance(data, shape) or (shape is int and isinstance(data, bool)):
        yield f"{where} is {data!r:.60}"


# --- the audit ---------------------------------------------------------------------------------

_HEADED: Final = frozenset(
    {"fn", "struct", "enum", "union", "trait", "mod", "const", "static", "type"}
)
_WITH_BODY: Final = _HEADED - {"const", "static", "type"} | {
    "impl",
    "extern",
    "macro",
    "macro_call",
}
_SPDX: Final = re.compile(r"SPDX-[\w-]+:[^\n*]*")
_MOST_SPANS: Final = 20_000
"""How many spans of two lines are tried for one digest; two items on a line need a few."""


class Place(NamedTuple):
    """A fragment of the manifest: its entry, where it is told of, its tokens."""

    entry: dict[str, Any]
    where: str
    first: int
    last: int


def audit(jsonl: bytes, manifest: bytes, source: Source) -> Report:
    """Check a JSONL and its manifest against the source that they quote."""
    report = Report(lines=jsonl.count(b"\n"))
    try:
        entries = manifest_of(manifest)
    except Unreadable as error:
        report.add("manifest", str(error))
        return report
    _check_heads(report, jsonl, entries, source)
    _check_licenses(report, entries["source"]["licenses"], source)
    lines = jsonl.split(b"\n")[:-1]
    for number, (line, example) in enumerate(
        zip(lines, entries["examples"], strict=False), start=1
    ):
        _check_line(report, f"line {number}", line, example, source)
    return report


def _check_heads(report: Report, jsonl: bytes, manifest: dict[str, Any], source: Source) -> None:
    said, lines = manifest["jsonl"], jsonl.count(b"\n")
    revision, is_checkout = manifest["source"]["revision"], manifest["source"].get("checkout")
    faults = {
        "the JSONL holds no line": not lines,
        "the JSONL does not end in LF, or holds a CR or an empty line": not jsonl.endswith(b"\n")
        or b"\r" in jsonl
        or b"\n\n" in b"\n" + jsonl,
        "the manifest is not of format 1": manifest["format"] != 1,
        "jsonl.lines of the manifest is not true": said["lines"] != lines,
        "jsonl.sha256 of the manifest is not true": said["sha256"] != _sha256(jsonl),
        "the manifest has not an example for each line": len(manifest["examples"]) != lines,
        "source: neither a revision nor a checkout, or both": bool(revision) == bool(is_checkout),
        "source: a revision without its git url": bool(revision)
        and not manifest["source"].get("git"),
        f"source.revision is not the audited {source.revision}": source.revision is not None
        and source.revision != revision,
    }
    for fault, is_so in faults.items():
        if is_so:
            report.add("output", fault)


def _check_licenses(report: Report, licenses: list[dict[str, str]], source: Source) -> None:
    for entry in licenses:
        try:
            is_true = source.read(entry["path"]) == entry["text"].encode()
        except (Unreadable, UnicodeEncodeError) as error:
            report.add(f"licence {entry['path']}", str(error))
        else:
            if not is_true:
                report.add(f"licence {entry['path']}", "the text is not byte for byte the file's")


def _check_line(
    report: Report, where: str, line: bytes, example: dict[str, Any], source: Source
) -> None:
    report.fragments += sum(len(file["fragments"]) for file in example["files"])
    try:
        fences = fences_of(contents_of(line))
    except Unreadable as error:
        report.add(where, str(error))
        return
    files = {file["path"]: file for file in example["files"]}
    if [path for path, _ in fences] != [file["path"] for file in example["files"]]:
        report.add(where, f"fences of {[p for p, _ in fences]}, the manifest has {list(files)}")
    for path, code in fences:
        if path in files:
            FileAudit(report, f"{where}: {path}", files[path], code, source).check()


class FileAudit:
    """The checks of one file of one example."""

    def __init__(
        self, report: Report, where: str, entry: dict[str, Any], fence: str, source: Source
    ) -> None:
        self.report = report
        self.where = where
        self.entry = entry
        self.fence = fence
        self.source = source

    def check(self) -> None:
        """Run them all; what cannot be read is a finding."""
        try:
            data = self.source.read(self.entry["path"])
            self._check_blob(data)
            code = self.source.code(self.entry["path"])
            lines = self._quoted(code)
            self._check_spdx(code)
            self._check_fence(code)
            places = [place for place in self._places(code) if place]
        except Unreadable as error:
            self.report.add(self.where, str(error))
            return
        for place in places:
            self._check_whole(code, place)
            self._check_named(code, place)
            self._check_enclosed(code, place, lines)
        self._check_foreign(code, places, lines)

    def _check_blob(self, data: bytes) -> None:
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        if blob != self.entry["blob"]:
            self.report.add(self.where, f"the git blob is {blob}, not {self.entry['blob']}")

    def _quoted(self, code: Code) -> set[int]:
        """Give the numbers of the lines that the manifest says are quoted."""
        quoted: set[int] = set()
        for pair in self.entry["lines"]:
            lines = _range(pair, code)
            if quoted and lines.start <= max(quoted) + 1:
                raise Unreadable(f"line ranges out of order, or touching: {self.entry['lines']}")
            quoted.update(lines)
        return quoted

    def _check_spdx(self, code: Code) -> None:
        for tag in self.entry["spdx"]:
            if not tag.startswith("SPDX-") or tag not in code.text:
                self.report.add(self.where, f"the file has no tag {tag!r}")
        top = itertools.takewhile(lambda token: token.kind in _TRIVIA, code.tokens)
        for tag in _SPDX.findall("".join(token.text for token in top)):
            if tag.strip() not in self.entry["spdx"]:
                self.report.add(self.where, f"left out: {tag.strip()!r}")

    def _check_fence(self, code: Code) -> None:
        expected: list[tuple[int, str]] = []
        for first, last in self.entry["lines"]:
            expected += [(0, "\n")] if expected else []
            expected += [(n, code.lines[n - 1]) for n in range(first, last + 1)]
        held = _LINE.findall(self.fence)
        for at, (number, line) in enumerate(expected):
            found = held[at] if at < len(held) else ""
            if not (found == line or (found == "\r\n" and not number) or found == f"{line}\n"):
                wanted = f"line {number} of the file" if number else "one blank line for a gap"
                self.report.add(self.where, f"fence line {at + 1} is {found!r}, not {wanted}")
                return
        if len(held) != len(expected):
            self.report.add(self.where, f"fence line {len(expected) + 1} is one too many")

    def _places(self, code: Code) -> Iterator[Place | None]:
        for entry in self.entry["fragments"]:
            where = f"{self.where}: {entry['address']}"
            lines = _range(entry["lines"], code)
            span = _span(code, lines, entry["sha256"])
            if span is None:
                self.report.add(where, f"nothing on lines {entry['lines']} has the sha256")
            elif code.text[slice(*span)] not in self.fence:
                self.report.add(where, "does not stand whole in the fence")
            if not any(a <= lines[0] and lines[-1] <= b for a, b in self.entry["lines"]):
                self.report.add(where, f"lines {entry['lines']} are in no one range of the file")
            tokens = code.within(*span) if span else None
            yield Place(entry, where, tokens[0], tokens[-1]) if tokens else None

    def _check_whole(self, code: Code, place: Place) -> None:
        """See that nothing of the item was left out before or after, and that it is one item."""
        first, last = place.first, place.last
        start = code.item_start(first)
        if start < first:
            line = code.line(code.tokens[start].start)
            self.report.add(place.where, f"left out above it: {_short(code, start)} at line {line}")
        if not _begins(code, first, start):
            before = _short(code, code.before(start))
            self.report.add(place.where, f"begins in the midst, after {before}")
        if not _ends(code, place):
            self.report.add(place.where, f"ends in the midst, at {_short(code, last)}")
        for i in _ends_inside(code, place):
            self.report.add(place.where, f"goes on after its end: {_short(code, code.after(i))}")

    def _check_named(self, code: Code, place: Place) -> None:
        """See that the fragment is of the kind, and of the name that ends the address."""
        kind, name = place.entry["kind"], re.search(r"(\w+)\s*$", place.entry["address"])
        if kind not in _HEADED or not name:
            return
        words = [code.tokens[i].text for i in _own(code, place) if code.tokens[i].kind == "word"]
        pairs = itertools.pairwise(word for word in words if word != "mut")
        found = next((after for word, after in pairs if word == kind), "")
        if _plain(found) != _plain(name[1]):
            self.report.add(place.where, f"is not the {kind} of that name, but {found!r}")

    def _check_enclosed(self, code: Code, place: Place, lines: set[int]) -> None:
        missing = code.enclosing(place.first).required - lines
        if missing:
            self.report.add(place.where, f"enclosing lines left out: {sorted(missing)}")

    def _check_foreign(self, code: Code, places: Sequence[Place], lines: set[int]) -> None:
        allowed = {n for entry in self.entry["fragments"] for n in _range(entry["lines"], code)}
        allowed.update(*(code.enclosing(place.first).allowed for place in places))
        for number in sorted(lines - allowed):
            line = code.lines[number - 1]
            if line.strip():
                what = f"line {number} is of no fragment and encloses none: {line.strip()!r:.80}"
                self.report.add(self.where, what)


def _range(pair: list[int], code: Code) -> range:
    if len(pair) != 2 or not 1 <= pair[0] <= pair[1] <= len(code.lines):
        raise Unreadable(f"{pair} are no lines of the file, which has {len(code.lines)}")
    return range(pair[0], pair[1] + 1)


def _span(code: Code, lines: range, digest: str) -> tuple[int, int] | None:
    """Give first and last character of what has the digest, from its first line to its last."""
    tokens = code.tokens
    first, last = (
        [tokens[i] for i in code.on_line(line) if tokens[i].kind != "space"]
        for line in (lines[0], lines[-1])
    )
    starts, ends = [token.start for token in first], [token.end for token in reversed(last)]
    for start, end in itertools.islice(itertools.product(starts, ends), _MOST_SPANS):
        if start < end and _sha256(code.text[start:end].encode()) == digest:
            return start, end
    return None


def _own(code: Code, place: Place) -> Iterator[int]:
    """Give the tokens of a fragment that stand in no bracket of it."""
    i = place.first
    while i <= place.last:
        if code.tokens[i].kind not in _TRIVIA:
            yield i
        i = max(i, code.partners.get(i, i)) + 1


def _begins(code: Code, first: int, start: int) -> bool:
    """Tell whether an item begins at the token `start`, and the token `first` is in its head."""
    before = code.before(start)
    if code.partners.get(first, first) < first:
        return False
    if before is None or code.text_at(before) in {";", "{", "}", ","}:
        return True
    return code.is_inner_attribute(before)


def _ends(code: Code, place: Place) -> bool:
    """Tell whether the last token of a fragment is the last one of an item."""
    first, last = place.first, place.last
    if code.parents[first] != code.parents[last] or code.partners.get(last, last) < first:
        return False
    text, following = code.text_at(last), code.text_at(code.after(last))
    if place.entry["kind"] == "variant":
        return text == "," or following in {",", "}"}
    return text in {";", "}"} and following not in _GOES_ON


def _ends_inside(code: Code, place: Place) -> Iterator[int]:
    """Give the tokens at which an item ends although the fragment goes on."""
    kind = place.entry["kind"]
    for i in _own(code, place):
        closing = code.partners.get(i, i)
        text = code.text_at(closing)
        ends = text == ";" or (text, kind) == (",", "variant")
        ends = ends or (text == "}" and kind in _WITH_BODY)
        goes_on = closing < place.last and code.text_at(code.after(closing)) not in {">", ","}
        if ends and goes_on and kind != "use":
            yield closing


def _short(code: Code, at: int | None) -> str:
    return "nothing" if at is None else f"{code.tokens[at].text!r:.60}"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.removeprefix("r#"))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(args: Sequence[str] | None = None) -> int:
    """Audit what the arguments name, print what is found, give the exit status."""
    parser = argparse.ArgumentParser(
        prog="audit.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "jsonl", type=Path, help="the output; x.manifest.json stands beside x.jsonl"
    )
    origin = parser.add_mutually_exclusive_group(required=True)
    origin.add_argument("--git", type=Path, metavar="DIR", help="the git directory, with --rev")
    origin.add_argument("--tree", type=Path, metavar="DIR", help="the files on disk")
    parser.add_argument("--rev", metavar="SHA", help="the revision to audit against")
    options = parser.parse_args(args)
    if bool(options.git) != bool(options.rev):
        parser.error("--git DIR and --rev SHA go together")
    try:
        source = git_source(options.git, options.rev) if options.git else tree_source(options.tree)
        jsonl = options.jsonl.read_bytes()
        manifest = options.jsonl.with_suffix(".manifest.json").read_bytes()
    except (Unreadable, OSError) as error:
        parser.error(str(error))
    report = audit(jsonl, manifest, source)
    total = f"{report.lines} lines, {report.fragments} fragments, {len(report.findings)} findings"
    sys.stdout.write("".join(f"{line}\n" for line in [*report.findings, total]))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
