//! What a mapping of responses does not say, guessed from the names of files and columns and from what is in them.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::super::columns::{Columns, LANGUAGE, are_translations, is_ambiguous, plain};
use super::super::file_language::file_languages;
use super::super::guess::{fill_reading, id_key};
use super::super::mapping::{FileLanguage, Mapping, TextColumn};
use super::super::source::{Table, cell};
use super::cells::{number, responses_in};
use super::mapping::{FileModel, ResponseMapping, ResponseShape};
use super::names::{
    GOLD, MODEL, PROMPT, PROMPT_ID, RESPONSE, SAMPLE, may_be_indonesian, model_of_file, prompt_language,
    response_language, sample_suffix,
};
use crate::data::{Language, Prompt};

/// Rows that are looked at to tell columns apart by what is in them.
const LOOKED_AT: usize = 200;

/// Fills in all but the join; the reason where there are no responses.
pub(super) fn complete(
    given: &ResponseMapping,
    tables: &[Table],
    prompts: &[Prompt],
) -> (ResponseMapping, Option<String>) {
    let mut mapping = given.clone();
    let columns = Named::of(tables);
    let kind = given.kind.unwrap_or_else(|| guessed_kind(given, &columns, tables));
    mapping.kind = Some(kind);
    fill_texts(&mut mapping, kind, &columns, tables);
    let chosen = || columns.find(&["chosen", "preferred", "winner", "chosen_response"]);
    let rejected = || columns.find(&["rejected", "dispreferred", "loser", "rejected_response"]);
    if kind == ResponseShape::Pairs {
        mapping.chosen.get_or_insert_with(|| chosen().unwrap_or_default());
        mapping.rejected.get_or_insert_with(|| rejected().unwrap_or_default());
    }
    mapping.language.get_or_insert_with(|| columns.find(&LANGUAGE).unwrap_or_default());
    mapping.model.get_or_insert_with(|| columns.find(&MODEL).unwrap_or_default());
    let is_number = |name: &String| columns.values(tables, name).all(|value| number(value).is_some());
    mapping.sample.get_or_insert_with(|| columns.find_where(&SAMPLE, is_number).unwrap_or_default());
    if kind == ResponseShape::Rows && mapping.response.is_none() {
        mapping.response = Some(response_column(&mapping, &columns, tables).unwrap_or_default());
    }
    let taken = mapping.response.clone().unwrap_or_default();
    let is_chat = |name: &String| columns.values(tables, name).all(super::cells::is_chat);
    let is_prompt = |name: &String| *name != taken || is_chat(name);
    mapping.prompt.get_or_insert_with(|| columns.find_where(&PROMPT, is_prompt).unwrap_or_default());
    let is_free = |name: &String| *name != taken && Some(name) != mapping.prompt.as_ref();
    let gold =
        || columns.find_where(&GOLD, is_free).or_else(|| columns.find_where(&["doc.answer_number"], is_free));
    mapping.answer.get_or_insert_with(|| gold().unwrap_or_default());
    if mapping.id.is_none() {
        mapping.id = Some(id_column(&mapping, &columns, tables, prompts).unwrap_or_default());
    }
    fill_files(&mut mapping, tables);
    let ResponseMapping { header, delimiter, quoting, path, .. } = &mut mapping;
    fill_reading(tables, (header, delimiter, quoting), path);
    let has_none = match kind {
        ResponseShape::Rows => Mapping::named(&mapping.response).is_none(),
        ResponseShape::Wide => mapping.texts.is_empty(),
        ResponseShape::Columns => mapping.samples.is_empty(),
        ResponseShape::Pairs => {
            Mapping::named(&mapping.chosen).is_none() || Mapping::named(&mapping.rejected).is_none()
        }
    };
    let names = columns.names.join(", ");
    let refusal = format!(
        "no column holds responses (the columns are: {}): say which one does",
        super::super::reading::quoted(&names)
    );
    (mapping, has_none.then_some(refusal))
}

/// The names of all columns, each once.
struct Named {
    names: Vec<String>,
}

impl Named {
    fn of(tables: &[Table]) -> Self {
        let mut seen = HashSet::new();
        let names = tables.iter().flat_map(|table| &table.columns);
        Self { names: names.filter(|name| seen.insert(*name)).cloned().collect() }
    }

    fn find(&self, wanted: &[&str]) -> Option<String> {
        self.find_where(wanted, |_| true)
    }

    /// The first of the wanted names that is there; one with a dot leads into the objects of its column.
    fn find_where(&self, wanted: &[&str], is_it: impl Fn(&String) -> bool) -> Option<String> {
        wanted.iter().find_map(|wanted| {
            let (column, rest) = wanted.split_once('.').unzip();
            let column = column.unwrap_or(wanted);
            let found = self.names.iter().filter(|name| plain(name) == column);
            let mut found =
                found.map(|name| rest.map_or_else(|| name.clone(), |rest| format!("{name}.{rest}")));
            found.find(|name| is_it(name))
        })
    }

    /// What stands in a column, of the first rows.
    fn values<'a>(&self, tables: &'a [Table], name: &'a str) -> impl Iterator<Item = &'a Value> {
        let rows = tables.iter().flat_map(|table| table.rows.iter().take(LOOKED_AT));
        rows.filter_map(move |(_, row)| cell(row.as_object()?, name))
    }
}

fn guessed_kind(given: &ResponseMapping, columns: &Named, tables: &[Table]) -> ResponseShape {
    if !given.texts.is_empty() {
        return ResponseShape::Wide;
    }
    if !given.samples.is_empty() {
        return ResponseShape::Columns;
    }
    if Mapping::named(&given.response).is_some() {
        return ResponseShape::Rows;
    }
    let has = |name: &str| columns.find(&[name]).is_some();
    if given.chosen.is_some() || (has("chosen") && has("rejected")) {
        return ResponseShape::Pairs;
    }
    let count = |is: fn(&str) -> bool| columns.names.iter().filter(|name| is(name)).count();
    if count(|name| response_language(name).is_some()) > 0 {
        return ResponseShape::Wide;
    }
    if count(|name| sample_suffix(name).is_some()) > 1 {
        return ResponseShape::Columns;
    }
    let is_bare = |table: &Table| !bare_languages(table).is_empty();
    if response_column(given, columns, tables).is_none() && tables.iter().any(is_bare) {
        return ResponseShape::Wide;
    }
    ResponseShape::Rows
}

/// Columns that are named by a language alone.
fn bare_languages(table: &Table) -> Vec<(String, String)> {
    let found = Columns::of(&table.rows).languages.into_iter();
    found.filter(|(column, _)| prompt_language(column).is_none() && !may_be_indonesian(column)).collect()
}

/// The column with the responses: by its name, and by there being something in it that can be read as one.
fn response_column(given: &ResponseMapping, columns: &Named, tables: &[Table]) -> Option<String> {
    let is_other = |name: &String| {
        [&given.id, &given.prompt, &given.answer, &given.language, &given.model]
            .contains(&&Some(name.clone()))
    };
    let has_text = |name: &String| {
        columns
            .values(tables, name)
            .any(|value| responses_in(value).iter().any(|said| !said.text.trim().is_empty()))
    };
    columns.find_where(&RESPONSE, |name| !is_other(name) && has_text(name))
}

fn fill_texts(mapping: &mut ResponseMapping, kind: ResponseShape, columns: &Named, tables: &[Table]) {
    let text = |(column, language): (String, String)| TextColumn { column, language };
    let named = |of: fn(&str) -> Option<String>| {
        columns.names.iter().filter_map(move |name| Some((name.clone(), of(name)?)))
    };
    if kind == ResponseShape::Wide && mapping.texts.is_empty() {
        mapping.texts = named(response_language).map(text).collect();
        if mapping.texts.is_empty() {
            let mut seen = HashSet::new();
            let bare = tables.iter().flat_map(bare_languages);
            mapping.texts = bare.filter(|(column, _)| seen.insert(column.clone())).map(text).collect();
        }
    }
    if mapping.prompts.is_empty() {
        mapping.prompts = named(prompt_language).map(text).collect();
        mapping.prompts.extend(indonesian(columns, tables));
        // Beside columns of responses, those named by a language alone hold the prompts.
        let is_said = kind == ResponseShape::Wide
            && mapping.texts.iter().any(|text| response_language(&text.column).is_some());
        if mapping.prompts.is_empty() && (is_said || kind == ResponseShape::Rows && tables.len() == 1) {
            mapping.prompts =
                tables.first().map(bare_languages).unwrap_or_default().into_iter().map(text).collect();
        }
    }
    if kind == ResponseShape::Columns && mapping.samples.is_empty() {
        mapping.samples =
            columns.names.iter().filter(|name| sample_suffix(name).is_some()).cloned().collect();
    }
}

/// The prompts in Indonesian, where a column such as `question_id` holds texts.
fn indonesian(columns: &Named, tables: &[Table]) -> Option<TextColumn> {
    let siblings = columns.names.iter().filter(|name| prompt_language(name).is_some());
    let siblings: Vec<Vec<&Value>> = siblings.map(|name| columns.values(tables, name).collect()).collect();
    let siblings: Vec<&[&Value]> = siblings.iter().map(Vec::as_slice).collect();
    let mut named = columns.names.iter().filter(|name| may_be_indonesian(name));
    let column = named
        .find(|name| are_translations(&columns.values(tables, name).collect::<Vec<&Value>>(), &siblings));
    let column = column?.clone();
    Some(TextColumn { column, language: "id".to_owned() })
}

/// The column with the prompts' ids: the one that names most of the prompts; without prompts the first one that is not the
/// row's own.
fn id_column(
    mapping: &ResponseMapping,
    columns: &Named,
    tables: &[Table],
    prompts: &[Prompt],
) -> Option<String> {
    let taken = [&mapping.response, &mapping.prompt, &mapping.sample, &mapping.language, &mapping.model];
    let found = PROMPT_ID.iter().filter_map(|name| columns.find(&[name]));
    let holds_prompts = |name: &String| mapping.prompts.iter().any(|text| text.column == *name);
    let is_free = |name: &String| !taken.contains(&&Some(name.clone())) && !holds_prompts(name);
    let found: Vec<String> = found.filter(is_free).collect();
    let ids: HashSet<&str> = prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    let n_known = |name: &String| {
        let values = columns.values(tables, name).map(id_key);
        values.filter(|id| ids.contains(id.as_str())).count()
    };
    if !prompts.is_empty() {
        // The first of those that name most.
        let best = found.iter().rev().max_by_key(|name| n_known(name)).filter(|name| n_known(name) > 0);
        return best.or(found.first()).cloned();
    }
    // Where texts come again and ids do not, the ids are those of the rows.
    let n_different = |name: &str| columns.values(tables, name).map(id_key).collect::<BTreeSet<_>>().len();
    let n_texts = Mapping::named(&mapping.prompt).map(n_different);
    found.into_iter().find(|name| n_texts.is_none_or(|n_texts| n_different(name) <= n_texts))
}

/// The `it` of an instruction-tuned model before a language is no language with a region: `it_de` is `de`.
fn without_model(spelling: String) -> String {
    let after = spelling.split_once('_').filter(|(first, rest)| {
        let is_lower = rest.bytes().all(|b| b.is_ascii_lowercase());
        is_ambiguous(first) && first != rest && is_lower && Language::known(rest).is_some()
    });
    after.map_or_else(|| spelling.clone(), |(_, rest)| rest.to_owned())
}

/// The languages and the models of files, of those that a row may need.
fn fill_files(mapping: &mut ResponseMapping, tables: &[Table]) {
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let mut languages: Vec<Option<String>> =
        file_languages(&names).into_iter().map(|found| found.map(without_model)).collect();
    let different: BTreeSet<Language> =
        languages.iter().flatten().map(|found| Language::from(found.as_str())).collect();
    if different.len() < 2 {
        // The `it` of an instruction-tuned model is not Italian.
        let is_all = |name: &str, found: &str| name.split('.').next() == Some(found);
        for (name, found) in names.iter().zip(&mut languages) {
            *found = found.take().filter(|found| !is_ambiguous(found) || is_all(name, found));
        }
    }
    for (name, found) in names.iter().zip(&languages) {
        let is_said = mapping.files.iter().any(|file| file.file == *name);
        let says_none =
            Mapping::named(&mapping.language).is_none() && mapping.kind != Some(ResponseShape::Wide);
        if let Some(language) = found.clone().filter(|_| !is_said && says_none) {
            mapping.files.push(FileLanguage { file: (*name).to_owned(), language });
        }
        if !mapping.models.iter().any(|file| file.file == *name) {
            let own = mapping.files.iter().find(|file| file.file == *name).map(|file| file.language.as_str());
            let model = model_of_file(name, own.or(found.as_deref()));
            mapping.models.push(FileModel { file: (*name).to_owned(), model });
        }
    }
}
