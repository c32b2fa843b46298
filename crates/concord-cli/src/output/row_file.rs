//! Rows out, in the kind of file that its name says.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use concord_align::data::{Column, ColumnKind};
use concord_tables::{ParquetWriter, Row};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Staged;
use crate::error::CliError;
use crate::input::{ENDINGS, FileKind, kind_of};

/// Rows of a row group of Parquet: those are in memory.
const GROUP_ROWS: usize = 4_096;

/// A file of rows that is being written.
pub(crate) struct RowFileOut {
    staged: Staged,
    out: Out,
    n_rows: u64,
}

enum Out {
    Lines(BufWriter<File>),
    Packed(Box<GzEncoder<BufWriter<File>>>),
    Parquet(Box<ParquetWriter<BufWriter<File>>>),
}

impl RowFileOut {
    /// Begins a file; `columns` are those of Parquet.
    pub(crate) fn begin(place: &Path, columns: &[Column]) -> Result<Self, CliError> {
        let Some(kind) = kind_of(place) else {
            return Err(CliError::Ending { path: place.to_owned(), endings: ENDINGS });
        };
        let (staged, file) = Staged::begin(place)?;
        let out = match kind {
            FileKind::Lines => Out::Lines(file),
            FileKind::PackedLines => Out::Packed(Box::new(GzEncoder::new(file, Compression::default()))),
            FileKind::Parquet => {
                let writer = ParquetWriter::new(columns.to_vec(), file, GROUP_ROWS);
                Out::Parquet(Box::new(writer.map_err(|error| CliError::unwritable(place, error))?))
            }
        };
        Ok(Self { staged, out, n_rows: 0 })
    }

    /// Writes a line of JSON, without its end.
    pub(crate) fn line(&mut self, line: &[u8]) -> Result<(), CliError> {
        self.n_rows += 1;
        let place = self.staged.place();
        let fail = |error: std::io::Error| CliError::unwritable(place, error);
        match &mut self.out {
            Out::Lines(out) => out.write_all(line).and_then(|()| out.write_all(b"\n")).map_err(fail),
            Out::Packed(out) => out.write_all(line).and_then(|()| out.write_all(b"\n")).map_err(fail),
            Out::Parquet(out) => {
                let row: Row =
                    serde_json::from_slice(line).map_err(|error| CliError::Bug(error.to_string()))?;
                out.push(row).map_err(|error| CliError::unwritable(place, error))
            }
        }
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, row: Row) -> Result<(), CliError> {
        if let Out::Parquet(out) = &mut self.out {
            self.n_rows += 1;
            return out.push(row).map_err(|error| CliError::unwritable(self.staged.place(), error));
        }
        let line = serde_json::to_vec(&row).map_err(|error| CliError::Bug(error.to_string()))?;
        self.line(&line)
    }

    /// Where it will be.
    pub(crate) fn place(&self) -> &Path {
        self.staged.place()
    }

    /// Rows so far.
    pub(crate) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Writes the end and gives the file its name.
    pub(crate) fn publish(self) -> Result<(), CliError> {
        let place = self.staged.place().to_owned();
        let fail = |error: std::io::Error| CliError::unwritable(&place, error);
        let mut file = match self.out {
            Out::Lines(out) => out,
            Out::Packed(out) => out.finish().map_err(fail)?,
            Out::Parquet(out) => out.finish().map_err(|error| CliError::unwritable(&place, error))?,
        };
        file.flush().map_err(fail)?;
        self.staged.publish()
    }
}

/// The columns of Parquet for rows that are not ours alone, by the names that we know; `None` where one is not known.
pub(crate) fn columns_of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Column>, String> {
    let kind = |name: &str| {
        Some(match name {
            "prompt_id" | "language" | "text" | "reasoning" | "finish_reason" | "answer" | "model"
            | "custom_id" | "source_language" | "concord_skip" | "concord_method" => ColumnKind::Text,
            "sample"
            | "reasoning_tokens"
            | "source_sample"
            | "concord_chosen_sample"
            | "concord_rejected_sample"
            | "concord_reference_sample" => ColumnKind::Integer,
            "logprob" | "concord_margin" => ColumnKind::Number,
            "tokens" => ColumnKind::IntegerList,
            "concord_scores" | "concord_cosine" => ColumnKind::NumberList,
            "prompt" | "chosen" | "rejected" => ColumnKind::Messages,
            _ => return None,
        })
    };
    names.map(|name| kind(name).map(|kind| Column::new(name, kind)).ok_or_else(|| name.to_owned())).collect()
}
