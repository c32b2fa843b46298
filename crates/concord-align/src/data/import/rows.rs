//! The rows of a prompt file, whatever the format: a JSON array, JSON Lines, an object with the rows under a key, CSV or TSV.
//!
//! A row is a JSON object with its number from 1: the place in an array, the line of JSON Lines, the record of a table
//! without its header. What makes no row is a problem, never an error.

use serde_json::{Map, Value};

use super::import_problem::problem;
use super::mapping::Mapping;
use super::reading::{Read, kind_of, number, refuse};
use super::text_table::table_rows;
use crate::data::InOrder;
use crate::data::from_json;
use crate::data::problem::{DataError, ProblemKind};

/// Keys under which rows are looked for first.
const KEYS: [&str; 10] =
    ["rows", "prompts", "data", "examples", "items", "questions", "records", "instances", "test", "train"];

/// Objects in objects in which rows are looked for.
const MOST_DEPTH: usize = 5;

/// The rows of a text.
///
/// # Errors
/// [`DataError::NotAPromptSet`] with what the text holds.
pub(super) fn rows_of(text: &str, mapping: &Mapping) -> Result<Read, DataError> {
    match text.trim_start().chars().next() {
        Some('[' | '{' | '"') => json_rows(text, mapping),
        _ => table_rows(text, mapping),
    }
}

fn json_rows(text: &str, mapping: &Mapping) -> Result<Read, DataError> {
    let mut value = match from_json::<Value>(text) {
        Ok(value) => value,
        Err(error) => {
            // A record of a table may begin with a quote.
            return match json_lines(text) {
                Some(rows) => Ok(rows),
                None if text.trim_start().starts_with('"') => table_rows(text, mapping),
                None => {
                    let (line, column) = (error.line(), error.column());
                    Err(refuse(format!("JSON that is not complete (line {line}, column {column})")))
                }
            };
        }
    };
    let mut paths = Vec::new();
    find_paths(&value, "", 0, &mut paths);
    let path = mapping.path.clone().filter(|path| !path.is_empty());
    if let Some(path) = &path {
        let keys: Vec<&str> = path.split('.').collect();
        let found = keys.iter().try_fold(&mut value, |value, key| value.get_mut(*key));
        value = found.map(Value::take).filter(Value::is_array).ok_or_else(|| {
            let others = if paths.is_empty() { "nowhere".to_owned() } else { paths.join(", ") };
            refuse(format!("JSON without a list of rows at {path} (there is one at: {others})"))
        })?;
    }
    let (rows, found_at) = match value {
        Value::Array(rows) => (rows, path.clone()),
        Value::Object(object) => rows_under_a_key(object, &paths)?,
        other => return Err(refuse(kind_of(&other))),
    };
    let rows = rows.into_iter().enumerate().map(|(at, row)| (number(at), unwrapped(row))).collect();
    Ok(Read { rows, paths, path: found_at, ..Read::default() })
}

/// A row as the Hub's viewer gives it is in an object of its own, beside its number.
fn unwrapped(row: Value) -> Value {
    match row {
        Value::Object(mut object)
            if object.contains_key("row_idx") || object.contains_key("truncated_cells") =>
        {
            object.remove("row").unwrap_or(Value::Object(object))
        }
        other => other,
    }
}

/// Where in the JSON there are lists of objects, as keys joined by dots.
fn find_paths(value: &Value, here: &str, depth: usize, paths: &mut Vec<String>) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let path = if here.is_empty() { key.clone() } else { format!("{here}.{key}") };
        match value {
            Value::Array(rows) if rows.iter().any(Value::is_object) => paths.push(path),
            Value::Object(_) if depth < MOST_DEPTH => find_paths(value, &path, depth + 1, paths),
            _ => {}
        }
    }
}

/// The rows, and the path to them.
fn rows_under_a_key(
    mut object: Map<String, Value>,
    paths: &[String],
) -> Result<(Vec<Value>, Option<String>), DataError> {
    let schema = object.get("schema").and_then(Value::as_str).unwrap_or_default();
    if schema.starts_with("concord-session") {
        return Err(refuse("a Concord session (open it under Files, as a session)"));
    }
    if let Some(rows) = of_a_data_frame(&object) {
        return Ok((rows, None));
    }
    let is_known = |path: &&String| path.rsplit('.').next().is_some_and(|key| KEYS.contains(&key));
    let at_top = |key: &&&str| paths.iter().any(|path| path == **key);
    let known = KEYS.iter().find(at_top).map(|key| (*key).to_owned());
    let only = || paths.first().filter(|_| paths.len() == 1).cloned();
    // One prompt by itself is a line of JSON Lines; it may hold a list, but not of rows.
    let is_prompt = object.len() > 1 && object.values().any(|value| value.is_string() || value.is_object());
    let deep = || paths.iter().find(is_known).filter(|_| !is_prompt || paths.len() == 1).cloned();
    let path = known.or_else(only).or_else(deep);
    let taken = path.as_ref().and_then(|path| {
        let mut keys = path.split('.');
        let first = object.get_mut(keys.next()?)?;
        Some(keys.try_fold(first, |value, key| value.get_mut(key))?.take())
    });
    match taken {
        Some(Value::Array(rows)) => Ok((rows, path)),
        _ if is_prompt => Ok((vec![Value::Object(object)], None)),
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
    keys.order_by_key(|key| (key.len(), *key));
    let cell = |key: &String, column: &Map<String, Value>| column.get(key).cloned().unwrap_or_default();
    let row =
        |key: &String| columns.iter().map(|(name, column)| ((*name).clone(), cell(key, column))).collect();
    Some(keys.into_iter().map(|key| Value::Object(row(key))).collect())
}

/// Lines of JSON; `None` unless the first one is an object by itself.
fn json_lines(text: &str) -> Option<Read> {
    let mut rows = Read::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match from_json::<Value>(line) {
            Ok(row) => rows.rows.push((number(at), unwrapped(row))),
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
