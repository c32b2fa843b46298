//! How files are read as responses: where the responses stand, what each column is, and what says which prompt a row answers.
//!
//! All of it is guessed ([`super::guess`]), and any part can be said instead. A name that is empty says that there is no such
//! column.

use serde::{Deserialize, Serialize};

use super::super::mapping::{FileLanguage, Mapping, TextColumn};
use crate::data::TaskKind;

/// Where the responses stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseShape {
    /// One in each row, or a list of them.
    Rows,
    /// A column for each language.
    Wide,
    /// A column for each response.
    Columns,
    /// Two in each row, chosen and rejected; they become two responses like others, chosen first, and the pair to be judged.
    Pairs,
}

/// What says which prompt a row answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseJoin {
    /// The prompt's id.
    Id,
    /// The prompt's text, in any of its languages.
    Text,
    /// The place among the prompts of a file and language.
    Order,
}

/// A file with responses of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileModel {
    /// Its name.
    pub file: String,
    /// The model.
    pub model: String,
}

/// How files of responses are read; what is missing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ResponseMapping {
    /// Of the results of a job: the model whose responses are taken, by the name that its server gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served: Option<String>,
    /// Where the responses stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResponseShape>,
    /// What says which prompt a row answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<ResponseJoin>,
    /// In JSON the keys that lead to the rows, joined by dots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether the first row of a table names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// What stands between the cells of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether quotation marks around a cell of a table belong to the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoting: Option<bool>,
    /// The column with the prompts' ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column with the prompts' texts, or with chats that begin with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The column with the gold answers, for prompts that are made of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The column with the language of a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The column with the model that wrote a row, or with the models of its list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The column with the number of a response among those of its prompt, language and model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// Rows: the column with the response, or with the list of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// Pairs: the column with the chosen response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Pairs: the column with the rejected one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
    /// Wide: the columns with responses by language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<TextColumn>,
    /// Columns with the prompts' texts by language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<TextColumn>,
    /// Columns: those with a response each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<String>,
    /// The languages of files whose rows do not say theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLanguage>,
    /// The models of files whose rows do not say theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<FileModel>,
    /// The task of prompts that are made of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_of_all: Option<TaskKind>,
}

impl ResponseMapping {
    /// The part that says how a file is cut into rows.
    pub(super) fn of_tables(&self) -> Mapping {
        Mapping {
            path: self.path.clone(),
            header: self.header,
            delimiter: self.delimiter,
            quoting: self.quoting,
            ..Mapping::default()
        }
    }
}
