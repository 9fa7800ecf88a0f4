"""Which of upstream's tests are said to be of an entry point."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import Certainty, Route
from pytest_flowcorpus.scaffold import upstream
from tests.unit.memory import item, opened

ENTRY = "pub async fn create_message() {}\npub fn go() {}\n"
ROUTE = ("POST", "/api/v1/app/{app_id}/msg/")


def route(method: str, path: str) -> Route:
    return Route(method, path, "src/lib.rs", 1, None, Certainty.RESOLVED)


def found(code: str, *routes: tuple[str, str], most: int = 9) -> list[str]:
    """Give the names of tests in `code` that are of `create_message`."""
    of = opened({"src/lib.rs": ENTRY, "tests/e2e.rs": code})
    entry = item(of, "lib.rs::create_message")
    return [one.name for one in upstream.tests_of(of, entry, [route(*one) for one in routes], most)]


def asks(body: str, *routes: tuple[str, str]) -> bool:
    """Tell whether a test of that body is of `create_message`, or of one of the routes."""
    return found(f"#[test]\nfn it_works() {{ {body} }}\n", *routes) == ["it_works"]


@pytest.mark.parametrize(
    "body",
    ["create_message();", "crate::v1::create_message(&app).await", "let f = create_message;"],
)
def test_a_test_that_names_the_entry_is_of_it(body: str) -> None:
    assert asks(body)


@pytest.mark.parametrize("body", ["create_messages();", "re_create_message();", "go();", ""])
def test_a_test_of_another_name_is_not(body: str) -> None:
    assert not asks(body)


@pytest.mark.parametrize(
    "body",
    [
        'client.post("/api/v1/app/x/msg/", m)',
        'client.post("api/v1/app/x/msg", m)',
        'client.post(format!("api/v1/app/{}/msg/", id), m)',
        'client.post(&format!("api/v1/app/{app_id}/msg/"), m)',
        'client.post(&format!("{base}/api/v1/app/{}/msg/", id), m)',
        'client.post("https://example.org/api/v1/app/x/msg/?with=1&more", m)',
        'client.post::<_, Out>("api/v1/app/x/msg/", m)',
        'client\n    .post(\n        "api/v1/app/x/msg/",\n        m)',
        'client.post_with("api/v1/app/x/msg/")',
        'let path = "api/v1/app/x/msg/";',
        'client.send("api/v1/app/x/msg/", m)',
        'send(Method::POST, "api/v1/app/x/msg/")',
        r'client.post(r"api/v1/app/x/msg/")',
    ],
)
def test_a_test_that_asks_for_the_route_is_of_it_whatever_fills_its_gaps(body: str) -> None:
    assert asks(body, ROUTE)


@pytest.mark.parametrize(
    "body",
    [
        'client.post("api/v1/app/x/msg/y/", m)',
        'client.post("api/v1/app/msg/", m)',
        'client.post("api/v1/app/x/y/msg/", m)',
        'client.post("api/v1/app//msg/", m)',
        'client.post("myapi/v1/app/x/msg/", m)',
        'client.post("api/v1/app/x/msgs", m)',
        'client.post("api/v1/app/x/messages", m)',
        'client.get("api/v1/app/x/msg/")',
        'client.get::<Out>(&format!("api/v1/app/{}/msg/", id))',
        'client.delete("api/v1/app/x/msg/")',
        "api/v1/app/x/msg/",
        "",
    ],
)
def test_a_test_that_asks_for_another_route_or_by_another_method_is_not(body: str) -> None:
    assert not asks(body, ROUTE)


def test_a_route_of_any_method_is_asked_for_by_each() -> None:
    for verb in ("get", "post", "delete"):
        assert asks(f'client.{verb}("/any/x")', ("ANY", "/any/{id}"))
    assert not asks('client.get("/any/x")', ("POST", "/any/{id}"))


def test_one_of_several_routes_is_enough() -> None:
    assert asks('client.get("/b/1")', ("GET", "/a/{id}"), ("GET", "/b/{id}"))


def test_the_method_of_a_call_far_off_or_of_another_text_is_not_the_routes() -> None:
    assert asks('client.get("/other"); client.post("/app/x")', ("POST", "/app/{id}"))
    assert not asks('client.post("/other"); client.get("/app/x")', ("POST", "/app/{id}"))


def test_gaps_of_all_kinds_are_filled() -> None:
    for gap in ("{id}", ":id"):
        assert asks('get("/a/x/b")', ("GET", f"/a/{gap}/b"))
        assert not asks('get("/a/x/y/b")', ("GET", f"/a/{gap}/b"))
    for rest in ("{*rest}", "*rest"):
        assert asks('get("/files/x")', ("GET", f"/files/{rest}"))
        assert asks('get("/files/x/y.css")', ("GET", f"/files/{rest}"))


def test_characters_of_a_route_mean_themselves() -> None:
    assert asks('get("/openapi.json")', ("GET", "/openapi.json"))
    assert not asks('get("/openapi_json")', ("GET", "/openapi.json"))


@pytest.mark.parametrize("path", ["/", "/{id}", "/{*rest}"])
def test_a_route_without_a_word_of_its_own_is_not_asked_for_by_every_text(path: str) -> None:
    assert not asks('assert_eq!(name, ""); let x = "words"; log("a/")', ("GET", path))
    assert not asks('client.get("/app/x/msg")', ("GET", "/"))
    assert not asks('client.get("/app/x/msg")', ("GET", "/{id}"))


def test_such_a_route_is_asked_for_by_a_text_of_its_own() -> None:
    assert asks('client.get("/")', ("GET", "/"))
    assert asks('client.get("/?a=1")', ("GET", "/"))
    assert asks('client.get("/x")', ("GET", "/{id}"))
    assert asks('client.get("/x/y")', ("GET", "/{*rest}"))


def test_what_stands_around_a_test_is_not_of_it() -> None:
    code = """\
// create_message is tested below, at "/api/v1/app/x/msg/".
const PATH: &str = "/api/v1/app/x/msg/";

/// Unlike `create_message` {"/api/v1/app/x/msg/"}.
#[test]
#[ignore = "create_message {is} slow"]
fn other() { go(); }

fn create_message() {}

fn helper() { create_message(); }

#[test]
fn create_message_works() { helper(); }
"""
    assert found(code, ROUTE) == []


def test_only_functions_with_a_tests_attribute_are_tests() -> None:
    body = "{ create_message() }\n"
    code = (
        f"#[test] fn a() {body}"
        f'#[tokio::test(flavor = "multi_thread")] #[ignore] async fn b() {body}'
        f"#[rstest] #[case(1)] fn c(x: u8) {body}"
        f"mod inner {{ #[sqlx::test] fn d() {body} }}"
        f"#[cfg(test)] fn e() {body}"
        f'#[doc = "test"] fn f() {body}'
        f"#[test_data::make] fn g() {body}"
        f"fn h() {body}"
    )
    assert found(code) == ["a", "b", "c", "d"]


def test_tests_are_found_below_the_root_and_in_what_is_searched_and_nowhere_else() -> None:
    code = "#[test]\nfn {}() {{ create_message() }}\n"
    files: dict[str, str | bytes] = {
        "src/lib.rs": ENTRY,
        "src/b.rs": f"#[cfg(test)]\nmod tests {{ use super::*; {code.format('below')} }}\n",
        "tests/z/deep.rs": code.format("deep"),
        "tests/a.rs": code.format("first") + code.format("second"),
        "tests/a.txt": code.format("text"),
        "benches/a.rs": code.format("nowhere"),
        "tests/broken.rs": b"\xff" + code.format("broken").encode(),
    }
    of = opened(files)
    listed = [*map(str, upstream.tests_of(of, item(of, "lib.rs::create_message"), [], 9))]
    assert listed == [
        "src/b.rs::tests::below",
        "tests/a.rs::first",
        "tests/a.rs::second",
        "tests/z/deep.rs::deep",
    ]


def test_no_more_are_given_than_are_asked_for() -> None:
    code = "".join(f"#[test]\nfn t{number}() {{ create_message() }}\n" for number in range(5))
    assert found(code, most=3) == ["t0", "t1", "t2"]
    assert found(code, most=0) == []
