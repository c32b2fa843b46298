//! Flat rows (`id, answer, en, de`) and long rows (`id, language, text`) as rows of the nested form.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::problem::{DataError, ProblemKind, RowProblem};
use super::prompt_columns::Columns;
use super::prompt_rows::{Rows, problem, quoted};
use super::{Language, TaskKind};

/// Rewrites rows that have no texts under one name; what was not read, or was taken for something, is a problem of row 0.
///
/// # Errors
/// [`DataError::NotAPromptSet`] where no column is a language.
pub(super) fn nested(rows: Rows, anchor: &Language) -> Result<Rows, DataError> {
    let mut columns = Columns::of(&rows.rows);
    if let Some(task) = columns.task.take() {
        let is_known = |row: &Value| {
            let task = row.get(&task).filter(|task| !task.is_null());
            task.is_none_or(|task| serde_json::from_value::<TaskKind>(task.clone()).is_ok())
        };
        match rows.rows.iter().all(|(_, row)| is_known(row)) {
            true => columns.task = Some(task),
            false => columns.ignored.push(task),
        }
    }
    let is_long = columns.language.is_some() && columns.text.is_some() && columns.languages.is_empty();
    if is_long { long(rows, &mut columns) } else { flat(rows, &mut columns, anchor) }
}

/// Says which columns were passed over.
fn say_ignored(columns: &Columns, problems: &mut Vec<RowProblem>) {
    if columns.ignored.is_empty() {
        return;
    }
    let names: Vec<String> = columns.ignored.iter().map(|name| format!("\"{}\"", quoted(name))).collect();
    let reason = match names.as_slice() {
        [name] => format!("the column {name} is no language and was not read"),
        names => format!("the columns {} are no languages and were not read", names.join(", ")),
    };
    let fix = "name a column by a language, such as de or German, to have it read";
    problems.push(problem(0, ProblemKind::IgnoredColumn, reason, fix, false));
}

fn flat(mut rows: Rows, columns: &mut Columns, anchor: &Language) -> Result<Rows, DataError> {
    if let Some(language) = columns.language.take() {
        columns.ignored.push(language);
    }
    if columns.languages.is_empty() {
        return Err(DataError::NotAPromptSet { found: no_language(&rows, columns) });
    }
    let mut kept: Vec<(String, String)> = Vec::new();
    let mut seen: HashMap<Language, String> = HashMap::new();
    for (name, spelling) in std::mem::take(&mut columns.languages) {
        let language = Language::from(spelling.as_str());
        if let Some(earlier) = seen.get(&language) {
            let tag = language.as_str();
            let reason = format!(
                "the columns \"{earlier}\" and \"{name}\" are both {tag}, and \"{earlier}\" was read"
            );
            let fix = "take one of them out, or name it by another language";
            rows.problems.push(problem(0, ProblemKind::SameLanguage, reason, fix, true));
            continue;
        }
        seen.insert(language, name.clone());
        kept.push((name, spelling));
    }
    let has_anchor = seen.contains_key(anchor);
    match columns.text.take() {
        Some(text) if !has_anchor => {
            let tag = anchor.as_str().to_owned();
            let reason =
                format!("the column \"{text}\" says no language and was taken for the anchor's, {tag}");
            let fix = "name it by its language if that is wrong";
            rows.problems.push(problem(0, ProblemKind::TakenForAnchor, reason, fix, false));
            kept.push((text, tag));
        }
        Some(text) => columns.ignored.push(text),
        None => {}
    }
    columns.ignored.extend(columns.input.take());
    say_ignored(columns, &mut rows.problems);
    for (_, row) in &mut rows.rows {
        let Some(object) = row.as_object() else { continue };
        let texts =
            kept.iter().filter_map(|(name, spelling)| Some((spelling.clone(), object.get(name)?.clone())));
        let texts: Map<String, Value> = texts.filter(|(_, text)| !is_missing(text)).collect();
        *row = prompt(object, columns, texts);
    }
    Ok(rows)
}

fn long(rows: Rows, columns: &mut Columns) -> Result<Rows, DataError> {
    let (Some(id), Some(language), Some(text)) = (&columns.id, &columns.language, &columns.text) else {
        let found = "texts with a language each, but no id that says which of them are one prompt";
        return Err(DataError::NotAPromptSet { found: found.to_owned() });
    };
    let mut out = Rows { rows: Vec::new(), problems: rows.problems };
    say_ignored(columns, &mut out.problems);
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut seen: HashSet<(usize, Language)> = HashSet::new();
    for (number, row) in rows.rows {
        let Some(object) = row.as_object() else {
            out.rows.push((number, row));
            continue;
        };
        let cell = |name: &String| object.get(name).filter(|value| !is_missing(value));
        let (Some(own_id), Some(spelling)) = (cell(id), cell(language).and_then(Value::as_str)) else {
            let (kind, name) = match cell(id) {
                None => (ProblemKind::MissingId, id),
                Some(_) => (ProblemKind::BadLanguage, language),
            };
            let reason = format!("the row has nothing under \"{name}\", so it belongs to no prompt");
            out.problems.push(problem(number, kind, reason, "write it in every row", true));
            continue;
        };
        let Some(own_text) = cell(text) else { continue };
        let own_text =
            match (own_text.as_str(), columns.input.as_ref().and_then(cell).and_then(Value::as_str)) {
                (Some(text), Some(input)) => format!("{text}\n\n{input}").into(),
                _ => own_text.clone(),
            };
        let at = *places.entry(own_id.to_string()).or_insert_with(|| {
            out.rows.push((number, prompt(object, columns, Map::new())));
            out.rows.len() - 1
        });
        let own = Language::from(spelling);
        if !seen.insert((at, own.clone())) {
            let reason = format!("the prompt {own_id} has a text in {} already", own.as_str());
            out.problems.push(problem(
                number,
                ProblemKind::SameLanguage,
                reason,
                "keep one of the two",
                true,
            ));
            continue;
        }
        let Some(texts) = out.rows[at].1.get_mut("text").and_then(Value::as_object_mut) else { continue };
        texts.insert(spelling.to_owned(), own_text);
    }
    Ok(out)
}

/// A row of the nested form.
fn prompt(object: &Map<String, Value>, columns: &Columns, texts: Map<String, Value>) -> Value {
    let cell = |name: &Option<String>| {
        name.as_ref().and_then(|name| object.get(name)).filter(|value| !is_missing(value))
    };
    let mut row = Map::new();
    for (name, column) in [("id", &columns.id), ("task", &columns.task), ("answer", &columns.answer)] {
        if let Some(value) = cell(column) {
            row.insert(name.to_owned(), value.clone());
        }
    }
    row.insert("text".to_owned(), json!(texts));
    Value::Object(row)
}

fn is_missing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// What rows without a language hold, for the refusal.
fn no_language(rows: &Rows, columns: &Columns) -> String {
    let names = rows
        .rows
        .iter()
        .find_map(|(_, row)| row.as_object())
        .map(|row| row.keys().cloned().collect::<Vec<_>>());
    let Some(names) = names else { return "a list of something else than prompts".to_owned() };
    let names = quoted(&names.join(", "));
    match &columns.text {
        Some(text) => format!(
            "one language alone (its columns: {names}; \"{text}\" has the text, and the same questions in another language are missing)"
        ),
        None => format!("rows of which no column is a language (its columns: {names})"),
    }
}
