//! How an exported row came to be: who decided what, and which texts are a person's.

use serde::{Deserialize, Serialize};

use super::RowStatus;

/// What curation knows of a row beyond its two samples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RowRecord {
    /// What was said of the row: accepted, or undecided where nobody has decided.
    pub status: RowStatus,
    /// Whether the pair is another one than the method's.
    pub is_changed: bool,
    /// Whether it is marked to be looked at again.
    pub is_flagged: bool,
    /// Whether several people decided differently and one of `actors` settled it.
    pub is_settled: bool,
    /// Who decided.
    pub actors: Vec<String>,
    /// Reasons they picked from a list, each once.
    pub reasons: Vec<String>,
    /// The latest remark.
    pub note: Option<String>,
    /// The chosen response as a person rewrote it; it takes the place of the model's text.
    pub chosen_text: Option<String>,
    /// The same of the rejected one.
    pub rejected_text: Option<String>,
}
