//! Why a table could not be read or written.

/// For a person; each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The bytes are neither Parquet nor a workbook.
    #[error("this file is neither Parquet nor a spreadsheet: save it as .parquet, .xlsx or .ods")]
    NotATable,
    /// The file contradicts itself or ends early.
    #[error("this file is damaged ({reason}): get it again, or write it anew with the program that made it")]
    Damaged {
        /// What a library found.
        reason: String,
    },
    /// A column is compressed in a way that is not read here.
    #[error(
        "the column \"{column}\" is compressed with {codec}, which is not read here: write the file anew with snappy, such as df.to_parquet(\"file.parquet\", compression=\"snappy\")"
    )]
    Codec {
        /// The column.
        column: String,
        /// The compression.
        codec: String,
    },
    /// A column holds what is not read here.
    #[error("the column \"{column}\" cannot be read ({reason}): write it as text")]
    Column {
        /// The column.
        column: String,
        /// What a library found.
        reason: String,
    },
    /// The file is encrypted.
    #[error("this file is protected by a password: save it without one")]
    Locked,
    /// More than is read.
    #[error("this file has {found}, of at most {most}: split it, or leave out what is not needed")]
    TooLarge {
        /// What there is.
        found: String,
        /// What is read.
        most: String,
    },
    /// A row to write does not fit its columns.
    #[error("row {row}, column \"{column}\": {found} cannot be written as {expected}")]
    Value {
        /// Row from 1.
        row: usize,
        /// The column.
        column: String,
        /// What the cell holds.
        found: String,
        /// What the column holds.
        expected: &'static str,
    },
    /// The writer failed.
    #[error("the table could not be written ({reason})")]
    Write {
        /// What the library said.
        reason: String,
    },
}

impl TableError {
    pub(crate) fn damaged(reason: impl std::fmt::Display) -> Self {
        // The first line is enough; some libraries quote the file.
        let reason = reason.to_string();
        Self::Damaged { reason: reason.lines().next().unwrap_or_default().chars().take(160).collect() }
    }

    pub(crate) fn too_large(found: impl Into<String>, most: impl Into<String>) -> Self {
        Self::TooLarge { found: found.into(), most: most.into() }
    }
}
