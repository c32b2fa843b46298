//! Who decides.

use crate::browser::preferences;

/// The name that the choice is kept under.
const KEPT: &str = "annotator";

/// The name that decisions carry.
pub fn name() -> String {
    preferences::get(KEPT).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "person".to_owned())
}

/// Takes another name; an empty one stands for nobody in particular.
pub fn set(name: &str) {
    match name.trim() {
        "" => preferences::remove(KEPT),
        name => preferences::set(KEPT, name),
    }
}
