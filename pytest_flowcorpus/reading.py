"""The code of a flow, read without being run: which files it opens, what it takes from them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_UNKNOWN: Final = object()
_ADDRESS: Final = re.compile(r"(\S+?\.rs)::(\S.*)")
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Teller:
    """What stands for a spec's `flow`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An item that a spec extracts."""

    path: str
    """As it stands in the spec."""
    address: str
    line: int
    """Where the spec asks for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A request or a thought of a spec."""

    text: str
    """As it stands in the spec, line for line."""
    line: int
    """Where the text begins."""
    is_laid_out: bool = True
    """Whether its lines are lines of the spec; else it has escapes, or stands somewhere else."""


@dataclass(frozen=True, slots=True)
class File:
    """What `flow.file` gave."""

    path: str | None
    """None where it is computed."""


@dataclass(frozen=True, slots=True)
class _Say:
    """What `flow.request` and `flow.think` are."""


@dataclass(frozen=True, slots=True)
class _Open:
    """What `flow.file` is."""


@dataclass(frozen=True, slots=True)
class _Extract:
    """What the `extract` of a file is."""

    path: str | None


_Telling = Teller | File | _Open | _Extract
_LOST: Final = _Extract(None)
"""What could extract something, of whichever file."""


@dataclass(eq=False)
class Reading:
    """What the code of a flow asks for.

    Texts, names that are bound to texts, f-strings of them and loops over lists of them are
    followed; both branches of an ``if`` count. All else is computed, and noted as unread.
    """

    names: dict[str, object]
    """What is bound already: the module's names, the parameters of the node."""
    asked: list[Asked] = field(default_factory=list)
    named: list[Asked] = field(default_factory=list)
    """The items that it speaks of by a whole address, as its asserts do."""
    opened: list[tuple[str, int]] = field(default_factory=list)
    """The files that it opens, with the lines."""
    bound: list[tuple[str, int, object]] = field(default_factory=list)
    """The names that it binds, with the lines and what they are from there on, in order."""
    said: list[Said] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    """The lines at which something is extracted that the reading cannot tell."""
    _telling: set[str] = field(default_factory=set)
    """What was forgotten although something could be extracted by it."""

    def run(self, body: Iterable[ast.AST]) -> None:
        """Read statements in order."""
        for node in body:
            self._read(node)

    def _read(self, node: ast.AST) -> None:
        match node:
            case ast.expr():
                self._value(node)
            case ast.Assign(targets=targets, value=value):
                self._bind_all(targets, self._value(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self._value(value))
            case ast.AugAssign(target=target, value=value):
                self.run((value, target))
            case ast.For() | ast.AsyncFor():
                self._loop(node)
            case ast.If() | ast.While() | ast.Match() | ast.Try() | ast.TryStar():
                self._fork(node)
            case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
                self.run(node.decorator_list)
                self._forget(_bound_by(node))
                self._inner(arguments, node.body)
            case _:
                self._forget(_bound_by(node))
                self.run(ast.iter_child_nodes(node))

    def _loop(self, loop: ast.For | ast.AsyncFor) -> None:
        found = self._value(loop.iter)
        values = found if isinstance(found, list | tuple) else [_UNKNOWN]
        is_followed = values is found and not _jumps(loop.body)
        for value in values:
            self._forget(() if is_followed else _bound(loop.body))
            self._bind(loop.target, value)
            self.run(loop.body)
        self._forget(() if is_followed else _bound([loop.target, *loop.body]))
        self.run(loop.orelse)

    def _fork(self, node: ast.If | ast.While | ast.Match | ast.Try | ast.TryStar) -> None:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._value(test)
                self._branch(body, orelse)
            case ast.While(test=test, body=body, orelse=orelse):
                self._branch([test, *body], orelse)
            case ast.Match(subject=subject, cases=cases):
                self._value(subject)
                self._branch(*([case] for case in cases))
            case ast.Try() | ast.TryStar() if node.handlers:
                caught = ([handler] for handler in node.handlers)
                self._branch(node.body, *caught, node.orelse, node.finalbody)
            case _:
                self.run(ast.iter_child_nodes(node))

    def _branch(self, *blocks: Sequence[ast.AST]) -> None:
        """Read what may run or not, or many times: what is bound in it is known there alone."""
        bound = _bound(node for block in blocks for node in block)
        for block in blocks:
            self._forget(bound)
            self.run(block)
        self._forget(bound)

    def _inner(self, arguments: ast.arguments, body: Iterable[ast.AST]) -> None:
        """Read a function that stands in another: its parameters are whatever it is called with."""
        self.run(ast.iter_child_nodes(arguments))
        named = [one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg)]
        self._scope(named).run(body)

    def _scope(self, unknown: Iterable[str] = ()) -> Reading:
        names = {**self.names, **dict.fromkeys(unknown, _UNKNOWN)}
        told = (self.asked, self.named, self.opened, self.bound, self.said, self.unread)
        return Reading(names, *told)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            if _can_tell(self.names.get(name)):
                self._telling.add(name)
            self.names[name] = _LOST if name in self._telling else _UNKNOWN

    def _bind_all(self, targets: Iterable[ast.expr], value: object) -> None:
        for target in targets:
            self._bind(target, value)

    def _bind(self, target: ast.expr, value: object) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self.names[name] = value
                self.bound.append((name, target.lineno, value))
            case ((ast.Tuple(elts=parts) | ast.List(elts=parts)), (list() | tuple())) if not any(
                isinstance(part, ast.Starred) for part in parts
            ):
                for part, one in zip(parts, value, strict=False):
                    self._bind(part, one)
            case _:
                self._value(target)

    def _value(self, node: ast.expr) -> object:
        """Give what an expression is, by `_on_<kind of node>`; what it holds is read too."""
        read = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if read is not None:
            return read(node)
        children = [*ast.iter_child_nodes(node)]
        self.run(child for child in children if not isinstance(child, ast.expr))
        values = [self._value(child) for child in children if isinstance(child, ast.expr)]
        return _LOST if any(map(_can_tell, values)) else _UNKNOWN

    def _on_constant(self, node: ast.Constant) -> object:
        if isinstance(node.value, str) and (named := _ADDRESS.fullmatch(node.value)):
            self.named.append(Asked(named[1], named[2], node.lineno))
        return node.value

    def _on_name(self, node: ast.Name) -> object:
        self._forget(_bound_by(node))
        return self.names.get(node.id, _UNKNOWN)

    def _on_tuple(self, node: ast.Tuple) -> object:
        return tuple(self._value(part) for part in node.elts)

    def _on_list(self, node: ast.List) -> object:
        return [self._value(part) for part in node.elts]

    def _on_joinedstr(self, node: ast.JoinedStr) -> object:
        return _joined([self._value(part) for part in node.values])

    def _on_formattedvalue(self, node: ast.FormattedValue) -> object:
        value = self._value(node.value)
        return value if node.conversion < 0 and node.format_spec is None else _UNKNOWN

    def _on_binop(self, node: ast.BinOp) -> object:
        parts = [self._value(node.left), self._value(node.right)]
        return _joined(parts) if isinstance(node.op, ast.Add) else _UNKNOWN

    def _on_namedexpr(self, node: ast.NamedExpr) -> object:
        self._bind(node.target, value := self._value(node.value))
        return value

    def _on_attribute(self, node: ast.Attribute) -> object:
        owner = self._value(node.value)
        if isinstance(owner, list) and isinstance(node.value, ast.Name):
            self._forget([node.value.id])  # `names.append` makes another list of it
        match owner, node.attr:
            case Teller(), "file":
                return _Open()
            case Teller(), "request" | "think":
                return _Say()
            case File(path=path), "extract":
                return _Extract(path)
        return _LOST if node.attr == "extract" else _UNKNOWN

    def _on_lambda(self, node: ast.Lambda) -> object:
        self._inner(node.args, [node.body])
        return _UNKNOWN

    def _on_call(self, node: ast.Call) -> object:
        called = self._value(node.func)
        given = [self._value(argument) for argument in node.args]
        given += [self._value(keyword.value) for keyword in node.keywords]
        text = given[0] if given and isinstance(given[0], str) else None
        match called:
            case _Open():
                self.opened += [(text, node.lineno)] if text is not None else []
                return File(text)
            case _Say() if text is not None:
                self.said.append(
                    _said(text, [*node.args, *(one.value for one in node.keywords)][0])
                )
            case _Extract(path=path):
                self._ask(path, text, node.lineno)
            case _ if any(map(_can_tell, given)):
                self.unread.append(node.lineno)
        return _UNKNOWN

    def _on_listcomp(self, node: _Comprehension) -> object:
        body: list[ast.AST]
        body = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for one in reversed(node.generators):
            # What is in a comprehension's body is no statement; this reading takes both.
            body = [ast.For(one.target, one.iter, [*one.ifs, *body], [])]  # type: ignore[list-item]
        self._scope().run(body)
        self._forget(_walruses(node))
        return _UNKNOWN

    _on_setcomp = _on_generatorexp = _on_dictcomp = _on_listcomp

    def _ask(self, path: str | None, address: str | None, line: int) -> None:
        if path is None or address is None:
            self.unread.append(line)
        else:
            self.asked.append(Asked(path, address, line))


@lru_cache(maxsize=8)
def _functions(code: bytes) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """Give the functions at the top of a module, which is asked about each of its flows."""
    return tuple(node for node in ast.parse(code).body if isinstance(node, _FUNCTIONS))


def read_function(code: bytes, name: str, names: dict[str, object]) -> Reading | None:
    """Read the function of that name at the top of a module; None where none stands there.

    Of several of one name Python takes the last.
    """
    told = [node for node in _functions(code) if node.name == name]
    reading = Reading(names)
    reading.run(told[-1].body if told else ())
    return reading if told else None


def _said(text: str, written: ast.expr) -> Said:
    lines = (written.end_lineno or written.lineno) - written.lineno
    return Said(text, written.lineno, is_laid_out=lines == text.count("\n"))


def _joined(parts: list[object]) -> object:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else _UNKNOWN


def _can_tell(value: object) -> bool:
    """Tell whether whoever is given a value can extract by it."""
    if isinstance(value, list | tuple):
        return any(map(_can_tell, value))
    return isinstance(value, _Telling)


def _jumps(body: Iterable[ast.AST]) -> bool:
    """Tell whether a loop's body can be left before its end."""
    return any(isinstance(one, ast.Break | ast.Continue) for node in body for one in ast.walk(node))


def _bound(body: Iterable[ast.AST]) -> set[str]:
    """Give the names that some code binds, wherever in it."""
    return {name for node in body for one in ast.walk(node) for name in _bound_by(one)}


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Give the names that a node binds by itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            yield name
        case ast.alias(name=name, asname=asname):
            yield asname or name.partition(".")[0]


def _walruses(node: ast.AST) -> Iterator[str]:
    """Give the names that a comprehension binds outside of itself."""
    return (one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr))
