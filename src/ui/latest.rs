//! Questions of which only the latest counts: an answer that comes after another question was asked is not taken.

use std::{cell::Cell, thread::LocalKey};

/// Asks anew; tells later whether nothing was asked since. `n_asked` counts the questions of one kind.
pub fn ask(n_asked: &'static LocalKey<Cell<u32>>) -> impl Fn() -> bool + Copy {
    let asked = n_asked.get().wrapping_add(1);
    n_asked.set(asked);
    move || n_asked.get() == asked
}
