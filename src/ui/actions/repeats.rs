//! Whether pairs come up a second time in a blind review, to see whether a person decides the same again.

use crate::browser::preferences;

/// The name that the switch is kept under.
const KEPT: &str = "repeats";

/// Whether some pairs come up again; they do unless the person has said otherwise.
pub fn are_on() -> bool {
    preferences::get(KEPT).as_deref() != Some("off")
}

/// Switches it on or off.
pub fn set_on(is_on: bool) {
    if is_on { preferences::remove(KEPT) } else { preferences::set(KEPT, "off") }
}
