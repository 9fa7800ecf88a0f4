"""What a ``Cargo.toml`` says of a library, and of the crates that have a path."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust.package import Package, read_package


def test_a_library_is_called_as_its_package_unless_it_says_otherwise() -> None:
    assert read_package(b'[package]\nname = "first-one"\n') == Package("first_one", "src/lib.rs")
    manifest = b'[package]\nname = "a"\n[lib]\nname = "b-c"\npath = "here.rs"\n'
    assert read_package(manifest) == Package("b_c", "here.rs")
    assert read_package(b"[workspace]\n") == Package("", "src/lib.rs")


@pytest.mark.parametrize(
    "table",
    [
        *("dependencies", "dev-dependencies", "build-dependencies"),
        *("target.x.dependencies", "target.'cfg(unix)'.dev-dependencies"),
    ],
)
def test_a_dependency_with_a_path_is_known_by_the_name_of_its_crate(table: str) -> None:
    package = read_package(
        f"[{table}]\n"
        'far = "1.0"\n'
        'far-too = { version = "1.0", features = ["x"] }\n'
        'next-door = { path = "../next" }\n'
        "shared-one = { workspace = true }\n"
        "not-shared = { workspace = false }\n"
        'empty = { path = "" }\n'.encode()
    )
    assert package is not None
    assert package.dependencies == {"next_door": "../next", "shared_one": None}
    assert package.dependency("next_door") == "../next"
    assert (package.dependency("shared_one"), package.dependency("far")) == (None, None)
    assert package.is_shared("shared_one")
    assert not package.is_shared("next_door")
    assert not package.is_shared("far")


def test_a_workspace_says_where_its_members_find_what_they_share() -> None:
    package = read_package(
        b'[workspace.dependencies]\nfar = "1.0"\nnext-door = { path = "next" }\n'
        b"odd = { workspace = true }\n"
    )
    assert package is not None
    assert package.shared == {"next_door": "next"}
    assert package.dependencies == {}


def test_a_text_may_have_as_many_dots_as_it_likes() -> None:
    manifest = b'[package]\nname = "a"\ndescription = "' + b"." * 5_000 + b'"\n'
    assert read_package(manifest) == Package("a", "src/lib.rs")


@pytest.mark.parametrize(
    "manifest",
    [
        b"a = " + b"[" * 100_000,
        b"a = " + b"{a=" * 100_000,
        b"a = " + b"9" * 5_000,
        b"a" + b".a" * 100_000 + b" = 1",
        b"[a" + b".a" * 100_000 + b"]",
        b"[",
        b"package = []",
        b"target = 1",
        b"lib = 1",
        b"dependencies = 1",
        b"target = []",
        b"\xff",
    ],
    ids=[
        "lists",
        "tables",
        "digits",
        "keys",
        "heads",
        "open",
        "package",
        "no table",
        "lib",
        "dependencies",
        "target",
        "bytes",
    ],
)
def test_what_is_no_manifest_to_us_is_none(manifest: bytes) -> None:
    assert read_package(manifest) is None
