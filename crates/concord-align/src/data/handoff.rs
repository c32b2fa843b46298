//! Where the responses of a session came from, if another program sampled them as a job.

use serde::{Deserialize, Serialize};

/// The job whose results a session holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handoff {
    /// The job's hash.
    pub job: String,
    /// The kind of server that its requests were written for.
    pub server: String,
    /// What the server called its model, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<String>,
    /// Samples of one request.
    pub samples_per_request: u32,
    /// The files of results, each once.
    pub imported: Vec<ImportedFile>,
    /// Responses of the job that did not come.
    pub missing: usize,
    /// The server, where the page asked it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveServer>,
}

/// A server that the page asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveServer {
    /// Its address, without the key.
    pub address: String,
    /// What it was found to be able to do.
    pub can: Vec<String>,
}

/// A file of results that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// Its name.
    pub name: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its lines.
    pub lines: usize,
}
