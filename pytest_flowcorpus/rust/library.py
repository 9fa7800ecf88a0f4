"""What the standard library, and a few crates that most servers use, do with types.

Only what tells the type of an expression: signatures are facts of the documentation,
https://doc.rust-lang.org/std/, https://docs.rs/tokio, https://docs.rs/futures, https://docs.rs/axum.
"""

from __future__ import annotations

from typing import Final

DEREFERENCED: Final = frozenset(
    (
        *("Arc", "Box", "Rc", "Pin", "Cow", "LazyLock", "LazyCell", "Lazy", "Ref", "RefMut"),
        *("MutexGuard", "RwLockReadGuard", "RwLockWriteGuard", "OwnedMutexGuard", "Guard"),
        *("State", "Json", "Extension", "Path", "Query", "Form", "ManuallyDrop", "Reverse"),
    )
)
"""Types that lead to their first argument: https://doc.rust-lang.org/std/ops/trait.Deref.html"""

POINTERS: Final = frozenset(
    (
        *("Arc", "Box", "Rc", "Pin", "Cow", "State", "Json", "Extension", "Path", "Query"),
        *("Form", "Reverse"),
    )
)
"""Pointers that have what `OWN_METHODS` says themselves, and do not lend it from behind."""
OWN_METHODS: Final = frozenset(
    ("clone", "cmp", "partial_cmp", "eq", "ne", "fmt", "hash", "borrow", "as_ref", "as_mut", "next")
)
SLICES: Final = {
    "String": "str",
    "Vec": "[]",
    "PathBuf": "Path",
    "OsString": "OsStr",
    "CString": "CStr",
}
"""Owned types, and the borrowed ones whose methods they have."""
KEPT: Final = frozenset(
    (
        *("clone", "to_owned", "as_ref", "as_mut", "borrow", "borrow_mut", "by_ref", "boxed"),
        *("instrument", "in_current_span", "boxed_local", "as_deref", "shared", "cloned", "copied"),
    )
)
"""Methods that keep the type of whatever they are called on."""

SAME: Final = KEPT | frozenset(
    (
        *("as_deref_mut", "fuse", "or", "or_else", "filter", "inspect", "inspect_err", "take"),
        *("rev", "skip", "take_while", "skip_while", "chain", "peekable", "step_by", "cycle"),
        *("as_slice", "as_mut_slice", "to_vec", "into_boxed_slice", "as_pin_mut", "to_uppercase"),
        *("sorted", "sorted_by", "dedup", "xor", "into_stream", "replace", "iter", "deref"),
        *("unique", "max", "min", "with_context", "context", "deref_mut"),
    )
)
"""Methods whose result is, for all that is asked here, of the receiver's type."""

HOLDERS: Final = frozenset(("Option", "Result"))
SEQUENCES: Final = frozenset(
    (
        *("Vec", "[]", "VecDeque", "HashSet", "BTreeSet", "IndexSet", "LinkedList", "BinaryHeap"),
        *("Iterator", "IntoIterator", "Stream", "DoubleEndedIterator", "ExactSizeIterator"),
        *("FuturesUnordered", "Drain", "IntoIter", "Iter", "SmallVec", "Receiver", "BoxStream"),
    )
)
"""Types that give values of their first argument, one by one."""
MAPS: Final = frozenset(("HashMap", "BTreeMap", "IndexMap", "DashMap"))

_OF_CONTAINERS: Final = frozenset(
    (
        *("len", "is_empty", "iter", "push", "insert", "get", "get_mut", "remove", "contains"),
        *("clear", "first", "last", "join", "split", "trim", "starts_with", "ends_with", "chars"),
        *("bytes", "as_str", "as_bytes", "sort", "drain", "retain", "keys", "values", "entry"),
        *("contains_key", "pop", "concat", "repeat", "find", "replace", "lines", "truncate"),
    )
)
METHODS: Final = dict.fromkeys(
    ("String", "str", "Vec", "[]", "HashMap", "HashSet", "BTreeMap", "VecDeque"), _OF_CONTAINERS
) | {
    "Option": frozenset(
        (
            *("map", "and_then", "or", "or_else", "ok_or", "ok_or_else", "unwrap", "expect"),
            *("unwrap_or", "unwrap_or_else", "unwrap_or_default", "is_some", "is_none", "filter"),
            *("as_ref", "as_mut", "take", "replace", "insert", "get_or_insert_with", "iter", "zip"),
            *("flatten", "cloned", "copied", "transpose", "map_or", "map_or_else", "as_deref"),
            *("is_some_and", "is_none_or", "inspect", "unzip", "xor"),
        )
    ),
    "Result": frozenset(
        (
            *("map", "map_err", "and_then", "or_else", "ok", "err", "unwrap", "expect", "is_ok"),
            *("unwrap_or", "unwrap_or_else", "unwrap_or_default", "is_err", "as_ref", "as_mut"),
            *("iter", "transpose", "map_or", "map_or_else", "inspect", "inspect_err", "unwrap_err"),
            *("is_ok_and", "is_err_and", "expect_err", "flatten", "cloned", "copied", "as_deref"),
        )
    ),
}
"""Inherent methods, which come before those of any trait."""

KNOWN: Final = (
    HOLDERS
    | SEQUENCES
    | MAPS
    | {
        "()",
        "*",
        "JoinHandle",
        "Guard",
        "Entry",
        "str",
        "String",
        "bool",
        "Mutex",
        "RwLock",
        "RefCell",
    }
)
"""Types of which it is known that they do not lead to their arguments."""
WRAPPING: Final = frozenset(
    (
        *("Arc", "Box", "Rc", "Mutex", "RwLock", "RefCell", "Cell", "Some", "Cow", "Pin", "Json"),
        *("OnceCell", "OnceLock", "Reverse", "Extension", "ManuallyDrop", "Option"),
    )
)
"""Types that a value is put into: `Arc::new(x)` is an `Arc` of what `x` is."""
LOCKS: Final = frozenset(("Mutex", "RwLock", "RefCell"))

SILENT_MACROS: Final = frozenset(
    (
        *("stringify", "concat", "line", "column", "file", "module_path", "cfg", "env"),
        *("option_env", "include", "include_str", "include_bytes", "compile_error"),
    )
)
"""Macros of the language that run nothing of what they are given."""
SPEAKS_FOR: Final = {
    "unwrap_or_default": "default",
    "or_default": "default",
    "into": "from",
    "try_into": "try_from",
    "parse": "from_str",
    "to_string": "fmt",
    "collect": "from_iter",
}
"""Methods that end in another of a type that only inference knows."""

_ARITHMETIC: Final = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "bitand",
    "|": "bitor",
    "^": "bitxor",
    "<<": "shl",
    ">>": "shr",
}
OPERATORS: Final = (
    _ARITHMETIC
    | {f"{sign}=": f"{name}_assign" for sign, name in _ARITHMETIC.items()}
    | {"==": "eq", "!=": "eq"}
    | dict.fromkeys(("<", "<=", ">", ">="), "partial_cmp")
)
"""Operators, and the members that overload them: https://doc.rust-lang.org/std/ops/"""

EXPRESSION_MACROS: Final = frozenset(
    (
        *("assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "dbg", "vec"),
        *("print", "println", "eprint", "eprintln", "format", "format_args", "write", "writeln"),
        *("panic", "todo", "unimplemented", "unreachable", "matches", "debug_assert_ne", "json"),
        *("trace", "debug", "info", "warn", "error", "event", "span", "log", "bail", "ensure"),
        *("trace_span", "debug_span", "info_span", "warn_span", "error_span", "anyhow", "select"),
        *("join", "try_join", "pin", "ready", "hashmap", "try"),
    )
)
"""Macros of the standard library and of crates that most servers use: they bind no name, or as
`select!` does, by ``pattern = …``."""
