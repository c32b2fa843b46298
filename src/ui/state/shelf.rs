//! The models on this device, as the page knows them.

use crate::protocol::{Role, StoredModel};

/// The models kept on this device.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    /// By name; `None` until the worker has said.
    pub stored: Option<Vec<StoredModel>>,
    /// Whether a file that is fetched from now on stays here.
    pub keeps: bool,
    /// Whether the browser has promised not to clear them on its own.
    pub is_persistent: bool,
    /// What a model is opened for from now on.
    pub role: Role,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { stored: None, keeps: true, is_persistent: false, role: Role::Generator }
    }
}
