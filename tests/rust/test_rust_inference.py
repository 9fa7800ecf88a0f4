"""What methods and functions of the standard library do with types, as its documentation says."""

from __future__ import annotations

import re

import pytest

from pytest_flowcorpus.rust.inference import (
    RANGE,
    after,
    awaited,
    constructed,
    item,
    seen_by_closure,
    tried,
)
from pytest_flowcorpus.rust.types import Sort, Type, foreign, unified

_TOKEN = re.compile(r"\w+|[<>()\[\],*]")


def read(text: str) -> Type | None:
    """Read a type: one capital letter is of ours, ``_`` is not known, ``fn M`` is a closure."""
    if text == "Range":
        return RANGE
    if text.startswith("fn "):
        return Type(Sort.FN, "fn", result=read(text.removeprefix("fn ")))
    [found] = _types(_TOKEN.findall(text))
    return found


def _types(tokens: list[str]) -> list[Type | None]:
    """Read types between commas, up to the bracket that closes them."""
    found: list[Type | None] = []
    while tokens and tokens[0] not in (">", ")", "]"):
        name = tokens.pop(0)
        if name == ",":
            continue
        bracket = name in ("(", "[")
        args = []
        if bracket or (tokens and tokens[0] == "<"):
            if not bracket:
                tokens.pop(0)
            args = _types(tokens)
            tokens.pop(0)
        whole = {"(": "()", "[": "[]"}.get(name, name)
        is_ours = len(whole) == 1 and whole.isupper()
        ours = Type(Sort.LOCAL, whole, args=tuple(args))
        found.append(None if name == "_" else ours if is_ours else foreign(whole, *args))
    return found


def shown(found: Type | None) -> str:
    return "_" if found is None else str(found)


OF_HOLDERS = """
Option<M> map fn N -> Option<N>
Option<M> map N -> Option<N>
Option<M> map fn _ -> Option<_>
Result<M, E> map fn N -> Result<N, E>
Result<M, E> map_ok fn N -> Result<N, E>
Result<M, E> map_err fn N -> Result<M, N>
Option<M> ok_or E -> Result<M, E>
Option<M> ok_or_else fn E -> Result<M, E>
Result<M, E> ok -> Option<M>
Result<M, E> err -> Option<E>
Result<M> err -> Option<_>
Result<M, E> unwrap_err -> E
Result<M> unwrap_err -> _
Option<Option<M>> flatten -> Option<M>
Option<M> iter -> Iterator<M>
Option<M> into_iter -> Iterator<M>
Option<M> iter_mut -> Iterator<M>
Option<Result<M, E>> transpose -> Result<Option<M>, E>
Result<Option<M>, E> transpose -> Option<Result<M>>
Option<M> transpose -> _
Option<_> transpose -> _
Option<M> unwrap -> M
Option<M> expect str -> M
Option<M> unwrap_or M -> M
Option<_> unwrap_or N -> N
Option<_> unwrap_or_else fn N -> N
Option<M> unwrap_or_default -> M
Option<_> unwrap -> _
Option<M> and_then fn Option<N> -> Option<N>
Option<M> map_or N fn N -> N
Option<M> map_or_else fn N fn N -> N
Option<M> is_some -> bool
Result<M, E> is_ok_and fn bool -> bool
Option<M> filter fn bool -> Option<M>
Option<M> or Option<M> -> Option<M>
Result<M, E> inspect_err fn () -> Result<M, E>
Option<M> take -> Option<M>
Option<M> zip Option<N> -> _
Option<M> elsewhere -> _
Box<Option<M>> unwrap -> M
_ map_err fn N -> Result<_, N>
_ ok_or N -> Result<_, N>
_ ok_or_else fn N -> Result<_, N>
_ is_ok -> bool
_ is_err -> bool
_ map fn N -> _
_ unwrap -> _
"""

OF_MAPS = """
HashMap<K, V> get K -> Option<V>
HashMap<K, V> get_mut K -> Option<V>
BTreeMap<K, V> remove K -> Option<V>
DashMap<K, V> insert K V -> Option<V>
IndexMap<K, V> index K -> V
HashMap<K, V> values -> Iterator<V>
HashMap<K, V> values_mut -> Iterator<V>
HashMap<K, V> into_values -> Iterator<V>
HashMap<K, V> keys -> Iterator<K>
HashMap<K, V> into_keys -> Iterator<K>
HashMap<K, V> iter -> Iterator<(K, V)>
HashMap<K, V> iter_mut -> Iterator<(K, V)>
HashMap<K, V> into_iter -> Iterator<(K, V)>
HashMap<K, V> drain -> Iterator<(K, V)>
HashMap<K, V> entry K -> Entry<V>
HashMap<K, V> clone -> HashMap<K, V>
HashMap<K, V> contains_key K -> _
HashMap<K> get K -> Option<_>
HashMap keys -> Iterator<_>
Entry<V> or_default -> V
Entry<V> or_insert_with fn V -> V
Entry<V> key -> _
"""

OF_SEQUENCES = """
Vec<M> iter -> Iterator<M>
Vec<M> into_iter -> Iterator<M>
Vec<M> drain Range -> Iterator<M>
Iterator<M> rev -> Iterator<M>
Iterator<M> next -> Option<M>
Vec<M> first -> Option<M>
VecDeque<M> pop_front -> Option<M>
Receiver<M> recv -> Option<M>
Vec<M> get usize -> Option<M>
Vec<M> get Range -> Option<Vec<M>>
Vec<M> get_mut Range -> Option<Vec<M>>
Vec<M> index usize -> M
Vec<M> index Range -> Vec<M>
Iterator<M> map fn N -> Iterator<N>
Stream<M> then fn N -> Iterator<N>
Iterator<M> filter_map fn Option<N> -> Iterator<N>
Iterator<M> flat_map fn Vec<N> -> Iterator<N>
Iterator<M> map_while fn Option<N> -> Iterator<N>
Iterator<Vec<M>> flatten -> Iterator<M>
Iterator<M> find_map fn Option<N> -> Option<N>
Iterator<M> enumerate -> Iterator<(usize, M)>
Iterator<M> zip Vec<N> -> Iterator<(M, N)>
Vec<M> chunks usize -> Iterator<[M]>
Vec<M> windows usize -> Iterator<[M]>
Vec<M> first_chunk -> _
Iterator<M> fold N fn N -> N
Iterator<M> any fn bool -> bool
Iterator<M> all fn bool -> bool
Vec<M> clone -> Vec<M>
Vec<M> to_vec -> Vec<M>
Vec<M> len -> _
Vec<M> map -> Iterator<_>
Arc<Vec<M>> iter -> Iterator<M>
Iterator<M> collect -> _
"""

OF_OTHERS = """
Mutex<M> lock -> Guard<M>
RwLock<M> read -> Guard<M>
RwLock<M> write -> Guard<M>
RefCell<M> borrow -> Guard<M>
RefCell<M> borrow_mut -> Guard<M>
Arc<Mutex<M>> lock -> Guard<M>
Mutex<M> elsewhere -> _
RefCell<M> into_inner -> M
RefCell<M> take -> M
Cell<M> replace M -> M
Cell<M> get -> M
Mutex<M> get -> _
OnceCell<M> get_or_init fn M -> M
OnceLock<M> get_or_try_init fn M -> M
Guard<M> unwrap -> Guard<M>
Guard<Option<M>> expect str -> Guard<Option<M>>
Guard<Option<M>> take -> Option<M>
Guard<M> elsewhere -> _
*<M> add usize -> *<M>
*<M> cast_const -> *<M>
*<M> read -> _
bool then fn M -> Option<M>
bool then_some M -> Option<M>
bool then -> Option<_>
bool clone -> bool
String clone -> String
String len -> _
M clone -> M
M boxed -> M
M elsewhere -> _
Arc<M> clone -> Arc<M>
Arc<M> to_owned -> M
Arc<M> elsewhere -> _
Future<M> boxed -> M
"""


def rows(table: str) -> list[str]:
    return table.strip().splitlines()


def parted(told: str) -> list[str]:
    """Split words, but not what stands in brackets or after ``fn``."""
    words: list[str] = []
    for word in told.split():
        is_open = bool(words) and (
            words[-1].endswith("fn")
            or sum(map(words[-1].count, "<([")) > sum(map(words[-1].count, ">)]"))
        )
        if is_open:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


@pytest.mark.parametrize(
    "row", [*rows(OF_HOLDERS), *rows(OF_MAPS), *rows(OF_SEQUENCES), *rows(OF_OTHERS)]
)
def test_a_method_gives(row: str) -> None:
    asked, expected = row.split(" -> ")
    on, method, *args = parted(asked)
    assert shown(after(read(on), method, [read(arg) for arg in args])) == expected


@pytest.mark.parametrize(
    ("on", "given", "expected"),
    [
        ("Iterator<M>", "Vec", "Vec<M>"),
        ("Iterator<M>", "Vec<_>", "Vec<M>"),
        ("Iterator<M>", "Vec<N>", "Vec<N>"),
        ("HashMap<K, V>", "Vec", "Vec<(K, V)>"),
        ("Iterator<Result<M, E>>", "Result<Vec>", "Result<Vec<M>>"),
        ("Iterator<_>", "Result<Vec>", "Result<Vec<_>>"),
        ("Iterator<Option<M>>", "Option<HashSet<_>>", "Option<HashSet<M>>"),
        ("Iterator<Result<M, E>>", "Result<Vec<N>, E>", "Result<Vec<N>, E>"),
        ("Iterator<M>", "Result<N, E>", "Result<N, E>"),
        ("Iterator<M>", "N", "N"),
        ("Iterator<M>", "String", "String"),
        ("Iterator<M>", "HashMap<Vec, M>", "HashMap<Vec, M>"),
    ],
)
def test_what_is_collected_is_of_the_type_that_is_asked_for(
    on: str, given: str, expected: str
) -> None:
    assert shown(after(read(on), "collect", [], read(given))) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("Future<M>", "M"),
        ("BoxFuture<M>", "M"),
        ("Pin<Box<Future<M>>>", "M"),
        ("Box<M>", "M"),
        ("Box<_>", "Box<_>"),
        ("Pin", "Pin"),
        ("JoinHandle<M>", "Result<M, JoinError>"),
        ("Vec<M>", "Vec<M>"),
        ("M<N>", "M<N>"),
        ("_", "_"),
    ],
)
def test_an_await_gives(on: str, expected: str) -> None:
    assert shown(awaited(read(on))) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("Option<M>", "M"),
        ("Result<M, E>", "M"),
        ("Future<Result<M, E>>", "M"),
        ("JoinHandle<M>", "M"),
        ("Guard<M>", "Guard<M>"),
        ("Vec<M>", "_"),
        ("M<N>", "_"),
        ("_", "_"),
    ],
)
def test_a_question_mark_leaves(on: str, expected: str) -> None:
    assert shown(tried(read(on))) == expected


def test_a_type_of_ours_that_is_called_like_one_of_std_is_none() -> None:
    for name in ("Option", "Guard", "Vec", "HashMap", "Future", "JoinHandle", "Mutex", "Arc"):
        ours = Type(Sort.LOCAL, name, args=(foreign("M"),))
        assert awaited(ours) == ours
        assert (tried(ours), item(ours)) == (None, None)
        assert seen_by_closure(ours, "map", []) == []
        for method in ("unwrap", "iter", "get", "lock", "next"):
            assert after(ours, method, []) is None


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("Vec<M>", "M"),
        ("[M]", "M"),
        ("Option<M>", "M"),
        ("Result<M, E>", "M"),
        ("HashMap<K, V>", "(K, V)"),
        ("Arc<Vec<M>>", "M"),
        ("Box<Arc<Vec<M>>>", "M"),
        ("Mutex<M>", "_"),
        ("M<N>", "_"),
        ("Arc<_>", "_"),
        ("_", "_"),
    ],
)
def test_a_loop_sees(on: str, expected: str) -> None:
    assert shown(item(read(on))) == expected


@pytest.mark.parametrize(
    ("on", "method", "before", "expected"),
    [
        ("Vec<M>", "for_each", [], ["M"]),
        ("Vec<M>", "fold", ["N"], ["N", "M"]),
        ("Vec<M>", "fold", [], ["_", "M"]),
        ("Vec<M>", "sort_by", [], ["M", "M"]),
        ("Vec<M>", "reduce", [], ["M", "M"]),
        ("Vec<M>", "format_with", ["str"], ["M", "_"]),
        ("Vec<M>", "elsewhere", [], []),
        ("Arc<Vec<M>>", "retain", [], ["M"]),
        ("HashMap<K, V>", "retain", [], ["K", "V"]),
        ("HashMap<K, V>", "for_each", [], ["(K, V)"]),
        ("Option<M>", "map", [], ["M"]),
        ("Result<M, E>", "map", [], ["M"]),
        ("Result<M, E>", "map_err", [], ["E"]),
        ("Result<M, E>", "unwrap_or_else", [], ["E"]),
        ("Option<M>", "unwrap_or_else", [], []),
        ("Result<M, E>", "map_or_else", [], ["E"]),
        ("Result<M, E>", "map_or_else", ["fn N"], ["M"]),
        ("Option<M>", "map_or_else", [], []),
        ("Option<M>", "map_or_else", ["fn N"], ["M"]),
        ("Option<M>", "map_or", ["N"], ["M"]),
        ("M", "map", [], []),
        ("_", "map", [], []),
    ],
)
def test_a_closure_sees(on: str, method: str, before: list[str], expected: list[str]) -> None:
    seen = seen_by_closure(read(on), method, [read(arg) for arg in before])
    assert [shown(one) for one in seen] == expected


@pytest.mark.parametrize(
    ("path", "args", "expected"),
    [
        ("Arc::new", ["M"], "Arc<M>"),
        ("Box::from", ["M"], "Box<M>"),
        ("Some", ["M"], "Option<M>"),
        ("Some", [], "Option<_>"),
        ("Ok", ["M"], "Result<M>"),
        ("Result::Err", ["M"], "Result<_, M>"),
        ("Box::pin", ["M"], "M"),
        ("Arc::clone", ["Arc<M>"], "Arc<M>"),
        ("Rc::clone", ["Rc<M>"], "Rc<M>"),
        ("mem::take", ["M"], "M"),
        ("std::mem::replace", ["M", "M"], "M"),
        ("Vec::new", [], "Vec"),
        ("HashMap::with_capacity", ["usize"], "HashMap"),
        ("Client::default", [], "Client"),
        ("Default::default", [], "_"),
        ("module::new", [], "_"),
        ("new", [], "_"),
        ("Vec::elsewhere", [], "_"),
        ("Vec::take", ["M"], "_"),
        ("tokio::spawn", ["M"], "JoinHandle<M>"),
        ("spawn_blocking", ["fn M"], "JoinHandle<M>"),
        ("task::spawn_local", ["M"], "JoinHandle<M>"),
        ("join_all", ["Vec<M>"], "Vec<M>"),
        ("try_join_all", ["Vec<Result<M, E>>"], "Result<Vec<M>, E>"),
        ("try_join_all", ["Vec<M>"], "_"),
        ("try_join_all", ["M"], "_"),
        ("tokio::time::timeout", ["Duration", "M"], "Result<M, Elapsed>"),
        ("timeout", [], "Result<_, Elapsed>"),
        ("elsewhere", ["M"], "_"),
    ],
)
def test_a_function_gives(path: str, args: list[str], expected: str) -> None:
    assert shown(constructed(path.split("::"), [read(arg) for arg in args])) == expected


def test_a_parameter_is_taken_for_what_its_bounds_say() -> None:
    def bound(*bounds: str) -> Type:
        found = [one for one in map(read, bounds) if one is not None]
        return Type(Sort.PARAM, "T", bounds=tuple(found))

    assert shown(awaited(bound("Send", "Future<M>"))) == "M"
    assert shown(item(bound("Send", "IntoIterator<M>"))) == "M"
    assert shown(item(foreign("Box", bound("Iterator<M>")))) == "M"
    assert shown(awaited(foreign("Box", bound("Future<M>")))) == "M"
    assert shown(after(bound("Iterator<M>"), "next", [])) == "Option<M>"
    assert shown(after(foreign("Box", bound("Iterator<M>")), "next", [])) == "Option<M>"
    assert [shown(one) for one in seen_by_closure(bound("Iterator<M>"), "map", [])] == ["M"]
    assert item(bound("Send")) is None
    ours = Type(Sort.LOCAL, "Iterator", args=(foreign("M"),))
    assert item(Type(Sort.PARAM, "T", bounds=(ours,))) is None


@pytest.mark.parametrize(
    ("pattern", "actual", "found"),
    [
        ("T", "Vec<M>", {"T": "Vec<M>"}),
        ("Vec<T>", "Vec<M>", {"T": "M"}),
        ("Vec<T>", "Option<M>", None),
        ("(Vec<T>, Option<U>, S)", "(Vec<M>, Option<N>, E)", {"T": "M", "U": "N", "S": "E"}),
        ("Result<Vec<T>, U>", "Result<Vec<M>, E>", {"T": "M", "U": "E"}),
        ("(M, T)", "(N, M)", None),
        ("(T, M)", "(M, N)", None),
        ("(Vec<M>, T)", "(Vec<N>, M)", None),
        ("(_, T)", "(M, N)", {"T": "N"}),
        ("(T, U)", "(_, N)", {"U": "N"}),
        ("fn T", "fn M", {"T": "M"}),
        ("Vec<M>", "T", None),
        ("Vec<M>", "Vec<T>", {}),
        ("_", "M", None),
        ("M", "_", None),
    ],
)
def test_a_pattern_of_types_fits(pattern: str, actual: str, found: dict[str, str] | None) -> None:
    bound = unified(_open(read(pattern)), _open(read(actual)))
    assert (None if bound is None else {name: shown(of) for name, of in bound.items()}) == found


def _open(of: Type | None) -> Type | None:
    """Take types called S, T and U for parameters."""
    if of is None:
        return None
    if of.name in ("S", "T", "U"):
        return Type(Sort.PARAM, of.name)
    args = tuple(map(_open, of.args))
    return Type(of.sort, of.name, args=args, result=_open(of.result))
