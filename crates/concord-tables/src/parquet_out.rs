//! Parquet out: rows of JSON under columns of a known kind.
//!
//! Every column may hold nulls. A list is written as Parquet's three-level list, which pyarrow reads as `list<element>`.

use std::io::Write;
use std::sync::Arc;

use concord_align::data::{Column, ColumnKind};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use crate::{Row, TableError};

/// Rows of a row group.
const GROUP: usize = 10_000;
/// The parts of a message.
const MESSAGE: [&str; 2] = ["role", "content"];
/// The parts of a turn.
const TURN: [&str; 2] = ["from", "value"];

/// Writes rows as a Parquet file, compressed with snappy. A missing cell is null; a cell without a column is passed over.
///
/// # Errors
/// [`TableError::Value`] where a cell is not of its column's kind.
pub fn write_parquet(
    columns: &[Column],
    rows: impl Iterator<Item = Row>,
) -> std::result::Result<Vec<u8>, TableError> {
    let mut writer = ParquetWriter::new(columns.to_vec(), Vec::new(), GROUP)?;
    for row in rows {
        writer.push(row)?;
    }
    writer.finish()
}

/// Writes rows one by one; those of one row group are in memory.
pub struct ParquetWriter<W: Write + Send> {
    columns: Vec<Column>,
    file: SerializedFileWriter<W>,
    /// Those of the group that is not written yet.
    rows: Vec<Row>,
    most_rows: usize,
    n_written: usize,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file of these columns, with so many rows in a row group.
    ///
    /// # Errors
    /// [`TableError::Write`] where nothing can be written, or two columns have one name.
    pub fn new(columns: Vec<Column>, out: W, most_rows: usize) -> std::result::Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("concord".to_owned())
            .build();
        let schema = schema(&columns).map_err(fail)?;
        let file = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(fail)?;
        Ok(Self { columns, file, rows: Vec::new(), most_rows, n_written: 0 })
    }

    /// Takes a row. A missing cell is null; a cell without a column is passed over.
    ///
    /// # Errors
    /// [`TableError::Value`] where a cell is not of its column's kind, [`TableError::Write`] where nothing can be written.
    pub fn push(&mut self, row: Row) -> std::result::Result<(), TableError> {
        self.rows.push(row);
        if self.rows.len() >= self.most_rows { self.group() } else { Ok(()) }
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(mut self) -> std::result::Result<W, TableError> {
        if !self.rows.is_empty() {
            self.group()?;
        }
        self.file.into_inner().map_err(fail)
    }

    fn group(&mut self) -> std::result::Result<(), TableError> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.file.next_row_group().map_err(fail)?;
        for column in &self.columns {
            for leaf in leaves(column, &rows, self.n_written)? {
                leaf.write(&mut group).map_err(fail)?;
            }
        }
        group.close().map_err(fail)?;
        self.n_written += rows.len();
        Ok(())
    }
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").field("columns", &self.columns).finish_non_exhaustive()
    }
}

fn fail(error: ParquetError) -> TableError {
    TableError::Write { reason: error.to_string() }
}

fn schema(columns: &[Column]) -> Result<TypePtr> {
    let fields = columns.iter().map(field).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn primitive(name: &str, kind: Physical, logical: Option<LogicalType>) -> Result<TypePtr> {
    let field = Type::primitive_type_builder(name, kind).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(field.with_logical_type(logical).build()?))
}

fn field(column: &Column) -> Result<TypePtr> {
    let name = column.name.as_str();
    match column.kind {
        ColumnKind::Text => primitive(name, Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Integer => primitive(name, Physical::INT64, None),
        ColumnKind::Number => primitive(name, Physical::DOUBLE, None),
        ColumnKind::Flag => primitive(name, Physical::BOOLEAN, None),
        ColumnKind::TextList => {
            list(name, primitive("element", Physical::BYTE_ARRAY, Some(LogicalType::String))?)
        }
        ColumnKind::IntegerList => list(name, primitive("element", Physical::INT32, None)?),
        ColumnKind::NumberList => list(name, primitive("element", Physical::DOUBLE, None)?),
        ColumnKind::Messages => list(name, texts("element", MESSAGE)?),
        ColumnKind::Turns => list(name, texts("element", TURN)?),
        ColumnKind::Turn => texts(name, TURN),
    }
}

/// A group of texts.
fn texts(name: &str, keys: [&str; 2]) -> Result<TypePtr> {
    let text = |name| primitive(name, Physical::BYTE_ARRAY, Some(LogicalType::String));
    let group = Type::group_type_builder(name).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(group.with_fields(keys.map(text).into_iter().collect::<Result<_>>()?).build()?))
}

fn list(name: &str, element: TypePtr) -> Result<TypePtr> {
    let repeated = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
    let repeated = repeated.with_fields(vec![element]).build()?;
    let list = Type::group_type_builder(name).with_repetition(Repetition::OPTIONAL);
    let list = list.with_logical_type(Some(LogicalType::List)).with_fields(vec![Arc::new(repeated)]);
    Ok(Arc::new(list.build()?))
}

/// The values of one primitive column, with the levels that say where there is none and where a list goes on.
struct Leaf {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Option<Vec<i16>>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Integers(Vec<i64>),
    Shorts(Vec<i32>),
    Numbers(Vec<f64>),
    Flags(Vec<bool>),
}

impl Leaf {
    fn write<W: Write + Send>(&self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        let missing = || ParquetError::General("a column is missing".to_owned());
        let mut column: SerializedColumnWriter<'_> = group.next_column()?.ok_or_else(missing)?;
        let (definitions, repetitions) = (Some(self.definitions.as_slice()), self.repetitions.as_deref());
        match &self.values {
            Values::Texts(all) => {
                column.typed::<ByteArrayType>().write_batch(all, definitions, repetitions)?
            }
            Values::Integers(all) => {
                column.typed::<Int64Type>().write_batch(all, definitions, repetitions)?
            }
            Values::Shorts(all) => column.typed::<Int32Type>().write_batch(all, definitions, repetitions)?,
            Values::Numbers(all) => {
                column.typed::<DoubleType>().write_batch(all, definitions, repetitions)?
            }
            Values::Flags(all) => column.typed::<BoolType>().write_batch(all, definitions, repetitions)?,
        };
        column.close()
    }
}

/// The primitive columns of a column, for some rows.
fn leaves(column: &Column, rows: &[Row], n_before: usize) -> std::result::Result<Vec<Leaf>, TableError> {
    let cells = || rows.iter().map(|row| row.get(&column.name).filter(|cell| !cell.is_null())).enumerate();
    let wrong = |at: usize, found: &Value, expected: &'static str| TableError::Value {
        row: n_before + at + 1,
        column: column.name.clone(),
        found: found.to_string().chars().take(40).collect(),
        expected,
    };
    let is_there =
        || rows.iter().map(|row| i16::from(row.get(&column.name).is_some_and(|cell| !cell.is_null())));
    let flat = |values| vec![Leaf { values, definitions: is_there().collect(), repetitions: None }];
    macro_rules! all {
        ($read:expr, $expected:literal) => {
            cells()
                .filter_map(|(at, cell)| Some((at, cell?)))
                .map(|(at, cell)| $read(cell).ok_or_else(|| wrong(at, cell, $expected)))
                .collect::<std::result::Result<Vec<_>, _>>()?
        };
    }
    Ok(match column.kind {
        ColumnKind::Text => {
            flat(Values::Texts(all!(|cell: &Value| cell.as_str().map(ByteArray::from), "text")))
        }
        ColumnKind::Integer => flat(Values::Integers(all!(Value::as_i64, "a whole number"))),
        ColumnKind::Number => flat(Values::Numbers(all!(Value::as_f64, "a number"))),
        ColumnKind::Flag => flat(Values::Flags(all!(Value::as_bool, "true or false"))),
        ColumnKind::TextList => {
            let text = |cell: &Value| cell.as_str().map(ByteArray::from);
            vec![listed(cells(), text, "a list of texts", wrong)?.leaf(Values::Texts)]
        }
        ColumnKind::IntegerList => {
            let number = |cell: &Value| i32::try_from(cell.as_i64()?).ok();
            vec![listed(cells(), number, "a list of whole numbers", wrong)?.leaf(Values::Shorts)]
        }
        ColumnKind::NumberList => {
            vec![listed(cells(), Value::as_f64, "a list of numbers", wrong)?.leaf(Values::Numbers)]
        }
        ColumnKind::Turn => {
            let mut both = Vec::new();
            for name in TURN {
                let (mut texts, mut definitions) = (Vec::new(), Vec::new());
                for (at, cell) in cells() {
                    let (definition, text) = cell.map_or(Ok((0, None)), |cell| {
                        part_of(cell, name).ok_or_else(|| wrong(at, cell, "an object of texts"))
                    })?;
                    texts.extend(text.map(ByteArray::from));
                    definitions.push(definition);
                }
                both.push(Leaf { values: Values::Texts(texts), definitions, repetitions: None });
            }
            both
        }
        ColumnKind::Messages | ColumnKind::Turns => {
            let mut both = Vec::new();
            for name in if column.kind == ColumnKind::Turns { TURN } else { MESSAGE } {
                let mut leaf = Nested::default();
                for (at, cell) in cells() {
                    let expected = "a list of objects of texts";
                    let list = cell
                        .map(|cell| cell.as_array().ok_or_else(|| wrong(at, cell, expected)))
                        .transpose()?;
                    leaf.add(list.map(Vec::as_slice), |element| {
                        let (definition, text) =
                            part_of(element, name).ok_or_else(|| wrong(at, element, expected))?;
                        Ok((definition + 2, text.map(ByteArray::from)))
                    })?;
                }
                both.push(leaf.leaf(Values::Texts));
            }
            both
        }
    })
}

/// A text in an object, and how far down it is there: 0 where there is no object, 1 where it lacks the text. `None` for
/// what is neither an object nor null.
fn part_of<'a>(cell: &'a Value, name: &str) -> Option<(i16, Option<&'a str>)> {
    match (cell, cell.get(name)) {
        (Value::Null, _) => Some((0, None)),
        (Value::Object(_), None | Some(Value::Null)) => Some((1, None)),
        (Value::Object(_), Some(Value::String(text))) => Some((2, Some(text))),
        _ => None,
    }
}

/// A column of lists of plain values; `read` gives a value, `wrong` the error for a cell that holds others.
fn listed<'a, T>(
    cells: impl Iterator<Item = (usize, Option<&'a Value>)>,
    read: impl Fn(&Value) -> Option<T>,
    expected: &'static str,
    wrong: impl Fn(usize, &Value, &'static str) -> TableError,
) -> std::result::Result<Nested<T>, TableError> {
    let mut leaf = Nested::default();
    for (at, cell) in cells {
        let list = cell.map(|cell| cell.as_array().ok_or_else(|| wrong(at, cell, expected))).transpose()?;
        leaf.add(list.map(Vec::as_slice), |element| match element {
            Value::Null => Ok((2, None)),
            other => Ok((3, Some(read(other).ok_or_else(|| wrong(at, other, expected))?))),
        })?;
    }
    Ok(leaf)
}

/// Values in lists.
struct Nested<T> {
    values: Vec<T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl<T> Default for Nested<T> {
    fn default() -> Self {
        Self { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }
    }
}

impl<T> Nested<T> {
    /// Adds the list of a row, or none; `element` gives the definition level of an element and its value.
    fn add<'a, E>(
        &mut self,
        list: Option<&'a [Value]>,
        element: impl Fn(&'a Value) -> std::result::Result<(i16, Option<T>), E>,
    ) -> std::result::Result<(), E> {
        let Some([first, rest @ ..]) = list else {
            self.definitions.push(i16::from(list.is_some()));
            self.repetitions.push(0);
            return Ok(());
        };
        for (value, repetition) in [(first, 0)].into_iter().chain(rest.iter().map(|value| (value, 1))) {
            let (definition, found) = element(value)?;
            self.values.extend(found);
            self.definitions.push(definition);
            self.repetitions.push(repetition);
        }
        Ok(())
    }

    fn leaf(self, values: impl FnOnce(Vec<T>) -> Values) -> Leaf {
        Leaf {
            values: values(self.values),
            definitions: self.definitions,
            repetitions: Some(self.repetitions),
        }
    }
}
