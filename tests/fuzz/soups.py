"""Strategies for inputs that look like what the product reads, and are not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from tests.rust.generated import FILES, write

ROOT: Final = Path(__file__).parents[1]
_TOKENS: Final = (
    *("fn", "struct", "enum", "union", "trait", "impl", "const", "static", "type", "mod", "use"),
    *("macro_rules!", "extern", "crate", "pub", "pub(crate)", "unsafe", "async", "for", "where"),
    *("let", "if", "else", "match", "loop", "return", "move", "dyn", "self", "Self", "super"),
    *("a", "b", "Foo", "Bar", "go", "T", "r#fn", "café", "x!", "m!(", "vec![", "#[a]", "#![b]"),
    *("#[cfg(test)]", '#[doc = "d"]', "/// d", "//! i\n", "// c\n", "/* c */", "/*", "*/", "\n"),
    *("(", ")", "[", "]", "{", "}", "<", ">", "::", ".", ",", ";", ":", "=", "=>", "->", "&"),
    *("'a", "'x'", "'{'", '"', '"s"', '"{"', 'r#"', '"#', 'r#"}"#', "b'", "1", "0x", "1.", "..="),
    *("?", "!", "$", "$x:ident", "@", "\\", "~", "|", "||", "*", "+", "-", "#", "'", "\r\n", "\t"),
    *("\0", "\ufeff", "\u202e", "\u2028", "e\u0301", "\U0001f980", "`", "```"),
)
"""Rust's tokens, halves of them, and what is none."""
_ADDRESSED: Final = (
    *("fn", "impl", "extern", "crate", "use", "for", "as", "where", "mod", "macro_rules!", "!"),
    *("a", "b", "Foo", "Bar", "T", "r#a", "é", "e\u0301", "::", "<", ">", "(", ")", "[", "]"),
    *("{", "}", "#[", "#", ",", "&", "'a", '"C"', 'r"', "dyn", " ", "\n", "1", "//", "/*", "\0"),
)


@cache
def fragments() -> tuple[str, ...]:
    """Give stretches of real files of Rust, each of whole lines."""
    files = [*sorted(ROOT.glob("courier/src/**/*.rs")), *sorted(ROOT.glob("rust/*.rs"))]
    found = [
        part for file in files for part in re.split(r"\n\n(?=\S)", file.read_text(encoding="utf-8"))
    ]
    return tuple(part for part in found if len(part) < 1_500)


TOKENS: Final = st.sampled_from(_TOKENS)
SOUPS: Final = st.builds(str.join, st.sampled_from(("", " ", "\n")), st.lists(TOKENS, max_size=40))
_EDITS: Final = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(("insert", "delete", "double", "truncate")),
        st.integers(1, 30),
        TOKENS,
    ),
    max_size=4,
)


def edited(text: str, edits: list[tuple[int, str, int, str]]) -> str:
    """Give a text with some edits, whose places are in ten thousandths of it."""
    for place, kind, length, token in edits:
        at = place * len(text) // 10_000
        behind = {
            "insert": token + text[at:],
            "delete": text[at + length :],
            "double": text[at : at + length] + text[at:],
            "truncate": token,
        }[kind]
        text = text[:at] + behind
    return text


_REAL: Final = st.deferred(lambda: st.sampled_from(fragments()))
_MADE: Final = FILES.map(lambda plans: write(plans).code.decode())
MUTATED: Final = st.builds(
    edited, st.builds("\n".join, st.lists(_REAL, min_size=1, max_size=3)), _EDITS
)
SPLICED: Final = st.builds(edited, _MADE, _EDITS)
CODE: Final = st.one_of(SOUPS, MUTATED, MUTATED, SPLICED)
"""Rust: soup of tokens, edited fragments of real files, edited files of generated items."""
ADDRESSES: Final = st.builds(
    str.join, st.sampled_from(("", " ")), st.lists(st.sampled_from(_ADDRESSED), max_size=14)
)

_WORDS: Final = (
    *("the", "store", "puts", "`Store::put`", "`put`", "`put()`", "`nothing`", "`", "``", "```"),
    *("```rust\n", "```\n", "~~~\n", "\n", "\n\n", "- ", "> ", "1. ", "# ", "|a|", "a::b", "<"),
    *("Store::<T>::put", "<A<B>>::c", "http://x.y/a::b", "<https://x>", "\\`", "`a`b`", "`//`"),
    *("`<Error as From<u8>>::from`", "`kv_def!(AppKey)`", "`impl X`", "`#[a]`", '`r#"`', "\t"),
    *("`5 * 60`", "`\u202e`", "\0", "e\u0301", "`\ud800`", "\r\n", "    ", "`'`", '`"`', "`/*`"),
)
PROSE: Final = st.builds(
    str.join, st.sampled_from(("", " ")), st.lists(st.sampled_from(_WORDS), max_size=30)
)

_KEYS: Final = (
    *("system", "source", "git", "rev", "path", "root", "search", "license", "layers", "entries"),
    *("attributes", "items", "limits", "request_words", "similar", "own_spans", "max_tokens"),
    *("repeated", "words_a_span", "packages", "package", "lib", "name", "dependencies"),
    *("workspace", "target", '"a b"', "x-y"),
)
_VALUES: Final = (
    *('"x"', '""', "''", '"""\nx"""', "1", "-1", "0", "1.5", "nan", "inf", "true", "[]", "[1, 2]"),
    *('["a", 1]', '["core/**"]', "{}", "{ path = '..' }", "{ workspace = true }", "[[]]", "0x1F"),
    *(f'"{"a" * 40}"', "9" * 5_000, "[0.1, 0.3]", "[3, 2]", "1979-05-27", "12:00:00", '"\\u0000"'),
    *('"\\uD800"', '"/"', '["**"]', '["["]', "[200, 40]", "2024-13-41", '"a', "[" * 2_000),
)
_LINES: Final = st.one_of(
    st.builds("{} = {}\n".format, st.sampled_from(_KEYS), st.sampled_from(_VALUES)),
    st.builds("[{}]\n".format, st.sampled_from(_KEYS)),
    st.sampled_from(("[[a]]\n", "# c\n", "a.b.c = 1\n", "\0\n", "\ufeff", "= 1\n", "[a\n", "\r")),
)
_SOUND: Final = 'system = "x"\n[source]\npath = "y"\n'
TOML: Final = st.builds(
    edited,
    st.builds(
        str.__add__, st.sampled_from(("", _SOUND)), st.lists(_LINES, max_size=10).map("".join)
    ),
    st.just([]) | _EDITS,
)

JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(("a.rs", "go", "fn", "chatml", "system", "user", "assistant")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    *(
                        "type",
                        "messages",
                        "role",
                        "content",
                        "whole",
                        "jsonl",
                        "sha256",
                        "fragments",
                    ),
                    *("file", "address", "kind", "revision", "scan", "totals", "features", "drift"),
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
