//! Parquet and spreadsheets as rows of JSON, and rows of JSON as Parquet.
//!
//! Bytes in, values out: neither a browser nor files. On the page it runs in a program and a worker of its own, because
//! these formats are read by large libraries that most visitors never need, and because a damaged file may stop them.

mod error;
mod parquet_in;
mod parquet_out;
mod sheets;
mod zstd_pages;

use std::panic::{AssertUnwindSafe, catch_unwind};

use concord_align::data::archive;
use serde_json::{Map, Value};

pub use concord_align::data::{Column, ColumnKind};
pub use error::TableError;
pub use parquet_in::RowFile;
pub use parquet_out::{ParquetWriter, write_parquet};

/// How a spreadsheet of OpenDocument begins.
const SPREADSHEET: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";

/// A row: cells by the names of their columns.
pub type Row = Map<String, Value>;

/// Most rows of a file.
pub const MOST_ROWS: usize = 1_000_000;
/// Most columns of a sheet.
pub const MOST_COLUMNS: usize = 2_000;
/// Most bytes that a file may unpack to.
pub const MOST_BYTES: u64 = 512 << 20;

/// The rows of a Parquet file, or of one sheet of a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Name of the sheet; empty for Parquet.
    pub name: String,
    /// The columns in the order of the file.
    pub columns: Vec<String>,
    /// The rows; an empty cell is null or missing.
    pub rows: Vec<Row>,
}

/// Whether the first bytes of a file are those of a format that is read here.
pub fn is_table(name: &str, bytes: &[u8]) -> bool {
    kind_of(name, bytes).is_some()
}

enum Kind {
    Parquet,
    Xlsx,
    Ods,
}

fn kind_of(name: &str, bytes: &[u8]) -> Option<Kind> {
    let has = |name: &[u8]| archive::has_entry(bytes, name);
    let ends = |end: &str| name.to_ascii_lowercase().ends_with(end);
    match bytes {
        _ if bytes.starts_with(b"PAR1") => Some(Kind::Parquet),
        _ if !archive::is_archive(bytes) => None,
        _ if has(SPREADSHEET) || ends(".ods") => Some(Kind::Ods),
        _ if has(b"xl/") || has(b"[Content_Types].xml") || ends(".xlsx") || ends(".xlsm") => Some(Kind::Xlsx),
        _ => None,
    }
}

/// Reads a Parquet file, or the sheets of a workbook (XLSX or ODS) of which the first row names the columns.
///
/// Lists and structs become JSON, dates text. What stands in a spreadsheet for a number or a date is not what it shows but
/// what it holds; of a formula it is the result that was saved with it.
///
/// # Errors
/// The file is of another kind, damaged, packed in a way that is not read here, or too large.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    let kind = kind_of(name, bytes).ok_or(TableError::NotATable)?;
    // The libraries below check much of a file, but not all. In WebAssembly a panic ends the program instead.
    let read = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Parquet => parquet_in::read(bytes).map(|sheet| vec![sheet]),
        Kind::Xlsx => sheets::read_xlsx(bytes),
        Kind::Ods => sheets::read_ods(bytes),
    }));
    read.unwrap_or_else(|_panic| Err(parquet_in::contradiction()))
}
