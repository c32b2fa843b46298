//! The rows of a prompt file, whatever the format: a JSON array, JSON Lines, an object with the rows under a key, CSV or TSV.
//!
//! A row is a JSON object with its number from 1: the place in an array, the line of JSON Lines, the record of a table
//! without its header. What makes no row is a problem, never an error.

use serde_json::{Map, Value};

use super::problem::{DataError, ProblemKind, RowProblem};

/// Rows with their numbers, and the columns in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<(u32, Value)>,
    pub(super) problems: Vec<RowProblem>,
}

/// Keys under which rows are looked for first.
const KEYS: [&str; 10] =
    ["rows", "prompts", "data", "examples", "items", "questions", "records", "instances", "test", "train"];

/// Characters of what is quoted in a message.
const QUOTED: usize = 40;

/// The rows of a text.
///
/// # Errors
/// [`DataError::NotAPromptSet`] with what the text holds.
pub(super) fn rows_of(text: &str) -> Result<Rows, DataError> {
    match text.trim_start().chars().next() {
        Some('[' | '{' | '"') => json_rows(text),
        _ => table_rows(text),
    }
}

fn refuse(found: impl Into<String>) -> DataError {
    DataError::NotAPromptSet { found: found.into() }
}

pub(super) fn problem(row: u32, kind: ProblemKind, reason: String, fix: &str, left_out: bool) -> RowProblem {
    RowProblem { row, prompt_id: None, language: None, kind, reason, fix: fix.to_owned(), left_out }
}

fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

fn json_rows(text: &str) -> Result<Rows, DataError> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => {
            // A record of a table may begin with a quote.
            return match json_lines(text) {
                Some(rows) => Ok(rows),
                None if text.trim_start().starts_with('"') => table_rows(text),
                None => {
                    let (line, column) = (error.line(), error.column());
                    Err(refuse(format!("JSON that is not complete (line {line}, column {column})")))
                }
            };
        }
    };
    let rows = match value {
        Value::Array(rows) => rows,
        Value::Object(object) => rows_under_a_key(object)?,
        other => return Err(refuse(kind_of(&other))),
    };
    // Rows as the Hub's viewer gives them.
    let unwrapped = |row: Value| match row {
        Value::Object(mut object) if object.contains_key("row_idx") => {
            object.remove("row").unwrap_or(Value::Object(object))
        }
        other => other,
    };
    let rows = rows.into_iter().enumerate().map(|(at, row)| (number(at), unwrapped(row))).collect();
    Ok(Rows { rows, problems: Vec::new() })
}

fn rows_under_a_key(mut object: Map<String, Value>) -> Result<Vec<Value>, DataError> {
    let schema = object.get("schema").and_then(Value::as_str).unwrap_or_default();
    if schema.starts_with("concord-session") {
        return Err(refuse("a Concord session (open it under Files, as a session)"));
    }
    if let Some(rows) = of_a_data_frame(&object) {
        return Ok(rows);
    }
    let has_rows = |value: &Value| value.as_array().is_some_and(|rows| rows.iter().any(Value::is_object));
    let key = KEYS.iter().find(|key| object.get(**key).is_some_and(has_rows)).map(|key| (*key).to_owned());
    let mut with_rows = object.iter().filter(|(_, value)| has_rows(value)).map(|(key, _)| key.clone());
    let only = with_rows.next().filter(|_| with_rows.next().is_none());
    match key.or(only).and_then(|key| object.remove(&key)) {
        Some(Value::Array(rows)) => Ok(rows),
        // One prompt by itself is a line of JSON Lines.
        _ if object.len() > 1 && object.values().any(|value| value.is_string() || value.is_object()) => {
            Ok(vec![Value::Object(object)])
        }
        _ => {
            let keys: Vec<&str> = object.keys().map(String::as_str).take(6).collect();
            Err(refuse(format!("an object without a list of rows (its keys: {})", keys.join(", "))))
        }
    }
}

/// The rows of what pandas writes by default, `{ column: { row: value } }`, or split, `{ columns: […], data: [[…]] }`.
fn of_a_data_frame(object: &Map<String, Value>) -> Option<Vec<Value>> {
    if let (Some(Value::Array(columns)), Some(Value::Array(data))) =
        (object.get("columns"), object.get("data"))
    {
        let names: Vec<&str> = columns.iter().map(Value::as_str).collect::<Option<_>>()?;
        let row = |values: &Value| -> Option<Value> {
            let cells = names.iter().zip(values.as_array()?);
            Some(Value::Object(cells.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()))
        };
        return data.iter().map(row).collect();
    }
    let columns: Vec<(&String, &Map<String, Value>)> =
        object.iter().map(|(name, column)| Some((name, column.as_object()?))).collect::<Option<_>>()?;
    let is_row = |key: &String| key.bytes().all(|b| b.is_ascii_digit());
    let (_, first) = columns.first().filter(|(_, first)| !first.is_empty() && first.keys().all(is_row))?;
    let mut keys: Vec<&String> = first.keys().collect();
    keys.sort_by_key(|key| (key.len(), *key));
    let cell = |key: &String, column: &Map<String, Value>| column.get(key).cloned().unwrap_or_default();
    let row =
        |key: &String| columns.iter().map(|(name, column)| ((*name).clone(), cell(key, column))).collect();
    Some(keys.into_iter().map(|key| Value::Object(row(key))).collect())
}

/// Lines of JSON; `None` unless the first one is an object by itself.
fn json_lines(text: &str) -> Option<Rows> {
    let mut rows = Rows::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Value>(line) {
            Ok(row) => rows.rows.push((number(at), row)),
            Err(_) if rows.rows.is_empty() => return None,
            Err(error) => {
                let reason = format!("the line is not JSON from column {} on", error.column());
                let fix = "write one JSON object on each line";
                rows.problems.push(problem(number(at), ProblemKind::BadRow, reason, fix, true));
            }
        }
    }
    rows.rows.first().is_some_and(|(_, row)| row.is_object()).then_some(rows)
}

fn table_rows(text: &str) -> Result<Rows, DataError> {
    let first = text.trim_start_matches(['\n', '\r']);
    let n_fields = |delimiter| read_table(first, delimiter, true, 1).first().map_or(0, Vec::len);
    // The first of the delimiters that cut the header into most columns.
    let delimiter = *b"\t;|,".iter().max_by_key(|delimiter| n_fields(**delimiter)).unwrap_or(&b',');
    if n_fields(delimiter) < 2 {
        let line = text.trim_start().lines().next().unwrap_or_default();
        return Err(refuse(format!("text in one column that begins with \"{}\"", quoted(line))));
    }
    let is_quoted = delimiter != b'\t' || quotes_are_well_formed(text);
    let mut records = read_table(text, delimiter, is_quoted, usize::MAX).into_iter();
    let header: Vec<String> =
        records.next().unwrap_or_default().iter().map(|name| name.trim().to_owned()).collect();
    let mut rows = Rows::default();
    if is_quoted && text.matches('"').count() % 2 == 1 {
        let reason = "a quotation mark is never closed, so rows after it may be lost".to_owned();
        rows.problems.push(problem(
            0,
            ProblemKind::BadRow,
            reason,
            "write a quote within a text twice",
            false,
        ));
    }
    for (at, record) in
        records.enumerate().filter(|(_, record)| record.iter().any(|field| !field.trim().is_empty()))
    {
        let (n, wanted) = (record.len(), header.len());
        let is_longer = record.iter().skip(wanted).any(|field| !field.trim().is_empty());
        if n < wanted || is_longer {
            let reason = format!("the row has {n} columns where the header has {wanted}");
            let fix = "put texts with a separator or a line break in quotation marks";
            rows.problems.push(problem(number(at), ProblemKind::BadRow, reason, fix, is_longer));
        }
        if is_longer {
            continue;
        }
        let mut row = Map::new();
        for (name, field) in header.iter().zip(record).filter(|(name, _)| !name.is_empty()) {
            // Of two columns of one name the first counts.
            row.entry(name.clone()).or_insert(if field.trim().is_empty() {
                Value::Null
            } else {
                field.into()
            });
        }
        rows.rows.push((number(at), Value::Object(row)));
    }
    if rows.rows.is_empty() {
        return Err(refuse(format!("a table without rows (its columns: {})", quoted(&header.join(", ")))));
    }
    Ok(rows)
}

/// At most so many records; reading a text never fails.
fn read_table(text: &str, delimiter: u8, is_quoted: bool, at_most: usize) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter).quoting(is_quoted).flexible(true).has_headers(false);
    let records = reader.from_reader(text.as_bytes()).into_records().map_while(Result::ok);
    records.take(at_most).map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// Whether every field of a TSV that begins with a quotation mark also ends with one, before a tab or a line's end: files
/// without quoting hold texts such as `"No," he said`.
fn quotes_are_well_formed(text: &str) -> bool {
    let mut begins = text.match_indices('"').filter(|(at, _)| {
        text[..*at].chars().next_back().is_none_or(|before| matches!(before, '\t' | '\n' | '\r'))
    });
    let mut closed_at = 0;
    let is_closed = |from: usize| {
        let mut chars = text[from..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek().map(|(_, next)| *next)) {
                ('"', Some('"')) => drop(chars.next()),
                ('"', None | Some('\t' | '\n' | '\r')) => return Some(from + at + 1),
                ('"', Some(_)) => return None,
                _ => {}
            }
        }
        None
    };
    begins.all(|(at, _)| {
        if at < closed_at {
            return true;
        }
        is_closed(at + 1).map(|end| closed_at = end).is_some()
    })
}

pub(super) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
