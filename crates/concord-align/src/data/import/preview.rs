//! An import as a page shows it before anything is taken over: the files, how they are read, and what comes of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::assemble::{Read, prompts_of};
use super::guess;
use super::import_problem::ImportProblem;
use super::mapping::{Join, Mapping};
use super::set_columns::set_of;
use super::source::{SourceFile, Table, cell, unpacked};
use super::verdict::Verdict;
use crate::data::{Language, Prompt, PromptSource, Spellings};

/// Rows of a file that are shown.
const SHOWN_ROWS: usize = 5;
/// Characters of a cell that are shown.
const SHOWN_CHARS: usize = 160;

/// The beginning of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilePreview {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its first rows, a cell for each column.
    pub rows: Vec<Vec<String>>,
    /// How many rows it has.
    pub n_rows: usize,
    /// Whether it is a table of text, of which delimiter, quoting and header can be said.
    pub is_text_table: bool,
    /// Where in its JSON there are rows.
    pub paths: Vec<String>,
}

/// What an import comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// How the files were read, without gaps.
    pub mapping: Mapping,
    /// The files, those of archives by themselves.
    pub files: Vec<FilePreview>,
    /// The prompts that can be used.
    pub prompts: Vec<Prompt>,
    /// How the files write their languages.
    pub spellings: Spellings,
    /// What is wrong, by file, row and column.
    pub problems: Vec<ImportProblem>,
    /// Whether the texts belong together.
    pub verdict: Verdict,
    /// Source and licence of the set, where the files say them; they say no name.
    #[serde(default)]
    pub prompt_set: PromptSource,
    /// Why there are no prompts, if so.
    pub refusal: Option<String>,
}

/// Reads files as one prompt set; what `given` leaves out is guessed.
///
/// Rows that only their places join are refused where they do not fit, unless `given` asks for that join.
pub fn import(files: Vec<SourceFile>, given: &Mapping, anchor: &Language) -> Imported {
    let mut out = Imported {
        mapping: given.clone(),
        files: Vec::new(),
        prompts: Vec::new(),
        spellings: Spellings::default(),
        problems: Vec::new(),
        verdict: Verdict::default(),
        prompt_set: PromptSource::default(),
        refusal: None,
    };
    let files = match unpacked(files) {
        Ok(files) => files,
        Err(error) => return Imported { refusal: Some(error.to_string()), ..out },
    };
    let is_alone = files.len() == 1;
    let mut tables = Vec::new();
    for file in &files {
        match Table::of(file, given) {
            Ok(table) => tables.push(table),
            Err(error) => out.refusal = out.refusal.or_else(|| Some(format!("{}: {error}", file.name))),
        }
    }
    out.files = tables.iter().map(preview).collect();
    if out.refusal.is_some() {
        return out;
    }
    let guess = guess::complete(given, &tables, anchor);
    out.mapping = guess.mapping;
    if let Some(error) = guess.refusal {
        out.refusal = Some(error.to_string());
        return out;
    }
    let is_strict = out.mapping.join == Some(Join::Order) && given.join.is_none();
    match prompts_of(&tables, &out.mapping, guess.problems, anchor, is_strict) {
        Ok(Read { prompts, mut problems, spellings, verdict }) => {
            let prompt_set = set_of(&tables, &out.mapping, &mut problems);
            if is_alone {
                problems.iter_mut().for_each(|found| found.file.clear());
            }
            out = Imported { prompts, problems, spellings, verdict, prompt_set, ..out };
        }
        Err(error) => out.refusal = Some(error.to_string()),
    }
    out
}

pub(super) fn preview(table: &Table) -> FilePreview {
    let row = |row: &Value| -> Vec<String> {
        let shown = |column: &String| {
            let text = match row.as_object().and_then(|row| cell(row, column)) {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let mut short: String = text.chars().take(SHOWN_CHARS).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            short
        };
        table.columns.iter().map(shown).collect()
    };
    FilePreview {
        name: table.name.clone(),
        columns: table.columns.clone(),
        rows: table.rows.iter().take(SHOWN_ROWS).map(|(_, value)| row(value)).collect(),
        n_rows: table.rows.len(),
        is_text_table: table.dialect.is_some(),
        paths: table.paths.clone(),
    }
}
