"""How an item of a file is named: Rust's own paths, and a little more where Rust has none.

* ``create_message``: `Name`
* ``CreateMessageApp::layered_fetch``: `Name`, `Name`
* ``<MessageIn as ModelIn>::update_model``: `Qualified`, `Name`
* ``impl ModelIn for MessageIn``: `Block`
* ``impl RequestBuilder::build``: `Block`, the one that holds that member
* ``extern "C"``: `ForeignBlock`
* ``kv_def!(AppEndpointKey)``: `Call`
* ``#[cfg(feature = "x")] fn health``: attributes and a kind, before any of them
* ``use``: no step at all
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_flowcorpus.rust.errors import BadAddress, visible
from pytest_flowcorpus.rust.grammar import Kind
from pytest_flowcorpus.rust.tokens import Token, TokenKind, tokens
from pytest_flowcorpus.rust.typename import Spelling, is_word, spelling, written

_NARROWING: Final = frozenset(Kind) - {
    Kind.IMPL,
    Kind.USE,
    Kind.MACRO_CALL,
    Kind.EXTERN_CRATE,
    Kind.EXTERN,
}
"""Kinds whose word before a name narrows it; `extern crate` does too."""
_IMPOSSIBLE: Final = frozenset(("crate", "self", "super", "Self"))
# https://doc.rust-lang.org/reference/keywords.html: strict and reserved ones.
KEYWORDS: Final = frozenset(
    (
        *("abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do"),
        *("dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl"),
        *("in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub"),
        *("ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe"),
        *("unsized", "use", "virtual", "where", "while", "yield"),
    )
)
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}


@dataclass(frozen=True, slots=True)
class Name:
    """A segment of a path, with generics only where they are needed."""

    name: str
    generics: Spelling = ()
    """The tokens between `<` and `>`."""

    def __str__(self) -> str:
        # `union<T>` would read as a kind before `<T>`.
        is_kind = bool(self.generics) and self.name in _NARROWING
        name = f"r#{self.name}" if is_kind or self.name in KEYWORDS else self.name
        return f"{name}<{written(self.generics)}>" if self.generics else name


@dataclass(frozen=True, slots=True)
class Qualified:
    """``<Type as Trait>``: members of a trait impl; ``<Type>``: those of inherent ones."""

    self_type: Spelling
    trait: Spelling = ()

    def __str__(self) -> str:
        trait = f" as {written(self.trait)}" if self.trait else ""
        return f"<{written(self.self_type)}{trait}>"


@dataclass(frozen=True, slots=True)
class Block:
    """``impl Trait for Type`` or ``impl Type``; the type may end in ``::member``."""

    self_type: Spelling
    trait: Spelling = ()

    def __str__(self) -> str:
        trait = f"{written(self.trait)} for " if self.trait else ""
        return f"impl {trait}{written(self.self_type)}"


@dataclass(frozen=True, slots=True)
class ForeignBlock:
    """``extern "C"``, or ``extern "C"::member``: the block that holds that member."""

    abi: str = ""
    member: str = ""

    def __str__(self) -> str:
        member = f"::{Name(self.member)}" if self.member else ""
        return f"extern {self.abi}".rstrip() + member


@dataclass(frozen=True, slots=True)
class Call:
    """``name!(first, arguments)``: a macro call where an item could stand."""

    name: str
    arguments: Spelling = ()

    def __str__(self) -> str:
        return f"{Name(self.name)}!" + (f"({written(self.arguments)})" if self.arguments else "")


Step = Name | Qualified | Block | ForeignBlock | Call


@dataclass(frozen=True, slots=True)
class Address:
    """What names an item inside one file; ``str()`` gives the canonical form.

    White space, ``r#`` and the Unicode form of what was parsed are not kept.
    """

    steps: tuple[Step, ...]
    """Outermost first; empty for ``use``."""
    kind: Kind | None = None
    attributes: tuple[Spelling, ...] = ()
    """The tokens inside each ``#[…]`` that the item or what encloses it must have."""

    @staticmethod
    def parse(text: str) -> Address:
        """Read an address; raises `BadAddress`, which says where it stops making sense."""
        return _Parser(text).address()

    @property
    def name(self) -> str:
        """The name of what is meant, of a macro call its macro's; empty for a block."""
        last = self.steps[-1] if self.steps else None
        return last.name if isinstance(last, Name | Call) else ""

    def __str__(self) -> str:
        if not self.steps:
            return "use"
        words = [f"#[{written(attribute)}]" for attribute in self.attributes]
        if self.kind is Kind.EXTERN_CRATE:
            words.append("extern crate")
        elif self.kind is not None:
            words.append(str(self.kind))
        return " ".join([*words, "::".join(map(str, self.steps))])


IMPORTS: Final = Address((), Kind.USE)
"""The imports at the top of a file."""


class _Parser:
    """A cursor over an address's tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._code = text.encode(errors="replace")
        self._tokens = list(tokens(self._code))
        self._at = 0
        for token in self._tokens:
            self._refuse_strange(token)
            self._at += 1
        self._at = 0

    def address(self) -> Address:
        attributes = tuple(self._attributes())
        if not attributes and [token.raw for token in self._tokens] == [b"use"]:
            return IMPORTS
        kind = self._kind()
        steps = self._steps()
        if self._at < len(self._tokens):
            raise self._bad(f"unexpected `{self._peek()}`")
        if kind is not None and not isinstance(steps[-1], Name):
            raise self._bad(f"`{kind}` narrows a name, and the address ends in none")
        return Address(steps, kind, attributes)

    def _attributes(self) -> list[Spelling]:
        found = []
        while self._peek() == "#":
            self._at += 1
            if self._peek() != "[":
                raise self._bad("expected `[` after `#`")
            found.append(tuple(token.text for token in self._group()))
        return found

    def _kind(self) -> Kind | None:
        word = self._raw()
        following = self._peek(1)
        if word == "extern" and following == "crate":
            self._at += 2
            return Kind.EXTERN_CRATE
        if word == "macro_rules" and following == "!" and is_word(self._peek(2)):
            self._at += 2
            return Kind.MACRO
        if word in _NARROWING and (is_word(following) or following == "<"):
            self._at += 1
            return Kind(word)
        return None

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while self._peek() == "::":
            self._at += 1
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        word = self._raw()
        if self._peek() == "<":
            return self._qualified()
        if word == "impl" and self._peek(1):
            return self._block()
        if word == "extern":
            return self._foreign_block()
        name = self._name()
        if self._peek() == "!":
            return self._call(name)
        if self._peek() == "<":
            return Name(name, _types(self._group(), self._code))
        return Name(name)

    def _name(self) -> str:
        if self._at == len(self._tokens):
            raise self._bad("a name is missing")
        token = self._tokens[self._at]
        if token.kind is not TokenKind.WORD:
            raise self._bad(f"expected a name, not `{token.text}`")
        if token.text in _IMPOSSIBLE:
            raise self._bad(f"`{token.text}` has no place here: addresses start inside the file")
        self._at += 1
        return token.text

    def _call(self, name: str) -> Call:
        self._at += 1
        if self._peek() not in ("(", "[", "{"):
            return Call(name)
        return Call(name, tuple(token.text for token in self._group()))

    def _qualified(self) -> Qualified:
        inside = self._group()
        split = _index_outside(inside, "as")
        if split is None:
            return Qualified(self._type(inside))
        return Qualified(self._type(inside[:split]), self._type(inside[split + 1 :]))

    def _block(self) -> Block:
        self._at += 1
        if self._peek() == "<":
            self._group()
        rest = self._tokens[self._at :]
        rest = rest[: _index_outside(rest, "where")]
        self._at = len(self._tokens)
        split = _index_outside(rest, "for")
        if split is None:
            return Block(self._type(rest))
        return Block(self._type(rest[split + 1 :]), self._type(rest[:split]))

    def _foreign_block(self) -> ForeignBlock:
        self._at += 1
        abi = ""
        if self._peek()[:1] in ('"', "r") and self._tokens[self._at].kind is TokenKind.TEXT:
            abi = self._peek()
            self._at += 1
        if self._peek() != "::":
            return ForeignBlock(abi)
        self._at += 1
        return ForeignBlock(abi, self._name())

    def _type(self, found: list[Token]) -> Spelling:
        types = _types(found, self._code)
        if not types:
            raise self._bad("a type is missing")
        return types

    def _group(self) -> list[Token]:
        """Take a bracketed group; gives what stands inside."""
        start = self._at
        end = _closing(self._tokens, start)
        if end is None:
            raise self._bad(f"`{self._peek()}` is not closed")
        self._at = end + 1
        return self._tokens[start + 1 : end]

    def _peek(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._tokens[index].text if index < len(self._tokens) else ""

    def _raw(self) -> str:
        """Give the next token as it stands: `r#fn` is a name, `fn` a kind."""
        return self._tokens[self._at].raw.decode() if self._at < len(self._tokens) else ""

    def _refuse_strange(self, token: Token) -> None:
        text = token.text
        if token.kind is TokenKind.COMMENT:
            raise self._bad("an address has no comments")
        if token.kind is TokenKind.WORD and not text.isidentifier():
            raise self._bad(f"`{text}` is no name")
        if text in ("'", "\\", "`") or not text.isprintable() or _is_open(token):
            raise self._bad(f"`{text}` is no Rust")

    def _bad(self, problem: str) -> BadAddress:
        place = "its end"
        if self._at < len(self._tokens):
            place = f"column {len(self._code[: self._tokens[self._at].start].decode()) + 1}"
        shown = " ".join(self._text.split())
        return BadAddress(visible(f"`{shown}` is not an address: {problem} at {place}"))


def _is_open(token: Token) -> bool:
    """Tell whether a literal lacks its end, so that it would swallow what follows."""
    return len(next(tokens(token.raw + b" ")).raw) > len(token.raw)


def _types(found: list[Token], code: bytes) -> Spelling:
    return spelling(code[found[0].start : found[-1].end]) if found else ()


def _closing(found: list[Token], start: int) -> int | None:
    opened: list[str] = []
    for index in range(start, len(found)):
        text = found[index].text
        if text in ("(", "[", "{") or (text == "<" and found[start].text == "<"):
            opened.append(_CLOSERS[text])
        elif opened and text == opened[-1]:
            opened.pop()
            if not opened:
                return index
    return None


def _index_outside(found: list[Token], word: str) -> int | None:
    """Give where `word` first stands outside of all brackets; a `for<'a>` is none."""
    depth = 0
    for index, token in enumerate(found):
        depth += (token.text in _CLOSERS) - (token.text in _CLOSERS.values())
        if depth == 0 and token.raw == word.encode() and not _is_binder(found, index):
            return index
    return None


def _is_binder(found: list[Token], index: int) -> bool:
    """Tell a `for<'a>` from a `for` before `<Type as Trait>::Name`."""
    following = "".join(token.text[:1] for token in found[index + 1 : index + 3])
    return following == "<'"


def last_name(text: str) -> str:
    """Give the last name of an address; all of what is an `impl` block or does not parse."""
    try:
        return Address.parse(text).name or text
    except BadAddress:
        return text
