//! Rows that are one prompt, put together: by their ids, their places, or their texts in the anchor language.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::guess::id_key;
use super::import_problem::{ImportProblem, problem};
use super::mapping::{Join, Mapping, Shape};
use super::pieces::{Piece, columns_of};
use crate::data::problem::{DataError, ProblemKind};
use crate::data::{Language, comparable};

/// The rows of one prompt.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// In the nested form: `{ id, task, answer, text: { … } }`; or what stands in its place.
    pub(super) row: Value,
    pub(super) origins: Vec<Origin>,
    /// Answers of later rows that are not the first one's.
    pub(super) n_other_answers: usize,
}

/// A row that a prompt comes from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) file: usize,
    pub(super) row: u32,
    /// Columns by language.
    pub(super) columns: BTreeMap<Language, String>,
}

impl Group {
    /// The row that a language comes from and its column, or the first row.
    pub(super) fn origin(&self, language: Option<&Language>) -> Option<(&Origin, Option<&str>)> {
        let of = |origin: &&Origin| language.is_some_and(|language| origin.columns.contains_key(language));
        let origin = self.origins.iter().find(of).or_else(|| self.origins.first())?;
        let column = language.and_then(|language| origin.columns.get(language));
        Some((origin, column.map(String::as_str)))
    }
}

/// Joins rows as the mapping says, prompts in the order of their first rows.
///
/// # Errors
/// [`DataError::NotParallel`] where rows are joined by their places and there are not as many of each.
pub(super) fn groups(
    pieces: Vec<Piece>,
    mapping: &Mapping,
    names: &[&str],
    anchor: &Language,
    problems: &mut Vec<ImportProblem>,
) -> Result<Vec<Group>, DataError> {
    let join = mapping.join.unwrap_or(Join::Row);
    if join == Join::Order {
        check_counts(&pieces, mapping, names)?;
    }
    let mut out: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut n_of_stream: HashMap<String, usize> = HashMap::new();
    let mut seen: HashSet<(usize, usize)> = HashSet::new();
    for piece in pieces {
        let file = names.get(piece.file).copied().unwrap_or_default();
        let lost = |kind, column: Option<&str>, reason: String, fix: &str| {
            ImportProblem::new(file, column, problem(piece.row, kind, reason, fix, true))
        };
        let key = match join {
            Join::Row => None,
            _ if piece.instead.is_some() => None,
            Join::Id => match &piece.id {
                Some(id) => Some(id_key(id)),
                None => {
                    let name = Mapping::named(&mapping.id).unwrap_or("id");
                    let reason = format!("the row has nothing under \"{name}\", so it belongs to no prompt");
                    problems.push(lost(ProblemKind::MissingId, Some(name), reason, "write it in every row"));
                    continue;
                }
            },
            Join::Order => {
                let place = n_of_stream.entry(piece.stream.clone()).or_default();
                *place += 1;
                Some(place.to_string())
            }
            Join::AnchorText => match anchor_text(&piece, anchor) {
                Some(text) => Some(text),
                None => {
                    let reason =
                        format!("the row has no text in {}, so it belongs to no prompt", anchor.as_str());
                    problems.push(lost(ProblemKind::MissingAnchor, None, reason, "write it in every row"));
                    continue;
                }
            },
        };
        let at = match key {
            None => out.len(),
            Some(key) => *places.entry(key).or_insert(out.len()),
        };
        if at == out.len() {
            out.push(Group::default());
        }
        // Two rows of one file with one text in the anchor language are two prompts that cannot be told apart.
        if join == Join::AnchorText && !seen.insert((at, piece.file)) {
            let reason = format!("an earlier row has the same text in {}", anchor.as_str());
            problems.push(lost(
                ProblemKind::DuplicateId,
                None,
                reason,
                "keep one of the two, or join by ids",
            ));
            continue;
        }
        add(&mut out[at], piece, file, join == Join::AnchorText, anchor, problems);
    }
    Ok(out)
}

fn anchor_text(piece: &Piece, anchor: &Language) -> Option<String> {
    let text = piece.texts.iter().find(|text| Language::from(text.spelling.as_str()) == *anchor)?;
    text.value.as_str().map(comparable)
}

fn check_counts(pieces: &[Piece], mapping: &Mapping, names: &[&str]) -> Result<(), DataError> {
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for piece in pieces {
        let name = match mapping.kind {
            Some(Shape::Long) => piece.stream.clone(),
            _ => names.get(piece.file).map(|name| (*name).to_owned()).unwrap_or_default(),
        };
        counts.entry(piece.stream.clone()).or_insert((0, name)).0 += 1;
    }
    let all: Vec<&(usize, String)> = counts.values().collect();
    let is_long = mapping.kind == Some(Shape::Long);
    if is_long && all.len() < 2 {
        let found = "texts with a language each, but no id that says which of them are one prompt";
        return Err(DataError::NotAPromptSet { found: found.to_owned() });
    }
    let Some(other) = all.iter().find(|(n, _)| *n != all[0].0) else { return Ok(()) };
    let reason = format!(
        "{} has {} rows and {} has {}, so nothing says which rows are one prompt",
        all[0].1, all[0].0, other.1, other.0
    );
    Err(DataError::NotParallel { reason })
}

fn add(
    group: &mut Group,
    piece: Piece,
    file: &str,
    anchor_repeats: bool,
    anchor: &Language,
    problems: &mut Vec<ImportProblem>,
) {
    let spellings = columns_of(&piece);
    let columns =
        spellings.iter().map(|(spelling, column)| (Language::from(spelling.as_str()), column.clone()));
    group.origins.push(Origin { file: piece.file, row: piece.row, columns: columns.collect() });
    if let Some(instead) = piece.instead {
        group.row = without_texts(instead, piece.id, piece.task, piece.answer);
        return;
    }
    if !group.row.is_object() {
        group.row = Value::Object(Map::from_iter([("text".to_owned(), Value::Object(Map::new()))]));
    }
    let Some(row) = group.row.as_object_mut() else { return };
    for (name, value) in [("id", piece.id), ("task", piece.task)] {
        if let Some(value) = value {
            row.entry(name).or_insert(value);
        }
    }
    if let Some(answer) = piece.answer {
        let first = row.entry("answer").or_insert_with(|| answer.clone());
        group.n_other_answers += usize::from(id_key(first) != id_key(&answer));
    }
    let id = row.get("id").map(id_key);
    let Some(texts) = row.get_mut("text").and_then(Value::as_object_mut) else { return };
    let is_nested = piece.texts.iter().any(|text| text.column.contains('.'));
    for text in piece.texts {
        let own = Language::from(text.spelling.as_str());
        let is_there = texts.keys().any(|known| Language::from(known.as_str()) == own);
        // Two spellings in one row are for the reader to tell.
        if !is_there || (is_nested && group.origins.len() == 1) {
            texts.insert(text.spelling, text.value);
        } else if !(anchor_repeats && own == *anchor) {
            let name = id.as_deref().unwrap_or_default();
            let reason = format!("the prompt {name} has a text in {} already", own.as_str());
            let found = problem(piece.row, ProblemKind::SameLanguage, reason, "keep one of the two", true);
            problems.push(ImportProblem::new(file, Some(&text.column), found));
        }
    }
}

/// A row of the nested form whose texts are missing, or what is no object at all.
fn without_texts(instead: Value, id: Option<Value>, task: Option<Value>, answer: Option<Value>) -> Value {
    if !instead.is_object() {
        return instead;
    }
    let fields = [("id", id), ("task", task), ("answer", answer)];
    Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}
