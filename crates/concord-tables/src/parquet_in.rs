//! Parquet in: the rows of a file, row group by row group.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::page::PageReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader};
use parquet::record::reader::{ReaderIter, RowIter, TreeBuilder};
use parquet::record::{Field, Row as Record};
use parquet::schema::types::Type;
use serde_json::{Map, Number, Value};

use crate::zstd_pages::ZstdPages;
use crate::{MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Row, Sheet, TableError};

pub(crate) fn read(bytes: &[u8]) -> std::result::Result<Sheet, TableError> {
    let rows = Rows::new(bytes::Bytes::copy_from_slice(bytes), Limits::WHOLE)?;
    let columns = rows.columns();
    Ok(Sheet { name: String::new(), columns, rows: rows.collect::<std::result::Result<_, _>>()? })
}

/// The rows of a Parquet file on a disk, one after the other; about a page of each column is in memory (of columns that are
/// compressed with zstd, their part of a row group). So it may have any number of rows.
pub struct RowFile(Rows<File>);

impl RowFile {
    /// Reads what the file says of itself.
    ///
    /// # Errors
    /// The file is no Parquet file, damaged, or compressed in a way that is not read here.
    pub fn new(file: File) -> std::result::Result<Self, TableError> {
        let made = catch_unwind(AssertUnwindSafe(|| Rows::new(file, Limits::NONE)));
        made.unwrap_or_else(|_panic| Err(contradiction())).map(Self)
    }

    /// The columns in the order of the file.
    pub fn columns(&self) -> Vec<String> {
        self.0.columns()
    }
}

impl Iterator for RowFile {
    type Item = std::result::Result<Row, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = catch_unwind(AssertUnwindSafe(|| self.0.next()));
        next.unwrap_or_else(|_panic| Some(Err(contradiction())))
    }
}

impl std::fmt::Debug for RowFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowFile").field("columns", &self.columns()).finish_non_exhaustive()
    }
}

/// What a panic of the library means.
pub(crate) fn contradiction() -> TableError {
    TableError::Damaged { reason: "its parts contradict each other".to_owned() }
}

/// Rows, row group by row group.
struct Rows<R: ChunkReader + 'static> {
    source: Arc<R>,
    file: SerializedFileReader<Shared<R>>,
    group: usize,
    records: Option<ReaderIter>,
}

impl<R: ChunkReader + 'static> Rows<R> {
    fn new(source: R, limits: Limits) -> std::result::Result<Self, TableError> {
        let source = Arc::new(source);
        let file = SerializedFileReader::new(Shared(source.clone())).map_err(TableError::damaged)?;
        check(file.metadata(), limits)?;
        Ok(Self { source, file, group: 0, records: None })
    }

    fn columns(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect()
    }

    fn next_group(&mut self) -> Result<ReaderIter> {
        let schema = self.file.metadata().file_metadata().schema_descr_ptr();
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        TreeBuilder::new().as_iter(schema, &Group { group: group.as_ref(), source: self.source.as_ref() })
    }
}

impl<R: ChunkReader + 'static> Iterator for Rows<R> {
    type Item = std::result::Result<Row, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.records.as_mut().and_then(Iterator::next) {
                return Some(record.map(object).map_err(TableError::damaged));
            }
            if self.group >= self.file.num_row_groups() {
                return None;
            }
            match self.next_group() {
                Ok(records) => self.records = Some(records),
                Err(error) => {
                    self.group = usize::MAX;
                    return Some(Err(TableError::damaged(error)));
                }
            }
        }
    }
}

/// A source that its reader and we read.
struct Shared<R>(Arc<R>);

impl<R: Length> Length for Shared<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Shared<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// How much is read.
#[derive(Clone, Copy)]
struct Limits {
    n_rows: u64,
    n_bytes: u64,
}

impl Limits {
    /// Of a file whose rows are all in memory.
    const WHOLE: Self = Self { n_rows: MOST_ROWS as u64, n_bytes: MOST_BYTES };
    /// Of a file whose rows are read one by one.
    const NONE: Self = Self { n_rows: u64::MAX, n_bytes: u64::MAX };
}

/// Holds what the file says of itself against the limits, and its compressions against those that are read.
fn check(metadata: &ParquetMetaData, limits: Limits) -> std::result::Result<(), TableError> {
    let n_columns = metadata.file_metadata().schema_descr().num_columns();
    if n_columns > MOST_COLUMNS {
        return Err(TableError::too_large(format!("{n_columns} columns"), format!("{MOST_COLUMNS}")));
    }
    let (mut n_rows, mut n_bytes) = (0u64, 0u64);
    for group in metadata.row_groups() {
        n_rows = n_rows.saturating_add(u64::try_from(group.num_rows()).map_err(TableError::damaged)?);
        for column in group.columns() {
            let unpacked = u64::try_from(column.uncompressed_size()).map_err(TableError::damaged)?;
            n_bytes = n_bytes.saturating_add(unpacked);
            let codec = column.compression();
            if !matches!(
                codec,
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_)
            ) {
                let codec = codec.to_string();
                let codec = codec.split('(').next().unwrap_or_default().to_owned();
                return Err(TableError::Codec { column: column.column_path().string(), codec });
            }
        }
    }
    if n_rows > limits.n_rows {
        return Err(TableError::too_large(format!("{n_rows} rows"), format!("{MOST_ROWS}")));
    }
    if n_bytes > limits.n_bytes {
        return Err(TableError::too_large(
            format!("{} MB once unpacked", n_bytes >> 20),
            format!("{} MB", MOST_BYTES >> 20),
        ));
    }
    Ok(())
}

/// A row group whose columns may be compressed with zstd, for which the library has only C code.
struct Group<'a, R> {
    group: &'a dyn RowGroupReader,
    source: &'a R,
}

impl<R: ChunkReader> RowGroupReader for Group<'_, R> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.group.metadata()
    }

    fn num_columns(&self) -> usize {
        self.group.num_columns()
    }

    fn get_column_page_reader(&self, at: usize) -> Result<Box<dyn PageReader>> {
        let column = self.metadata().column(at);
        match column.compression() {
            Compression::ZSTD(_) => Ok(Box::new(ZstdPages::of(self.source, column)?)),
            _ => self.group.get_column_page_reader(at),
        }
    }

    fn get_column_bloom_filter(&self, at: usize) -> Option<&parquet::bloom_filter::Sbbf> {
        self.group.get_column_bloom_filter(at)
    }

    fn get_row_iter(&self, _projection: Option<Type>) -> Result<RowIter<'_>> {
        Err(ParquetError::NYI("rows come from the tree of readers".to_owned()))
    }
}

fn object(record: Record) -> Map<String, Value> {
    record.into_columns().into_iter().map(|(name, field)| (name, value(field))).collect()
}

fn value(field: Field) -> Value {
    match field {
        Field::Str(text) => Value::String(text),
        // Some writers do not say that their bytes are text.
        Field::Bytes(ref bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::String(text.to_owned()),
            Err(_) => field.to_json_value(),
        },
        // The shortest decimal that is this number in 32 bits, instead of the digits that it has in 64.
        Field::Float(number) => {
            number.to_string().parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        Field::Group(record) => Value::Object(object(record)),
        Field::ListInternal(list) => Value::Array(list.elements().iter().cloned().map(value).collect()),
        other => other.to_json_value(),
    }
}
