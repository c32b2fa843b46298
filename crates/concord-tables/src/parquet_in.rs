//! Parquet in: the rows of a file, row group by row group.

use parquet::basic::Compression;
use parquet::column::page::PageReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::record::reader::{RowIter, TreeBuilder};
use parquet::record::{Field, Row as Record};
use parquet::schema::types::Type;
use serde_json::{Map, Number, Value};

use crate::zstd_pages::ZstdPages;
use crate::{MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Row, Sheet, TableError};

pub(crate) fn read(bytes: &[u8]) -> std::result::Result<Sheet, TableError> {
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    let file = SerializedFileReader::new(bytes.clone()).map_err(TableError::damaged)?;
    check(&file)?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let columns: Vec<String> =
        schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..file.num_row_groups() {
        let group = file.get_row_group(at).map_err(TableError::damaged)?;
        let group = Group { group: group.as_ref(), bytes: &bytes };
        let records = TreeBuilder::new().as_iter(schema.clone(), &group).map_err(TableError::damaged)?;
        for record in records {
            rows.push(object(record.map_err(TableError::damaged)?));
        }
    }
    Ok(Sheet { name: String::new(), columns, rows })
}

/// Holds what the file says of itself against the limits, and its compressions against those that are read.
fn check(file: &SerializedFileReader<bytes::Bytes>) -> std::result::Result<(), TableError> {
    let metadata = file.metadata();
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
    if n_rows > MOST_ROWS as u64 {
        return Err(TableError::too_large(format!("{n_rows} rows"), format!("{MOST_ROWS}")));
    }
    if n_bytes > MOST_BYTES {
        return Err(TableError::too_large(
            format!("{} MB once unpacked", n_bytes >> 20),
            format!("{} MB", MOST_BYTES >> 20),
        ));
    }
    Ok(())
}

/// A row group whose columns may be compressed with zstd, for which the library has only C code.
struct Group<'a> {
    group: &'a dyn RowGroupReader,
    bytes: &'a bytes::Bytes,
}

impl RowGroupReader for Group<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.group.metadata()
    }

    fn num_columns(&self) -> usize {
        self.group.num_columns()
    }

    fn get_column_page_reader(&self, at: usize) -> Result<Box<dyn PageReader>> {
        let column = self.metadata().column(at);
        match column.compression() {
            Compression::ZSTD(_) => Ok(Box::new(ZstdPages::of(self.bytes, column)?)),
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
