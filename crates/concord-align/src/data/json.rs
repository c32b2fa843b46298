//! JSON from texts.

use serde::Deserialize;

/// A record from its JSON.
///
/// The text is read as bytes, as files are: what reads a record is compiled once for texts and once for bytes, and the page would
/// carry both.
///
/// # Errors
/// Where it is no JSON, or not of such a record.
pub fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    serde_json::from_slice(text.as_bytes())
}
