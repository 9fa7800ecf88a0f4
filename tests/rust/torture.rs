#!/usr/bin/env run-cargo-script
//! Inner docs of the file belong to no item.
#![allow(dead_code, unused)]
/*! Nor does this one. */

// A comment that is separated by a blank line belongs to nobody.

// Attached to the imports.
#[cfg(feature = "std")]
use std::collections::{BTreeMap as Map, HashMap};
pub use std::fmt;
extern crate alloc as heap;
mod elsewhere;
use self::inline::{deep::Deepest, Shallow};
extern crate core;
use std::io::prelude::*;

/// Docs above

/// and docs below a blank line are both rustc's,

#[derive(Debug /* a ] comment in an attribute */, Clone)]
// and an ordinary comment between attribute and item is inside.
#[cfg_attr(
    all(), // ) another
    doc = "text ] with ) brackets"
)]

pub(crate) struct Documented<'a, T: 'a, const N: usize = 3>
where
    T: Clone,
{
    /// A field.
    #[allow(unused)]
    pub inner: &'a [T; N], // trailing
}

pub struct Unit; // trailing comment of Unit, not attached to the next
struct Tuple<T>(pub T, #[allow(unused)] (u8,)) where T: Copy;
union Bits { int: u32, float: f32 }

/* one block comment */ /* and another */
/* on the line above */
enum Task<T = u8> {
    /// Docs of a variant.
    #[allow(unused)]
    MessageBatch { ids: Vec<T>, },
    // attached to Health
    Health(u8, T) = 3,

    // attached to nobody

    Plain = { struct InDiscriminant; 7 },
    r#type,
}

const LIMIT: usize = { const INNER: usize = 3; INNER };
const _: () = {
    impl Unit {
        fn in_anonymous_const(&self) {}
    }
};
pub static mut COUNTER: u64 = 0;
static TEXT: &str = r##"
fn not_an_item() { "# }
"##;
type Producer<T> = fn(T) -> Result<(), Box<dyn std::error::Error + Send + 'static>>;
pub type r#Raw = Producer<r#Alias>;
type r#Alias = u8;

macro_rules! kv_def {
    ($name:ident, $($rest:tt)*) => {
        /// made by a macro
        pub struct $name;
    };
}
kv_def!(AppEndpointKey, SvixKey, "E_APP");
kv_def! { AppEndpointValue, (fn hidden() {}) }
/// Docs of a call.
kv_def![MessageKey, r#"]"#];
crate::nested::kv_def!(/* first */ EndpointKey, u8);
thread_local! {
    // not attached to anything
    static LOCAL: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}
macro_rules! empty ( () => {} );
macro_rules! bracket [ () => { } ];
u8!();
str! { }

#[cfg(feature = "fast")]
fn health() -> bool {
    true
}
#[cfg(not(feature = "fast"))]
/// Twins have docs of their own.
fn health() -> bool {
    false
}

pub trait ModelIn: Sized + for<'a> From<&'a u8> {
    type Active<'a>: Clone
    where
        Self: 'a;
    const NAME: &'static str = "model";
    const REQUIRED: usize;
    /// A required method.
    fn update_model(self, model: &mut Self::Active<'_>);
    fn provided(&self) -> u8 {
        struct InProvided;
        1
    }
    hook!(before);
}
unsafe trait Marker {}

impl<'a, T, const N: usize> Documented<'a, T, N>
where
    T: Clone,
{
    //! Inner docs of an impl.
    #![allow(unused)]

    pub const SIZE: usize = N;

    /// Docs of a method.
    pub async fn layered_fetch<F>(&self, f: F) -> Option<u8>
    where
        F: for<'b> Fn(&'b str) -> bool,
    {
        use std::mem;
        #[derive(Clone)]
        struct Query {
            text: String,
        }
        impl Query {
            fn run(&self) -> bool { fn innermost() {} true }
        }
        fn helper() {}
        // attached to inner macro
        macro_rules! inner { () => {}; }
        inner!();
        let run = || {
            enum Deep { A, B(u8) }
            Deep::A
        };
        let lifetime = 'outer: loop { break 'outer 'x'; };
        let quote = ['\'', '"', '\\', '\u{1F600}', '{'];
        let bytes = (b'\'', b"{\"", br#"}"#, c"{", cr#"{"{"#);
        let path = <Self as Clone>::clone as fn(&Self) -> Self;
        if 1 < 2 && 3 > 2 { return None }
        None
    }
}
impl<'a, T> Documented<'a, T, 7> where T: Clone { fn build(&self) {} }
impl Documented<'_, u8, 8> {
    fn build(&self) {}
    fn only_here(&self) {}
}

impl ModelIn for Unit {
    type Active<'a> = &'a u8;
    const REQUIRED: usize = 1;

    // attached to update_model
    /// and documented
    fn update_model(self, _: &mut Self::Active<'_>) {}
}

impl From<std::io::Error> for Unit { fn from(_: std::io::Error) -> Self { Unit } }
impl<'a> From<&'a str> for Unit { fn from(_: &'a str) -> Self { Unit } }
impl From<Vec<Vec<u8>>> for Unit { fn from(_: Vec<Vec<u8>>) -> Self { Unit } }
impl std::convert::From<(u8, [u8; 4])> for Unit {
    fn from(_: (u8, [u8; 4])) -> Self { Unit }
}
impl<T> ModelOut for T where T: Clone { fn out(&self) {} }
impl ModelOut for Box<dyn Fn(u8) -> u8 + Send> { fn out(&self) {} }
impl ModelOut for [u8] { fn out(&self) {} }
impl ModelOut for fn(u8) -> ! { fn out(&self) {} }
impl ModelOut for &mut inline::Shallow { fn out(&self) {} }
impl !Send for Unit {}
impl<T> !Sync for Tuple<T> {}
unsafe impl Marker for Unit {}
impl dyn ModelOut + '_ { fn object(&self) {} }
impl dyn crate::Marker { kv_def!(InImpl); fn after_macro(&self) {} }
impl inline::Shallow { fn elsewhere(&self) {} }

extern "C" {
    #![allow(unused)]
    /// A foreign function.
    fn strlen(text: *const u8, ...) -> usize;
    static ENVIRON: *const u8;
    type Opaque;
}
extern {
    fn abs(x: i32) -> i32;
}
unsafe extern "system" {}

#[cfg(test)]
mod tests {
    //! Inner docs of a module.

    use super::*;

    #[test]
    fn test_valid_signing_keys() {
        //! Inner docs of a function.
        #![allow(unused)]
        fn nested() {}
        const NESTED: u8 = 1;
        mod module_in_fn { pub fn leaf() {} }
    }

    mod inner { pub(in crate::tests) fn leaf() {} pub fn twin() {} } fn after_brace() {}
}
pub mod inline {
    pub struct Shallow;
    pub mod deep { pub struct Deepest; impl Deepest { fn new() {} } }
    impl deep::Deepest { fn other() {} }
    impl super::ModelOut for deep::Deepest { fn out(&self) {} }
}
fn two() {} fn on_one_line() {}
    /// indented docs
	fn tabbed() {}
pub const unsafe extern "C" fn qualified(_: u8) {}
pub(crate) async unsafe fn more_qualified<const N: usize, 'a, T>(_: [u8; N]) -> impl Iterator<Item = &'a T> { [].iter() }
fn braces_in_types() -> Array<{ 1 + 1 }> { Array }
fn where_braces() where [(); { 2 }]: Sized {}
fn r#match() {}
fn naïve_Übung() {}

/// ```
/// fn in_docs() {}
/// ```
fn fenced() { let s = "```"; let t = "/* not a comment"; let u = "// nor this {"; }

/**
 * A block doc
 */
fn block_documented() {}
/*** not a doc ***/
fn block_commented() {}
//// not a doc either
fn slashes() {}
/* nested /* comment */ still */
fn after_nested() {}
/**/
fn after_empty() {}
/***/
fn after_almost_empty() {}

// Below: what the grammar does not know. The items round about stay whole.
fn attribute_on_pattern_field(p: Pair) {
    let Pair { #[cfg(all())] left, .. } = p;
}
fn old_try() -> Result<(), ()> {
    r#try!(Ok(()));
    Ok(())
}
fn higher_ranked_closure() {
    let f = for<'a> |x: &'a u8| -> &'a u8 { x };
}
fn primitive_macro() {
    let x = u8!{ 3 };
    bool!(x);
}
fn unharmed() {
    struct AlsoUnharmed;
}
impl Unit {
    fn before(&self) {}
    fn broken_inside(&self) {
        let f = for<'a> |x: &'a u8| -> &'a u8 { x };
    }
    fn behind(&self) {}
}
fn c_strings() {
    let s = (c"{", cr#"{"{"#);
}
fn last_without_newline() {}