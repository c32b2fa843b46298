//! How files are read as a prompt set: which shape they have, what each column is, and how rows of several files are joined.
//!
//! All of it is guessed ([`super::guess`]), and any part can be said instead. A name that is empty says that there is no such
//! column.

use serde::{Deserialize, Serialize};

use crate::data::TaskKind;

/// Where the languages of a prompt stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A column for each language.
    Wide,
    /// A row for each language, which a column names.
    Long,
    /// A file for each language.
    PerFile,
    /// The texts by language under one column.
    Nested,
}

/// Which rows are one prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// Every row by itself.
    Row,
    /// Those with one id.
    Id,
    /// Those at the same place of each file, or of each language.
    Order,
    /// Those with one text in the anchor language.
    AnchorText,
}

/// A column with texts in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextColumn {
    /// Its name.
    pub column: String,
    /// The language, in any spelling.
    pub language: String,
}

/// A file with texts in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLanguage {
    /// Its name.
    pub file: String,
    /// The language, in any spelling.
    pub language: String,
}

/// How files are read; what is missing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Mapping {
    /// Where the languages stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Shape>,
    /// Which rows are one prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<Join>,
    /// In JSON the keys that lead to the rows, joined by dots: `data.rows`; empty where the rows are the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether the first row of a table names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// What stands between the cells of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether quotation marks around a cell of a table belong to the format; without, they belong to the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoting: Option<bool>,
    /// The column with the ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column with the gold answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The column with the tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The task of all prompts without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_of_all: Option<TaskKind>,
    /// Long: the column with the language of a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Long and per file: the column with the text; nested: the one with the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Wide: the columns with texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<TextColumn>,
    /// Per file: the languages of the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLanguage>,
    /// Whether prompts with a text in one language only are kept, so that the others can be drafted or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_language: Option<bool>,
}

impl Mapping {
    /// A column that is said, and not to be none.
    pub(super) fn named(column: &Option<String>) -> Option<&str> {
        column.as_deref().filter(|name| !name.is_empty())
    }
}
