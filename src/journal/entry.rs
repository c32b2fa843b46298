//! The records of a book.

use serde::{Deserialize, Serialize};

use crate::data::{CurationEvent, Language, Method, Response};

/// Where a record stands among its book's: in the order of time, and never twice.
///
/// The writer is one visit of one tab. Two tabs may add to one book at once: their records are then ordered by time, and
/// a record that is written again, because nobody knows whether the first try came through, takes its own place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Milliseconds since 1970; never less than that of a record that its writer knew.
    pub time: u64,
    /// Who wrote it.
    pub writer: String,
    /// Counts the writer's records.
    pub seq: u64,
}

/// An entry at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<E> {
    /// Its place in the log.
    pub key: Key,
    /// What is kept.
    pub entry: E,
}

/// What is added to a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Entry {
    /// A person decided.
    Event {
        /// The decision.
        event: CurationEvent,
    },
    /// Responses of a run have finished.
    Responses {
        /// All of them since the last entry.
        responses: Vec<Response>,
    },
    /// The session was downloaded as a file.
    #[serde(rename_all = "camelCase")]
    Downloaded {
        /// Events that the file holds.
        n_events: usize,
        /// When, in milliseconds since 1970; earlier versions did not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
    },
    /// The session changed otherwise than by a decision: its pairs were picked again, say. No file from before holds that.
    Changed {},
    /// What the person calls it. There is one of these, and a new one takes its place.
    Label(Label),
    /// What a list of sessions says of it. There is one of these, and a new one takes its place.
    Summary(Summary),
}

/// What the person calls a session, and whether they deleted it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Label {
    /// Its name; `None` for one made of model, method and date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was deleted, in milliseconds since 1970. It can be restored until it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
}

/// What a list of sessions says of one without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// The model that wrote the responses.
    pub model: String,
    /// How the pairs are picked.
    pub method: Method,
    /// Whether its pairs came with a file instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported_pairs: bool,
    /// Rows that a person can decide on.
    pub n_rows: usize,
    /// Rows that are decided.
    pub n_decided: usize,
    /// Decisions of its log.
    pub n_events: usize,
    /// The file that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
}

/// What a downloaded file holds of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// Its decisions.
    pub n_events: usize,
    /// When it was written, in milliseconds since 1970, if that is known.
    pub at: Option<u64>,
    /// Whether nothing but decisions was added since.
    pub is_whole: bool,
}

impl Backup {
    /// Whether the file holds all of a session with so many decisions.
    pub fn holds(&self, n_events: usize) -> bool {
        self.is_whole && self.n_events >= n_events
    }
}

/// What a book is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A session under review.
    Session,
    /// A run that has not ended.
    Run,
}

/// What can be known of a book without reading its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// What it is of.
    pub kind: Kind,
    /// When the session or the run was made, ISO 8601.
    pub created: String,
    /// When the head was written, in milliseconds since 1970.
    pub saved_at: u64,
    /// Events of the head that count; those behind them are in the log too.
    pub n_base: usize,
    /// Number of its prompts.
    pub n_prompts: usize,
    /// Its languages.
    pub languages: Vec<Language>,
}
