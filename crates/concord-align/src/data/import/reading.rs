//! What reading a text gives, and the words for what is wrong with it.

use serde_json::Value;

use crate::data::problem::{DataError, RowProblem};

/// The rows of a text with their numbers, and how they were found.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) rows: Vec<(u32, Value)>,
    /// The columns of a table in their order.
    pub(super) columns: Vec<String>,
    pub(super) problems: Vec<RowProblem>,
    pub(super) dialect: Option<Dialect>,
    /// Where there are rows in the JSON, and where these stood.
    pub(super) paths: Vec<String>,
    pub(super) path: Option<String>,
}

/// Characters of what is quoted in a message.
const QUOTED: usize = 40;
/// How a table is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: char,
    pub(super) quoting: bool,
    pub(super) header: bool,
}

pub(super) fn refuse(found: impl Into<String>) -> DataError {
    DataError::NotAPromptSet { found: found.into() }
}

pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

pub(super) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
