"""rustc's own parser sees the items where we see them: kind, path and span, all of them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_flowcorpus.rust import AddressError, BrokenItem, Item, Kind, RustFile
from pytest_flowcorpus.rust.grammar import BLOCKS
from pytest_flowcorpus.rust.items import read, read_body
from pytest_flowcorpus.rust.lookup import Lookup
from pytest_flowcorpus.rust.naming import address
from tests.rust.rustc_ast import Refused, RustcItem, rustc_items

HERE = Path(__file__).parent
COURIER = sorted((HERE.parent / "courier/src").rglob("*.rs"))

Seen = tuple[str, tuple[str, ...], int, int]


def by_rustc(path: Path) -> list[RustcItem]:
    try:
        return rustc_items(path)
    except Refused as refusal:
        pytest.skip(str(refusal))


@pytest.fixture(scope="session")
def rustc(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where rustc does not print its tree; where it does, no file may be refused."""
    probe = tmp_path_factory.mktemp("rustc") / "probe.rs"
    probe.write_text("fn probe() {}\n", encoding="utf-8")
    assert [item.path for item in by_rustc(probe)] == [("probe",)]


def all_items(code: bytes) -> list[Item]:
    """Give the items of a file, those in function bodies too."""
    found = list(read(code).items)
    for item in found:  # grows on the way
        if item.kind in BLOCKS and not item.is_broken and item.body[0] < item.body[1]:
            found.extend(read_body(code, item).items)
    return found


def label(item: Item) -> str:
    if item.kind is not Kind.IMPL:
        return item.name
    trait, self_type = (re.sub(r"//.*|/\*.*?\*/|\s+", "", part.decode()) for part in item.head)
    return f"<{self_type} as {trait}>"


def by_us(code: bytes) -> list[Seen]:
    """Give what we serve: items that are in doubt are refused, never served."""
    return sorted(
        (str(item.kind), path(item), item.outer, item.end)
        for item in all_items(code)
        if not item.is_broken
    )


def path(item: Item) -> tuple[str, ...]:
    return tuple(label(one) for one in [item, *item.enclosing()][::-1])


def seen_by_rustc(items: list[RustcItem]) -> list[Seen]:
    return sorted((item.kind, item.path, item.start, item.end) for item in items)


@pytest.mark.usefixtures("rustc")
@pytest.mark.parametrize("path", [HERE / "torture.rs", *COURIER], ids=lambda path: path.stem)
def test_every_item_stands_where_rustc_sees_it(path: Path) -> None:
    expected = seen_by_rustc(rustc_items(path))
    assert expected
    assert by_us(path.read_bytes()) == expected


@pytest.mark.usefixtures("rustc")
def test_every_item_of_svix_stands_where_rustc_sees_it(svix_tree: Path) -> None:
    paths = sorted((svix_tree / "server").rglob("*.rs"))
    with ThreadPoolExecutor() as pool:
        dumps = list(pool.map(rustc_items, paths))
    wrong = [
        str(path.relative_to(svix_tree))
        for path, items in zip(paths, dumps, strict=True)
        if by_us(path.read_bytes()) != seen_by_rustc(items)
    ]
    assert (len(paths), sum(map(len, dumps)), wrong) == (85, 2721, [])


@pytest.mark.usefixtures("rustc")
def test_the_torture_file_survives_crlf_and_a_byte_order_mark(tmp_path: Path) -> None:
    code = (HERE / "torture.rs").read_bytes().split(b"\n", 1)[1]
    path = tmp_path / "torture.rs"
    path.write_bytes(b"\xef\xbb\xbf" + code.replace(b"\n", b"\r\n"))
    assert by_us(path.read_bytes()) == seen_by_rustc(rustc_items(path))


@pytest.mark.usefixtures("rustc")
def test_what_the_grammar_does_not_know_is_never_served_wrongly() -> None:
    path = HERE / "beyond.rs"
    code = path.read_bytes()
    known = seen_by_rustc(rustc_items(path))
    served = by_us(code)
    assert [item for item in served if item not in known] == []
    assert {item[1][-1] for item in known if item not in served} == {
        *("Auto", "<Tuple<u8> as ModelOut>", "out", "Alias"),
        *("nested_behind_error", "<Tuple<u8> as Default>", "default", "two"),
    }


@pytest.mark.usefixtures("rustc")
@pytest.mark.parametrize("before", ["impl<'a, T, const N: usize> Documented", "    mod inner {"])
@pytest.mark.parametrize(
    "unknown",
    [
        "/// Docs.\n#[x]\ndefault impl X for Y { fn q() {} }\n",
        "pub unsafe auto trait Z {}\n",
        "pub macro m($x:expr) { $x }\n",
        "trait Aa = Bb + Cc;\n",
        "impl const Q for W { fn r() {} }\n",
        "str! { a b }\n",
        "u8!(x);\n",
        "const trait Ct { fn z(); }\n",
        "fn bb() { let P { #[cfg(x)] a, .. } = p; fn inner() {} }\n",
        "#[y]\npub(crate) struct Uu { unsafe a: u8 = 3 }\n",
    ],
)
def test_unknown_syntax_never_makes_what_stands_about_it_wrong(
    unknown: str, before: str, tmp_path: Path
) -> None:
    code = (HERE / "torture.rs").read_text(encoding="utf-8")
    assert code.count(before) == 1
    path = tmp_path / "unknown.rs"
    path.write_text(code.replace(before, unknown + before), encoding="utf-8")
    known = seen_by_rustc(rustc_items(path))
    served = by_us(path.read_bytes())
    assert [item for item in served if item not in known] == []
    assert len(served) > len(known) / 2


@pytest.mark.parametrize(
    "address",
    [
        "Auto",
        "impl ModelOut for Tuple",
        "<Tuple as ModelOut>::out",
        "Alias",
        "behind::nested_behind_error",
        "<Tuple as Default>::default",
        "two",
    ],
)
def test_what_the_grammar_does_not_know_is_refused_with_its_line(address: str) -> None:
    with pytest.raises(BrokenItem, match=r"\(line \d+\) stands where the file does not parse"):
        RustFile((HERE / "beyond.rs").read_bytes()).find(address)


@pytest.mark.parametrize("path", [HERE / "torture.rs", *COURIER], ids=lambda path: path.stem)
def test_every_item_is_found_again_by_its_own_address(path: Path) -> None:
    assert lost(path.read_bytes()) == []


def test_every_item_of_svix_is_found_again_by_its_own_address(svix_tree: Path) -> None:
    paths = sorted((svix_tree / "server").rglob("*.rs"))
    assert [(path, lost(path.read_bytes())) for path in paths if lost(path.read_bytes())] == []


def lost(code: bytes) -> list[str]:
    """Give the addresses of items, imports apart, that lead elsewhere."""
    lookup, file = Lookup(code), RustFile(code)
    items = list(lookup.items)
    for item in items:  # grows on the way
        if item.kind in BLOCKS and not item.is_broken and item.body[0] < item.body[1]:
            items.extend(lookup._body(item).items)
    named = [(item, str(address(lookup, item))) for item in items if item.kind is not Kind.USE]
    return [text for item, text in named if span(file, text) != (item.start, item.end)]


def span(file: RustFile, text: str) -> tuple[int, int] | str:
    try:
        found = file.find(text)
    except AddressError as error:
        return str(error)
    return found.start, found.end
