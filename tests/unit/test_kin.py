"""What belongs to a feature's way besides its calls, and what of it says nothing new."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.reach import Callgraph
from pytest_flowcorpus.scaffold.kin import Kin, Way
from pytest_flowcorpus.scaffold.novelty import Novelty
from tests.unit.memory import item, opened

LAYERS = (
    ("api", ("api.rs", "api/**")),
    ("core", ("core.rs",)),
    ("worker", ("worker.rs",)),
    ("rest", ("**",)),
)
MODS = "mod api;\nmod core;\nmod worker;\nmod db;\n"


def steps(
    files: dict[str, str], of: str = "", way: Way = Way.CALL, entry: str = "api.rs::go"
) -> list[str]:
    """Give the steps from an item of a crate, as ``call core.rs::f``."""
    sources = {"src/lib.rs": MODS} | {f"src/{path}": text for path, text in files.items()}
    source = opened(sources, LAYERS)
    kin = Kin(Callgraph(source), item(source, entry))
    found = kin.steps(item(source, of or entry), way)
    return [f"{step.way} {step.target}".replace("src/", "") for step in found]


def api(code: str, of: str = "go", way: Way = Way.CALL) -> list[str]:
    """Give the steps from an item where all code stands in the file of the entry."""
    return [step.replace("api.rs::", "") for step in steps({"api.rs": code}, f"api.rs::{of}", way)]


ROUTE = """
use axum::{routing::post, Router};
fn app() -> Router { Router::new().route("/go", post(go)) }
"""


def test_an_entry_leads_to_its_signature_and_then_to_what_its_body_calls_and_names() -> None:
    code = """
struct In; struct Out; struct Made; const MOST: u8 = 1;
fn go(given: In) -> Out {
    second(first());
    let x = Made;
    x < MOST
}
fn first() {}
fn second() {}
"""
    assert api(code) == [
        *("signature In", "signature Out"),
        *("call second", "call first"),
        *("type In", "type Out", "type Made", "type MOST"),
    ]


def test_a_constant_in_a_signature_is_none_of_its_types() -> None:
    code = "struct In;\nconst MOST: usize = 1;\nfn go(given: [In; MOST]) {}\n"
    assert api(code) == ["signature In", "type In", "type MOST"]


def test_only_the_entry_has_a_signature() -> None:
    code = "struct In;\nfn go() { next(In) }\nfn next(given: In) {}\n"
    assert api(code, "next") == ["type In"]


def test_a_type_leads_to_the_types_of_its_parts() -> None:
    code = """
struct A { b: B, all: Vec<C>, n: u8 }
enum B { One(C), Two { a: A } }
struct C;
type D = Option<A>;
fn go() {}
"""
    assert api(code, "A", Way.TYPE) == ["part B", "part C"]
    assert api(code, "B", Way.TYPE) == ["part C", "part A"]
    assert api(code, "D", Way.TYPE) == ["part A"]
    assert api(code, "C", Way.TYPE) == []


def test_a_constant_has_no_parts() -> None:
    assert api("struct A;\nconst B: A = A;\nfn go() {}\n", "B", Way.TYPE) == []


# Calls to what a trait declares

TRAIT = """
pub trait Store { fn put(&self); fn get(&self) {} }
fn go(store: &dyn Store) { store.put() }
"""


def impls(count: int) -> str:
    return "".join(
        f"struct S{at}; impl Store for S{at} {{ fn put(&self) {{}} fn other(&self) {{}} }}\n"
        for at in range(count)
    )


def test_a_call_of_what_a_trait_declares_leads_to_what_impls_make_of_it() -> None:
    assert api(TRAIT + impls(2)) == [
        "call Store::put",
        "dispatch <S0 as Store>::put",
        "dispatch <S1 as Store>::put",
    ]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (4, 4), (5, 0)])
def test_a_trait_with_many_impls_is_a_mechanism(count: int, shown: int) -> None:
    found = api(TRAIT + impls(count))
    assert sum(step.startswith("dispatch") for step in found) == shown
    assert "call Store::put" in found


def test_impls_of_other_traits_and_inherent_ones_are_no_dispatch() -> None:
    code = (
        TRAIT
        + """
trait Other { fn put(&self); }
struct S; impl Other for S { fn put(&self) {} }
struct T; impl T { fn put(&self) {} }
"""
    )
    assert not any(step.startswith("dispatch") for step in api(code))


def test_impls_in_other_files_are_found() -> None:
    core = "struct Disk;\nimpl crate::api::Store for Disk { fn put(&self) {} }\n"
    assert "dispatch core.rs::<Disk as Store>::put" in [
        step.replace("crate::api::", "") for step in steps({"api.rs": TRAIT, "core.rs": core})
    ]


def test_a_free_function_is_dispatched_to_nobody() -> None:
    code = "trait Store { fn put(&self); }\nfn put() {}\nfn go() { put() }\n" + impls(1)
    assert api(code) == ["call put"]


# Tasks


def tasks(task: str, api_code: str, worker: str, where: str = "core.rs") -> list[str]:
    """Give who takes up what the entry sends."""
    used = "use crate::core::Task;\n"
    files = {"core.rs": "", "api.rs": used + api_code, "worker.rs": "", "db.rs": ""}
    files["core.rs"] = f"pub {task}\n"
    files[where] = files[where] + (used if where != "core.rs" else "") + worker
    return [step for step in steps(files) if step.startswith("task")]


SENT = "fn go() { send(Task::Mail(1)) }\nfn send(x: Task) {}\n"
ENUM = "enum Task { Mail(u8), Sleep }"


@pytest.mark.parametrize(
    "worker",
    [
        "fn work(x: Task) { match x { Task::Mail(n) => {} Task::Sleep => {} } }",
        "fn work(x: Task) { match x { Task::Sleep | Task::Mail(_) => {} } }",
        "fn work(x: Task) { if let Task::Mail(n) = x {} }",
        "fn work(x: Task) { let Task::Mail(n) = x else { return }; }",
    ],
)
def test_a_task_leads_to_who_matches_on_it_in_a_later_layer(worker: str) -> None:
    assert tasks(ENUM, SENT, worker, "worker.rs") == ["task worker.rs::work"]


@pytest.mark.parametrize(
    "worker",
    [
        "fn work() -> Task { Task::Mail(1) }",
        "fn work(x: Task) { push(Task::Mail(2)); }\nfn push(x: Task) {}",
        "fn work(x: Task) { if x == Task::Mail(1) {} }",
        "fn work(x: Task) { match x { Task::Sleep => {} _ => {} } }",
        "fn work() { let x = (1, Task::Mail(1)); }",
        "enum Other { Mail(u8) }\nfn work(x: Other) { match x { Other::Mail(_) => {} } }",
    ],
)
def test_who_only_makes_or_compares_it_or_matches_on_another_is_no_taker(worker: str) -> None:
    assert tasks(ENUM, SENT, worker, "worker.rs") == []


def test_an_enum_without_data_is_a_state_and_no_task() -> None:
    worker = "fn work(x: Task) { match x { Task::Mail => {} Task::Sleep => {} } }"
    sent = "fn go() { send(Task::Mail) }\nfn send(x: Task) {}\n"
    assert tasks("enum Task { Mail, Sleep }", sent, worker, "worker.rs") == []
    assert tasks("enum Task { Mail, Sleep(u8) }", sent, worker, "worker.rs") == [
        "task worker.rs::work"
    ]


@pytest.mark.parametrize("where", ["api.rs", "core.rs"])
def test_who_takes_it_in_no_later_stage_is_no_taker(where: str) -> None:
    worker = "fn work(x: Task) { match x { Task::Mail(_) => {} _ => {} } }"
    assert tasks(ENUM, SENT, worker, where) == []


# What frameworks run

EXTRACTED = """
use axum::extract::{FromRequestParts, FromRequest};
struct Auth; struct In; struct Out; struct Unused;
impl<S> FromRequestParts<S> for Auth { async fn from_request_parts() {} }
impl FromRequest for In { async fn from_request() {} }
impl axum::response::IntoResponse for Out { fn into_response(self) {} }
impl From<u8> for Out { fn from(x: u8) -> Self { Out } }
impl Validate for In { fn validate(&self) {} }
impl<'de> Deserialize<'de> for In { fn deserialize() {} }
impl Clone for In { fn clone(&self) {} }
impl FromRequestParts for Unused { async fn from_request_parts() {} }
impl Auth { fn check(&self) {} }
async fn go(auth: Auth, given: In) -> Out { todo() }
"""


def test_a_framework_runs_extractors_inputs_and_responses_of_a_handlers_signature() -> None:
    found = [step for step in api(ROUTE + EXTRACTED) if step.startswith("framework")]
    assert found == [
        "framework <Auth as FromRequestParts>::from_request_parts",
        "framework <In as FromRequest>::from_request",
        "framework <In as Validate>::validate",
        "framework <In as Deserialize>::deserialize",
        "framework <Out as IntoResponse>::into_response",
        "framework <Out as From>::from",
    ]


def test_what_no_route_leads_to_is_run_by_no_framework() -> None:
    assert not any(step.startswith(("framework", "check")) for step in api(EXTRACTED))


def test_how_errors_are_made_of_others_is_left_out() -> None:
    code = (
        ROUTE
        + """
struct ApiError;
impl From<u8> for ApiError { fn from(x: u8) -> Self { ApiError } }
impl IntoResponse for ApiError { fn into_response(self) {} }
async fn go() -> ApiError { ApiError }
"""
    )
    assert [step for step in api(code) if step.startswith("framework")] == [
        "framework <ApiError as IntoResponse>::into_response"
    ]


def test_of_a_part_the_checks_and_conversions_are_run_and_no_extractors() -> None:
    code = (
        ROUTE
        + """
struct In { id: Id }
struct Id;
impl Validate for Id { fn validate(&self) {} }
impl TryFrom<u8> for Id { fn try_from(x: u8) {} }
impl FromRequest for Id { fn from_request() {} }
async fn go(given: In) {}
"""
    )
    found = [step for step in api(code) if step.startswith(("framework", "check"))]
    assert found == ["check <Id as Validate>::validate", "check <Id as TryFrom>::try_from"]


def test_what_an_alias_of_the_signature_stands_for_is_run_too() -> None:
    code = (
        ROUTE
        + """
struct Auth;
type User = Wrapped<Auth>;
impl FromRequestParts for Auth { fn from_request_parts() {} }
async fn go(user: User) {}
"""
    )
    assert "framework <Auth as FromRequestParts>::from_request_parts" in api(code)


NAMED = """
#[derive(Deserialize, Validate)]
struct In {
    #[serde(default = "usual", with = "elsewhere::codec")]
    #[validate(custom(function = "is_good"), length(min = 1))]
    name: String,
    #[doc = "unmentioned"]
    #[serde(rename = "Other")]
    other: Other,
}
struct Other;
fn usual() {}
fn is_good() {}
fn unmentioned() {}
async fn go(given: In) {}
"""


def test_functions_that_attributes_of_a_handlers_input_name_are_checks() -> None:
    assert api(ROUTE + NAMED, "In", Way.SIGNATURE) == [
        "check usual",
        "check is_good",
        "part Other",
    ]


def test_they_are_none_of_another_type_nor_where_no_route_leads() -> None:
    assert api(ROUTE + NAMED, "In", Way.TYPE) == ["part Other"]
    assert api(NAMED, "In", Way.SIGNATURE) == ["part Other"]


MODEL = """
#[derive(Clone, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model { pub id: u8 }
pub struct Plain;
impl Entity { pub fn all() {} }
"""


def test_a_function_leads_to_the_rows_whose_derived_types_it_names() -> None:
    files = {"db.rs": "pub mod user;\npub mod team;\n", "db/user.rs": MODEL, "db/team.rs": MODEL}
    code = "use crate::db::user;\nfn go() { user::Entity::find().filter(user::Column::Id) }\n"
    found = steps(files | {"api.rs": code})
    assert [step for step in found if step.startswith("row")] == ["row db/user.rs::Model"]
    for kind in ("ActiveModel", "Model", "Relation"):
        code = f"fn go() {{ team::{kind} }}\n"
        assert "row db/team.rs::Model" in steps(files | {"api.rs": code})


def test_who_could_write_a_row_leads_to_what_runs_before_that_too() -> None:
    behaviour = """
impl ActiveModelBehavior for ActiveModel { fn before_save(self) {} }
impl Clone for ActiveModel { fn clone(&self) {} }
"""
    files = {"db.rs": "pub mod user;\n", "db/user.rs": MODEL + behaviour}
    found = steps(files | {"api.rs": "fn go() { user::ActiveModel {} }"})
    assert found == [
        "row db/user.rs::Model",
        "row db/user.rs::<ActiveModel as ActiveModelBehavior>::before_save",
    ]
    assert steps(files | {"api.rs": "fn go() { user::Model {} }"}) == ["row db/user.rs::Model"]


def test_a_function_that_stands_beside_a_row_works_on_it() -> None:
    files = {"api.rs": "fn go() {}", "db.rs": "pub mod user;\n", "db/user.rs": MODEL}
    assert steps(files, "db/user.rs::Entity::all") == ["row db/user.rs::Model"]
    assert not any(step.startswith("row") for step in steps(files))


# What says nothing new


def is_plain(code: str, of: str = "f") -> bool:
    source = opened(
        {"src/lib.rs": f"{code}\nstruct A; const MOST: u8 = 1; enum E {{ X, Y(u8) }}\n"}
    )
    return Novelty(Callgraph(source)).is_plain(item(source, f"lib.rs::{of}"))


GETTERS = {
    "a field": "fn f(&self) -> &str { &self.name }",
    "a field of a field": "fn f(&self) -> u8 { self.a.b.c }",
    "nothing": "fn f() {}",
    "one call": "fn f(&self) -> String { self.name.clone() }",
    "one call with a type": "fn f(&self) -> T { self.name.into::<T>() }",
    "a text": 'fn f() -> &str { "name" }',
    "a comment with a call": "fn f(&self) -> u8 { self.a /* if g() { h() } */ }",
    "a text with a call": 'fn f(&self) -> u8 { "if g(h()) ;" }',
    "a value in a tuple": "fn f(&self) -> (u8, u8) { (self.a, self.b) }",
}
TELLING = {
    "two calls": "fn f(&self) -> String { self.a.b().c() }",
    "a call into the source": "fn f() { g() }\nfn g() {}",
    "a branch": "fn f(a: bool) -> u8 { if a { 1 } else { 2 } }",
    "a match": "fn f(a: u8) -> u8 { match a { _ => 2 } }",
    "a closure": "fn f(a: T) -> u8 { a.map(|x| x) }",
    "a macro": 'fn f() -> String { format!("a") }',
    "two statements": "fn f() -> u8 { let a = 1; a }",
    "a loop": "fn f() { loop {} }",
    "a number": "fn f() -> u8 { 7 }",
    "a comparison": "fn f(&self) -> bool { self.a == self.b }",
    "an order": "fn f(&self) -> bool { self.a < self.b }",
    "a condition": "fn f(&self) -> bool { self.a && self.b }",
    "a negation": "fn f(a: bool) -> bool { !a }",
    "a constant": "fn f() -> u8 { MOST }",
    "a variant": "fn f() -> E { E::X }",
    "a variant with data": "fn f() -> E { E::Y(1) }",
}


@pytest.mark.parametrize("code", GETTERS.values(), ids=GETTERS)
def test_a_getter_says_nothing_new(code: str) -> None:
    assert is_plain(code)


@pytest.mark.parametrize("code", TELLING.values(), ids=TELLING)
def test_what_does_more_than_get_says_something(code: str) -> None:
    assert not is_plain(code)


def test_what_is_only_declared_says_nothing_and_a_default_does() -> None:
    code = "trait T { fn f(&self); fn g(&self) { self.f(); self.f(); } }"
    assert is_plain(code, "T::f")
    assert not is_plain(code, "T::g")


LONG = "{ let a = 1; if a { b(); } c() }"


@pytest.mark.parametrize(
    ("code", "of", "is_error"),
    [
        (f"struct HttpError; impl HttpError {{ fn f() {LONG} }}", "HttpError::f", True),
        (f"struct Error; impl Error {{ fn f() {LONG} }}", "Error::f", True),
        (f"struct Error; impl T for Error {{ fn f() {LONG} }}", "<Error as T>::f", False),
        (f"struct Errors; impl Errors {{ fn f() {LONG} }}", "Errors::f", False),
        (f"fn error() {LONG}", "error", False),
    ],
)
def test_who_makes_errors_says_nothing_but_their_traits_do(
    code: str,
    of: str,
    is_error: bool,  # noqa: FBT001
) -> None:
    assert is_plain(code, of) is is_error


def common(running: int, entries: int) -> tuple[bool, bool]:
    """Tell whether a function, and a type, are common that so many of the entries run through."""
    used = "use crate::core::{shared, Shared};\n"
    code = used + "".join(
        f"fn e{at}() {{ {'shared(); let x: Shared;' if at < running else ''} }}\n"
        for at in range(entries)
    )
    source = opened(
        {
            "src/lib.rs": MODS,
            "src/api.rs": code,
            "src/core.rs": "pub fn shared() { 1; }\npub struct Shared;\n",
        },
        entries=[f"api.rs::e{at}" for at in range(entries)],
    )
    judge, entry = Novelty(Callgraph(source)), item(source, "api.rs::e0")
    function, kind = item(source, "core.rs::shared"), item(source, "core.rs::Shared")
    return judge.is_common_call(function, entry), judge.is_common(kind, entry)


@pytest.mark.parametrize(
    ("running", "entries", "are"),
    [
        (30, 30, (True, True)),
        (16, 30, (True, True)),
        (15, 30, (False, True)),
        (11, 30, (False, True)),
        (10, 30, (False, False)),
        (1, 30, (False, False)),
        (5, 5, (False, False)),
        (6, 6, (True, True)),
        (5, 6, (False, False)),
    ],
)
def test_what_more_than_half_of_the_features_run_through_and_a_third_name_is_common(
    running: int, entries: int, are: tuple[bool, bool]
) -> None:
    assert common(running, entries) == are


def test_what_stands_in_the_entrys_own_file_is_never_common() -> None:
    code = "struct S;\nfn shared(x: S) { 1; }\n" + "".join(
        f"fn e{at}() {{ shared(S) }}\n" for at in range(9)
    )
    source = opened(
        {"src/lib.rs": "mod api;", "src/api.rs": code}, entries=[f"api.rs::e{n}" for n in range(9)]
    )
    judge, entry = Novelty(Callgraph(source)), item(source, "api.rs::e0")
    assert not judge.is_common_call(item(source, "api.rs::shared"), entry)
    assert not judge.is_common(item(source, "api.rs::S"), entry)
