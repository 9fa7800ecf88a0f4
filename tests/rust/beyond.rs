//! Items that rustc knows and the grammar does not: none may be served wrongly.

fn before() {}
/// Docs
unsafe auto trait Auto {}
fn between() {}
/// Docs of a default impl.
default impl ModelOut for Tuple<u8> {
    fn out(&self) {}
}
fn again() {}
/// Docs of what follows.
fn after() {}
trait Alias = Clone + Send;
fn behind() {
    let f = for<'a> |x: &'a u8| -> &'a u8 { x };
    fn nested_behind_error() {}
}
impl const Default for Tuple<u8> {
    fn default() -> Self {
        Tuple
    }
}
#[cfg(all())]
pub macro two($x:expr) {
    $x
}
pub fn last() {}
