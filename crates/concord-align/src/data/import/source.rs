//! Picked files as tables: rows with their numbers under columns, whatever the format.

use serde_json::{Map, Value};

use super::file_kind::text_of;
use super::mapping::Mapping;
use super::reading::{Dialect, Read};
use super::rows::rows_of;
use crate::data::archive::{self, Limits};
use crate::data::problem::{DataError, RowProblem};

/// A file as it was picked, or what another program made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// Its name, with folders where there are any.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The rows of a Parquet file or of a sheet, with the columns in their order.
    Rows {
        /// Names of the columns.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Map<String, Value>>,
    },
}

impl SourceFile {
    /// A file of bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: Content::Bytes(bytes.into()) }
    }
}

/// A file as rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// Rows with their numbers from 1.
    pub(super) rows: Vec<(u32, Value)>,
    pub(super) problems: Vec<RowProblem>,
    /// How the text was read, where it was a table of text.
    pub(super) dialect: Option<Dialect>,
    /// Where else in the JSON there are rows.
    pub(super) paths: Vec<String>,
    /// Where these stood.
    pub(super) path: Option<String>,
}

/// The files in archives in the place of the archives; files that are no data (hidden ones, folders) are passed over.
///
/// # Errors
/// An archive is damaged or too large, or has no file.
pub fn unpacked(files: Vec<SourceFile>) -> Result<Vec<SourceFile>, DataError> {
    let mut out = Vec::new();
    for file in files {
        match &file.content {
            Content::Bytes(bytes) if archive::is_archive(bytes) && !archive::is_office_document(bytes) => {
                let refuse = |reason: String| DataError::Unusable { file: file.name.clone(), reason };
                let entries =
                    archive::read(bytes, &Limits::default()).map_err(|error| refuse(error.to_string()))?;
                let n_before = out.len();
                let is_data = |name: &str| {
                    let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
                    let is_read_me = name.to_ascii_lowercase().ends_with(".md");
                    !hidden && !is_read_me && !name.ends_with('/')
                };
                out.extend(
                    entries
                        .into_iter()
                        .filter(|entry| is_data(&entry.name))
                        .map(|entry| SourceFile::new(entry.name, entry.bytes)),
                );
                if out.len() == n_before {
                    return Err(refuse("the archive has no file in it".to_owned()));
                }
            }
            _ => out.push(file),
        }
    }
    Ok(out)
}

impl Table {
    /// Reads a file as a mapping says.
    ///
    /// # Errors
    /// It is no table, which the error says.
    pub(super) fn of(file: &SourceFile, mapping: &Mapping) -> Result<Self, DataError> {
        let mut table = match &file.content {
            Content::Bytes(bytes) => {
                let Read { rows, columns, problems, dialect, paths, path } =
                    rows_of(&text_of(bytes)?, mapping)?;
                Self { name: String::new(), columns, rows, problems, dialect, paths, path }
            }
            Content::Rows { columns, rows } => {
                let numbered = rows.iter().cloned().map(Value::Object);
                Self { columns: columns.clone(), rows: (1..).zip(numbered).collect(), ..Self::default() }
            }
        };
        if table.rows.is_empty() {
            return Err(DataError::NotAPromptSet { found: "an empty list".to_owned() });
        }
        table.name.clone_from(&file.name);
        if table.columns.is_empty() {
            table.columns = columns_of(&table.rows);
        }
        Ok(table)
    }
}

/// The names of all rows, in the order in which they are met.
fn columns_of(rows: &[(u32, Value)]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let names = rows.iter().filter_map(|(_, row)| row.as_object()).flat_map(Map::keys);
    names.filter(|name| seen.insert(*name)).cloned().collect()
}

/// A cell by the name of its column, which may lead into objects by dots; `None` where there is nothing.
pub(super) fn cell<'a>(row: &'a Map<String, Value>, column: &str) -> Option<&'a Value> {
    let found = row.get(column).or_else(|| {
        let (first, rest) = column.split_once('.')?;
        rest.split('.').try_fold(row.get(first)?, |value, key| value.get(key))
    });
    found.filter(|value| !is_missing(value))
}

pub(super) fn is_missing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}
