//! What each row says of a prompt and of the responses to it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::import_problem::{ImportProblem, problem};
use super::super::mapping::Mapping;
use super::super::reading::quoted;
use super::super::source::{Table, cell};
use super::cells::{Question, Said, finish, is_chat, number, question_in, responses_in};
use super::mapping::{ResponseMapping, ResponseShape};
use super::names::sample_suffix;
use crate::data::InOrder;
use crate::data::from_json;
use crate::data::problem::ProblemKind;

/// A row, read.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) file: usize,
    pub(super) row: u32,
    pub(super) id: Option<Value>,
    /// The prompt's texts with the spellings of their languages, where the columns say them.
    pub(super) questions: Vec<(Option<String>, String)>,
    pub(super) answer: Option<Value>,
    pub(super) responses: Vec<Found>,
}

/// A response and its column.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) column: String,
    pub(super) said: Said,
}

/// Reads the rows of all files.
pub(super) fn pieces(
    tables: &[Table],
    mapping: &ResponseMapping,
    problems: &mut Vec<ImportProblem>,
) -> Vec<Piece> {
    let mut out = Vec::new();
    for (file, table) in tables.iter().enumerate() {
        problems.extend(table.problems.iter().map(|own| ImportProblem::new(&table.name, None, own.clone())));
        let reader = Reader::of(table, mapping);
        reader.say_columns(problems);
        let mut n_other_filters = 0;
        for (row, value) in &table.rows {
            let lost = |kind, column: Option<&str>, reason: &str, fix: &str| {
                ImportProblem::new(&table.name, column, problem(*row, kind, reason.to_owned(), fix, true))
            };
            let Some(object) = value.as_object() else {
                let fix = "write an object with the response and its prompt";
                problems.push(lost(ProblemKind::BadRow, None, "the row is no object with columns", fix));
                continue;
            };
            if reader.filter.is_some_and(|filter| object.get("filter") != Some(filter)) {
                n_other_filters += 1;
                continue;
            }
            let (questions, n_turns) = reader.questions(object);
            if n_turns > 1 {
                let reason = format!("the chat has {n_turns} questions, and a prompt is one");
                let fix = "keep the chats of one question";
                problems.push(lost(ProblemKind::NotAPrompt, Mapping::named(&mapping.prompt), &reason, fix));
                continue;
            }
            let responses = reader.responses(object);
            if responses.is_empty() {
                let reason = "the row has no response";
                problems.push(lost(
                    ProblemKind::EmptyText,
                    reader.columns.first().map(String::as_str),
                    reason,
                    "write it, or leave the row out",
                ));
                continue;
            }
            let own = |column: &Option<String>| cell(object, Mapping::named(column)?).cloned();
            let (id, answer) = (own(&mapping.id), own(&mapping.answer));
            out.push(Piece { file, row: *row, id, questions, answer, responses });
        }
        if n_other_filters > 0 {
            let reason = format!(
                "{n_other_filters} rows repeat the responses with another filter and were passed over"
            );
            let found = problem(0, ProblemKind::IgnoredColumn, reason, "nothing needs to be done", false);
            problems.push(ImportProblem::new(&table.name, Some("filter"), found));
        }
    }
    out
}

struct Reader<'a> {
    table: &'a Table,
    mapping: &'a ResponseMapping,
    /// Columns with responses, of those that the table has.
    columns: Vec<String>,
    /// Columns with texts of lists in JSON.
    in_json: HashSet<&'a str>,
    /// lm-eval writes every document once for each of its filters; the responses are the same.
    filter: Option<&'a Value>,
}

/// Rows in which every cell of a column has to be a list, for the column to be one of lists.
const LOOKED_AT: usize = 50;

impl<'a> Reader<'a> {
    fn of(table: &'a Table, mapping: &'a ResponseMapping) -> Self {
        let has = |column: &&String| table.columns.contains(column) || column.contains('.');
        let one = |column: &Option<String>| Mapping::named(column).map(str::to_owned);
        let columns: Vec<String> = match mapping.kind.unwrap_or(ResponseShape::Rows) {
            ResponseShape::Rows => one(&mapping.response).into_iter().collect(),
            ResponseShape::Pairs => one(&mapping.chosen).into_iter().chain(one(&mapping.rejected)).collect(),
            ResponseShape::Columns => mapping.samples.clone(),
            ResponseShape::Wide => mapping.texts.iter().map(|text| text.column.clone()).collect(),
        };
        let filter = table.rows.first().and_then(|(_, row)| row.get("resps").and(row.get("filter")));
        let in_json =
            table.columns.iter().map(String::as_str).filter(|column| is_list_in_json(table, column));
        let columns = columns.into_iter().filter(|column| has(&column)).collect();
        Self { table, mapping, columns, in_json: in_json.collect(), filter }
    }

    fn say_columns(&self, problems: &mut Vec<ImportProblem>) {
        let mapping = self.mapping;
        let mut used: HashSet<&str> = self.columns.iter().map(|name| first_key(name)).collect();
        let single = [
            &mapping.id,
            &mapping.prompt,
            &mapping.answer,
            &mapping.language,
            &mapping.model,
            &mapping.sample,
        ];
        used.extend(single.into_iter().filter_map(Mapping::named).map(first_key));
        used.extend(mapping.prompts.iter().map(|text| first_key(&text.column)));
        let mut ignored: Vec<String> = self
            .table
            .columns
            .iter()
            .filter(|name| !used.contains(name.as_str()))
            .map(|name| format!("\"{}\"", quoted(name)))
            .collect();
        ignored.order();
        if !ignored.is_empty() {
            let which = if ignored.len() == 1 { "the column" } else { "the columns" };
            let were = if ignored.len() == 1 { "was" } else { "were" };
            let reason = format!("{which} {} {were} not read", ignored.join(", "));
            let found = problem(
                0,
                ProblemKind::IgnoredColumn,
                reason,
                "say so if one of them holds responses",
                false,
            );
            problems.push(ImportProblem::new(&self.table.name, None, found));
        }
        for column in self.columns.iter().filter(|column| is_printed_list(self.table, column)) {
            let reason =
                "the cells look like lists that Python printed, and each was read as one response".to_owned();
            let fix = "save the table as JSON Lines, which keeps lists";
            let found = problem(0, ProblemKind::BadRow, reason, fix, false);
            problems.push(ImportProblem::new(&self.table.name, Some(column), found));
        }
        if self.columns.is_empty() {
            let wanted = Mapping::named(&mapping.response);
            let reason = match wanted {
                Some(name) => format!("the file has no column \"{name}\""),
                None => "the file has no column with responses".to_owned(),
            };
            let found =
                problem(0, ProblemKind::BadRow, reason, "name it so, or say which column it is", true);
            problems.push(ImportProblem::new(&self.table.name, wanted, found));
        }
    }

    /// The prompt's texts, and how many questions its chat has.
    fn questions(&self, object: &Map<String, Value>) -> (Vec<(Option<String>, String)>, usize) {
        let mapping = self.mapping;
        let mut out = Vec::new();
        let mut n_turns = 0;
        let mut take = |value: Option<&Value>, language: Option<&str>| match value.and_then(question_in) {
            Some(Question::One(text)) if !text.trim().is_empty() => {
                out.push((language.map(str::to_owned), text));
            }
            Some(Question::Several(n)) => n_turns = n,
            _ => {}
        };
        for text in &mapping.prompts {
            take(cell(object, &text.column), Some(&text.language));
        }
        // Chats that hold both sides begin with the prompt.
        let chat =
            || self.columns.first().and_then(|column| cell(object, column)).filter(|value| is_chat(value));
        take(Mapping::named(&mapping.prompt).and_then(|column| cell(object, column)).or_else(chat), None);
        (out, n_turns)
    }

    fn responses(&self, object: &Map<String, Value>) -> Vec<Found> {
        let mapping = self.mapping;
        let own = |column: &Option<String>| cell(object, Mapping::named(column)?);
        let models = own(&mapping.model);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (language, sample) =
            (own(&mapping.language).and_then(text), own(&mapping.sample).and_then(number));
        let finish = finish(object);
        let mut out = Vec::new();
        for column in &self.columns {
            let Some(value) = cell(object, column) else { continue };
            let unpacked = value.as_str().filter(|_| self.in_json.contains(column.as_str()));
            let unpacked = unpacked.and_then(|text| from_json::<Value>(text).ok());
            let all = responses_in(unpacked.as_ref().unwrap_or(value));
            let n_all = all.len();
            for (at, mut said) in all.into_iter().enumerate() {
                let named = match models {
                    Some(Value::Array(models)) => models.get(at).and_then(text),
                    Some(model) => text(model),
                    None => model_beside(object, column),
                };
                said.model = said.model.or(named);
                let of_column = mapping.texts.iter().find(|text| text.column == *column);
                let of_column = of_column.filter(|_| mapping.kind == Some(ResponseShape::Wide));
                let of_column = of_column.map(|text| text.language.clone());
                said.language = of_column.or_else(|| language.clone()).or(said.language);
                // The number of a row is that of its response, if it has but one.
                said.sample = said.sample.or(sample.filter(|_| n_all == 1 && self.has_one_each()));
                said.finish = said.finish.or(finish);
                out.push(Found { column: column.clone(), said });
            }
        }
        out
    }

    /// Whether a row has one response for each language.
    fn has_one_each(&self) -> bool {
        self.columns.len() == 1 || self.mapping.kind == Some(ResponseShape::Wide)
    }
}

fn first_key(column: &str) -> &str {
    column.split('.').next().unwrap_or(column)
}

/// Whether all cells of a column are texts of lists in JSON.
fn is_list_in_json(table: &Table, column: &str) -> bool {
    let rows = table.rows.iter().take(LOOKED_AT).filter_map(|(_, row)| row.as_object());
    let mut cells = rows.filter_map(|row| cell(row, column)).peekable();
    let is_list = |value: &Value| {
        let text = value.as_str().map(str::trim).filter(|text| text.starts_with('[') && text.ends_with(']'));
        let list = text.and_then(|text| from_json::<Vec<Value>>(text).ok());
        list.is_some_and(|list| list.iter().all(|item| item.is_string() || item.is_object()))
    };
    cells.peek().is_some() && cells.all(is_list)
}

/// Whether all cells of a column are lists as Python prints them, `['a', 'b']`, which is no JSON.
fn is_printed_list(table: &Table, column: &str) -> bool {
    let rows = table.rows.iter().take(LOOKED_AT).filter_map(|(_, row)| row.as_object());
    let mut cells =
        rows.filter_map(|row| cell(row, column)).filter_map(Value::as_str).map(str::trim).peekable();
    let is_list = |text: &str| text.starts_with("['") && text.ends_with(']');
    cells.peek().is_some() && cells.all(is_list)
}

/// The model beside a column: `model_a` of `response_a`.
fn model_beside(object: &Map<String, Value>, column: &str) -> Option<String> {
    let suffix = sample_suffix(column)?;
    let model = ["model_", "model"].iter().find_map(|word| object.get(&format!("{word}{suffix}")))?;
    model.as_str().map(str::to_owned)
}
