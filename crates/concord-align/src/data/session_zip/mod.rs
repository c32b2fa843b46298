//! The session as a zip archive: `manifest.json`, `session.json` with an empty log, and the log in `events.jsonl`, a line each.
//!
//! The manifest has the SHA-256 and the size of each part, so that a file that was damaged on its way, or changed by hand, is
//! told apart from one that is as it was saved. Written and read in steps, as the page must not stand still.

mod pack;
mod unpack;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{AppRecord, Tally};

pub use pack::SessionPacker;
pub use unpack::SessionUnpacker;

/// The schema tag of a manifest.
pub const ARCHIVE_SCHEMA: &str = "concord-archive/1";
const MANIFEST: &str = "manifest.json";
const SESSION: &str = "session.json";
const EVENTS: &str = "events.jsonl";

/// What a session's archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always [`ARCHIVE_SCHEMA`].
    pub schema: String,
    /// The program that wrote the archive.
    pub app: AppRecord,
    /// When the session was created, ISO 8601.
    pub created: String,
    /// How much of everything is in it.
    pub counts: Counts,
    /// The other files of the archive.
    pub parts: Vec<Part>,
}

/// How much of everything a session has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Prompts.
    pub prompts: usize,
    /// Languages.
    pub languages: usize,
    /// Responses.
    pub responses: usize,
    /// Rows that have a pair or say why they have none.
    pub pairs: usize,
    /// Decisions.
    pub events: usize,
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size, unpacked.
    pub bytes: u64,
    /// Its SHA-256 as lower-case hex digits.
    pub sha256: String,
}

impl Part {
    fn new(name: &str, tally: Tally) -> Self {
        Self { name: name.to_owned(), bytes: tally.n_bytes(), sha256: tally.sha256() }
    }
}
