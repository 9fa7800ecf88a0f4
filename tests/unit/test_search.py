from __future__ import annotations

from pathlib import Path

import pytest

from pytest_flowcorpus import globs
from pytest_flowcorpus.corpus import Override, load_corpus
from pytest_flowcorpus.lexed import encoded
from pytest_flowcorpus.rust.tokens import significant
from pytest_flowcorpus.search import Search

SETTINGS = 'system = "x"\n[source]\npath = "rust"\nroot = "src"\nsearch = ["tests/**/*.rs"]\n'

TESTS = """\
#[test]
fn plain() {}

/// Documented.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "slow"]
pub(crate) async fn with_runtime() {}

#[rstest]
#[case(1)]
fn with_cases(#[case] one: u8) {}

mod inner {
    #[sqlx::test]
    unsafe extern "C" fn in_a_module() {}
}

proptest! {
    #[test]
    fn in_a_macro(x in 0..3) {}
    fn helper_in_a_macro() {}
}

#[cfg(test)]
fn helper() {}

#[doc = "#[test]"]
fn quoted() {}

// #[test]
fn commented() {}

#[test]
const ONE: u8 = 1;
fn after() {}
"""


@pytest.fixture
def search(tmp_path: Path) -> Search:
    files: dict[str, str | bytes] = {
        "flowcorpus.toml": SETTINGS,
        "rust/src/store/mod.rs": "fn put() { Duration::from_secs(1); }\n",
        "rust/src/store/disk.rs": "// Disk::open\nfn open() { a :: b(); }\n",
        "rust/tests/it/e2e.rs": TESTS,
        "rust/other/far.rs": "#[test]\nfn far_away() { far::away() }\n",
        "rust/src/broken.rs": b"\xff #[test] fn unread() {}",
        "rust/src/note.md": "words",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_corpus(tmp_path).open(Override()).search


@pytest.mark.parametrize(
    "name", ["plain", "with_runtime", "with_cases", "in_a_module", "in_a_macro"]
)
def test_a_test_is_a_function_with_a_tests_attribute(search: Search, name: str) -> None:
    assert search.test(name) == "tests/it/e2e.rs"


@pytest.mark.parametrize(
    "name",
    ["helper", "helper_in_a_macro", "quoted", "commented", "after", "ONE", "plai", "far_away"],
)
def test_nothing_else_is_a_test(search: Search, name: str) -> None:
    assert search.test(name) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("disk", "src/store/disk.rs"),
        ("disk.rs", "src/store/disk.rs"),
        ("store/disk.rs", "src/store/disk.rs"),
        ("src/store/disk.rs", "src/store/disk.rs"),
        ("store", "src/store/mod.rs"),
        ("store/mod.rs", "src/store/mod.rs"),
        ("note.md", "src/note.md"),
        ("e2e", "tests/it/e2e.rs"),
        ("dis", None),
        ("isk.rs", None),
        ("e/disk.rs", None),
        ("far", None),
        ("Disk", None),
    ],
)
def test_a_file_goes_by_its_name_its_stem_and_the_end_of_its_path(
    search: Search, name: str, path: str | None
) -> None:
    assert search.file(name) == path


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("Duration::from_secs", "src/store/mod.rs"),
        ("a::b", "src/store/disk.rs"),
        ("Duration::from_sec", None),
        ("uration::from_secs", None),
        ("Disk::open", None),
        ("far::away", None),
    ],
)
def test_code_is_found_by_whole_tokens_outside_of_comments(
    search: Search, code: str, path: str | None
) -> None:
    assert search.code(list(significant(encoded(code)))) == path


@pytest.mark.parametrize(
    ("glob", "path", "is_meant"),
    [
        ("server/**/*.rs", "server/a.rs", True),
        ("server/**/*.rs", "server/a/b/c.rs", True),
        ("server/**/*.rs", "server/a.toml", False),
        ("*.rs", "a.rs", True),
        ("*.rs", "v1/a.rs", False),
        ("v1/**", "v1/a/b.rs", True),
        ("v1/**", "v10/a.rs", False),
        ("**/a/*.rs", "a/a/b.rs", True),
        ("?.rs", "a.rs", True),
        ("?.rs", "ab.rs", False),
        ("a.rs", "aXrs", False),
        ("a[b].rs", "a[b].rs", True),
    ],
)
def test_a_star_stays_inside_a_name_and_two_stand_for_any_folders(
    glob: str, path: str, *, is_meant: bool
) -> None:
    assert bool(globs.pattern([glob]).fullmatch(path)) is is_meant
    assert not globs.pattern([]).fullmatch(path)
