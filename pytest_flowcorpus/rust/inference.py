"""The type of an expression, where the standard library decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.library import (
    DEREFERENCED,
    HOLDERS,
    KEPT,
    LOCKS,
    MAPS,
    SAME,
    SEQUENCES,
    WRAPPING,
)
from pytest_flowcorpus.rust.types import BOOL, Sort, Type, foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

_FUTURES: Final = frozenset(("Future", "BoxFuture", "LocalBoxFuture", "TryFuture"))
_ON_ERROR: Final = frozenset(
    ("map_err", "or_else", "unwrap_or_else", "inspect_err", "is_err_and", "map_or_else")
)
_EMPTYING: Final = ("into_inner", "take", "replace", "get")
_PAIRED: Final = frozenset(
    ("sort_by", "max_by", "min_by", "reduce", "sort_unstable_by", "dedup_by")
)
_EACH: Final = frozenset(
    (
        *("map", "filter", "for_each", "filter_map", "flat_map", "any", "all", "find", "find_map"),
        *("position", "rposition", "take_while", "skip_while", "map_while", "inspect", "then"),
        *("partition", "max_by_key", "min_by_key", "sort_by_key", "sort_unstable_by_key", "retain"),
        *("sort_by_cached_key", "retain_mut", "try_for_each", "for_each_concurrent", "chunk_by"),
        *("dedup_by_key", "is_sorted_by_key", "partition_in_place", "try_for_each_concurrent"),
    )
)
"""Methods whose closure sees one element."""
_WHOLE: Final = frozenset(
    (
        *("iter", "iter_mut", "into_iter", "drain", "par_iter", "into_par_iter", "into_stream"),
        *("filter", "skip", "take", "rev", "chain", "skip_while", "take_while", "extract_if"),
        *("inspect", "peekable", "cloned", "copied", "step_by", "cycle", "by_ref", "fuse"),
        *("sorted", "unique", "sorted_by", "sorted_by_key", "buffered", "buffer_unordered"),
    )
)
_ONE: Final = frozenset(
    (
        *("next", "last", "nth", "find", "min_by_key", "max_by_key", "max", "min", "first", "get"),
        *("pop", "pop_front", "pop_back", "front", "back", "first_mut", "last_mut", "get_mut"),
        *("max_by", "min_by", "reduce", "peek", "recv", "try_next", "next_back"),
    )
)
_GIVING: Final = frozenset(("and_then", "then", "map_or", "map_or_else"))
"""Methods that give what their closure gives."""
_PLAIN: Final = {
    "map_ok": "map",
    "ok_or_else": "ok_or",
    "into_iter": "iter",
    "iter_mut": "iter",
    "into_values": "values",
    "values_mut": "values",
    "into_keys": "keys",
}
"""Methods that come to the same here as another."""
_TOLD: Final = frozenset(("unwrap", "expect", "unwrap_or", "unwrap_or_default", "unwrap_or_else"))


RANGE: Final = foreign("Range")
"""A range as an index takes a part, not one element."""


def awaited(of: Type | None) -> Type | None:
    """Give what a future gives; async functions are taken for what they give already."""
    of = _bound(of, _FUTURES)
    while of is not None and of.name in ("Pin", "Box") and of.first is not None:
        of = _bound(of.first, _FUTURES)
    if of is not None and of.sort is not Sort.FOREIGN:
        return of
    if of is not None and of.name == "JoinHandle":
        return foreign("Result", of.first, foreign("JoinError"))
    return of.first if of is not None and of.name in _FUTURES else of


def tried(of: Type | None) -> Type | None:
    """Give what ``?`` leaves of a value."""
    of = awaited(of)
    if _is_guard(of):
        return of  # what a lock of the standard library gives is a result
    is_holder = of is not None and of.sort is Sort.FOREIGN and of.name in HOLDERS
    return of.first if is_holder and of is not None else None


def item(of: Type | None) -> Type | None:
    """Give what a `for` loop over a value sees."""
    of = _bound(of, SEQUENCES)
    while of is not None and of.sort is Sort.FOREIGN and of.name in DEREFERENCED:
        of = _bound(of.first, SEQUENCES)
    if of is None or of.sort is not Sort.FOREIGN:
        return None
    if of.name in MAPS:
        return foreign("()", *of.args[:2])
    return of.first if of.name in SEQUENCES | HOLDERS else None


def seen_by_closure(
    of: Type | None, method: str, before: Sequence[Type | None]
) -> list[Type | None]:
    """Give the parameters of a closure handed to a method, after the arguments `before` it."""
    of = _through(of)
    if of is None or of.sort is not Sort.FOREIGN:
        return []
    if of.name in MAPS and method == "retain":
        return [*of.args]
    if of.name in HOLDERS:
        return [*of.args[1:]] if method in _ON_ERROR and not before else [of.first]
    return _seen_of_sequence(item(of), method, before)


def _seen_of_sequence(
    inner: Type | None, method: str, before: Sequence[Type | None]
) -> list[Type | None]:
    if method == "fold":
        return [before[0] if before else None, inner]
    if method in _PAIRED:
        return [inner, inner]
    if method == "format_with":
        return [inner, None]
    return [inner] if method in _EACH else []


def after(
    of: Type | None, method: str, args: Sequence[Type | None], given: Type | None = None
) -> Type | None:
    """Give what a method of the standard library returns; `given` is what ``::<…>`` says."""
    if method == "collect":
        return _collected(of, given)
    of = of or _only(method)
    is_own = method == "clone" or _is_result(of, method)
    of = of if is_own else _through(of)
    if of is None or of.sort is not Sort.FOREIGN:
        return of if method in KEPT else None
    if of.name in HOLDERS:
        return _after_holder(of, method, args)
    if of.name in MAPS:
        return _after_map(of, method, args)
    if of.name in SEQUENCES:
        return _after_sequence(of, method, args)
    return _after_other(of, method, args)


def constructed(path: Sequence[str], args: Sequence[Type | None]) -> Type | None:
    """Give what a function of another crate returns, by the path that names it."""
    first = args[0] if args else None
    last = path[-1]
    owner = path[-2] if len(path) > 1 else ""
    if last in ("new", "from") and owner in WRAPPING:
        return foreign(owner, first)
    if (owner in ("Box", "Arc", "Rc", "mem")) and last in ("pin", "take", "replace", "clone"):
        return first
    is_type = owner[:1].isupper() and owner != "Default"
    if is_type and last in ("new", "default", "with_capacity"):
        return foreign(owner)
    return _free(last, first, args)


def _free(name: str, first: Type | None, args: Sequence[Type | None]) -> Type | None:
    """Give what a function gives that goes by its name alone."""
    if name in ("spawn", "spawn_blocking", "spawn_local"):
        return foreign("JoinHandle", _called(first))
    if name == "join_all":
        return foreign("Vec", item(first))
    if name == "try_join_all":
        return _gathered(item(first))
    known = {
        "Some": foreign("Option", first),
        "Ok": foreign("Result", first),
        "Err": foreign("Result", None, first),
        "timeout": foreign("Result", args[-1] if args else None, foreign("Elapsed")),
    }
    return known.get(name)


def _only(method: str) -> Type | None:
    """Give the one type of the standard library that has a method."""
    if method in ("map_err", "is_ok", "is_err"):
        return foreign("Result", None)
    return foreign("Option", None) if method in ("ok_or", "ok_or_else") else None


def _called(of: Type | None) -> Type | None:
    return of.result if of is not None and of.sort is Sort.FN else of


def _gathered(of: Type | None) -> Type | None:
    is_result = of is not None and of.name == "Result"
    return foreign("Result", foreign("Vec", of.first), *of.args[1:]) if is_result and of else None


def _through(of: Type | None) -> Type | None:
    """Look through smart pointers, and take a parameter for what its bounds say."""
    of = _bound(of, SEQUENCES | _FUTURES)
    while _is_pointer(of):
        of = _bound(of.first if of else None, SEQUENCES | _FUTURES)
    return awaited(of)


def _is_pointer(of: Type | None) -> bool:
    return of is not None and of.sort is Sort.FOREIGN and of.name in DEREFERENCED


def _is_guard(of: Type | None) -> bool:
    return of is not None and of.sort is Sort.FOREIGN and of.name == "Guard"


def _is_result(of: Type | None, method: str) -> bool:
    """Tell whether a method is of the result in which a lock of the standard library gives it."""
    return _is_guard(of) and method in ("unwrap", "expect")


def _bound(of: Type | None, names: frozenset[str]) -> Type | None:
    if of is None or of.sort is not Sort.PARAM:
        return of
    foreign_ones = (bound for bound in of.bounds if bound.sort is Sort.FOREIGN)
    return next((bound for bound in foreign_ones if bound.name in names), of)


def _after_holder(of: Type, method: str, args: Sequence[Type | None]) -> Type | None:
    last = _called(args[-1]) if args else None
    rest = (*of.args[1:], None)
    known: dict[str, Type | None] = {
        "map": foreign(of.name, last, *of.args[1:]),
        "map_err": foreign("Result", of.first, last),
        "ok_or": foreign("Result", of.first, last),
        "ok": foreign("Option", of.first),
        "err": foreign("Option", rest[0]),
        "unwrap_err": rest[0],
        "flatten": of.first,
        "iter": foreign("Iterator", of.first),
        "transpose": _transposed(of),
    }
    if method in _TOLD:
        return of.first or last
    if method in _GIVING:
        return last
    if method.startswith("is_"):
        return BOOL
    return known.get(_PLAIN.get(method, method), of if method in SAME else None)


def _transposed(of: Type) -> Type | None:
    inner = of.first
    if inner is None or inner.name not in HOLDERS:
        return None
    return foreign(inner.name, foreign(of.name, inner.first), *inner.args[1:])


def _after_map(of: Type, method: str, _args: Sequence[Type | None]) -> Type | None:
    key, value = (*of.args, None, None)[:2]
    if method in ("get", "get_mut", "remove", "insert"):
        return foreign("Option", value)
    known = {
        "index": value,
        "values": foreign("Iterator", value),
        "keys": foreign("Iterator", key),
        "iter": foreign("Iterator", foreign("()", key, value)),
        "drain": foreign("Iterator", foreign("()", key, value)),
        "entry": foreign("Entry", value),
    }
    return known.get(_PLAIN.get(method, method), of if method in SAME else None)


def _after_sequence(of: Type, method: str, args: Sequence[Type | None]) -> Type | None:
    inner, first = of.first, args[0] if args else None
    if first == RANGE and method in ("index", "get", "get_mut"):
        return of if method == "index" else foreign("Option", of)
    last = _called(args[-1]) if args else None
    if method in _WHOLE:
        return foreign("Iterator", inner)
    if method in _ONE:
        return foreign("Option", inner)
    known: dict[str, Type | None] = {
        "map": foreign("Iterator", last),
        "then": foreign("Iterator", last),
        "filter_map": foreign("Iterator", item(last)),
        "flat_map": foreign("Iterator", item(last)),
        "map_while": foreign("Iterator", item(last)),
        "flatten": foreign("Iterator", item(inner)),
        "find_map": last,
        "enumerate": foreign("Iterator", foreign("()", foreign("usize"), inner)),
        "zip": foreign("Iterator", foreign("()", inner, item(first))),
        "chunks": foreign("Iterator", foreign("[]", inner)),
        "windows": foreign("Iterator", foreign("[]", inner)),
        "fold": first,
        "index": inner,
        "any": BOOL,
        "all": BOOL,
    }
    return known.get(method, of if method in SAME else None)


def _after_other(of: Type, method: str, args: Sequence[Type | None]) -> Type | None:
    if of.name in LOCKS and method in ("lock", "read", "write", "borrow", "borrow_mut"):
        return foreign("Guard", of.first)
    if of.name == "Entry" and method.startswith("or_"):
        return of.first
    if of.name == "*":
        return of if method in ("add", "sub", "offset", "cast_mut", "cast_const") else None
    if of.name == "bool" and method in ("then", "then_some"):
        return foreign("Option", _called(args[0]) if args else None)
    is_cell = of.name in ("RefCell", "Cell") and method in _EMPTYING
    if is_cell or method in ("get_or_init", "get_or_try_init"):
        return of.first
    return of if _is_result(of, method) or method in KEPT else None


def _collected(of: Type | None, given: Type | None) -> Type | None:
    if given is None:
        return None
    if given.name in SEQUENCES and given.first is None:
        return foreign(given.name, item(of))
    inner = given.first
    if given.name in HOLDERS and inner is not None and inner.name in SEQUENCES and not inner.first:
        each = item(of)
        return foreign(given.name, foreign(inner.name, each.first if each else None))
    return given
