//! The records of a book.

use serde::{Deserialize, Serialize};

use crate::data::{CurationEvent, Language, Response};

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
    },
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
