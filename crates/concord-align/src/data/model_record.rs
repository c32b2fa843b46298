//! What a session records of the model that answered, and of the one that measured.

use serde::{Deserialize, Serialize};

/// A generator, as the session file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelRecord {
    /// Name from the file's metadata.
    pub name: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Such as `llama`.
    pub architecture: String,
    /// Such as `Q8_0`.
    pub quantization: String,
    /// What its matrices were multiplied in, `f32` or `int8`; `None` where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerics: Option<String>,
    /// The chat template that was picked for it, by name; `None` where it was the file's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}
