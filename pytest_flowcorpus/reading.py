"""The code of a flow, read without being run: which files it opens, what it takes from them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNKNOWN: Final = object()
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
class _File:
    path: str | None
    """None where it is computed."""


@dataclass(frozen=True, slots=True)
class _Method:
    owner: Teller | _File
    name: str


@dataclass(eq=False)
class Reading:
    """What the code of a flow asks for.

    Texts, names that are bound to texts, f-strings of them and loops over lists of them are
    followed; both branches of an ``if`` count. All else is computed, and noted as unread.
    """

    names: dict[str, object]
    """What is bound already: the module's names, the parameters of the node."""
    asked: list[Asked] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    """The lines at which something is extracted that the reading cannot tell."""

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
            case ast.For(target=target, iter=values, body=body, orelse=orelse):
                self._loop(target, values, body)
                self.run(orelse)
            case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
                self.names |= dict.fromkeys((one.arg for one in arguments.args), _UNKNOWN)
                self.run(node.body)
            case _:
                self.run(ast.iter_child_nodes(node))

    def _loop(self, target: ast.expr, values: ast.expr, body: Iterable[ast.AST]) -> None:
        found = self._value(values)
        for value in found if isinstance(found, list | tuple) else [_UNKNOWN]:
            self._bind(target, value)
            self.run(body)

    def _bind_all(self, targets: Iterable[ast.expr], value: object) -> None:
        for target in targets:
            self._bind(target, value)

    def _bind(self, target: ast.expr, value: object) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self.names[name] = value
            case ((ast.Tuple(elts=parts) | ast.List(elts=parts)), (list() | tuple())):
                for part, one in zip(parts, value, strict=False):
                    self._bind(part, one)
            case ((ast.Tuple(elts=parts) | ast.List(elts=parts)), _):
                self._bind_all(parts, _UNKNOWN)

    def _value(self, node: ast.expr) -> object:
        """Give what an expression is, by `_on_<kind of node>`; what it holds is read too."""
        read = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if read is not None:
            return read(node)
        self.run(ast.iter_child_nodes(node))
        return _UNKNOWN

    def _on_constant(self, node: ast.Constant) -> object:
        return node.value

    def _on_name(self, node: ast.Name) -> object:
        return self.names.get(node.id, _UNKNOWN)

    def _on_tuple(self, node: ast.Tuple | ast.List) -> object:
        return [self._value(part) for part in node.elts]

    _on_list = _on_tuple

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
        return _Method(owner, node.attr) if isinstance(owner, Teller | _File) else _UNKNOWN

    def _on_call(self, node: ast.Call) -> object:
        called = self._value(node.func)
        given = [self._value(argument) for argument in node.args]
        given += [self._value(keyword.value) for keyword in node.keywords]
        text = given[0] if given and isinstance(given[0], str) else None
        match called:
            case _Method(Teller(), "file"):
                return _File(text)
            case _Method(_File(path=path), "extract"):
                self._ask(path, text, node.lineno)
            case _ if any(isinstance(one, Teller | _File | _Method) for one in given):
                self.unread.append(node.lineno)
        return _UNKNOWN

    def _on_listcomp(self, node: _Comprehension) -> object:
        body: list[ast.AST]
        body = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for one in reversed(node.generators):
            # What is in a comprehension's body is no statement; this reading takes both.
            body = [ast.For(one.target, one.iter, [*one.ifs, *body], [])]  # type: ignore[list-item]
        self.run(body)
        return _UNKNOWN

    _on_setcomp = _on_generatorexp = _on_dictcomp = _on_listcomp

    def _ask(self, path: str | None, address: str | None, line: int) -> None:
        if path is None or address is None:
            self.unread.append(line)
        else:
            self.asked.append(Asked(path, address, line))


def read_function(code: bytes, name: str, names: dict[str, object]) -> Reading | None:
    """Read the function of that name at the top of a module; None where none stands there.

    Of several of one name Python takes the last.
    """
    told = [
        node for node in ast.parse(code).body if isinstance(node, _FUNCTIONS) and node.name == name
    ]
    reading = Reading(names)
    reading.run(told[-1].body if told else ())
    return reading if told else None


def _joined(parts: list[object]) -> object:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else _UNKNOWN
