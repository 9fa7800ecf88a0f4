"""Which calls a body makes, as far as syntax tells, and what is left undecided."""

# ruff: noqa: E501, ISC004 - a case of Rust reads best on one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.rust import Call, Certainty, Codebase, Kind, Mention
from tests.rust.files import Tree


def calls_of(tree: Tree, caller: str, path: str = "src/lib.rs") -> tuple[Call, ...]:
    rust = tree.rust(path)
    assert rust is not None
    return Codebase(tree).calls(path, rust.find(caller))


def resolved(tree: Tree, caller: str, path: str = "src/lib.rs") -> list[str]:
    """Give the callees in source order, each with its file unless that is the crate's root."""
    calls = calls_of(tree, caller, path)
    places = [str(call.callee) for call in calls if call.callee is not None]
    return [place.removeprefix("src/lib.rs::").removeprefix("src/") for place in places]


def undecided(tree: Tree, caller: str) -> set[str]:
    calls = calls_of(tree, caller)
    return {call.name for call in calls if call.certainty is Certainty.UNDECIDED}


QUEUE = """
pub struct Producer<T>(Vec<T>);
impl<T> Producer<T> { pub fn send(&self, task: T) {} pub fn inner(&self) -> &Vec<T> { &self.0 } }
pub struct Mailer;
impl Mailer { pub fn send(&self, text: &str) {} pub fn new() -> Self { Mailer } }
pub enum Task { One(Mailer), Two { mailer: Mailer } }
pub type Tasks = Producer<Task>;
pub struct Inner { pub mailer: Mailer, pub tasks: Tasks }
pub type Shared = std::sync::Arc<Inner>;
#[derive(Clone)]
pub struct State { pub tasks: Tasks, pub mailer: Mailer }
pub fn mailer() -> Mailer { Mailer }
pub async fn fetch(on: &Mailer) -> Result<Option<Mailer>, String> { Ok(None) }
pub trait Loud { fn shout(&self) -> Mailer; fn twice(&self) { self.shout(); } }
impl Loud for Mailer { fn shout(&self) -> Mailer { Mailer } }
pub trait Calm { fn calm(self) -> u8; }
impl<T, E> Calm for Result<T, E> { fn calm(self) -> u8 { 0 } }
"""

ON_MAILER = {
    "a parameter": "fn f(x: &Mailer) { x.send(0) }",
    "a mutable reference": "fn f(x: &mut Mailer) { x.send(0) }",
    "a let with a type": "fn f() { let x: Mailer = todo!(); x.send(0) }",
    "a returned value": "fn f() { let x = mailer(); x.send(0) }",
    "a chain": "fn f() { mailer().send(0) }",
    "an associated function": "fn f() { let x = Mailer::new(); x.send(0) }",
    "a struct literal": "fn f() { let x = Mailer {}; x.send(0) }",
    "a field": "fn f(s: &State) { s.mailer.send(0) }",
    "an alias of a smart pointer": "fn f(s: Shared) { s.mailer.send(0) }",
    "a destructured extractor": (
        "fn f(Extract(State { ref mailer, .. }): Extract<State>) { mailer.send(0) }"
    ),
    "a renamed field of a pattern": "fn f(State { mailer: m, .. }: State) { m.send(0) }",
    "an option": "fn f(x: Option<Mailer>) { x.unwrap().send(0) }",
    "an if let": "fn f(x: Option<&Mailer>) { if let Some(m) = x { m.send(0) } }",
    "a let else": "fn f(x: Option<Mailer>) { let Some(m) = x else { return }; m.send(0) }",
    "a let chain": "fn f(x: Option<Mailer>) { if let Some(m) = x && true { m.send(0) } }",
    "a match": "fn f(x: Result<Mailer, u8>) { match x { Ok(m) => m.send(0), Err(_) => {} } }",
    "an error": "fn f(x: Result<u8, Mailer>) { if let Err(m) = x { m.send(0) } }",
    "a variant": "fn f(x: Task) { match x { Task::One(m) => m.send(0), _ => {} } }",
    "a variant with fields": "fn f(x: Task) { if let Task::Two { mailer } = x { mailer.send(0) } }",
    "a block that ends in an if": "fn f(b: bool) { let x = { if b { mailer() } else { mailer() } }; x.send(0) }",
    "a dereferenced raw pointer": "fn f(x: *const Mailer) { unsafe { (*x).send(0) } }",
    "the third of a tuple": "fn f(x: (u8, u8, Mailer)) { let (_, a, m) = x; m.send(0) }",
    "the second of a tuple": "fn f(x: (u8, Mailer)) { let (_, m) = x; m.send(0) }",
    "a field of a tuple": "fn f(x: (u8, Mailer)) { x.1.send(0) }",
    "an await and a question mark": (
        "async fn f(x: Mailer) -> Result<(), String> {"
        ' let y = fetch(&x).await?.ok_or("")?; y.send(0); Ok(()) }'
    ),
    "a loop": "fn f(x: Vec<Mailer>) { for m in &x { m.send(0) } }",
    "a loop over what is enumerated": (
        "fn f(x: Vec<Mailer>) { for (i, m) in x.iter().enumerate() { m.send(0) } }"
    ),
    "a closure of an iterator": "fn f(x: &[Mailer]) { x.iter().for_each(|m| m.send(0)) }",
    "a closure after a map": "fn f(x: Vec<u8>) { x.iter().map(|_| mailer()).for_each(|m| m.send(0)) }",
    "a closure on an option": "fn f(x: Option<Mailer>) { x.map(|m| m.send(0)); }",
    "a closure on an error": "fn f(x: Result<u8, Mailer>) { x.map_err(|m| m.send(0)); }",
    "an async block": "fn f(x: Mailer) { spawn(async move { x.send(0) }) }",
    "a box": "fn f(x: Box<Mailer>) { x.send(0) }",
    "an arc that is made": "fn f() { let x = std::sync::Arc::new(Mailer); x.send(0) }",
    "an index": "fn f(x: Vec<Mailer>) { x[0].send(0) }",
    "an element of a part": "fn f(x: Vec<Mailer>) { x[1..][0].send(0) }",
    "a map's value": "fn f(x: std::collections::HashMap<u8, Mailer>) { x.get(&0).unwrap().send(0) }",
    "a lock": "async fn f(x: Mutex<Mailer>) { x.lock().await.send(0) }",
    "a lock of std": "fn f(x: Mutex<Mailer>) { x.lock()?.send(0) }",
    "a lock of std that is unwrapped": "fn f(x: Mutex<Mailer>) { x.lock().unwrap().send(0) }",
    "a lock of std that is expected": 'fn f(x: RwLock<Mailer>) { x.write().expect("").send(0) }',
    "a lock behind a shared pointer": "async fn f(x: std::sync::Arc<RwLock<Mailer>>) { x.read().await.send(0) }",
    "what a lock of std holds": "fn f(x: Mutex<Vec<Mailer>>) { x.lock().unwrap().iter().for_each(|m| m.send(0)) }",
    "a cast": "fn f(x: u8) { (x as Mailer).send(0) }",
    "an argument of a macro": 'fn f(x: Mailer) { assert!(x.send(0), "{}", 1) }',
    "a join": "async fn f(x: Mailer) { let (a, m) = tokio::join!(g(), async { mailer() }); m.send(0) }",
    "a join that is tried": (
        "async fn f() -> Result<(), u8> { let (a, m) = tokio::try_join!(g(), fetch(&x))?; m.unwrap().send(0); Ok(()) }"
    ),
    "the right of an and": "fn f(x: &Mailer, b: bool) -> bool { b && x.send(0) }",
    "a select": "async fn f() { tokio::select! { m = async { mailer() } => m.send(0), else => {} } }",
    "the guard of a matches": "fn f(x: Mailer) { matches!(y, Some(v) if x.send(v)); }",
    "the condition of a select": "async fn f(x: Mailer) { tokio::select! { m = g(), if x.send(0) => {} } }",
    "a matches": "fn f(x: Mailer) { matches!(x.send(0), Some(_) if true); }",
    "a field of a log line": 'fn f(x: Mailer) { tracing::error!(error = ?x.send(0), "no") }',
    "a JSON value": 'fn f(x: Mailer) { json!({ "a": { "b": x.send(0) } }); }',
    "a vec": "fn f(x: Mailer) { vec![x.send(0); 3]; }",
    "a clone": "fn f(x: &Mailer) { x.clone().send(0) }",
    "a shadowed name": "fn f(x: Tasks) { let x = mailer(); x.send(0) }",
    "an if with two ends": "fn f(b: bool) { let x = if b { mailer() } else { mailer() }; x.send(0) }",
    "a block": "fn f() { let x = { let y = mailer(); y }; x.send(0) }",
    "a generic return type": (
        "fn id<T>(x: T) -> Option<T> { Some(x) } fn f(x: Mailer) { id(x).unwrap().send(0) }"
    ),
    "what a closure gives to a generic function": (
        "fn run<F, R>(g: F) -> R where F: Fn() -> R { g() } fn f() { run(|| mailer()).send(0) }"
    ),
    "a const function": "const fn made() -> Mailer { Mailer } fn f() { made().send(0) }",
    "an error that a function makes": "fn f() { if let Err(m) = elsewhere().map_err(|_| mailer()) { m.send(0) } }",
    "an import in an inner block": (
        "mod b { pub fn made() -> super::Tasks { todo!() } } mod a { pub fn made() -> super::Mailer { super::Mailer } }"
        " use a::made; fn f(x: bool) { if x { use b::made; made(); } made().send(0) }"
    ),
    "a type of ours that is called like one of std": (
        "struct Iter<K> { k: K } impl<K> Iterator for Iter<K> { type Item = Mailer; fn next(&mut self) -> Option<Mailer> { None } }"
        " fn f(it: Iter<Tasks>) { for m in it { m.send(0) } }"
    ),
    "a future of ours": (
        "impl std::future::Future for Tasks { type Output = Mailer; } async fn f(x: Tasks) { x.await.send(0) }"
    ),
    "a struct whose field tells its type": (
        "struct W<T = Tasks> { t: T } fn f() { let w = W { t: Mailer }; w.t.send(0) }"
    ),
    "what a generic struct was made with": (
        "struct W<T> { t: T } impl<T> W<T> { fn new(t: T) -> Self { W { t } } fn get(&self) -> &T { &self.t } }"
        " fn f() { let w = W::new(Mailer); w.get().send(0) }"
    ),
    "the other end of an if": "fn f(b: bool) { let x = if b { todo() } else { mailer() }; x.send(0) }",
    "a call in an else": "fn f(b: bool) { if b {} else { mailer().send(0) } }",
    "a call in an else if": "fn f(b: bool) { if b {} else if b { mailer().send(0) } }",
    "the left of an operator": "fn f(x: &Mailer) -> bool { x.send(0) == 1 }",
    "the right of an operator": "fn f(x: &Mailer) -> bool { 1 == x.send(0) }",
    "a variant that is made with fields": "impl Task { fn own(&self) -> Mailer { Mailer } } fn f() { let x = Task::Two { mailer: Mailer }; x.own().send(0) }",
    "a variant that is made": "impl Task { fn own(&self) -> Mailer { Mailer } } fn f() { let x = Task::One(Mailer); x.own().send(0) }",
    "what becomes a future of ours": "impl std::future::IntoFuture for Tasks { type Output = Mailer; } async fn f(x: Tasks) { x.await.send(0) }",
    "an async function": "async fn made() -> Mailer { Mailer } async fn f() { made().await.send(0) }",
    "a qualified path of a foreign trait": "impl Default for Mailer { fn default() -> Self { Mailer } } fn f() { <Mailer as Default>::default().send(0) }",
    "a closure for a function pointer": "fn each(g: fn(Mailer)) {} fn f() { each(|m| m.send(0)) }",
    "what a function pointer gives": "fn f(g: fn(u8) -> Mailer) { g(1).send(0) }",
    "a closure for a bound": "fn each<F: Fn(Mailer)>(g: F) {} fn f() { each(|m| m.send(0)) }",
    "an array": "fn f(x: [Mailer; 2]) { x[0].send(0) }",
    "the first of a slice": "fn f(x: &[Mailer]) { if let [m, ..] = x { m.send(0) } }",
    "the last of a slice": "fn f(x: &[Mailer]) { if let [.., m] = x { m.send(0) } }",
    "a closure that says what it gives": "fn f() { let g = |a: u8| -> Mailer { todo!() }; g(1).send(0) }",
    "a parameter of a closure": "fn f() { let g = |m: &Mailer| m.send(0); }",
    "what is awaited together": "async fn made() -> Mailer { Mailer } async fn f() { for m in futures::future::join_all(vec![made()]).await { m.send(0) } }",
    "what is tried together": "async fn made() -> Result<Mailer, u8> { Ok(Mailer) } async fn f() -> Result<(), u8> { for m in futures::future::try_join_all(vec![made()]).await? { m.send(0) } Ok(()) }",
    "the second of a zip": "fn f(a: Vec<u8>, x: Vec<Mailer>) { for (i, m) in a.iter().zip(x) { m.send(0) } }",
    "a later arm of a match": "fn f(b: u8) { let x = match b { 0 => todo(), _ => mailer() }; x.send(0) }",
    "the guard behind a _": "fn f(n: u8, x: Mailer) { match n { _ if n > x.send(1) => {}, _ => {} } }",
    "the guard of a match": "fn f(b: u8, x: Mailer) { match b { 0 if x.send(1) => {}, _ => {} } }",
    "the condition of a while": "fn f(x: Mailer) { while x.send(0) { x.send(1) } }",
    "a while let": "fn f(x: Vec<Mailer>) { while let Some(m) = x.pop() { m.send(1) } }",
    "a dereference": "fn f(x: &Mailer) { (*x).send(0) }",
    "a dereferenced box": "fn f(x: Box<Mailer>) { (*x).send(0) }",
    "a dereferenced guard": "fn f(x: Mutex<Mailer>) { (*x.lock().unwrap()).send(0) }",
    "an associated constant": "impl Mailer { const M: Mailer = Mailer; } fn f() { Mailer::M.send(0) }",
    "a reference in a pattern": "fn f(x: &Option<Mailer>) { if let &Some(ref m) = x { m.send(0) } }",
    "a name for a pattern": "fn f(x: Mailer) { let m @ _ = x; m.send(0) }",
    "one of two patterns": "fn f(x: Result<Mailer, Mailer>) { match x { Ok(m) | Err(m) => m.send(0) } }",
    "an extractor of another crate": "fn f(Json(m): Json<Mailer>) { m.send(0) }",
    "the second of a tuple struct": "struct P(u8, Mailer); fn f(P(_, m): P) { m.send(0) }",
    "a static": "static M: Mailer = Mailer; fn f() { M.send(0) }",
    "what a closure gives that is called on the spot": "fn f() { (|| mailer())().send(0) }",
    "what an async block gives to a generic function": (
        "fn run<T, F: Future<Output = T>>(x: F) -> T { todo!() } fn f() { run(async { mailer() }).send(0) }"
    ),
    "what a method gives back that is called by its path": (
        "impl Tasks { fn back<T>(&self, x: T) -> T { x } } fn f(t: Tasks) { Producer::back(&t, mailer()).send(0) }"
    ),
    "what a method gives back that takes a pointer to self": (
        "impl State { fn back<T>(self: Box<Self>, x: T) -> T { x } } fn f(s: Box<State>) { s.back(mailer()).send(0) }"
    ),
    "a struct pattern for what nobody knows": "fn f() { let State { mailer, .. } = elsewhere(); mailer.send(0) }",
    "the second of two parameters that have defaults": (
        "struct W<A = Tasks, B = Mailer> { a: A, b: B } fn f(w: W) { w.b.send(0) }"
    ),
    "a generic struct that says its type": (
        "struct W<T = Tasks> { t: T } fn f() { let w = W::<Mailer> { t: elsewhere() }; w.t.send(0) }"
    ),
    "what a generic struct was made with beside what nobody knows": (
        "struct W<A, B> { a: A, b: B } impl<A, B> W<A, B> { fn first(&self) -> &A { &self.a } }"
        " fn f() { let w = W { a: Mailer, b: elsewhere() }; w.first().send(0) }"
    ),
    "what an impl for an argument that nobody knows gives": (
        "use crate::gone::X; struct W<T> { t: T } impl W<X> { fn own(&self) -> &Self { self } }"
        " fn f(w: W<Mailer>) { w.own().t.send(0) }"
    ),
    "a variant by an alias of its enum": (
        "type T = Task; fn f(x: Task) { match x { T::One(m) => m.send(0), T::Two { mailer } => mailer.send(1) } }"
    ),
    "one of two associated types": (
        "impl Iterator for State { type Other = Tasks; type Item = Mailer; fn next(&mut self) -> Option<Self::Item> { None } }"
        " fn f(mut x: State) { x.next().unwrap().send(0) }"
    ),
    "an element of a Vec of something": "fn f() { let x: Vec<_> = vec![mailer()]; x[0].send(0) }",
    "a constant of a trait": "trait T { const M: Mailer; } fn f() { T::M.send(0) }",
    "a constant of a trait on a type": (
        "trait T { const M: Mailer; } impl T for Task { const M: Mailer = Mailer; } fn f() { <Task as T>::M.send(0) }"
    ),
    "what a function gives that a variable holds": "fn f() { let g = mailer; g().send(0) }",
    "a stream of ours": (
        "impl futures::Stream for Tasks { type Item = Mailer; } async fn f(mut x: Tasks) { x.next().await.unwrap().send(0) }"
    ),
    "a closure for what a trait only declares": (
        "trait Each { fn each(&self, g: fn(Mailer)); } fn f(x: &dyn Each) { x.each(|m| m.send(0)) }"
    ),
    "an alias of a type of std": "type V = Vec<Mailer>; fn f() { V::new().pop().unwrap().send(0) }",
    "an argument of a macro of ours, before another function binds a name like it": (
        "macro_rules! odd { ($e:expr) => {} } fn f(x: Mailer) { odd!(x.send(0)) } fn g() { let x = 1; }"
    ),
    "a block's value behind the block of an arm": "fn f() { hashmap!(1 => {2} {mailer()}.send(0)) }",
    "a closure for a method that is called by its path": (
        "struct W<T>(T); impl<T> W<T> { fn map<U, F: Fn(&T) -> U>(&self, g: F) -> U { todo!() } }"
        " fn f(w: W<Mailer>) { W::map(&w, |m| m.send(0)) }"
    ),
    "an element of a Vec that says of what": "fn f() { Vec::<Mailer>::EMPTY.pop().unwrap().send(0) }",
    "a constant of an inline module": (
        "mod m { pub const M: super::Mailer = super::Mailer; } fn f() { m::M.send(0) }"
    ),
    "a default that is derived": (
        "#[derive(Default)] struct W { m: Mailer } fn f() { W::default().m.send(0) }"
    ),
    "a conversion that is derived": (
        "#[derive(From)] struct W { m: Mailer } fn f() { W::from(todo!()).m.send(0) }"
    ),
    "what a trait makes of whoever has it": (
        "trait Make: Sized { fn make() -> Self { todo!() } } impl Make for Mailer {} fn f() { Mailer::make().send(0) }"
    ),
    "a constant of a type parameter": (
        "trait Has { const M: Mailer; } fn f<T: Has>() { T::M.send(0) }"
    ),
    "what a trait makes by a function that a variable holds": (
        "trait Make: Sized { fn make() -> Self { todo!() } } impl Make for Mailer {}"
        " fn f() { let g = Mailer::make; g().send(0) }"
    ),
    "what stands behind a tuple in a tuple": (
        "fn f(x: ((u8, u8), Mailer)) { let ((a, b), m) = x; m.send(0) }"
    ),
    "a field of a generic struct": (
        "struct W<T> { t: T } fn f(w: W<Mailer>) { let W { t } = w; t.send(0) }"
    ),
    "what a generic tuple struct holds": "struct P<T>(T); fn f(P(m): P<Mailer>) { m.send(0) }",
    "a struct that a pattern names": "fn f() { if let Mailer = elsewhere() { Mailer.send(0) } }",
    "a function called like the module of a pattern": (
        "mod mailer { pub const A: u8 = 1; } fn f(b: u8) { match b { mailer::A => mailer().send(0), _ => {} } }"
    ),
    "a function called like the macro of a pattern": (
        "fn f(b: u8) { match b { mailer!() => mailer().send(0), _ => {} } }"
    ),
    "a function that a pattern calls": (
        "fn f(b: u8) { match b { const { mailer().0 } => mailer().send(0), _ => {} } }"
    ),
}


@pytest.mark.parametrize("code", ON_MAILER.values(), ids=ON_MAILER)
def test_a_method_is_resolved_on_the_type_of(code: str) -> None:
    tree = Tree.of(lib=QUEUE + code)
    assert "Mailer::send" in resolved(tree, "f")
    assert "Producer::send" not in resolved(tree, "f")


OTHERS = {
    "an alias with generics": ("fn f(x: &Tasks) { x.send(0) }", ["Producer::send"]),
    "a trait's member in its impl": (
        "fn f(x: Mailer) { x.shout().send(0) }",
        ["<Mailer as Loud>::shout", "Mailer::send"],
    ),
    "a trait's default": ("fn f(x: Mailer) { x.twice() }", ["Loud::twice"]),
    "an inherent impl of a dyn Trait": (
        "impl dyn Loud { fn go(&self) {} } impl dyn Calm { fn go(&self) {} } fn f(x: Box<dyn Loud>) { x.go() }",
        ["<dyn Loud>::go"],
    ),
    "a function of an extern block": (
        'extern "C" { fn strlen(); } fn f() { strlen() }',
        ["strlen"],
    ),
    "a bound": ("fn f<T: Loud>(x: T) { x.shout() }", ["Loud::shout"]),
    "a bound in a where clause": ("fn f<T>(x: T) where T: Loud { x.shout() }", ["Loud::shout"]),
    "an impl Trait": ("fn f(x: &impl Loud) { x.shout() }", ["Loud::shout"]),
    "a dyn Trait": ("fn f(x: Box<dyn Loud + Send>) { x.shout() }", ["Loud::shout"]),
    "a trait of ours on a type of std": (
        "async fn f(x: Mailer) { fetch(&x).await.calm(); }",
        ["fetch", "<Result as Calm>::calm"],
    ),
    "a qualified path": (
        "fn f(x: Mailer) { <Mailer as Loud>::shout(&x); }",
        ["<Mailer as Loud>::shout"],
    ),
    "a trait's path": ("fn f(x: Mailer) { Loud::shout(&x); }", ["Loud::shout"]),
    "a function as a value": ("fn f(x: Option<u8>) { x.map(g); } fn g(x: u8) {}", ["g"]),
    "a method as a value": (
        "fn f(x: Vec<Mailer>) { x.iter().map(Mailer::send) }",
        ["Mailer::send"],
    ),
    "a nested function": ("fn f() { fn g() {} g() }", ["f::g"]),
    "a nested function that hides one outside": (
        "fn f() { fn mailer() {} mailer() }",
        ["f::mailer"],
    ),
    "an import in a body": ("mod m { pub fn g() {} } fn f() { use m::g; g() }", ["m::g"]),
    "an associated function by an alias": (
        "type M = Mailer; fn f() { M::new() }",
        ["Mailer::new"],
    ),
    "a method by turbofish": (
        "struct S; impl S { fn g<T>(&self) -> T { todo!() } } fn f(s: S) { s.g::<Mailer>().send(0) }",
        ["S::g", "Mailer::send"],
    ),
    "a macro rule that takes expressions": (
        "macro_rules! m { ($e:expr) => { $e } } fn f() { m!(mailer()) }",
        ["mailer"],
    ),
    "a deref": (
        "struct D(Mailer); impl std::ops::Deref for D { type Target = Mailer;"
        " fn deref(&self) -> &Mailer { &self.0 } } fn f(d: D) { d.send(0) }",
        ["Mailer::send"],
    ),
    "a trait for str on a String": (
        "trait Up { fn up(&self); } impl Up for str { fn up(&self) {} }"
        ' fn f(s: String) { s.up(); format!("x").up() }',
        ["<str as Up>::up", "<str as Up>::up"],
    ),
    "a trait of ours on a type of std that only one of the two places writes in full": (
        "trait Up { fn up(&self); } impl Up for String { fn up(&self) {} } fn f(x: std::string::String) { x.up() }",
        ["<String as Up>::up"],
    ),
    "a trait of ours on nothing": (
        "trait Up { fn up(&self); } impl Up for () { fn up(&self) {} } fn g() -> () {} fn f() { g().up() }",
        ["g", "<() as Up>::up"],
    ),
    "a trait of ours on a tuple": (
        "trait Up { fn up(&self); } impl Up for (u8, u8) { fn up(&self) {} } fn f(x: (u8, u8)) { x.up() }",
        ["<(u8, u8) as Up>::up"],
    ),
    "a trait of the module, in a body that has imports": (
        "mod m { pub fn g() {} } fn f(x: Mailer) { use m::g; g(); x.shout(); { use m::g as h; x.shout() } }",
        ["m::g", "<Mailer as Loud>::shout", "<Mailer as Loud>::shout"],
    ),
    "one of two impls that the argument tells": (
        "trait Put<A> { fn put(&self, a: A); } impl Put<Task> for State { fn put(&self, a: Task) {} }"
        " impl Put<State> for State { fn put(&self, a: State) {} } fn f(s: State) { s.put(Task::One(todo!())) }",
        ["<State as Put<Task>>::put"],
    ),
    "one of two impls that the argument behind self tells": (
        "trait Put<A> { fn put(&self, a: A); } impl Put<Task> for State { fn put(&self, a: Task) {} }"
        " impl Put<State> for State { fn put(&self, a: State) {} } fn f(s: State, t: Task) { State::put(&s, t) }",
        ["<State as Put<Task>>::put"],
    ),
    "a closure that takes less than is given": (
        "fn each(g: fn(u8, u8)) {} fn f() { each(|a| mailer()) }",
        ["each", "mailer"],
    ),
    "a trait that is derived": (
        "#[derive(Loud)] struct D; fn f(x: D) { x.twice() }",
        ["Loud::twice"],
    ),
    "a trait of the module on a type of std, in a body that has imports": (
        "trait Up { fn up(&self); } impl Up for str { fn up(&self) {} } mod m { pub fn g() {} }"
        " fn f(s: &str) { use m::g; g(); s.up() }",
        ["m::g", "<str as Up>::up"],
    ),
    "a bound of a bound": (
        "trait Above { fn up(&self); } trait Below: Above {} fn f(x: impl Below) { x.up() }",
        ["Above::up"],
    ),
    "a bound behind one that two have": (
        "trait Base {} trait Left: Base {} trait Right: Base + Far {} trait Far { fn far(&self); }"
        " fn f(x: impl Left + Right) { x.far() }",
        ["Far::far"],
    ),
    "a module that stands as self in a list": (
        "mod m { pub mod n { pub fn g() {} } } use m::n::{self}; fn f() { n::g() }",
        ["m::n::g"],
    ),
    "a raw name": (
        "impl Mailer { fn r#loop(&self) {} } fn f(x: Mailer) { x.r#loop() }",
        ["Mailer::r#loop"],
    ),
    "the path of a type in brackets": ("fn f() { <Mailer>::new() }", ["Mailer::new"]),
    "the argument of a closure that is called on the spot": (
        "fn f() { (|x| x)(mailer()) }",
        ["mailer"],
    ),
    "a trait that a glob brings in": (
        "mod t { pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } }"
        " use t::*; fn f(x: std::fs::File) { x.far() }",
        ["t::<File as Far>::far"],
    ),
    "a trait that an import brings in": (
        "mod t { pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } }"
        " use t::Far as _; fn f(x: std::fs::File) { x.far() }",
        ["t::<File as Far>::far"],
    ),
    "a trait that globs in a circle bring in": (
        "mod a { pub use super::b::*; } mod b { pub use super::a::*; pub use super::t::*; } mod t {"
        " pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } }"
        " use a::*; fn f(x: std::fs::File) { x.far() }",
        ["t::<File as Far>::far"],
    ),
    "a module that a glob brings in": (
        "mod m { pub mod n { pub fn g() {} } } use m::*; fn f() { n::g() }",
        ["m::n::g"],
    ),
    "a module that a glob brings in beside a function of its name that is imported": (
        "mod a { pub fn n() {} } mod b { pub mod n { pub fn g() {} } } use a::n; use b::*;"
        " fn f() { n(); n::g() }",
        ["a::n", "b::n::g"],
    ),
    "a dyn Trait beside an impl Trait": (
        "fn each(x: impl Clone, g: impl Fn(&dyn Loud)) {} fn f(t: Tasks) { each(t, |l| l.shout()) }",
        ["each", "Loud::shout"],
    ),
    "an enum that dispatches": (
        "#[enum_dispatch] enum E { M(Mailer) } #[enum_dispatch(E)] trait Any { fn any(&self) {} }"
        " fn f(e: E) { e.any() }",
        ["Any::any"],
    ),
    "a function that a type parameter has the name of": (
        "fn f<mailer>() { mailer() }",
        ["mailer"],
    ),
    "a type parameter": ("fn f<T: Loud>(x: T) { T::shout(&x) }", ["Loud::shout"]),
    "the argument of a type of std": (
        "trait Up { fn up(); } impl Up for Vec<Mailer> { fn up() {} } impl Up for Vec<Task> { fn up() {} }"
        " fn f() { Vec::<Mailer>::up() }",
        ["<Vec<Mailer> as Up>::up"],
    ),
    "the trait that a path says, where a method of the type has the name too": (
        "trait Post { fn send(&self); } impl Post for Mailer { fn send(&self) {} } fn f(x: Mailer) { <Mailer as Post>::send(&x) }",
        ["Post::send"],
    ),
    "a constant where a pattern begins a range": (
        "trait Up { fn up(&self); } impl Up for u8 { fn up(&self) {} } const low: u8 = 1;"
        " fn f() { match elsewhere() { low..=9 => low.up(), _ => {} } }",
        ["<u8 as Up>::up"],
    ),
    "a variant of another crate that is imported": (
        "use elsewhere::Kind::A; trait Up { fn up(&self); } impl Up for elsewhere::Kind { fn up(&self) {} } fn f() { A.up() }",
        ["<Kind as Up>::up"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), OTHERS.values(), ids=OTHERS)
def test_a_call_is_resolved_through(code: str, expected: list[str]) -> None:
    assert resolved(Tree.of(lib=QUEUE + code), "f") == expected


def test_self_is_whoever_has_the_trait() -> None:
    assert resolved(Tree.of(lib=QUEUE), "Loud::twice") == ["Loud::shout"]


def test_self_is_the_type_of_the_impl() -> None:
    code = "struct A; impl A { fn a(&self) { self.b(); Self::c() } fn b(&self) {} fn c() {} }"
    assert resolved(Tree.of(lib=code), "A::a") == ["A::b", "A::c"]


@pytest.mark.parametrize("made", ["One(todo!())", "Two { mailer: Mailer }"])
def test_self_leads_to_the_variants_of_its_enum(made: str) -> None:
    code = f"impl Task {{ fn own(&self) -> Mailer {{ Mailer }} fn f() {{ Self::{made}.own().send(0) }} }}"
    assert resolved(Tree.of(lib=QUEUE + code), "Task::f") == ["Task::own", "Mailer::send"]


def test_a_function_of_an_associated_type_is_undecided() -> None:
    code = "trait Id { type Output; } impl Id for Task { type Output = Mailer; fn f() { Self::Output::new() } }"
    tree = Tree.of(lib=QUEUE + code)
    assert resolved(tree, "<Task as Id>::f") == []
    assert undecided(tree, "<Task as Id>::f") == {"new"}


def test_an_associated_type_of_the_impl_is_what_it_says() -> None:
    code = (
        "impl Iterator for Tasks { type Item = Mailer;"
        " fn next(&mut self) -> Option<Self::Item> { None }"
        " fn go(&mut self) { let x: Self::Item = todo!(); x.send(0) } }"
    )
    assert resolved(Tree.of(lib=QUEUE + code), "<Tasks as Iterator>::go") == ["Mailer::send"]


MODULES = {
    "crate": "fn f() { crate::a::go() }",
    "self": "fn f() { self::a::go() }",
    "use": "use crate::a::go; fn f() { go() }",
    "use with a rename": "use crate::a::go as went; fn f() { went() }",
    "a list of uses": "use crate::a::{b::other, go}; fn f() { go() }",
    "self at the end of a list": "use crate::a::b::{self, other}; use crate::a::{go, self as went}; fn f() { go() }",
    "self in a list": "use crate::a::{self}; fn f() { a::go() }",
    "a glob": "use crate::a::*; fn f() { go() }",
    "a re-export": "use crate::c::go; fn f() { go() }",
    "a re-export by glob": "use crate::d::go; fn f() { go() }",
    "an inline module": "mod i { pub fn f() { super::a::go() } } use i::f as f2; fn f() { a::go() }",
}


@pytest.mark.parametrize("code", MODULES.values(), ids=MODULES)
def test_a_path_leads_through(code: str) -> None:
    tree = Tree.of(
        lib=f"mod a; mod c; mod d; {code}",
        a="pub mod b; pub fn go() {}",
        a__b="pub fn go() {} pub fn other() { super::go() }",
        c="pub use crate::a::go;",
        d="pub use crate::a::*;",
    )
    assert resolved(tree, "f") == ["a.rs::go"]
    assert resolved(tree, "other", "src/a/b.rs") == ["a.rs::go"]


def test_modules_are_found_where_rust_looks_for_them() -> None:
    tree = Tree.of(
        lib='mod a; #[path = "odd/place.rs"] mod p; fn f() { a::b::go(); p::go(); p::c::go() }',
        a__mod="pub mod b;",
        a__b="pub fn go() {}",
        odd__place="pub fn go() {} pub mod c;",
        odd__c="pub fn go() {}",
    )
    assert resolved(tree, "f") == ["a/b.rs::go", "odd/place.rs::go", "odd/c.rs::go"]


def test_modules_of_a_crate_at_the_top_are_found() -> None:
    files = {"lib.rs": b"mod a { pub mod b; } fn f() { a::b::go() }", "a/b.rs": b"pub fn go() {}"}
    assert resolved(Tree(files), "f", "lib.rs") == ["a/b.rs::go"]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("c.rs", "src/a/c.rs"),
        ("./c.rs", "src/a/c.rs"),
        ("d/é.rs", "src/a/d/é.rs"),
        ("../other/c.rs", "src/other/c.rs"),
        ("../../c.rs", "c.rs"),
    ],
)
def test_a_path_attribute_is_read_from_the_folder_of_its_file(written: str, path: str) -> None:
    files = {
        "src/lib.rs": "mod a;",
        "src/a.rs": "mod b;",
        "src/a/b.rs": f'#[path = "{written}"] mod c; fn f() {{ c::go() }}',
        path: "pub fn go() {}",
    }
    tree = Tree({path: text.encode() for path, text in files.items()})
    assert [str(call.callee) for call in calls_of(tree, "f", "src/a/b.rs")] == [f"{path}::go"]


@pytest.mark.parametrize("glob", ["use *;", "use {*};", "use crate::*;"])
def test_a_glob_of_no_path_is_of_the_crate(glob: str) -> None:
    tree = Tree.of(lib="mod a; pub fn go() {}", a=f"{glob} fn f() {{ go() }}")
    assert resolved(tree, "f", "src/a.rs") == ["go"]


def test_circles_of_globs_and_aliases_come_to_an_end() -> None:
    tree = Tree.of(
        lib="mod a; mod b; use a::*; type X = Y; type Y = X; fn f(x: X) { go(); x.go(); lost() }",
        a="pub use crate::b::*; pub fn go() {}",
        b="pub use crate::a::*; pub use crate::*;",
    )
    assert resolved(tree, "f") == ["a.rs::go"]


def crates(main: str) -> Tree:
    """Give a library, and a program that depends on it."""
    files = {
        "one/Cargo.toml": '[package]\nname = "first-one"\n',
        "one/src/lib.rs": "pub mod m; pub use m::go;",
        "one/src/m.rs": "pub fn go() {}",
        "two/Cargo.toml": (
            "[dependencies]\nfirst-one = { path = '../one' }\ngone = { path = '../gone' }\n"
        ),
        "two/src/main.rs": main,
    }
    return Tree({path: text.encode() for path, text in files.items()})


@pytest.mark.parametrize(
    "main",
    [
        "use first_one::go; fn main() { go() }",
        "fn main() { first_one::m::go() }",
        "fn main() { ::first_one::m::go() }",
        "use first_one::m; fn main() { m::go() }",
        "use first_one; fn main() { first_one::go() }",
        "use first_one as other; fn main() { other::go() }",
        "use ::first_one as other; fn main() { other::m::go() }",
        "use first_one::*; fn main() { go() }",
        "use first_one::*; fn main() { m::go() }",
    ],
)
def test_another_crate_of_the_tree_is_known_by_its_name(main: str) -> None:
    assert resolved(crates(main), "main", "two/src/main.rs") == ["one/src/m.rs::go"]


@pytest.mark.parametrize(
    "main",
    [
        "fn main() { first_one::gone::deep::go() }",
        "fn main() { gone::go() }",
        "use other::*; fn main() { go() }",
    ],
)
def test_what_another_crate_does_not_have_is_not_found(main: str) -> None:
    assert resolved(crates(main), "main", "two/src/main.rs") == []


def test_crates_have_their_names_and_each_is_a_root() -> None:
    codebase = Codebase(crates("pub fn main() {}"))
    assert codebase.names(["first_one", "m", "go"])
    assert codebase.names(["crate", "m", "go"])
    assert codebase.names(["crate", "main"])
    assert not codebase.names(["gone", "go"])
    assert not codebase.names(["other", "go"])


def test_what_a_glob_of_a_module_that_a_glob_brings_in_has_is_in_scope_whoever_asks_first() -> None:
    tree = Tree.of(
        lib="mod a; pub use a::*; fn f() { go() }",
        a="pub mod inner { pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } }"
        " pub use crate::inner::*; fn g(x: std::fs::File) { x.far() }",
    )
    codebase = Codebase(tree)
    for path, caller in (("src/lib.rs", "f"), ("src/a.rs", "g")):
        rust = tree.rust(path)
        assert rust is not None
        calls = codebase.calls(path, rust.find(caller))
    assert [str(call.callee) for call in calls] == ["src/a.rs::inner::<File as Far>::far"]


def test_traits_come_by_as_many_globs_as_there_are() -> None:
    chain = "".join(f"mod m{n} {{ pub use super::m{n + 1}::*; }}\n" for n in range(1500))
    trait = "mod m1500 { pub trait Up { fn up(&self); } impl Up for str { fn up(&self) {} } }"
    tree = Tree.of(lib=f"{chain}{trait} use m0::*; fn f(x: &str) {{ x.up() }}")
    assert resolved(tree, "f") == ["m1500::<str as Up>::up"]


def test_what_stands_in_the_module_around_is_not_in_scope() -> None:
    code = (
        "trait Up { fn up(&self); } impl Up for str { fn up(&self) {} }"
        " mod i { use other::*; fn f(x: &str) { mailer(); x.up() } }"
    )
    tree = Tree.of(lib=QUEUE + code)
    assert resolved(tree, "i::f") == []
    assert undecided(tree, "i::f") == set()


def test_a_function_sees_what_stands_beside_it_in_a_body() -> None:
    tree = Tree.of(lib="fn f() { fn g() { h() } fn h() {} }")
    assert resolved(tree, "f::g") == ["f::h"]


@pytest.mark.parametrize("lib", ["lib.rs", "src/lib.rs", "src/b.rs"])
def test_what_stands_in_a_module_that_a_macro_seems_to_declare_is_undecided(lib: str) -> None:
    folder = lib.removesuffix("lib.rs").replace(".rs", "/")
    files = {lib: b"declare!(a); fn f() { a::go() }", f"{folder}a.rs": b"pub fn go() {}"}
    [call] = calls_of(Tree({"src/lib.rs": b"mod b;", **files}), "f", lib)
    assert (call.name, call.certainty) == ("go", Certainty.UNDECIDED)


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("src/gone/deep/er.rs", {}),
        ("src/a.rs", {"src/lib.rs": b"mod a { pub fn only() {} }"}),
        ("src/a/mod.rs", {"src/lib.rs": b"mod a;"}),
        ("lib.rs", {}),
    ],
)
def test_a_call_in_the_same_file_is_found_wherever_the_file_stands(
    path: str, files: dict[str, bytes]
) -> None:
    tree = Tree({**files, path: b"fn f() { go() } fn go() {}"})
    assert [str(call.callee) for call in calls_of(tree, "f", path)] == [f"{path}::go"]


@pytest.mark.parametrize("path", ["src/a.rs", "src/a/mod.rs", "src/a/b.rs", "src/a/b/mod.rs"])
def test_a_path_from_the_crate_is_followed_wherever_a_module_stands(path: str) -> None:
    files = {"src/lib.rs": b"mod a; fn go() {}", "src/a.rs": b"mod b;"}
    if path == "src/a/mod.rs":
        del files["src/a.rs"]
    tree = Tree({**files, path: b"fn f() { crate::go() }"})
    assert resolved(tree, "f", path) == ["go"]


def test_a_module_that_a_body_declares_is_found_where_its_file_is() -> None:
    tree = Tree.of(lib="fn f() { fn g() { mod a; a::go() } }", a="pub fn go() {}")
    assert resolved(tree, "f::g") == ["a.rs::go"]


def test_a_dependency_that_the_workspace_has_too_is_another_where_the_package_says_so() -> None:
    tree = Tree(
        {
            "Cargo.toml": b'[workspace.dependencies]\nfirst-one = { path = "one" }\n',
            "one/Cargo.toml": b'[package]\nname = "first-one"\n',
            "one/src/lib.rs": b"pub fn go() {}",
            "two/Cargo.toml": b'[dependencies]\nfirst-one = "1"\n',
            "two/src/main.rs": b"fn main() { first_one::go() }",
        }
    )
    assert resolved(tree, "main", "two/src/main.rs") == []


def test_a_program_knows_the_library_of_its_package_by_name() -> None:
    tree = Tree(
        {
            "Cargo.toml": b'[package]\nname = "first-one"\n',
            "src/lib.rs": b"pub fn go() {}",
            "src/main.rs": b"fn main() { first_one::go() }",
        }
    )
    assert resolved(tree, "main", "src/main.rs") == ["go"]


@pytest.mark.parametrize("top", ["", "ws/"])
def test_another_crate_is_known_where_the_workspace_says_where_it_is(top: str) -> None:
    tree = Tree(
        {
            f"{top}Cargo.toml": b'[workspace.dependencies]\nfirst-one = { path = "one" }\n',
            f"{top}one/Cargo.toml": b'[package]\nname = "first-one"\n',
            f"{top}one/src/lib.rs": b"pub fn go() {}",
            f"{top}two/Cargo.toml": b"[dependencies]\nfirst-one = { workspace = true }\n",
            f"{top}two/src/main.rs": b"fn main() { first_one::go() }",
        }
    )
    assert resolved(tree, "main", f"{top}two/src/main.rs") == [f"{top}one/src/lib.rs::go"]


NEVER = {
    "the only method of that name": "fn f(x: Unknown) { x.inner() }",
    "a method of a type from another crate": "fn f(x: std::fs::File) { x.inner() }",
    "a comment": "fn f() { /* mailer() */ } // mailer()",
    "a string": 'fn f() { let x = "mailer()"; format!("{}", "mailer()"); }',
    "a local variable": "fn f(mailer: impl Fn()) { mailer() }",
    "a closure of that name": "fn f() { let mailer = || (); mailer() }",
    "a field that is called": "fn f(s: State) { (s.mailer)() }",
    "a constructor": "fn f() { Task::One(Mailer); Producer(vec![]); }",
    "a macro of that name": "macro_rules! mailer { () => {} } fn f() { mailer!() }",
    "a nested function's body": "fn f() { fn g() { mailer() } }",
    "a name of another module": "mod m { pub fn only() {} } fn f() { only() }",
    "a trait that is not in scope": (
        "mod t { pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } }"
        " fn f(x: std::fs::File) { x.far() }"
    ),
    "an inherent impl of a dyn Trait": (
        'impl dyn Loud { fn len(&self) -> usize { 0 } } fn f(v: Vec<u8>) { v.len(); "x".len(); }'
    ),
    "an adaptor of an iterator of ours": (
        "struct It; impl Iterator for It { type Item = u8; fn next(&mut self) -> Option<u8> { None } }"
        " fn f(it: It) { it.take(3).next(); it.peekable().next(); }"
    ),
    "a clone of a shared pointer": (
        "impl Clone for Mailer { fn clone(&self) -> Self { Mailer } }"
        " fn f(x: std::sync::Arc<Mailer>) { x.clone(); }"
    ),
    "what has the name of a method of what a lock holds": (
        "impl Mailer { fn take(&self) {} } fn f(x: Mutex<Option<Mailer>>) { x.lock().unwrap().take() }"
    ),
    "an operator of ours": (
        "impl std::ops::Not for Mailer { type Output = Tasks; fn not(self) -> Tasks { todo!() } }"
        " fn f(x: Mailer) { let y = !x; y.send(0) }"
    ),
    "a name that a macro binds": "fn f(x: Mailer) { each!(x in v => x.send(0)) }",
    "an extension called like a method of std": (
        "trait Ext { fn len(&self) -> u8; } impl Ext for String { fn len(&self) -> u8 { 0 } } fn f(s: String) { s.len(); }"
    ),
    "a type of another crate that has the name of one": (
        "trait Ext { fn ext(&self); } impl Ext for std::io::Error { fn ext(&self) {} } fn f(e: serde_json::Error) { e.ext() }"
    ),
    "a label": "fn f() { 'mailer: loop { break 'mailer; } }",
    "text of a macro that runs none of it": "fn f() { stringify!(mailer()); concat!(mailer()); }",
    "a macro's odd tokens before a function that calls": (
        "fn f() { odd!(=> (1) ++) } fn g() { (((mailer(mailer())))) }"
    ),
    "tokens of another crate's macro": "fn f() { elsewhere::quote! { mailer() } }",
    "a raw pointer": "fn f(x: *mut Mailer) { x.send(0) }",
    "an accumulator": "fn f(v: Vec<Mailer>) { v.iter().try_fold(0, |acc, x| acc.send(0)); }",
    "a type parameter without bounds": "fn f<T>(x: T) { x.shout() }",
    "a function that a trait of another crate has too": "fn f(x: Mailer) { <Mailer as other::Loud>::shout(&x).send(0) }",
    "a constructor of a module without a file": "mod gone; fn f() { gone::Task(1) }",
    "a trait of a module that is imported": (
        "mod m { pub mod t { pub trait Far { fn far(&self); } impl Far for std::fs::File { fn far(&self) {} } } }"
        " use m::t; fn f(x: std::fs::File) { x.far() }"
    ),
    "a loop over a type of std": (
        "impl IntoIterator for Mailer { type Item = u8; fn into_iter(self) -> X { todo!() } }"
        " fn f(x: Vec<u8>) { for y in x {} }"
    ),
}


DOUBTFUL = {
    "an operator of ours": {"not", "send"},
    "a name that a macro binds": {"send"},
    "a type of another crate that has the name of one": {"ext"},
    "tokens of another crate's macro": {"mailer"},
    "a function that a trait of another crate has too": {"send"},
    "an accumulator": {"send"},
}
"""Those of which it cannot be told that they call nothing."""


@pytest.mark.parametrize("name", NEVER)
def test_nothing_is_resolved_by(name: str) -> None:
    tree = Tree.of(lib=QUEUE + NEVER[name])
    assert resolved(tree, "f") == []
    assert undecided(tree, "f") == DOUBTFUL.get(name, set())


UNDECIDED = {
    "an unknown receiver": ("fn f() { elsewhere().send(0) }", "send"),
    "into": (
        "impl From<u8> for Mailer { fn from(x: u8) -> Self { Mailer } } fn f() { 0.into() }",
        "from",
    ),
    "a question mark": (
        "impl From<u8> for Mailer { fn from(x: u8) -> Self { Mailer } } fn f() { elsewhere()? }",
        "from",
    ),
    "two impls that could be meant": (
        "impl From<u8> for Mailer { fn from(x: u8) -> Self { Mailer } }"
        " impl From<u16> for Mailer { fn from(x: u16) -> Self { Mailer } }"
        " fn f() { Mailer::from(elsewhere()) }",
        "from",
    ),
    "two functions under cfg": (
        "#[cfg(a)] fn g() {} #[cfg(not(a))] fn g() {} fn f() { self::g() }",
        "g",
    ),
    "a name that stands twice": (
        "#[cfg(a)] fn g() {} #[cfg(not(a))] fn g() {} fn f() { g() }",
        "g",
    ),
    "an import that leads nowhere": ("use crate::gone::inner; fn f() { inner() }", "inner"),
    "a module without a file": ("mod gone; fn f() { gone::inner() }", "inner"),
    "a type that cannot be found": ("use crate::gone::X; fn f(x: X) { x.inner() }", "inner"),
    "an unknown type argument": (
        "struct W<T> { t: T } impl<T> W<T> { fn get(&self) -> &T { &self.t } }"
        " fn f() { let w = W { t: elsewhere() }; w.get().inner() }",
        "inner",
    ),
    "a trait's method behind a pointer of another crate": (
        "fn f(x: PyRef<'_, Mailer>) { x.shout() }",
        "shout",
    ),
    "a pointer of another crate": ("fn f(x: PyRef<'_, Mailer>) { x.send(0) }", "send"),
    "a function of a foreign trait": (
        "impl Default for Mailer { fn default() -> Self { Mailer } } fn f() -> Mailer { Default::default() }",
        "default",
    ),
    "a function of a foreign trait on a type parameter": (
        "impl Default for Mailer { fn default() -> Self { Mailer } } fn f<T: Default>() -> T { T::default() }",
        "default",
    ),
    "a default that an option asks for": (
        "impl Default for Mailer { fn default() -> Self { Mailer } } fn f(x: Option<Mailer>) { x.unwrap_or_default() }",
        "default",
    ),
    "what a bound of another crate lends": (
        "fn f<S: Borrow<Mailer>>(s: S) { s.borrow().send(0); s.send(0) }",
        "send",
    ),
    "what an operator of a parameter gives": (
        "fn f<S: std::ops::Add<Output = Mailer>>(s: S, t: S) { (s + t).send(0) }",
        "send",
    ),
    "into as a value": (
        "impl From<u8> for Mailer { fn from(x: u8) -> Self { Mailer } } fn f(x: Option<u8>) { x.map(Into::into) }",
        "from",
    ),
    "what hides behind a Deref": (
        "fn mk() -> impl DerefMut<Target = Mailer> { todo!() } fn f() { mk().send(0) }",
        "send",
    ),
    "tokens of a macro of another crate": ("fn f() { elsewhere::quote! { mailer() } }", "mailer"),
    "a number": (
        "trait Secs { fn secs(&self) {} } impl Secs for u64 {} fn f() { 5.secs() }",
        "secs",
    ),
    "what a macro of the tree calls": (
        "macro_rules! post { () => { mailer() } } macro_rules! twice { () => { post!(); post!() } }"
        " fn f() { twice!() }",
        "mailer",
    ),
    "two functions that a glob brings in": (
        "mod m { #[cfg(a)] pub fn g() {} #[cfg(not(a))] pub fn g() {} } use m::*; fn f() { g() }",
        "g",
    ),
    "a name that could come from a glob that leads nowhere": (
        "mod m { pub fn only() {} } use crate::gone::*; fn f() { only() }",
        "only",
    ),
    "a name that could come from such a glob of a module that a glob brings in": (
        "mod m { pub fn only() {} } mod n { pub use crate::gone::*; } use n::*; fn f() { only() }",
        "only",
    ),
    "a type of a path that leads nowhere": ("fn f(x: crate::gone::X) { x.inner() }", "inner"),
    "a method of one of two traits": (
        "#[cfg(a)] trait T { fn only(&self); } #[cfg(not(a))] trait T { fn only(&self); }"
        " fn f(x: &dyn T) { x.only() }",
        "only",
    ),
    "an operator": (
        "impl std::ops::Add for Mailer { type Output = u8; fn add(self, x: Mailer) -> u8 { 0 } }"
        " fn f(x: Mailer, y: Mailer) { x + y }",
        "add",
    ),
    "an assignment by an operator": (
        "impl std::ops::SubAssign for Mailer { fn sub_assign(&mut self, x: Mailer) {} }"
        " fn f(mut x: Mailer, y: Mailer) { x -= y }",
        "sub_assign",
    ),
    "a sign": (
        "impl std::ops::Neg for Mailer { type Output = u8; fn neg(self) -> u8 { 0 } }"
        " fn f(x: Mailer) { -x }",
        "neg",
    ),
    "a comparison": (
        "impl PartialEq for Mailer { fn eq(&self, x: &Mailer) -> bool { true } }"
        " fn f(x: Mailer, y: Mailer) { x != y }",
        "eq",
    ),
    "an index": (
        "impl std::ops::Index<u8> for Mailer { type Output = u8; fn index(&self, x: u8) -> &u8 { todo!() } }"
        " fn f(x: Mailer) { x[0] }",
        "index",
    ),
    "an import that leads nowhere, in a body that has imports": (
        "use crate::gone::inner; mod m { pub fn g() {} } fn f() { use m::g; g(); inner() }",
        "inner",
    ),
    "a constant of a trait that has a type of its own": (
        "trait T { type A; const M: Self::A; } fn f() { T::M.send(0) }",
        "send",
    ),
    "a function of an associated type that a path says": (
        "fn f() { <Tasks as Iterator>::Item::new() }",
        "new",
    ),
    "a function by an alias that leads nowhere": (
        "use crate::gone::X; type V = X; fn f() { V::new() }",
        "new",
    ),
    "a function of an associated type that a path of names says": (
        "fn f() { Tasks::Item::new() }",
        "new",
    ),
    "a method of an associated type": ("fn f(x: <Tasks as Iterator>::Item) { x.send(0) }", "send"),
    "what a closure takes for a parameter that nobody knows": (
        "fn each<T: Loud, F: Fn(T)>(t: T, g: F) {} fn f() { each(elsewhere(), |x| x.shout()) }",
        "shout",
    ),
    "what a closure takes many of for a parameter that nobody knows": (
        "fn each<T: Loud, F: Fn(Vec<T>)>(t: T, g: F) {} fn f() { each(elsewhere(), |x| x[0].shout()) }",
        "shout",
    ),
    "what a closure takes of a type that cannot be found": (
        "fn each(g: fn(crate::gone::X)) {} fn f() { each(|m| m.send(0)) }",
        "send",
    ),
    "the other of a type of another crate": (
        "fn f(x: Either<Mailer, Tasks>) { if let Right(m) = x { m.send(0) } }",
        "send",
    ),
    "a key of a map that leaves its types to inference": (
        "fn f(y: HashMap<Mailer, u8>) { let x: HashMap<_, _> = y; for (a, b) in x { a.send(0) } }",
        "send",
    ),
    "an index that is assigned to": (
        "impl std::ops::IndexMut<u8> for Mailer { fn index_mut(&mut self, x: u8) -> &mut u8 { todo!() } }"
        " fn f(mut x: Mailer) { x[0] = 1; }",
        "index_mut",
    ),
    "a loop": (
        "impl Iterator for Mailer { type Item = u8; fn next(&mut self) -> Option<u8> { None } }"
        " fn f(x: Mailer) { for y in x {} }",
        "next",
    ),
    "a block that gives nothing": ("fn f() { let x = { mailer(); }; x.send(0) }", "send"),
    "a call of what a call gives": ("fn f() { elsewhere()(1).send(0) }", "send"),
    "a loop over what becomes an iterator": (
        "impl IntoIterator for Mailer { type Item = u8; fn into_iter(self) -> X { todo!() } }"
        " fn f(x: Mailer) { for y in x {} }",
        "into_iter",
    ),
    "generics in tokens of a macro that are no expression": (
        "fn cast<T>() {} fn f() { odd!(=> cast::<u8>() ++) }",
        "cast",
    ),
    "an error of what has none": (
        "fn f(x: Option<Mailer>) { if let Err(m) = x { m.send(0) } }",
        "send",
    ),
    "an error that an alias of another crate says": (
        "fn f(x: std::io::Result<Mailer>) { if let Err(m) = x { m.send(0) } }",
        "send",
    ),
    "a place behind the rest of a tuple struct": (
        "struct P(u8, Mailer); fn f(P(.., m): P) { m.send(0) }",
        "send",
    ),
    "a place behind the rest of a tuple": (
        "fn f(x: (u8, Mailer)) { let (.., m) = x; m.send(0) }",
        "send",
    ),
    "tokens of a macro that are no expression": ("fn f() { odd!(=> send(1) ++) }", "send"),
    "what a derived function gives": (
        "#[derive(Parser)] struct W { m: Mailer } fn f() { W::try_parse().m.send(0) }",
        "send",
    ),
    "a function of a trait that has it from a macro, and another trait has one of its name": (
        "trait Made { made!(); } fn f(x: Mailer) { <Mailer as Made>::shout(&x) }",
        "shout",
    ),
    "a part of what nobody knows": ("fn f() { let (a, m) = elsewhere(); m.send(0) }", "send"),
    "a part of a type of another crate": (
        "fn f(x: elsewhere::Pair<Mailer>) { let (m, n) = x; m.send(0) }",
        "send",
    ),
    "the second of a tuple struct of another crate": (
        "fn f(Pair(a, m): elsewhere::Pair<Mailer>) { m.send(0) }",
        "send",
    ),
    "an option of what nobody knows": (
        "fn f() { if let Some(m) = elsewhere() { m.send(0) } }",
        "send",
    ),
}


@pytest.mark.parametrize(("code", "name"), UNDECIDED.values(), ids=UNDECIDED)
def test_undecided_is(code: str, name: str) -> None:
    tree = Tree.of(lib=QUEUE + code)
    assert name in undecided(tree, "f")
    assert not {name} & {callee.rpartition("::")[2] for callee in resolved(tree, "f")}


def test_a_call_tells_its_line_and_what_it_is_made_on() -> None:
    tree = Tree.of(lib=f"{QUEUE}\nfn f(\n  queue_tx: &Tasks,\n) {{\n  queue_tx\n    .send(0);\n}}")
    [call] = calls_of(tree, "f")
    assert call.line == QUEUE.count("\n") + 6
    assert call.receiver == "`queue_tx: Tasks`, an alias of `Producer<Task>`"


def test_a_receiver_is_told_with_its_type() -> None:
    [call] = calls_of(Tree.of(lib=f"{QUEUE} fn f(x: Mailer) {{ x.send(0) }}"), "f")
    assert call.receiver == "`x: Mailer`"
    [call] = calls_of(Tree.of(lib=f"{QUEUE} fn f(x: &crate::Mailer) {{ x.send(0) }}"), "f")
    assert call.receiver == "`x: crate::Mailer`"
    [call] = calls_of(Tree.of(lib="fn f() { let g = |x| x; g.send(0) }"), "f")
    assert call.receiver == "`g: fn<_>`"


def test_a_long_receiver_is_told_by_its_end() -> None:
    for name, told in (("x" * 60, "x" * 60), ("y" + "x" * 60, "…" + "x" * 60)):
        [call] = calls_of(Tree.of(lib=f"{QUEUE} fn f({name}: Mailer) {{ {name}.send(0) }}"), "f")
        assert call.receiver == f"`{told}: Mailer`"


@pytest.mark.parametrize(
    ("body", "name", "receiver"),
    [
        ("elsewhere::m!(x.send(0))", "send", "`x: Mailer`"),
        ("x.into()", "from", "`x: Mailer`"),
        ("elsewhere().send(0)", "send", "`elsewhere()`, whose type syntax does not tell"),
    ],
)
def test_a_receiver_is_told_of_what_is_undecided(body: str, name: str, receiver: str) -> None:
    given = "impl From<Mailer> for State { fn from(x: Mailer) -> Self { todo!() } }"
    calls = calls_of(Tree.of(lib=f"{QUEUE}{given} fn f(x: Mailer) {{ {body} }}"), "f")
    [receivers] = [one.receiver for one in calls if one.name == name]
    assert receivers == receiver


@pytest.mark.parametrize("code", ["const C: Mailer = mailer();", "static C: Mailer = mailer();"])
def test_what_a_constant_or_static_is_made_with_is_a_call(code: str) -> None:
    assert resolved(Tree.of(lib=QUEUE + code), "C") == ["mailer"]


def test_calls_that_choose_an_impl_are_walked_once_each() -> None:
    code = (
        "trait Put<A> { fn put(&self, a: A) -> State; } impl Put<Task> for State { fn put(&self, a: Task) -> State {} }"
        " impl Put<State> for State { fn put(&self, a: State) -> State {} }"
    )
    deep = "s.put(" * 40 + "t" + ")" * 40
    tree = Tree.of(lib=f"{QUEUE}{code} fn f(s: State, t: Task) {{ {deep} }}")
    state, task = "<State as Put<State>>::put", "<State as Put<Task>>::put"
    assert resolved(tree, "f") == [state] * 39 + [task]


def test_a_call_of_another_crate_is_foreign() -> None:
    [call] = calls_of(Tree.of(lib="fn f(x: std::fs::File) { x.sync_all() }"), "f")
    assert (call.name, call.certainty, call.callee) == ("sync_all", Certainty.FOREIGN, None)


def test_a_function_that_a_trait_does_not_have_is_no_call() -> None:
    assert calls_of(Tree.of(lib="trait T {} fn f() { T::go() }"), "f") == ()


def test_a_pointer_to_self_is_cloned_and_not_self() -> None:
    code = (
        "impl Clone for Mailer { fn clone(&self) -> Self { Mailer } }"
        " impl Mailer { fn g(self: std::sync::Arc<Self>) { self.clone(); } }"
    )
    assert resolved(Tree.of(lib=QUEUE + code), "Mailer::g") == []


def test_a_trait_that_an_impl_stands_for_is_told() -> None:
    [call] = calls_of(Tree.of(lib=QUEUE + "fn f(x: Mailer) { x.shout() }"), "f")
    assert str(call.trait) == "src/lib.rs::Loud::shout"
    every = "trait B { fn b(&self); } impl<T> B for T { fn b(&self) {} }"
    [call] = calls_of(Tree.of(lib=f"{QUEUE}{every} fn f(x: Mailer) {{ x.b() }}"), "f")
    assert (str(call.callee), str(call.trait)) == (
        "src/lib.rs::<T as B>::b",
        "src/lib.rs::B::b",
    )


def test_an_item_of_the_tree_has_its_place() -> None:
    tree = Tree.of(lib="struct A;\n/// Docs.\npub fn go() {}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    found = rust.find("go")
    place = Codebase(tree).place("src/lib.rs", found)
    assert (place.path, place.address, place.kind, place.line) == ("src/lib.rs", "go", Kind.FN, 3)
    with pytest.raises(ValueError, match=r"^src/other.rs is not in the tree$"):
        Codebase(tree).place("src/other.rs", found)


def test_an_impl_has_the_calls_of_all_its_members() -> None:
    code = "struct A; impl A { fn a() { mailer() } fn b() { Self::a() } }"
    assert resolved(Tree.of(lib=QUEUE + code), "impl A") == ["mailer", "A::a"]


def test_deep_nesting_is_left_undecided() -> None:
    deep = "{" * 3000 + "mailer()" + "}" * 3000
    tree = Tree.of(lib=f"{QUEUE} fn f() {deep} fn g() {{ m!({'(' * 3000}mailer(){')' * 3000}) }}")
    for caller in ("f", "g"):
        assert resolved(tree, caller) == []
        assert "mailer" in undecided(tree, caller)


def test_deep_brackets_of_what_is_no_expression_are_left_undecided() -> None:
    deep = "(=> " * 3000 + "mailer()" + ")" * 3000
    tree = Tree.of(lib=f"{QUEUE} fn f() {{ m!({deep}) }}")
    assert resolved(tree, "f") == []
    assert "mailer" in undecided(tree, "f")


def test_macros_one_inside_the_other_are_left_undecided() -> None:
    tree = Tree.of(lib=f"{QUEUE} fn f() {{ {'vec![' * 12}mailer(){']' * 12} }}")
    assert resolved(tree, "f") == []
    assert undecided(tree, "f") == {"mailer"}


def test_what_could_be_a_call_is_doubted_where_a_body_does_not_parse() -> None:
    tree = Tree.of(lib=f"{QUEUE} fn f() {{ odd mailer(1) mailer(2) }}")
    assert undecided(tree, "f") == {"mailer"}


ODD = {
    "an assignment that takes a struct apart": "struct P { a: u8 } fn f() { let a; P { a, .. } = elsewhere(); }",
    "empty generics": "fn f() { let x = Vec::<>::new(); A::<>::go(); }",
    "an associated type that is itself": "impl Iterator for S { type Item = Self::Item; } fn f(mut s: S) { s.next(); }",
    "associated types in a circle": "impl T for S { type A = Self::B; type B = Vec<Self::A>; fn f(x: Self::A) { x.go() } }",
    "types that double": "fn f() { let x0 = 1; "
    + "".join(f"let x{i + 1} = (x{i}, x{i});" for i in range(40))
    + "}",
    "a field behind a deref in a circle": "impl std::ops::Deref for S { type Target = S; } struct S; fn f(s: S) { s.x.go() }",
    "a deref in a circle": "impl std::ops::Deref for S { type Target = S; } struct S; fn f(s: S) { s.go() }",
    "a tuple of tuples of tuples": "fn f(x: " + "(" * 3000 + "u8" + ",)" * 3000 + ") { x.go() }",
    "supertraits in a circle": "trait A: B {} trait B: A {} fn f(x: impl A) { x.go() }",
    "imports in a circle": "mod a { pub use super::b::go; } mod b { pub use super::a::go; } fn f() { a::go() }",
    "the name of a crate that is called": "use elsewhere; fn f() { elsewhere(); ::elsewhere(); }",
    "a pattern by an alias in a circle": "type X = Y; type Y = X; fn f(x: X) { match x { X::Go(m) => m.go() } }",
    "a pattern by an alias of a type of std": "type V = Vec<u8>; fn f(x: V) { match x { V::Go(m) => m.go() } }",
    "a function of no type": "fn f() { <>::go(); }",
    "a tuple that is taken apart in more than it has": "fn f(x: (u8,)) { let (a, b) = x; b.go() }",
}


@pytest.mark.parametrize("code", ODD.values(), ids=ODD)
def test_odd_rust_is_read(code: str) -> None:
    tree = Tree.of(lib=f"struct Q; impl Q {{ fn go(&self) {{}} fn next(&self) {{}} }} {code}")
    assert resolved(tree, "<S as T>::f" if "impl T" in code else "f") == []


def test_modules_that_import_each_other_by_globs_are_read() -> None:
    names = [f"m{index}" for index in range(30)]
    files = {name: "".join(f"use super::{other}::*;" for other in names) for name in names}
    files["m7"] += "pub fn seven() {}"
    tree = Tree.of(
        lib="".join(f"mod {name};" for name in names) + "use m0::*; fn f() { seven(); lost() }",
        **files,
    )
    assert resolved(tree, "f") == ["m7.rs::seven"]


def test_a_program_that_has_the_library_as_a_module_calls_the_library() -> None:
    tree = Tree.of(
        lib="pub fn go() { crate::helper() } pub fn helper() {}",
        main="mod lib; fn helper() {} fn start() { lib::go() }",
    )
    codebase = Codebase(tree)
    for path, caller in (("src/main.rs", "start"), ("src/lib.rs", "go")):
        rust = tree.rust(path)
        assert rust is not None
        calls = codebase.calls(path, rust.find(caller))
    assert [str(call.callee) for call in calls] == ["src/lib.rs::helper"]


def test_a_file_of_two_crates_is_the_librarys_whoever_asks_first() -> None:
    tree = Tree.of(
        lib="mod foo; pub fn helper() {}",
        main="mod foo; fn helper() {} fn start() { foo::go(); helper() }",
        foo="pub fn go() { crate::helper(); }",
    )
    assert resolved(tree, "start", "src/main.rs") == ["foo.rs::go", "main.rs::helper"]
    codebase = Codebase(tree)
    for path, caller in (("src/main.rs", "start"), ("src/foo.rs", "go")):
        rust = tree.rust(path)
        assert rust is not None
        calls = codebase.calls(path, rust.find(caller))
    assert [str(call.callee) for call in calls] == ["src/lib.rs::helper"]


TOKENS = [*"(){}x.<|=?!#1&,", "send", "::", "=>", '"', "let", "match", "if", "in", "for"]


@given(st.lists(st.sampled_from(TOKENS)).map(" ".join))
def test_whatever_a_body_holds_is_read(tokens: str) -> None:
    tree = Tree.of(lib=f"{QUEUE}\nfn f(x: Mailer) {{ m!{{ {tokens} }} }}\nfn g() {{ {tokens} }}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    for item in rust.items:
        if item.name in ("f", "g") and not item.is_broken:
            codebase = Codebase(tree)
            found = rust.find(rust.address(item))
            assert all(call.line >= 1 for call in codebase.calls("src/lib.rs", found))
            assert all(one.line >= 1 for one in codebase.mentions("src/lib.rs", found))


def mentioned(tree: Tree, address: str) -> set[str]:
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    found: tuple[Mention, ...] = Codebase(tree).mentions("src/lib.rs", rust.find(address))
    places = {str(one.item) for one in found if one.item is not None}
    return {place.removeprefix("src/lib.rs::") for place in places}


@pytest.mark.parametrize("body", ["fn f() { struct Own; }", "const f: u8 = { struct Own; 1 };"])
@pytest.mark.parametrize("asked", ["f", "f::Own"])
def test_a_name_that_is_declared_in_a_body_is_no_mention(body: str, asked: str) -> None:
    tree = Tree.of(lib=f"struct Own; {body}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    rust.find(asked)  # what has been read before makes no difference
    assert mentioned(tree, "f") == set()


MAKING = """
pub trait Id { type Output; fn new() -> Self::Output; fn first() -> Self::Output { Self::new() } fn go(&self) {} }
macro_rules! id { ($n:ident) => { id!($n, 1); }; ($n:ident, $e:expr) => {
    pub struct $n; impl Id for $n { type Output = $n; fn new() -> Self::Output { $n } }
    impl $n { pub fn own(&self) {} } } }
macro_rules! ids { ($a:ident, $b:ident) => { id!($a); pub struct $b; } }
ids!(One, Other); id!(Third);
"""


def test_a_macro_by_example_makes_what_it_says_for_the_name_it_is_given() -> None:
    tree = Tree.of(lib=f"{MAKING} fn f(x: One, y: Other) {{ One::first().go(); x.own(); y.go() }}")
    assert resolved(tree, "f") == ["Id::first", "Id::go"]


def test_names_know_what_macros_make_and_for_which_type() -> None:
    codebase = Codebase(Tree.of(lib=MAKING))
    for path in ("One::first", "Third::new", "One::own", "Id::go"):
        assert codebase.names(path.split("::")), path
    for path in ("Other::first", "Other::own", "One::gone", "Ids::first"):
        assert not codebase.names(path.split("::")), path


def test_a_macro_makes_what_any_of_its_arguments_names_but_nothing_in_braces() -> None:
    making = "macro_rules! m { ($e:expr, $n:ident $t:tt) => { pub struct $n; } }"
    calls = "m!(1, Second { Inner }); m! { 2, Third => Behind } m!(3, Fourth); fn f(x: After) {}"
    codebase = Codebase(Tree.of(lib=f"{making} {calls}"))
    assert all(codebase.names(["crate", name]) is True for name in ("Second", "Third", "Fourth"))
    assert not any(codebase.names(["crate", name]) for name in ("Inner", "Behind", "After"))


def test_an_associated_type_that_cannot_be_found_is_not_the_type_itself() -> None:
    code = (
        "pub struct Hand; impl Hand { fn own(&self) {} } impl Id for Hand { type Output = crate::gone::X;"
        " fn new() -> Self::Output { todo!() } } fn f() { Hand::first().own() }"
    )
    tree = Tree.of(lib=MAKING + code)
    assert resolved(tree, "f") == ["Id::first"]
    assert undecided(tree, "f") == {"own"}


PATHS = Tree.of(
    lib="pub mod a; mod b { pub struct Inner; } pub use a::Kind; type Short = a::Kind; type Lost = gone::X;",
    a="use crate::b::Inner; pub enum Kind { One } impl Kind { pub const N: u8 = 1; pub fn go() {} } mod c;"
    " impl Iterator for Kind { type Item = Kind; }",
    a__c="use super::Kind as Sort; use crate::a as up; use std::fs::File; pub fn deep() {}",
)


@pytest.mark.parametrize(
    "path",
    [
        "a::Kind",
        "Kind::One",
        "Kind::N",
        "a::Kind::go",
        "crate::a::c::deep",
        "c::deep",
        "a::c",
        "b::Inner",
        "Short::One",
    ],
)
def test_the_end_of_a_path_names(path: str) -> None:
    assert Codebase(PATHS).names(path.split("::"))


@pytest.mark.parametrize(
    "path",
    [
        "a::Inner",
        "Kind::Two",
        "b::Kind",
        "a::deep",
        "Inner::go",
        "c::Sort",
        "kind::One",
        "Kind::One::go",
        "Item::go",
        "Lost::go",
    ],
)
def test_no_path_names(path: str) -> None:
    assert not Codebase(PATHS).names(path.split("::"))


def test_a_path_names_the_members_of_what_macros_make() -> None:
    keys = "id!(Key); as_json!(Key); as_json!(Lock); id!(Lock); impl Hook { pub fn go() {} }"
    codebase = Codebase(Tree.of(lib=f"{MAKING} mod keys;", keys=keys))
    for path in ("Key::own", "Lock::own", "Hook::go"):
        assert codebase.names(path.split("::")), path
    for path in ("keys::Key::own", "keys::Hook::go"):
        assert codebase.names(path.split("::")), path
    assert not codebase.names(["keys", "Other", "go"])


def test_a_module_is_named_by_what_declares_it_wherever_its_file_stands() -> None:
    tree = Tree.of(lib='#[path = "odd/place.rs"] mod p; mod gone;', odd__place="pub fn go() {}")
    assert Codebase(tree).names(["p", "go"])
    assert not Codebase(tree).names(["gone"])


def test_modules_of_one_name_are_all_looked_into_one_that_a_macro_declares_too() -> None:
    tree = Tree.of(lib="declare!(a); mod b { pub mod a { pub fn deep() {} } }", a="pub fn go() {}")
    assert Codebase(tree).names(["a", "go"])
    assert Codebase(tree).names(["a", "deep"])


def test_a_macro_is_named_by_its_module_and_an_exported_one_by_its_crate() -> None:
    codebase = Codebase(Tree.of(lib="mod a; mod b;", a="macro_rules! inner { () => {} }", b=""))
    assert codebase.names(["a", "inner"])
    assert codebase.names(["crate", "inner"])
    assert not codebase.names(["b", "inner"])


def test_imports_count_in_the_file_that_has_them() -> None:
    assert Codebase(PATHS).names(["Sort", "go"], user="src/a/c.rs")
    assert Codebase(PATHS).names(["up", "Kind"], user="src/a/c.rs")
    assert not Codebase(PATHS).names(["Sort", "go"], user="src/a.rs")


def test_a_name_of_another_crate_is_none_of_the_tree() -> None:
    assert not Codebase(PATHS).names(["File"], user="src/a/c.rs")
    assert not Codebase(crates("macro_rules! inner { () => {} }")).names(["first_one", "inner"])


@pytest.mark.parametrize("path", ["Kind", "a::Kind", "up::Kind", "Sort", "up"])
def test_an_item_that_a_path_names_is_told_with_its_place(path: str) -> None:
    found = Codebase(PATHS).names(path.split("::"), user="src/a/c.rs")
    assert str(found) == ("src/a.rs::Kind" if path != "up" else "True")


def test_the_nearest_paths_are_told() -> None:
    assert Codebase(PATHS).nearest(["Kind", "On"]) == ("Kind::One",)
    assert Codebase(PATHS).nearest(["crate", "a", "c", "deeper"]) == ("crate::a::c::deep",)
    assert Codebase(PATHS).nearest(["deep"]) == ("deep",)
    assert Codebase(PATHS).nearest(["Other", "deep"]) == ("deep",)
    assert Codebase(PATHS).nearest(["some", "Other", "deep"]) == ("deep",)
    assert Codebase(PATHS).nearest(["Kind", "One", "deep"]) == ("deep",)
    assert Codebase(PATHS).nearest(["a", "Kind", "On"]) == ("a::Kind::One",)
    assert Codebase(PATHS).nearest(["Sort", "got"], user="src/a/c.rs") == ("Sort::go",)
    assert Codebase(PATHS).nearest(["crate", "a", "Kinds"]) == ("crate::a::Kind",)


MENTIONS = {
    "a type of a parameter": ("fn f(x: &Mailer) {}", "Mailer"),
    "a variant that is made": ("fn f() { Task::One(Mailer) }", "Task::One"),
    "a variant that is matched": ("fn f(x: Task) { matches!(x, Task::Two { .. }); }", "Task::Two"),
    "the enum of a variant": ("fn f() { Task::One(Mailer) }", "Task"),
    "a variant that a glob brings in": (
        "use self::Task::*; fn f() { elsewhere(One(Mailer)) }",
        "Task::One",
    ),
    "a variant by Self": ("impl Task { fn f(self) { Self::One(todo!()) } }", "Task::One"),
    "a constant": ("const MOST: u8 = 1; fn f() { MOST }", "MOST"),
    "an associated constant": (
        "impl Mailer { const N: u8 = 1; } fn f() { Mailer::N }",
        "Mailer::N",
    ),
    "a macro": ("macro_rules! m { () => {} } fn f() { m!() }", "m"),
    "the macro of an item": ("macro_rules! m { ($x:ident) => {} } m!(Only);", "m"),
    "an extractor": ("fn f(State { .. }: State) {}", "State"),
    "a type behind generics": ("fn f() -> Vec<Option<Mailer>> { vec![] }", "Mailer"),
    "a type in a turbofish": ("fn f() { Vec::<Mailer>::new() }", "Mailer"),
    "an import": ("use self::Mailer as M; fn f(x: M) {}", "Mailer"),
    "a type of its own body": ("fn f() { struct Near; Near }", "f::Near"),
    "a type of its own body that hides another": ("fn f() { struct Mailer; Mailer }", "f::Mailer"),
    "a type around a body with items": ("fn f() { struct Near; Mailer }", "Mailer"),
    "a type of a field": ("struct S { x: Mailer }", "Mailer"),
    "a method": ("fn f(x: Mailer) { x.send(0) }", "Mailer::send"),
    "a member of a trait": ("fn f(x: Mailer) { Loud::shout(&x) }", "Loud::shout"),
    "a constant of a trait": ("trait T { const N: u8; } fn f() { T::N }", "T::N"),
    "a variant behind generics": ("enum E<T> { One(T) } fn f() { E::<u8>::One(1) }", "E::One"),
    "a variant by an alias": ("type T = Task; fn f() { T::One(todo!()) }", "Task::One"),
    "the enum of a variant that is imported": (
        "use self::Task::One; fn f() { One(todo!()) }",
        "Task",
    ),
    "a constant that is compared": (
        "const MOST: u8 = 1; fn f(x: u8) { MOST < x || x > ::std::u8::MAX }",
        "MOST",
    ),
    "a constant that is compared with two": (
        "const MOST: u8 = 1; fn f(x: u8) { MOST < x && x > ::std::u8::MIN }",
        "MOST",
    ),
}


@pytest.mark.parametrize(("code", "expected"), MENTIONS.values(), ids=MENTIONS)
def test_mentions_hold(code: str, expected: str) -> None:
    others = {"impl Task": "Task::f", "struct S": "S", "m!(Only)": "m!(Only)"}
    address = next((others[mark] for mark in others if mark in code), "f")
    assert expected in mentioned(Tree.of(lib=QUEUE + code), address)


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("impl Task { fn f(x: Mailer) {} fn g(x: State) {} }", "impl Task"),
        ("trait T { fn f(x: Mailer) {} fn g(x: State) {} }", "T"),
        ("mod m { use super::*; struct S { a: Mailer } struct U { b: State } }", "m"),
    ],
)
def test_what_holds_members_mentions_what_each_of_them_does(code: str, address: str) -> None:
    assert {"Mailer", "State"} <= mentioned(Tree.of(lib=QUEUE + code), address)


def test_a_type_parameter_of_a_member_is_no_item_whoever_holds_it() -> None:
    code = "struct A; impl A { fn f<Mailer>(x: Mailer) {} }"
    assert mentioned(Tree.of(lib=QUEUE + code), "impl A") == {"A"}


def test_a_trait_mentions_its_own_by_self() -> None:
    tree = Tree.of(lib="trait T { const N: u8; fn f() { Self::N } }")
    assert mentioned(tree, "T::f") == {"T", "T::N"}


def test_the_imports_mention_what_they_bring_in() -> None:
    tree = Tree.of(
        lib="use self::a::{Mailer as M, b::Deep};\nuse self::a::*;\nmod a;",
        a="pub struct Mailer; pub mod b { pub struct Deep; }",
    )
    assert mentioned(tree, "use") == {"src/a.rs::Mailer", "src/a.rs::b::Deep"}


def test_a_mention_tells_its_name_and_line() -> None:
    tree = Tree.of(lib=f"{QUEUE}fn f(x: Mailer) {{\n  x.send(\n    Task::\n      One\n(x)) }}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    found = Codebase(tree).mentions("src/lib.rs", rust.find("f"))
    first = QUEUE.count("\n") + 1
    assert [(one.name, one.line - first) for one in found] == [
        *(("Mailer", 0), ("send", 1), ("Task", 2), ("One", 3), ("Task", 3)),
    ]


def test_a_method_of_an_impl_is_mentioned_and_what_its_trait_declares_too() -> None:
    code = (
        "trait T { fn go(&self); } impl T for Mailer { fn go(&self) {} } fn f(x: Mailer) { x.go() }"
    )
    assert {"<Mailer as T>::go", "T::go"} <= mentioned(Tree.of(lib=QUEUE + code), "f")


def test_what_is_mentioned_of_a_trait_is_told_by_its_name_and_certain() -> None:
    code = "trait T { const N: u8; } fn f(x: Mailer) { x.shout(); T::N }"
    tree = Tree.of(lib=QUEUE + code)
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    found = Codebase(tree).mentions("src/lib.rs", rust.find("f"))
    assert {one.certainty for one in found} == {Certainty.RESOLVED}
    assert [one.name for one in found] == ["Mailer", "T", "N", "shout", "shout"]


def test_a_macro_of_the_same_file_is_meant_where_another_file_has_one_too() -> None:
    other = "macro_rules! m { () => {} }"
    here = Tree.of(lib=f"mod a; {other} fn f() {{ m!() }}", a=other)
    assert mentioned(here, "f") == {"m"}
    there = Tree.of(lib="mod a; fn f() { m!() }", a=other)
    assert mentioned(there, "f") == {"src/a.rs::m"}
    elsewhere = Tree.of(lib="mod a; mod b; fn f() { m!() }", a=other, b=other)
    assert mentioned(elsewhere, "f") == set()


TOLD = {
    "a type": ("fn f(x: A) {}", ["A R"]),
    "a type of another crate": ("fn f(x: elsewhere::A) {}", ["A F"]),
    "a type that a macro makes": ("made!(B); fn f(x: B) {}", ["B R"]),
    "a variant": ("fn f() { E::V; }", ["E R", "V R"]),
    "a variant that is imported": ("use self::E::V; fn f() { V; }", ["V R", "E R"]),
    "a constant of a type": ("fn f() { A::N; }", ["A R", "N R"]),
    "a constant behind a variant": ("fn f() { E::V::N; }", ["E R", "V R", "N U"]),
    "a constant of a type of a trait": (
        "trait T { type O; fn f() { Self::O::N; } }",
        ["Self R", "O R", "N U"],
    ),
    "what a type does not have": ("fn f() { A::GONE; }", ["A R", "GONE F"]),
    "what a type may have": ("type B = crate::gone::X; fn f() { B::N; }", ["B R", "N U"]),
    "an alias of a type of std": ("type V = Vec<u8>; fn f() { V::N; }", ["V R", "N F"]),
    "what a trait does not have": ("trait T {} fn f() { T::N; }", ["T R"]),
    "a struct with a constant of its name": (
        "struct D {} const D: u8 = 1; fn f() { D; }",
        ["D R", "D R"],
    ),
    "a name that nothing has": ("fn f(x: Gone) {}", []),
    "a name of another module": ("mod m { pub struct D; } fn f(x: D) {}", []),
    "a macro": ("macro_rules! m { () => {} } fn f() { m!() }", ["m R"]),
    "a macro of another crate": ("fn f() { elsewhere!() }", ["elsewhere F"]),
    "one of two macros": (
        "macro_rules! m { () => {} } macro_rules! m { ($e:expr) => {} } fn f() { m![] }",
        ["m U"],
    ),
    "the type of an impl": ("mod m { pub struct B; } impl m::B {}", ["B R"]),
    "a type of another module that has the name of one here": (
        "mod m { pub struct A; } fn f(x: m::A) {}",
        ["A R"],
    ),
    "a type that a derive makes": ("impl B { fn b() {} } fn f(x: B) {}", ["B F"]),
    "a Self that stands for nothing": ("fn f() { Self::N; Self }", ["N U"]),
    "what all types may have": (
        "impl<X> T for X { fn f() { Self::N; } } trait T { fn f(); }",
        ["N U"],
    ),
    "an import": (
        "use self::n::{D as O}; use elsewhere::D; mod n { pub struct D {} pub const D: u8 = 1; } use self::A as B;",
        ["D R", "D R", "D F"],
    ),
    "a negated word": ("fn f() { if a !() {} }", ["a F"]),
    "a field in capitals": ("fn f() { O { N: A } }", ["A R"]),
}


@pytest.mark.parametrize(("code", "expected"), TOLD.values(), ids=TOLD)
def test_a_mention_is_certain_or_not_of(code: str, expected: list[str]) -> None:
    tree = Tree.of(lib=f"{code} struct A; impl A {{ const N: u8 = 1; }} enum E {{ V }}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    others = {"type O": "T::f", "impl m::B": "impl m::B", "use self::n": "use", "X>": "<X as T>::f"}
    address = next((others[mark] for mark in others if mark in code), "f")
    found = Codebase(tree).mentions("src/lib.rs", rust.find(address))
    assert [f"{one.name} {one.certainty.name[0]}" for one in found] == expected


def test_a_name_before_another_is_a_type() -> None:
    code = "struct D {} impl D { const N: u8 = 1; } const D: u8 = 1; fn f() { D::N }"
    rust = (tree := Tree.of(lib=code)).rust("src/lib.rs")
    assert rust is not None
    found = Codebase(tree).mentions("src/lib.rs", rust.find("f"))
    assert [one.item and one.item.kind for one in found] == [Kind.STRUCT, Kind.CONST]


def test_an_enum_does_not_mention_what_its_variants_are_called_like() -> None:
    assert mentioned(Tree.of(lib=f"{QUEUE} enum E {{ Mailer(State) }}"), "E") == {"State"}


def test_a_block_of_foreign_items_does_not_mention_what_it_declares() -> None:
    code = 'extern "C" { type Handle; fn close(x: Mailer); }'
    assert mentioned(Tree.of(lib=QUEUE + code), 'extern "C"') == {"Mailer"}


def test_a_mention_by_a_path_of_the_crate_that_leads_nowhere_is_undecided() -> None:
    tree = Tree.of(lib="mod m { pub struct Deep; } fn f(x: crate::Deep) {}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    [mention] = Codebase(tree).mentions("src/lib.rs", rust.find("f"))
    assert (mention.name, mention.certainty) == ("Deep", Certainty.UNDECIDED)


def test_a_mention_of_one_of_two_types_is_undecided() -> None:
    tree = Tree.of(lib="#[cfg(a)] struct A; #[cfg(not(a))] struct A; fn f(x: A) {}")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    [mention] = Codebase(tree).mentions("src/lib.rs", rust.find("f"))
    assert (mention.name, mention.certainty) == ("A", Certainty.UNDECIDED)


def test_what_every_file_knows_is_not_mentioned() -> None:
    tree = Tree.of(lib="fn f(x: Vec<u8>) -> Option<u8> { None }")
    rust = tree.rust("src/lib.rs")
    assert rust is not None
    assert Codebase(tree).mentions("src/lib.rs", rust.find("f")) == ()


def test_mentions_hold_no_name_of_a_comment_a_string_or_a_type_parameter() -> None:
    code = (
        'const MAXI: u8 = 1; fn f<Mailer>(x: Mailer) { /* Task::One */ "State"; x.Task;'
        " Other { MAXI: 1 } }"
    )
    assert mentioned(Tree.of(lib=QUEUE + code), "f") == set()
