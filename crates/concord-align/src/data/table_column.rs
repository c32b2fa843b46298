//! Columns of a table: names, and what their cells hold.

use serde::{Deserialize, Serialize};

/// What every cell of a column holds; any cell may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// A string.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A list of messages, each with `role` and `content`.
    Messages,
    /// A list of LLaMA-Factory's turns, each with `from` and `value`.
    Turns,
    /// One such turn.
    Turn,
    /// A list of strings.
    TextList,
    /// A list of whole numbers of 32 bits.
    IntegerList,
    /// A list of numbers.
    NumberList,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, and the name of its cells in a row.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnKind,
}

impl Column {
    /// A column by its name and kind.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self { name: name.into(), kind }
    }
}
