//! What a mapping does not say, guessed from the files: their names, the names of their columns, and what stands in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::columns::Columns;
use super::file_language::file_languages;
use super::import_problem::{ImportProblem, problem};
use super::mapping::{FileLanguage, Join, Mapping, Shape, TextColumn};
use super::reading::quoted;
use super::source::{Table, cell};
use crate::data::problem::{DataError, ProblemKind};
use crate::data::{Language, TaskKind};

/// Names under which the texts of a nested row stand.
const TEXTS: [&str; 6] = ["text", "texts", "translation", "translations", "question", "prompt"];
/// Rows that are looked at to tell columns apart by what is in them.
const LOOKED_AT: usize = 200;

/// A mapping without gaps, what had to be decided for it, and why it cannot be used, if so.
#[derive(Debug)]
pub(super) struct Guess {
    pub(super) mapping: Mapping,
    pub(super) problems: Vec<ImportProblem>,
    pub(super) refusal: Option<DataError>,
}

/// Fills in what `given` leaves out.
pub(super) fn complete(given: &Mapping, tables: &[Table], anchor: &Language) -> Guess {
    let columns: Vec<Columns> = tables.iter().map(|table| Columns::of(&table.rows)).collect();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let languages = file_languages(&names);
    let mut guess = Guess { mapping: given.clone(), problems: Vec::new(), refusal: None };
    let kind = given.kind.or_else(|| guessed_kind(given, tables, &columns, &languages));
    let Some(kind) = kind else {
        guess.mapping.kind = Some(Shape::Wide);
        let found = no_language(tables, &columns, &languages);
        guess.refusal = Some(DataError::NotAPromptSet { found });
        fill_common(&mut guess.mapping, tables, &columns, Shape::Wide);
        guess.mapping.join = given.join.or(Some(Join::Row));
        return guess;
    };
    guess.mapping.kind = Some(kind);
    fill_common(&mut guess.mapping, tables, &columns, kind);
    match kind {
        Shape::Wide => fill_wide(&mut guess, tables, &columns, anchor),
        Shape::Long => {
            let language = columns.first().and_then(|columns| columns.language.clone());
            guess.mapping.language.get_or_insert(language.unwrap_or_default());
        }
        Shape::PerFile => fill_files(&mut guess, tables, languages),
        Shape::Nested => {}
    }
    let join = guessed_join(&guess.mapping, kind, tables, anchor);
    guess.mapping.join.get_or_insert(join);
    guess
}

fn guessed_kind(
    given: &Mapping,
    tables: &[Table],
    columns: &[Columns],
    languages: &[Option<String>],
) -> Option<Shape> {
    if !given.texts.is_empty() {
        return Some(Shape::Wide);
    }
    if given.language.is_some() {
        return Some(Shape::Long);
    }
    if !given.files.is_empty() {
        return Some(Shape::PerFile);
    }
    if texts_key(tables).is_some() {
        return Some(Shape::Nested);
    }
    let first = columns.first()?;
    if first.language.is_some() && first.text.is_some() && first.languages.is_empty() {
        return Some(Shape::Long);
    }
    if columns.iter().any(|columns| !columns.languages.is_empty()) {
        return Some(Shape::Wide);
    }
    let n_named = languages.iter().flatten().count();
    let keeps_one = given.one_language == Some(true);
    if (tables.len() > 1 || keeps_one) && n_named > 0 {
        return Some(Shape::PerFile);
    }
    (keeps_one && first.text.is_some()).then_some(Shape::Wide)
}

/// The name under which rows have their texts by language; `None` where they are flat.
fn texts_key(tables: &[Table]) -> Option<&'static str> {
    let mut rows = tables.iter().flat_map(|table| &table.rows);
    TEXTS
        .into_iter()
        .find(|key| rows.clone().any(|(_, row)| row.get(*key).is_some_and(Value::is_object)))
        .filter(|_| rows.next().is_some())
}

/// Columns that every shape has, and how the files are written.
fn fill_common(mapping: &mut Mapping, tables: &[Table], columns: &[Columns], kind: Shape) {
    let by_content = tables.first().filter(|_| kind == Shape::PerFile).map(by_content).unwrap_or_default();
    let of = |pick: fn(&Columns) -> &Option<String>| columns.iter().find_map(|columns| pick(columns).clone());
    let or_none = |found: Option<String>| found.unwrap_or_default();
    let text = match kind {
        Shape::Nested => texts_key(tables).map(str::to_owned),
        Shape::Wide => None,
        _ => of(|columns| &columns.text).or(by_content.text),
    };
    let is_unnamed = tables.iter().all(|table| table.dialect.is_some_and(|dialect| !dialect.header));
    let is_text = |name: &String| text.as_ref() == Some(name);
    let answer = of(|columns| &columns.answer)
        .or(by_content.answer.filter(|_| is_unnamed))
        .filter(|name| !is_text(name));
    let id = of(|columns| &columns.id).or(by_content.id.filter(|_| is_unnamed)).filter(|name| !is_text(name));
    mapping.answer.get_or_insert(or_none(answer));
    mapping.id.get_or_insert(or_none(id));
    let task = of(|columns| &columns.task).filter(|task| kind == Shape::Nested || are_tasks(tables, task));
    mapping.task.get_or_insert(or_none(task));
    mapping.text.get_or_insert(or_none(text));
    let Mapping { header, delimiter, quoting, path, .. } = mapping;
    fill_reading(tables, (header, delimiter, quoting), path);
}

/// How the files were cut into rows, where they all were cut in one way.
pub(super) fn fill_reading(
    tables: &[Table],
    (header, delimiter, quoting): (&mut Option<bool>, &mut Option<char>, &mut Option<bool>),
    path: &mut Option<String>,
) {
    let dialect = tables.first().and_then(|table| table.dialect);
    if let Some(dialect) = dialect.filter(|_| tables.iter().all(|table| table.dialect == dialect)) {
        header.get_or_insert(dialect.header);
        delimiter.get_or_insert(dialect.delimiter);
        quoting.get_or_insert(dialect.quoting);
    }
    if let Some(found) = tables.first().and_then(|table| table.path.clone()) {
        path.get_or_insert(found);
    }
}

fn are_tasks(tables: &[Table], column: &str) -> bool {
    let rows = tables.iter().flat_map(|table| &table.rows).filter_map(|(_, row)| row.as_object());
    rows.filter_map(|row| cell(row, column))
        .all(|task| serde_json::from_value::<TaskKind>(task.clone()).is_ok())
}

#[derive(Default)]
struct ByContent {
    id: Option<String>,
    text: Option<String>,
    answer: Option<String>,
}

/// Columns told apart by what is in them: the longest texts, the answers in numbers, ids that are all different.
fn by_content(table: &Table) -> ByContent {
    let rows = || table.rows.iter().take(LOOKED_AT).filter_map(|(_, row)| row.as_object());
    let texts = |column: &String| -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        rows().filter_map(|row| cell(row, column)).map(text).collect()
    };
    let cells: Vec<(&String, Vec<String>)> =
        table.columns.iter().map(|column| (column, texts(column))).collect();
    let length = |texts: &[String]| texts.iter().map(|text| text.chars().count()).sum::<usize>();
    let has_words = |texts: &[String]| texts.iter().any(|text| text.chars().any(char::is_alphabetic));
    let text = cells.iter().filter(|(_, texts)| has_words(texts)).max_by_key(|(_, texts)| length(texts));
    let text = text.map(|(column, _)| (*column).clone());
    let is_number =
        |text: &String| text.chars().any(|c| c.is_ascii_digit()) && !text.chars().any(char::is_alphabetic);
    let others =
        || cells.iter().filter(|(column, texts)| Some(*column) != text.as_ref() && !texts.is_empty());
    let is_unique = |texts: &[String]| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    // With one column beside the text, numbers are answers; with more, what is all different stands first.
    let id = others()
        .find(|(_, texts)| others().count() > 1 && is_unique(texts))
        .map(|(column, _)| (*column).clone());
    let answer = others()
        .filter(|(column, _)| Some(*column) != id.as_ref())
        .find(|(_, texts)| texts.iter().all(is_number));
    ByContent { answer: answer.map(|(column, _)| (*column).clone()), id, text }
}

fn fill_wide(guess: &mut Guess, tables: &[Table], columns: &[Columns], anchor: &Language) {
    if !guess.mapping.texts.is_empty() {
        return;
    }
    let mut seen: BTreeMap<Language, String> = BTreeMap::new();
    let mut text = None;
    for (table, columns) in tables.iter().zip(columns) {
        for (name, spelling) in &columns.languages {
            let language = Language::from(spelling.as_str());
            match seen.get(&language) {
                Some(earlier) if earlier == name => {}
                Some(earlier) => {
                    let tag = language.as_str();
                    let reason = format!(
                        "the columns \"{earlier}\" and \"{name}\" are both {tag}, and \"{earlier}\" was read"
                    );
                    let fix = "take one of them out, or name it by another language";
                    let found = problem(0, ProblemKind::SameLanguage, reason, fix, true);
                    guess.problems.push(ImportProblem::new(&table.name, Some(name), found));
                }
                None => {
                    seen.insert(language, name.clone());
                    let (column, language) = (name.clone(), spelling.clone());
                    guess.mapping.texts.push(TextColumn { column, language });
                }
            }
        }
        text = text.or_else(|| Some((table, columns.text.clone()?)));
    }
    if let Some((table, column)) = text.filter(|_| !seen.contains_key(anchor)) {
        let tag = anchor.as_str().to_owned();
        let reason =
            format!("the column \"{column}\" says no language and was taken for the anchor's, {tag}");
        let fix = "name it by its language if that is wrong";
        let found = problem(0, ProblemKind::TakenForAnchor, reason, fix, false);
        guess.problems.push(ImportProblem::new(&table.name, Some(&column), found));
        guess.mapping.texts.push(TextColumn { column, language: tag });
    }
}

fn fill_files(guess: &mut Guess, tables: &[Table], languages: Vec<Option<String>>) {
    let given = std::mem::take(&mut guess.mapping.files);
    for (table, found) in tables.iter().zip(languages) {
        let said = given.iter().find(|file| file.file == table.name).map(|file| file.language.clone());
        let language = said.or(found).unwrap_or_default();
        if language.is_empty() && guess.refusal.is_none() {
            let reason =
                "its name says no language: say which it is, or name it by one, such as questions_sw.tsv"
                    .to_owned();
            guess.refusal = Some(DataError::Unusable { file: table.name.clone(), reason });
        }
        guess.mapping.files.push(FileLanguage { file: table.name.clone(), language });
    }
}

fn guessed_join(mapping: &Mapping, kind: Shape, tables: &[Table], anchor: &Language) -> Join {
    let id = Mapping::named(&mapping.id);
    if kind == Shape::Long {
        return if id.is_some() { Join::Id } else { Join::Order };
    }
    if tables.len() < 2 || kind == Shape::Nested {
        return Join::Row;
    }
    let languages = |table: &Table| -> BTreeSet<Language> {
        let own = mapping.texts.iter().filter(|text| table.columns.contains(&text.column));
        own.map(|text| Language::from(text.language.as_str())).collect()
    };
    if kind == Shape::Wide && tables.iter().all(|table| languages(table) == languages(&tables[0])) {
        return Join::Row;
    }
    if id.is_some_and(|id| have_common_ids(tables, id)) {
        return Join::Id;
    }
    let has_anchor = kind == Shape::Wide && tables.iter().all(|table| languages(table).contains(anchor));
    if has_anchor { Join::AnchorText } else { Join::Order }
}

fn have_common_ids(tables: &[Table], id: &str) -> bool {
    let ids = |table: &Table| -> BTreeSet<String> {
        let rows = table.rows.iter().filter_map(|(_, row)| cell(row.as_object()?, id));
        rows.map(id_key).collect()
    };
    let Some((first, rest)) = tables.split_first() else { return false };
    let first = ids(first);
    rest.iter().all(|table| !first.is_disjoint(&ids(table)))
}

/// An id as ids are compared: `7` and `"7"` are one.
pub(super) fn id_key(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |id| id.trim().to_owned())
}

/// What rows without a language hold, for the refusal.
fn no_language(tables: &[Table], columns: &[Columns], languages: &[Option<String>]) -> String {
    let first = tables.iter().flat_map(|table| &table.rows).find_map(|(_, row)| row.as_object());
    let Some(first) = first else { return "a list of something else than prompts".to_owned() };
    let names: Vec<&str> = match tables.first() {
        Some(table) if !table.columns.is_empty() => table.columns.iter().map(String::as_str).collect(),
        _ => first.keys().map(String::as_str).collect(),
    };
    let names = quoted(&names.join(", "));
    if let [Some(language)] = languages {
        return format!(
            "one language alone ({language} by its name): pick the files of the other languages along with it, or keep what is there"
        );
    }
    match columns.first().and_then(|columns| columns.text.as_ref()) {
        Some(text) => format!(
            "one language alone (its columns: {names}; \"{text}\" has the text, and the same questions in another language are missing: add them, or keep what is there)"
        ),
        None => format!("rows of which no column is a language (its columns: {names})"),
    }
}
