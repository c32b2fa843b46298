//! Parquet out: rows of JSON under columns of a known kind.
//!
//! Every column may hold nulls. A list is written as Parquet's three-level list, which pyarrow reads as `list<element>`.

use std::sync::Arc;

use concord_align::data::{Column, ColumnKind};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
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
    let fail = |error: parquet::errors::ParquetError| TableError::Write { reason: error.to_string() };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("concord".to_owned())
        .build();
    let schema = schema(columns).map_err(fail)?;
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(fail)?;
    let (mut rows, mut n_written) = (rows.peekable(), 0);
    while rows.peek().is_some() {
        let part: Vec<Row> = rows.by_ref().take(GROUP).collect();
        let leaves = columns.iter().map(|column| leaves(column, &part, n_written));
        let leaves: Vec<Leaf> =
            leaves.collect::<std::result::Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let mut group = file.next_row_group().map_err(fail)?;
        for leaf in leaves {
            leaf.write(&mut group).map_err(fail)?;
        }
        group.close().map_err(fail)?;
        n_written += part.len();
    }
    file.into_inner().map_err(fail)
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
    Numbers(Vec<f64>),
    Flags(Vec<bool>),
}

impl Leaf {
    fn write(&self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<()> {
        let missing = || parquet::errors::ParquetError::General("a column is missing".to_owned());
        let mut column: SerializedColumnWriter<'_> = group.next_column()?.ok_or_else(missing)?;
        let (definitions, repetitions) = (Some(self.definitions.as_slice()), self.repetitions.as_deref());
        match &self.values {
            Values::Texts(all) => {
                column.typed::<ByteArrayType>().write_batch(all, definitions, repetitions)?
            }
            Values::Integers(all) => {
                column.typed::<Int64Type>().write_batch(all, definitions, repetitions)?
            }
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
            let mut leaf = Nested::default();
            for (at, cell) in cells() {
                let expected = "a list of texts";
                let list =
                    cell.map(|cell| cell.as_array().ok_or_else(|| wrong(at, cell, expected))).transpose()?;
                leaf.add(list.map(Vec::as_slice), |element| match element {
                    Value::Null => Ok((2, None)),
                    Value::String(text) => Ok((3, Some(text.as_str()))),
                    other => Err(wrong(at, other, expected)),
                })?;
            }
            vec![leaf.leaf()]
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
                        Ok((definition + 2, text))
                    })?;
                }
                both.push(leaf.leaf());
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

/// Texts in lists.
#[derive(Default)]
struct Nested {
    texts: Vec<ByteArray>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl Nested {
    /// Adds the list of a row, or none; `element` gives the definition level of an element and its text.
    fn add<'a, E>(
        &mut self,
        list: Option<&'a [Value]>,
        element: impl Fn(&'a Value) -> std::result::Result<(i16, Option<&'a str>), E>,
    ) -> std::result::Result<(), E> {
        let Some([first, rest @ ..]) = list else {
            self.definitions.push(i16::from(list.is_some()));
            self.repetitions.push(0);
            return Ok(());
        };
        for (value, repetition) in [(first, 0)].into_iter().chain(rest.iter().map(|value| (value, 1))) {
            let (definition, text) = element(value)?;
            self.texts.extend(text.map(ByteArray::from));
            self.definitions.push(definition);
            self.repetitions.push(repetition);
        }
        Ok(())
    }

    fn leaf(self) -> Leaf {
        Leaf {
            values: Values::Texts(self.texts),
            definitions: self.definitions,
            repetitions: Some(self.repetitions),
        }
    }
}
