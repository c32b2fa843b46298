//! What the files beside the rows are told.

use serde::Serialize;

use super::{ExportOptions, Written};
use crate::data::{Language, Session, Tally};

/// A file of rows as it is in the zip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its path.
    pub path: String,
    /// Its language, where it holds only that.
    pub language: Option<Language>,
    /// Its rows.
    pub n_rows: u32,
    /// Its bytes.
    pub n_bytes: u64,
    /// Their SHA-256, hex.
    pub sha256: String,
}

impl Part {
    /// The record of a file that was counted.
    pub fn new(path: String, language: Option<Language>, n_rows: u32, counted: Tally) -> Self {
        Self { path, language, n_rows, n_bytes: counted.n_bytes(), sha256: counted.sha256() }
    }
}

/// What an export is told by, beside its rows.
#[derive(Clone, Debug)]
pub struct SideFacts<'a> {
    /// The session, for its settings and its model.
    pub session: &'a Session,
    /// Its responses, which need not be in memory any more.
    pub n_responses: usize,
    /// What was chosen.
    pub options: &'a ExportOptions,
    /// What was written; the texts are not looked at.
    pub written: &'a Written,
    /// The files of rows.
    pub parts: &'a [Part],
    /// How a trainer keeps the order, where rows stand in batches.
    pub batches_read_me: Option<String>,
    /// The log of decisions and how many people decided, for a folder.
    pub decisions: (String, usize),
}

/// Readable JSON, ended by a line end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Records of texts and numbers always serialise.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
