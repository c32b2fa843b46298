//! What each row says of a prompt, by the mapping: its id, task and answer, and its texts.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::import_problem::{ImportProblem, problem};
use super::mapping::{Mapping, Shape};
use super::reading::quoted;
use super::set_columns::is_of_set;
use super::source::{Table, cell};
use crate::data::problem::ProblemKind;
use crate::data::{InOrder, Language};

/// A text and where it stands.
#[derive(Debug)]
pub(super) struct Text {
    /// The language as it is written.
    pub(super) spelling: String,
    pub(super) column: String,
    pub(super) value: Value,
}

/// A row, read.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) file: usize,
    pub(super) row: u32,
    /// What rows are counted in where their places join them: a file, or a language where all are in one file.
    pub(super) stream: String,
    pub(super) id: Option<Value>,
    pub(super) task: Option<Value>,
    pub(super) answer: Option<Value>,
    pub(super) texts: Vec<Text>,
    /// A row that is no object, or has no object of texts where one should be.
    pub(super) instead: Option<Value>,
}

/// Reads the rows of all files; columns that are not read are a problem of their file.
pub(super) fn pieces(tables: &[Table], mapping: &Mapping, problems: &mut Vec<ImportProblem>) -> Vec<Piece> {
    let mut out = Vec::new();
    for (file, table) in tables.iter().enumerate() {
        let own = table.problems.iter().cloned();
        problems.extend(own.map(|problem| ImportProblem::new(&table.name, None, problem)));
        let reader = Reader::of(table, mapping);
        reader.say_columns(problems);
        for (row, value) in &table.rows {
            let Some(object) = value.as_object() else {
                out.push(Piece { file, row: *row, instead: Some(value.clone()), ..Piece::default() });
                continue;
            };
            match reader.piece(*row, object) {
                Ok(mut piece) => {
                    if piece.stream.is_empty() {
                        piece.stream = file.to_string();
                    }
                    out.push(Piece { file, row: *row, ..piece });
                }
                Err(problem) => problems.push(*problem),
            }
        }
    }
    out
}

struct Reader<'a> {
    table: &'a Table,
    mapping: &'a Mapping,
    kind: Shape,
    /// Alpaca's second text, which follows the first.
    input: Option<&'a str>,
    /// The language of the file.
    language: &'a str,
    /// Columns by language, of those that the table has.
    texts: Vec<(&'a str, &'a str)>,
}

impl<'a> Reader<'a> {
    fn of(table: &'a Table, mapping: &'a Mapping) -> Self {
        let kind = mapping.kind.unwrap_or(Shape::Wide);
        let file = mapping.files.iter().find(|file| file.file == table.name);
        let has = |column: &str| table.columns.iter().any(|own| own == column) || column.contains('.');
        let texts = mapping.texts.iter().filter(|text| kind == Shape::Wide && has(&text.column));
        let input = table.columns.iter().find(|name| name.eq_ignore_ascii_case("input")).map(String::as_str);
        let is_used = |name: &str| Mapping::named(&mapping.text) == Some(name);
        Self {
            table,
            mapping,
            kind,
            input: input.filter(|name| kind == Shape::Long && !is_used(name)),
            language: file.map(|file| file.language.as_str()).unwrap_or_default(),
            texts: texts.map(|text| (text.column.as_str(), text.language.as_str())).collect(),
        }
    }

    /// Says which columns are not read, and which should be there and are not.
    fn say_columns(&self, problems: &mut Vec<ImportProblem>) {
        if self.kind == Shape::Nested {
            return;
        }
        let mapping = self.mapping;
        let mut used: HashSet<&str> = self.texts.iter().map(|(column, _)| *column).collect();
        used.extend(self.input);
        for column in [&mapping.id, &mapping.answer, &mapping.task, &mapping.text, &mapping.language] {
            used.extend(Mapping::named(column));
        }
        // One that was told of already, such as a second column of a language, is not told of twice.
        let told: HashSet<String> = problems.iter().filter_map(|found| found.column.clone()).collect();
        let ignored = self.table.columns.iter().filter(|column| !used.contains(column.as_str()));
        let ignored = ignored.filter(|column| !told.contains(*column) && !is_of_set(column));
        let mut names: Vec<String> = ignored.map(|name| format!("\"{}\"", quoted(name))).collect();
        names.order();
        let reason = match names.as_slice() {
            [] => None,
            [name] => Some(format!("the column {name} is no language and was not read")),
            names => Some(format!("the columns {} are no languages and were not read", names.join(", "))),
        };
        if let Some(reason) = reason {
            let fix = "name a column by a language, such as de or German, to have it read";
            let found = problem(0, ProblemKind::IgnoredColumn, reason, fix, false);
            problems.push(ImportProblem::new(&self.table.name, None, found));
        }
        let wanted = match self.kind {
            Shape::Long => vec![&mapping.language, &mapping.text],
            Shape::PerFile => vec![&mapping.text],
            _ => Vec::new(),
        };
        for column in wanted.into_iter().filter_map(Mapping::named) {
            if !self.table.columns.iter().any(|own| own == column) && !column.contains('.') {
                let reason = format!("the file has no column \"{column}\"");
                let fix = "name it so, or say which column it is";
                let found = problem(0, ProblemKind::BadRow, reason, fix, true);
                problems.push(ImportProblem::new(&self.table.name, Some(column), found));
            }
        }
    }

    fn piece(&self, row: u32, object: &Map<String, Value>) -> Result<Piece, Box<ImportProblem>> {
        let own = |column: &Option<String>| cell(object, Mapping::named(column)?).cloned();
        let mapping = self.mapping;
        let mut piece = Piece {
            id: own(&mapping.id),
            task: own(&mapping.task),
            answer: own(&mapping.answer),
            ..Piece::default()
        };
        let text = |spelling: &str, column: &str, value: &Value| Text {
            spelling: spelling.to_owned(),
            column: column.to_owned(),
            value: said(value),
        };
        let column = Mapping::named(&mapping.text).unwrap_or_default();
        match self.kind {
            Shape::Wide => {
                let found = self
                    .texts
                    .iter()
                    .filter_map(|(column, spelling)| Some(text(spelling, column, cell(object, column)?)));
                piece.texts = found.collect();
            }
            Shape::PerFile => {
                piece.texts.extend(cell(object, column).map(|value| text(self.language, column, value)));
            }
            Shape::Nested => match object.get(column).and_then(Value::as_object) {
                Some(texts) => {
                    let named = |(spelling, value): (&String, &Value)| {
                        text(spelling, &format!("{column}.{spelling}"), value)
                    };
                    piece.texts = texts.iter().map(named).collect();
                }
                None => piece.instead = Some(Value::Object(object.clone())),
            },
            Shape::Long => {
                let name = Mapping::named(&mapping.language).unwrap_or_default();
                let Some(spelling) = cell(object, name).and_then(Value::as_str) else {
                    let reason =
                        format!("the row has nothing under \"{name}\", so it belongs to no language");
                    let found = problem(row, ProblemKind::BadLanguage, reason, "write it in every row", true);
                    return Err(Box::new(ImportProblem::new(&self.table.name, Some(name), found)));
                };
                piece.stream = Language::from(spelling).0;
                if let Some(value) = cell(object, column) {
                    let mut found = text(spelling, column, value);
                    let input = self.input.and_then(|input| cell(object, input)).and_then(Value::as_str);
                    if let (Some(text), Some(input)) = (found.value.as_str(), input) {
                        found.value = format!("{text}\n\n{input}").into();
                    }
                    piece.texts.push(found);
                }
            }
        }
        Ok(piece)
    }
}

/// A text, or what the user says in a chat of one turn.
fn said(value: &Value) -> Value {
    let content = |message: &Value| Some(message.get("content")?.as_str()?.to_owned());
    let is_user = |message: &&Value| message.get("role").and_then(Value::as_str) == Some("user");
    let users: Option<Vec<&Value>> = value.as_array().map(|all| all.iter().filter(is_user).collect());
    match users.as_deref() {
        Some([only]) => content(only).map_or_else(|| value.clone(), Value::String),
        _ => value.clone(),
    }
}

/// The columns of a row's texts by spelling.
pub(super) fn columns_of(piece: &Piece) -> BTreeMap<String, String> {
    piece.texts.iter().map(|text| (text.spelling.clone(), text.column.clone())).collect()
}
