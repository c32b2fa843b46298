//! What belongs beside the rows: what the run was, what was left out, settings for trainers, and for a dataset folder its
//! card, its licence, its Croissant description and the log of decisions.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{ExportFormat, ExportOptions, Written, guides, hub, problems_csv};
use crate::data::{AppRecord, Language, ModelRecord, Session, SessionConfig};

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
    pub fn new(path: String, language: Option<Language>, n_rows: u32, counted: PartCounter) -> Self {
        let sha256 = counted.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { path, language, n_rows, n_bytes: counted.n_bytes, sha256 }
    }
}

/// Counts and hashes the bytes of a file, some at a time.
#[derive(Clone, Debug, Default)]
pub struct PartCounter {
    hash: Sha256,
    n_bytes: u64,
}

impl PartCounter {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.n_bytes += bytes.len() as u64;
    }
}

/// What an export is told by, beside its rows.
#[derive(Clone, Debug)]
pub struct SideFacts<'a> {
    /// The session, for its settings and its model.
    pub session: &'a Session,
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

/// The files beside the rows, by path.
pub fn beside(facts: &SideFacts<'_>) -> Vec<(String, String)> {
    let mut files =
        if facts.options.format == ExportFormat::Hub { hub::files(facts) } else { guides::files(facts) };
    files.push(("concord-run.json".to_owned(), run(facts)));
    if !facts.written.problems.is_empty() {
        files.push(("rows-left-out.csv".to_owned(), problems_csv(&facts.written.problems)));
    }
    files.extend(facts.batches_read_me.clone().map(|text| ("TRAINING-ORDER.md".to_owned(), text)));
    files
}

/// What the run was and what of it went out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    schema: &'static str,
    created: &'a str,
    app: &'a AppRecord,
    config: &'a SessionConfig,
    model: &'a ModelRecord,
    n_prompts: usize,
    n_responses: usize,
    export: &'a ExportOptions,
    n_pairs: u32,
    n_accepted: u32,
    n_undecided: u32,
    n_edited: u32,
    n_left_out: usize,
    by_language: &'a std::collections::BTreeMap<Language, u32>,
    files: &'a [Part],
}

fn run(facts: &SideFacts<'_>) -> String {
    let SideFacts { session, written, .. } = facts;
    let run = Run {
        schema: "concord-run/1",
        created: &session.created,
        app: &session.app,
        config: &session.config,
        model: &session.model,
        n_prompts: session.prompts.len(),
        n_responses: session.responses.len(),
        export: facts.options,
        n_pairs: written.n_pairs,
        n_accepted: written.n_accepted,
        n_undecided: written.n_pairs - written.n_accepted,
        n_edited: written.n_edited,
        n_left_out: written.problems.iter().filter(|problem| problem.left_out).count(),
        by_language: &written.by_language,
        files: facts.parts,
    };
    pretty(&run)
}

/// Readable JSON, ended by a line end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Records of texts and numbers always serialise.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
