"""Which HTTP routes a tree registers: method, path as served, and the function that handles it."""

# ruff: noqa: E501, ISC004 - a case of Rust reads best on one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.rust import Certainty, Codebase, Route
from tests.rust.files import Tree

USED = "use axum::{routing::{any, delete, get, on, post, put, MethodFilter, MethodRouter}, Router}; use aide::axum::{routing::{get_with, post_with}, ApiRouter};"
HANDLERS = "async fn show() {} async fn list() {} async fn make() {} async fn wipe() {}"


def routes_of(tree: Tree) -> tuple[Route, ...]:
    return Codebase(tree).routes()


def told(route: Route) -> str:
    """Give a route as a line; a handler at the crate's root without its file."""
    handler = route.handler or f"({route.certainty})"
    return f"{route.method} {route.path} {handler}".replace("src/lib.rs::", "").replace("src/", "")


def routes(code: str, **files: str) -> list[str]:
    """Give the routes of a crate whose root begins with what most of them need."""
    return [told(route) for route in routes_of(Tree.of(lib=USED + HANDLERS + code, **files))]


REGISTERED = {
    "a route of axum": ('.route("/x", get(show))', ["GET /x show"]),
    "a route of aide": ('.api_route("/x", get(show))', ["GET /x show"]),
    "a route of aide with its documentation": (
        '.api_route_with("/x", get_with(show, show_docs), |op| op)',
        ["GET /x show"],
    ),
    "a route with a trailing slash or without": (
        '.route_with_tsr("/x", get(show))',
        ["GET /x show"],
    ),
    "a method router that has many methods": (
        '.route("/x", get(list).post(make).delete(wipe))',
        ["GET /x list", "POST /x make", "DELETE /x wipe"],
    ),
    "documented methods": (
        '.api_route("/x", post_with(make, docs).get_with(list, |op| op.id("list")))',
        ["POST /x make", "GET /x list"],
    ),
    "a full path of a method": ('.route("/x", axum::routing::get(show))', ["GET /x show"]),
    "any method": ('.route("/x", any(show))', ["ANY /x show"]),
    "a method filter": ('.route("/x", on(MethodFilter::PATCH, show))', ["PATCH /x show"]),
    "a filter of two methods": (
        '.route("/x", on(MethodFilter::GET.or(MethodFilter::POST), show))',
        ["GET /x show", "POST /x show"],
    ),
    "a filter in a chain": (
        '.route("/x", get(list).on(MethodFilter::PUT, make))',
        ["GET /x list", "PUT /x make"],
    ),
    "a filter that is a variable": ('.route("/x", on(filter, show))', ["? /x show"]),
    "a layered method router": (
        '.route("/x", get(show).layer(Auth::new()).head(list).route_layer(limit(5)))',
        ["GET /x show", "HEAD /x list"],
    ),
    "an empty method router to begin with": (
        '.route("/x", MethodRouter::<AppState>::new().get(show))',
        ["GET /x show"],
    ),
    "merged method routers": (
        '.route("/x", get(list).merge(post(make)).delete(wipe))',
        ["GET /x list", "POST /x make", "DELETE /x wipe"],
    ),
    "a layered handler": ('.route("/x", get(show.layer(limit(5))))', ["GET /x show"]),
    "a handler with generics": ('.route("/x", get(show::<AppState>))', ["GET /x show"]),
    "a closure": ('.route("/x", get(|| async { "hello" }))', ["GET /x (foreign)"]),
    "a text as the answer": ('.route("/x", get("hello"))', ["GET /x (foreign)"]),
    "a handler of another crate": ('.route("/x", get(axum_health::health))', ["GET /x (foreign)"]),
    "a handler that a field holds": ('.route("/x", get(state.show))', ["GET /x (undecided)"]),
    "a handler that nobody knows": ('.route("/x", get(missing()))', ["GET /x (foreign)"]),
    "a handler that a function of ours makes": (
        '.route("/x", get(made()))',
        ["GET /x (undecided)"],
    ),
    "a service": ('.route_service("/x", ServeDir::new("x"))', ["* /x (foreign)"]),
    "a service of a method": ('.route("/x", get_service(tower::files()))', ["GET /x (foreign)"]),
    "a raw text": ('.route(r#"/x"#, get(show))', ["GET /x show"]),
    "the comments of a careful author": (
        '.route(/* public */ "/x", /* cached */ get(/* one */ show)) // done\n',
        ["GET /x show"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), REGISTERED.values(), ids=REGISTERED)
def test_a_registration_gives_routes(code: str, expected: list[str]) -> None:
    assert routes(f"fn made() {{}} fn app() -> Router {{ Router::new(){code} }}") == expected


def test_a_route_says_where_it_is_registered() -> None:
    code = '\n\nfn app() -> Router {\n    Router::new()\n        .route(\n            "/x",\n            get(show),\n        )\n}'
    (route,) = routes_of(Tree.of(lib=USED + HANDLERS + code))
    assert (route.file, route.line) == ("src/lib.rs", 5)
    assert route.certainty is Certainty.RESOLVED
    assert str(route.handler) == "src/lib.rs::show"


def test_documentation_of_a_route_is_none() -> None:
    assert routes('fn app() -> ApiRouter { ApiRouter::new().api_route_docs("/x", docs()) }') == []


HANDLED = {
    "in another module": ("use api::v1 as latest;", "latest::users::list", "api/v1/users.rs::list"),
    "by an import": ("use api::v1::users::list as all;", "all", "api/v1/users.rs::list"),
    "as a member of a type": ("", "Api::show", "Api::show"),
    "in the body itself": ("", "inner", "app::inner"),
    "by a variable": ("", "chosen", "show"),
    "by a variable that hides a function": ("", "list", "(undecided)"),
}


@pytest.mark.parametrize(("used", "handler", "expected"), HANDLED.values(), ids=HANDLED)
def test_a_handler_is_found(used: str, handler: str, expected: str) -> None:
    code = (
        f"mod api; {used} struct Api; impl Api {{ async fn show() {{}} }}"
        " fn app(list: Handler) -> Router { async fn inner() {} let chosen = show;"
        f' Router::new().route("/x", get({handler})) }}'
    )
    found = routes(
        code,
        api="pub mod v1;",
        api__v1="pub mod users;",
        api__v1__users="pub async fn list() {}",
    )
    assert found == [f"GET /x {expected}"]


def test_a_handler_is_found_by_self() -> None:
    code = 'struct Api; impl Api { async fn one() {} fn app() -> Router { Router::new().route("/x", get(Self::one)) } }'
    assert routes(code) == ["GET /x Api::one"]


FOLLOWED = {
    "a variable": 'let mine = get(list).post(make); Router::new().route("/x", mine)',
    "a variable of a variable": 'let a = get(list); let b = a.post(make); Router::new().route("/x", b.layer(l))',
    "a variable that hides another": 'let mine = get(list); let mine = mine.post(make); Router::new().route("/x", mine)',
    "a variable that is assigned": 'let mut mine = get(list); mine = mine.post(make); Router::new().route("/x", mine)',
    "a function of the tree": 'Router::new().route("/x", methods())',
    "a function of the tree that calls another": 'Router::new().route("/x", outer())',
    "a function and what is added": 'Router::new().route("/x", one().post(make))',
    "parentheses": 'Router::new().route("/x", (get(list)).post(make))',
}
GIVING = (
    "fn methods() -> MethodRouter { get(list).post(make) } fn outer() -> MethodRouter { methods() }"
    " fn one() -> MethodRouter { let found = get(list); found }"
)


@pytest.mark.parametrize("code", FOLLOWED.values(), ids=FOLLOWED)
def test_a_method_router_is_followed_through(code: str) -> None:
    found = routes(f"{GIVING} fn app() -> Router {{ {code} }}")
    assert found == ["GET /x list", "POST /x make"]


LOST = {
    "a macro": "handlers!(list)",
    "a parameter": "given",
    "a function of another crate": "other::methods()",
    "a function that never ends": "circle()",
    "a function that only declares": "nothing()",
    "a function without a body": "empty()",
    "a local closure": "local(list)",
}


@pytest.mark.parametrize("router", LOST.values(), ids=LOST)
def test_what_cannot_be_followed_is_told(router: str) -> None:
    code = (
        "fn circle() -> MethodRouter { circle().layer(l) } fn nothing() -> MethodRouter { let a = 1; }"
        " fn empty() -> MethodRouter {}"
        " fn app(given: MethodRouter) -> Router { let local = |h| given;"
        f' Router::new().route("/x", {router}).route("/y", get(show)) }}'
    )
    assert routes(code) == ["? /x (undecided)", "GET /y show"]


PATHS = {
    "a constant": ("PATH", "/users/{id}"),
    "a constant of another module": ("paths::ONE", "/users/{id}"),
    "a constant that is another": ("SAME", "/users/{id}"),
    "a static": ("FIXED", "/users/{id}"),
    "a variable": ("local", "/users/{id}"),
    "a borrowed text": ("&PATH.to_string()", "/users/{id}"),
    "a macro": ('&format!("{}/x",   PATH)', '<&format!("{}/x", PATH)>'),
    "a parameter": ("given", "<given>"),
    "a text that a method changes": ("PATH.trim_end()", "<PATH.trim_end()>"),
    "a constant of another crate": ("other::PATH", "<other::PATH>"),
    "a constant that goes round": ("ROUND", "<ROUND>"),
}


@pytest.mark.parametrize(("written", "path"), PATHS.values(), ids=PATHS)
def test_a_path_is_read(written: str, path: str) -> None:
    code = (
        'mod paths { pub const ONE: &str = "/users/{id}"; } const PATH: &str = "/users/{id}";'
        ' const SAME: &str = paths::ONE; static FIXED: &str = "/users/{id}"; const ROUND: &str = ROUND;'
        ' fn app(given: &str) -> Router { let local = "/users/{id}";'
        f" Router::new().route({written}, get(show)) }}"
    )
    assert routes(code) == [f"GET {path} show"]


MOUNTED = {
    "nested": ('Router::new().nest("/api", users())', ["/api/x"]),
    "nested by aide": ('ApiRouter::new().nest_api_service("/api", users())', ["/api/x"]),
    "nested as a service": ('Router::new().nest_service("/api", users())', ["/api/x"]),
    "nested twice deep": (
        'Router::new().nest("/api", Router::new().nest("/v1", users()))',
        ["/api/v1/x"],
    ),
    "merged": ("Router::new().merge(users())", ["/x"]),
    "merged and nested": (
        'Router::new().nest("/api", Router::new().merge(users()).merge(Router::new()))',
        ["/api/x"],
    ),
    "nested with adapters": (
        'Router::new().nest("/api", users().layer(l).with_state(s))',
        ["/api/x"],
    ),
    "nested by another function's hands": (
        'Router::new().nest("/api", wrapped(users()))',
        ["/api/x"],
    ),
    "nested at two places": (
        'Router::new().nest("/a", users()).nest("/b", users())',
        ["/a/x", "/b/x"],
    ),
    "nested and merged": (
        'let u = users(); Router::new().nest("/a", u.clone()).merge(u)',
        ["/a/x", "/x"],
    ),
    "a variable": ('let u = users(); Router::new().nest("/api", u)', ["/api/x"]),
    "a variable that is also looked at": (
        'let u = users(); log(&u); let n = Router::new().nest("/api", u); n',
        ["/api/x"],
    ),
    "a pair of variables": (
        'let (u, docs) = (users(), 1); Router::new().nest("/api", u)',
        ["/api/x"],
    ),
    "variables that hide each other": (
        'let app = users(); let app = Router::new().nest("/v1", app);'
        ' let app = Router::new().merge(app); Router::new().nest("/api", app)',
        ["/api/v1/x"],
    ),
    "a variable of an inner block that hides it": (
        'let u = users(); { let u = other(); Router::new().nest("/no", u); } Router::new().nest("/api", u)',
        ["/api/x"],
    ),
    "a closure's parameter that hides it": (
        'let u = users(); each(|u| Router::new().nest("/no", u)); Router::new().nest("/api", u)',
        ["/api/x"],
    ),
    "an arm's name that hides it": (
        'let u = users(); match y { u => Router::new().nest("/no", u) }; Router::new().nest("/api", u)',
        ["/api/x"],
    ),
    "a variable that is assigned again and again": (
        "let mut app = Router::new(); app = app.merge(users()); if dev { app = app.layer(l); }"
        ' Router::new().nest("/api", app)',
        ["/api/x"],
    ),
    "a variable that is given something else": (
        'let mut app = users(); app = Router::new(); Router::new().nest("/no", app)',
        ["/x"],
    ),
    "a variable that is bound late": (
        'let app; app = users(); Router::new().nest("/api", app)',
        ["/api/x"],
    ),
    "a loop": (
        'let mut app = Router::new(); for one in [users()] { app = app.nest("/api", one); } app',
        ["/api/x"],
    ),
    "an if let": (
        'if let Some(u) = users() { Router::new().nest("/api", u) } else { Router::new() }',
        ["/api/x"],
    ),
    "a choice": (
        'let u = if cfg.on { users() } else { Router::new() }; Router::new().nest("/api", u)',
        ["/api/x"],
    ),
    "an early return": (
        'let app = users(); if dev { return Router::new().nest("/dev", app); } app',
        ["/dev/x", "/x"],
    ),
    "a prefix only where there is one": (
        'let app = users(); if base.is_empty() { app } else { Router::new().nest("/api", app) }',
        ["/x", "/api/x"],
    ),
    "a condition that asks about it": (
        'let u = users(); if u.has_routes() { Router::new().nest("/api", u) } else { Router::new() }',
        ["/api/x"],
    ),
    "a match": (
        'match users() { Some(u) if u.has_routes() => Router::new().nest("/api", u), _ => Router::new() }',
        ["/api/x"],
    ),
    "the guard of an arm": (
        'match y { _ if serve(Router::new().nest("/api", users())) => 1, _ => 2 }',
        ["/api/x"],
    ),
    "an argument of a closure that is called on the spot": (
        '(|u| u)(Router::new().nest("/api", users()))',
        ["/api/x"],
    ),
    "a variable in an arm": (
        'let u = users(); Router::new().nest("/api", match y { 1 => u, _ => Router::new() })',
        ["/api/x"],
    ),
    "what a macro wraps": ('Router::new().nest("/api", wrap!(users().merge(more())))', ["/api/x"]),
    "a struct's field": (
        'let held = Held { router: users() }; Router::new().nest("/api", held.router)',
        ["/api/x"],
    ),
    "an argument of a macro": (
        'tokio::join!(serve(Router::new().nest("/api", users())), other())',
        ["/api/x"],
    ),
    "a constant prefix": ("Router::new().nest(PREFIX, users())", ["/const/x"]),
    "a prefix that nobody knows": ("Router::new().nest(prefix(), users())", ["<prefix()>/x"]),
    "a prefix with a slash at its end": ('Router::new().nest("/api/", users())', ["/api/x"]),
    "a prefix that is only a slash": ('Router::new().nest("/", users())', ["/x"]),
    "one that is only called": ("serve(users())", ["/x"]),
}


@pytest.mark.parametrize(("code", "paths"), MOUNTED.values(), ids=MOUNTED)
def test_a_router_is_mounted_as(code: str, paths: list[str]) -> None:
    giving = (
        'const PREFIX: &str = "/const";'
        ' fn users() -> Router { Router::new().route("/x", get(show)) }'
        f" fn app() -> Router {{ {code} }}"
    )
    assert routes(giving) == [f"GET {path} show" for path in paths]


@pytest.mark.parametrize("code", [code for code, _ in MOUNTED.values()], ids=MOUNTED)
def test_a_chain_in_place_is_mounted_as_a_call_is(code: str) -> None:
    chain = 'Router::new().route("/x", get(show))'
    called = f"fn users() -> Router {{ {chain} }} fn app() -> Router {{ {code} }}"
    in_place = f"fn app() -> Router {{ {code.replace('users()', chain)} }}"
    const = 'const PREFIX: &str = "/const";'
    assert set(routes(const + in_place)) == set(routes(const + called))


def test_a_slash_in_a_nested_router_adds_none() -> None:
    code = 'fn teams() -> Router { Router::new().route("/", post(make)) } fn app() -> Router { Router::new().nest("/api", Router::new().nest("/teams", teams())) }'
    assert routes(code) == ["POST /api/teams make"]


def test_a_nested_service_that_is_no_router_of_the_tree_is_none() -> None:
    code = 'fn app() -> Router { Router::new().nest_service("/files", ServeDir::new("files")) }'
    assert routes(code) == []


def test_a_service_at_a_path_hides_what_it_is() -> None:
    code = 'fn app() -> Router { Router::new().route_service("/x", tower::echo()).route_service("/y", show.into_service()) }'
    assert routes(code) == ["* /x (foreign)", "* /y show"]


def test_mounts_are_followed_through_functions_and_files() -> None:
    found = routes(
        'mod v1; mod serve; pub fn app() -> Router { Router::new().nest("/api", v1::router()) }',
        v1='mod users; use axum::Router; pub fn router() -> Router { Router::new().merge(users::router()).nest("/deep", users::router()) }',
        v1__users='use axum::{Router, routing::get}; async fn list() {} pub fn router() -> Router { Router::new().route("/users", get(list)) }',
        serve='use axum::Router; pub async fn main() { let app = Router::new().nest("/root", crate::app()); }',
    )
    assert found == [
        "GET /root/api/users v1/users.rs::list",
        "GET /root/api/deep/users v1/users.rs::list",
    ]


def test_a_function_that_only_hands_a_router_on_is_followed() -> None:
    code = (
        'fn users() -> Router { Router::new().route("/x", get(show)) }'
        " fn layered() -> Router { users().layer(l) }"
        ' fn app() -> Router { Router::new().nest("/api", layered()) }'
    )
    assert routes(code) == ["GET /api/x show"]


def test_one_that_looks_at_a_router_without_mounting_it_adds_no_route() -> None:
    code = (
        'fn users() -> Router { Router::new().route("/x", get(show)) }'
        " fn document() -> String { users().finish_api(&mut api); api.to_string() }"
        ' fn app() -> Router { Router::new().nest("/api", users()) }'
    )
    assert routes(code) == ["GET /api/x show"]


def test_the_same_mount_at_two_places_gives_a_route_once() -> None:
    code = (
        'fn users() -> Router { Router::new().route("/x", get(show)) }'
        ' fn serve() { Router::new().nest("/api", users()); }'
        ' fn document() { Router::new().nest("/api", users()); }'
    )
    assert routes(code) == ["GET /api/x show"]


CALLED = {
    "an imported name": ("use v1::router;", "router()"),
    "another name": ("use v1::router as users;", "users()"),
    "a name that is exported again": ("pub use names::again;", "again()"),
    "a member": ("use v1::Api;", "Api::member()"),
    "a method": ("use v1::Api;", "api.method()"),
    "a function with generics": ("", "v1::router::<AppState>()"),
}


@pytest.mark.parametrize(("used", "call"), CALLED.values(), ids=CALLED)
def test_a_call_is_found_by(used: str, call: str) -> None:
    chain = 'Router::new().route("/x", get(show))'
    found = routes(
        f'mod v1; mod names; {used} fn app(api: &v1::Api) -> Router {{ Router::new().nest("/api", {call}) }}',
        v1=f"use axum::{{Router, routing::get}}; async fn show() {{}} pub struct Api; pub fn router() -> Router {{ {chain} }}"
        f" impl Api {{ pub fn member() -> Router {{ {chain} }} pub fn method(&self) -> Router {{ {chain} }} }}",
        names="pub use crate::v1::router as again;",
    )
    assert "GET /api/x v1.rs::show" in found
    assert len(found) == 3


def test_a_call_right_behind_an_inner_function_is_the_outer_ones() -> None:
    code = (
        'fn users() -> Router { Router::new().route("/x", get(show)) }'
        " fn top() -> Router { fn inner() {}users() }"
        ' fn app() -> Router { Router::new().nest("/api", top()) }'
    )
    assert routes(code) == ["GET /api/x show"]


def test_a_function_of_the_same_name_elsewhere_is_not_the_one_that_is_called() -> None:
    found = routes(
        'mod a; mod b; fn app() -> Router { Router::new().nest("/a", a::router()).merge(b::router()) }',
        a='use axum::{Router, routing::get}; async fn h() {} pub fn router() -> Router { Router::new().route("/x", get(h)) }',
        b='use axum::{Router, routing::get}; async fn h() {} pub fn router() -> Router { Router::new().route("/x", get(h)) }',
    )
    assert found == ["GET /a/x a.rs::h", "GET /x b.rs::h"]


def test_a_variable_that_is_called_like_a_router_is_not_it() -> None:
    code = 'fn users() -> Router { Router::new().route("/x", get(show)) } fn app(users: F) -> Router { Router::new().nest("/no", users()) }'
    assert routes(code) == ["GET /x show"]


CIRCLES = {
    "itself": 'fn users() -> Router { Router::new().route("/x", get(show)).nest("/again", users()) }',
    "each other": (
        'fn users() -> Router { Router::new().route("/x", get(show)).nest("/a", groups()) }'
        ' fn groups() -> Router { Router::new().nest("/again", users()) }'
    ),
}


@pytest.mark.parametrize("code", CIRCLES.values(), ids=CIRCLES)
def test_routers_that_mount_each_other_end(code: str) -> None:
    found = routes(f'{code} fn app() -> Router {{ Router::new().nest("/api", users()) }}')
    assert "GET /api/x show" in found


TESTS = {
    "a module of tests": '#[cfg(test)] mod tests { use super::*; fn app() -> Router { Router::new().route("/no", get(show)).nest("/no", users()) } }',
    "a function for tests": '#[cfg(test)] fn app() -> Router { Router::new().route("/no", get(show)).nest("/no", users()) }',
}


@pytest.mark.parametrize("code", TESTS.values(), ids=TESTS)
def test_tests_register_and_mount_nothing(code: str) -> None:
    users = 'fn users() -> Router { Router::new().route("/x", get(show)) }'
    assert routes(f"{users}\n{code}") == ["GET /x show"]


@pytest.mark.parametrize("path", ["tests/it/main.rs", "tests/it.rs", "benches/speed.rs"])
def test_a_test_file_registers_and_mounts_nothing(path: str) -> None:
    test = 'use axum::Router; fn app() -> Router { Router::new().nest("/no", lib::users()).route("/no", get(h)) }'
    manifest = '[package]\nname = "lib"\n'
    lib = USED + HANDLERS + 'pub fn users() -> Router { Router::new().route("/x", get(show)) }'
    files = {"Cargo.toml": manifest, "src/lib.rs": lib, path: test}
    tree = Tree({path: code.encode() for path, code in files.items()})
    assert [told(route) for route in routes_of(tree)] == ["GET /x show"]


OTHERS = {
    "a planner": 'fn plan(map: Map) { map.route("/home", to); map.route(from, to); }',
    "a map of texts": 'fn f(map: Map) { map.route("/home", map.fetch("/x")); }',
    "a signature": "fn route(path: &str, handler: H) {}",
    "a comment": '// Router::new().route("/x", get(show))\nfn f() {}',
    "a macro's rules": 'macro_rules! app { () => { Router::new().route("/x", get(show)) } }',
    "a call with one argument": "fn f() { app.route(get(show)) }",
}


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_what_registers_no_route(code: str) -> None:
    found = routes_of(Tree.of(lib=f"async fn show() {{}} {code}"))
    assert found == ()


def test_routes_stand_in_the_order_of_files_and_places() -> None:
    chain = 'Router::new().route("/1", get(show)).route("/2", post(make).get(list))'
    found = routes(
        f'mod b; mod a; fn app() -> Router {{ {chain}; fn inner() -> Router {{ Router::new().route("/3", get(show)) }} inner().route("/4", get(show)) }}',
        b='use axum::{Router, routing::get}; fn r() -> Router { Router::new().route("/b", get(h)) } fn h() {}',
        a='use axum::{Router, routing::get}; fn r() -> Router { Router::new().route("/a", get(h)) } fn h() {}',
    )
    paths = [one.split()[1] for one in found]
    assert paths == ["/a", "/b", "/1", "/2", "/2", "/3", "/4"]


@pytest.mark.parametrize("kind", ["static", "const"])
def test_a_static_or_constant_holds_a_router(kind: str) -> None:
    code = f'{kind} APP: LazyLock<Router> = LazyLock::new(|| Router::new().nest("/api", Router::new().route("/x", get(show))));'
    assert routes(code) == ["GET /api/x show"]


def test_a_long_chain_of_routes_is_read_to_its_beginning() -> None:
    chain = "".join(f'.route("/{number}", get(show))' for number in range(2000))
    found = routes(f"fn app() -> Router {{ Router::new(){chain} }}")
    assert found == [f"GET /{number} show" for number in range(2000)]


DEEP = {
    "nests": ('Router::new().nest("/p", ', ")", 'Router::new().route("/x", get(show))'),
    "blocks": ("{", "}", 'Router::new().route("/x", get(show))'),
    "closures": ("f(|| ", ")", 'Router::new().route("/x", get(show))'),
    "macros": ("m!(", ")", 'Router::new().route("/x", get(show))'),
    "parentheses": ("(", ")", 'Router::new().route("/x", get(show))'),
    "functions": ("fn f() -> Router {", "}", 'Router::new().route("/x", get(show))'),
}


@pytest.mark.parametrize(("before", "after", "inside"), DEEP.values(), ids=DEEP)
def test_deep_nesting_ends(before: str, after: str, inside: str) -> None:
    code = f'fn app() -> Router {{ {before * 2000}{inside}{after * 2000} }} fn last() -> Router {{ Router::new().route("/y", get(show)) }}'
    assert "GET /y show" in routes(code)


def test_routers_that_are_mounted_twice_at_every_level_end() -> None:
    levels = "".join(
        f'fn r{n}() -> Router {{ Router::new().nest("/a", r{n + 1}()).nest("/b", r{n + 1}()) }}'
        for n in range(40)
    )
    last = 'fn r40() -> Router { Router::new().route("/x", get(show)) }'
    assert 0 < len(routes(levels + last)) <= 64


def test_variables_that_are_merged_twice_at_every_step_end() -> None:
    steps = "".join('let r = Router::new().nest("/a", r.clone()).nest("/b", r);' for _ in range(40))
    code = f'fn app() -> Router {{ let r = Router::new().route("/x", get(show)); {steps} r }}'
    assert 0 < len(routes(code)) <= 64


PARTS = st.sampled_from(
    [
        *("Router::new()", ".route(", ".nest(", ".merge(", "get(", "show", '"/x"', ",", ")", "("),
        *("{", "}", "let a =", "a", ";", "|a|", "m!(", "=>", "match a", "if let a =", "fn f()"),
        *("for a in", "async", "'", '"', "<", "return", "a = ", "::", "const C:"),
    ]
)


@given(st.lists(PARTS, max_size=40).map(" ".join))
def test_code_that_is_broken_breaks_nothing(code: str) -> None:
    text = f'{USED}{HANDLERS} fn good() -> Router {{ Router::new().route("/y", get(show)) }} fn app() {{ {code} }}'
    assert all(route.path for route in routes_of(Tree.of(lib=text)))
