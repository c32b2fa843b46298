//! Rows of several files, one after the other, whatever the files are.

use std::fs::File;
use std::path::PathBuf;

use concord_tables::{Row, RowFile};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kind::{FileKind, kind_of};
use super::lines::Lines;
use crate::error::{CliError, Place};

/// A row as it was found.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// A line of JSON.
    Line(Vec<u8>),
    /// A row of a table.
    Row(Row),
}

/// What is needed of rows, and how that is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    pub(crate) columns: &'static [&'static str],
    pub(crate) told: &'static str,
}

/// Rows of files in their order.
#[derive(Debug)]
pub(crate) struct Rows {
    left: std::vec::IntoIter<PathBuf>,
    needs: Needs,
    open: Option<Open>,
    place: Place,
}

#[derive(Debug)]
enum Open {
    Lines(Lines),
    Table(Box<RowFile>),
}

impl Rows {
    pub(crate) fn new(files: Vec<PathBuf>, needs: Needs) -> Self {
        Self { left: files.into_iter(), needs, open: None, place: Place { path: PathBuf::new(), line: 0 } }
    }

    /// Rows of which nothing is asked.
    pub(crate) fn any(files: Vec<PathBuf>) -> Self {
        Self::new(files, Needs { columns: &[], told: "" })
    }

    /// Where the row that was read last stands.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The next row; `None` after the last of the last file.
    pub(crate) fn next_record(&mut self) -> Result<Option<Record>, CliError> {
        loop {
            match &mut self.open {
                Some(Open::Lines(lines)) => {
                    if let Some(line) = lines.next_line()? {
                        let record = Record::Line(line.to_vec());
                        self.place.line = lines.place().line;
                        return Ok(Some(record));
                    }
                }
                Some(Open::Table(table)) => {
                    if let Some(row) = table.next() {
                        self.place.line += 1;
                        let path = self.place.path.clone();
                        return row
                            .map(|row| Some(Record::Row(row)))
                            .map_err(|reason| CliError::Table { path, reason });
                    }
                }
                None => {}
            }
            let Some(path) = self.left.next() else { return Ok(None) };
            self.open = Some(self.opened(&path)?);
            self.place = Place { path, line: 0 };
        }
    }

    fn opened(&self, path: &std::path::Path) -> Result<Open, CliError> {
        if kind_of(path) != Some(FileKind::Parquet) {
            return Ok(Open::Lines(Lines::open(path)?));
        }
        let file = File::open(path).map_err(CliError::unreadable(path))?;
        let table = RowFile::new(file).map_err(|reason| CliError::Table { path: path.to_owned(), reason })?;
        let columns = table.columns();
        if let Some(column) =
            self.needs.columns.iter().find(|column| !columns.iter().any(|own| own == *column))
        {
            let found = columns.join(", ");
            return Err(CliError::OtherColumns {
                path: path.to_owned(),
                column,
                found,
                needed: self.needs.told,
            });
        }
        Ok(Open::Table(Box::new(table)))
    }
}

impl Record {
    /// The record as a type of ours.
    pub(crate) fn parse<T: DeserializeOwned>(self, place: &Place) -> Result<T, CliError> {
        let is_line = matches!(self, Self::Line(_));
        let read = match self {
            Self::Line(line) => serde_json::from_slice(&line),
            Self::Row(row) => serde_json::from_value(Value::Object(row)),
        };
        read.map_err(|error| {
            if is_line && !error.is_data() {
                CliError::NotJson { place: place.clone(), reason: error.to_string() }
            } else {
                CliError::Value {
                    place: place.clone(),
                    reason: format!("{error}: correct the row or take it out"),
                }
            }
        })
    }
}
