//! What the person says of the files: their shape, what each column is, and how rows are joined.

use leptos::prelude::*;

use super::super::super::super::{actions::prompts, state::Workbench};
use crate::data::{
    FileLanguage, ImportProblem, Imported, Join, Language, Mapping, ProblemKind, Shape, TextColumn,
    known_languages,
};

/// Shapes and their names.
const SHAPES: [(Shape, &str); 4] = [
    (Shape::Wide, "a column for each language"),
    (Shape::Long, "a row for each language"),
    (Shape::PerFile, "a file for each language"),
    (Shape::Nested, "texts by language under one name"),
];
/// Joins and their names.
const JOINS: [(Join, &str); 4] = [
    (Join::Row, "every row is a prompt"),
    (Join::Id, "rows with the same id"),
    (Join::Order, "rows at the same place"),
    (Join::AnchorText, "rows with the same anchor text"),
];
/// Delimiters and their names.
const DELIMITERS: [(char, &str); 4] = [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

/// The fields that the shape of the files has.
pub fn fields(page: Workbench, imported: &Imported) -> impl IntoView + use<> {
    let mapping = &imported.mapping;
    let mut columns: Vec<String> = Vec::new();
    for name in imported.files.iter().flat_map(|file| &file.columns) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let kind = mapping.kind.unwrap_or(Shape::Wide);
    let is_text = imported.files.iter().any(|file| file.is_text_table);
    let paths: Vec<String> = imported.files.iter().flat_map(|file| file.paths.clone()).collect();
    let column = |label: &'static str, testid, chosen: &Option<String>, set: fn(&mut Mapping, String)| {
        let options = [(String::new(), "none".to_owned())]
            .into_iter()
            .chain(columns.iter().map(|name| (name.clone(), name.clone())));
        select(label, testid, options.collect(), chosen.clone().unwrap_or_default(), move |value| {
            prompts::read_again(page, |said| set(said, value));
        })
        .into_any()
    };
    let mut found = vec![named(page, "The files hold", "import-kind", &SHAPES, kind, |said, kind| {
        // What was said of the columns was said of another shape.
        *said = Mapping {
            kind: Some(kind),
            header: said.header,
            delimiter: said.delimiter,
            quoting: said.quoting,
            path: said.path.take(),
            one_language: said.one_language,
            ..Mapping::default()
        };
    })];
    match kind {
        Shape::Wide => {}
        Shape::Long => {
            found.push(column("Language", "import-language", &mapping.language, |said, name| {
                said.language = Some(name);
            }));
            found.push(column("Text", "import-text", &mapping.text, |said, name| said.text = Some(name)));
        }
        Shape::PerFile => {
            found.push(column("Text", "import-text", &mapping.text, |said, name| said.text = Some(name)));
        }
        Shape::Nested => {
            found.push(column("Texts", "import-text", &mapping.text, |said, name| said.text = Some(name)));
        }
    }
    found.push(column("Id", "import-id", &mapping.id, |said, name| said.id = Some(name)));
    found
        .push(column("Gold answer", "import-answer", &mapping.answer, |said, name| said.answer = Some(name)));
    let join = mapping.join.unwrap_or(Join::Row);
    found
        .push(named(page, "One prompt is", "import-join", &JOINS, join, |said, join| said.join = Some(join)));
    if paths.len() > 1 {
        // Without it the first path would look chosen, and could not be.
        let open = mapping.path.is_none().then(|| (String::new(), "choose…".to_owned()));
        let options = open.into_iter().chain(paths.into_iter().map(|path| (path.clone(), path))).collect();
        let chosen = mapping.path.clone().unwrap_or_default();
        let set = move |path| prompts::read_again(page, |said| said.path = Some(path));
        found.push(select("Rows are at", "import-path", options, chosen, set).into_any());
    }
    if is_text {
        found.extend(as_text(page, mapping));
    }
    let languages = match kind {
        Shape::Wide => text_columns(page, mapping, &columns).into_any(),
        Shape::PerFile => file_languages(page, mapping).into_any(),
        _ => ().into_any(),
    };
    let lacks = |found: &ImportProblem| found.problem.kind == ProblemKind::OneLanguage;
    let keeps_one = mapping.one_language == Some(true);
    let may_keep = keeps_one || imported.refusal.is_some() || imported.problems.iter().any(lacks);
    let keep = may_keep.then(|| {
        let set = move |event| {
            let is_on = event_target_checked(&event);
            prompts::read_again(page, |said| said.one_language = is_on.then_some(true));
        };
        view! {
            <label class="switch">
                <input type="checkbox" data-testid="import-one-language" checked=keeps_one on:change=set />
                <span>"Keep prompts with a text in one language only: the others can be drafted in the editor"</span>
            </label>
        }
    });
    view! { <div class="import__fields">{found}</div>{keep}{languages} }
}

/// How a table is written as text.
fn as_text(page: Workbench, mapping: &Mapping) -> Vec<AnyView> {
    let mut fields = Vec::new();
    let delimiter = mapping.delimiter.unwrap_or(',');
    fields.push(named(
        page,
        "Cells are parted by",
        "import-delimiter",
        &DELIMITERS,
        delimiter,
        |said, own| said.delimiter = Some(own),
    ));
    let flags = [(true, "names the columns"), (false, "is a prompt already")];
    fields.push(named(
        page,
        "The first row",
        "import-header",
        &flags,
        mapping.header.unwrap_or(true),
        |said, own| {
            *said = Mapping {
                kind: said.kind,
                header: Some(own),
                delimiter: said.delimiter,
                quoting: said.quoting,
                files: std::mem::take(&mut said.files),
                one_language: said.one_language,
                ..Mapping::default()
            };
        },
    ));
    let flags = [(true, "belong to the format"), (false, "belong to the texts")];
    fields.push(named(
        page,
        "Quotation marks",
        "import-quoting",
        &flags,
        mapping.quoting.unwrap_or(true),
        |said, own| said.quoting = Some(own),
    ));
    fields
}

/// A choice among values with names.
fn named<T: Copy + PartialEq + Send + Sync + 'static>(
    page: Workbench,
    label: &'static str,
    testid: &'static str,
    all: &[(T, &'static str)],
    chosen: T,
    set: fn(&mut Mapping, T),
) -> AnyView {
    let values: Vec<T> = all.iter().map(|(value, _)| *value).collect();
    let options =
        all.iter().enumerate().map(|(at, (_, name))| (at.to_string(), (*name).to_owned())).collect();
    let at = values.iter().position(|value| *value == chosen).unwrap_or_default().to_string();
    let on_change = move |value: String| {
        if let Some(value) = value.parse::<usize>().ok().and_then(|at| values.get(at).copied()) {
            prompts::read_again(page, |said| set(said, value));
        }
    };
    select(label, testid, options, at, on_change).into_any()
}

/// A choice among columns, shapes or the like; values and their names.
pub fn select(
    label: &'static str,
    testid: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
    on_change: impl Fn(String) + 'static,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, name)| {
            let is_chosen = value == chosen;
            view! { <option value=value selected=is_chosen>{name}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <select class="field__input" data-testid=testid on:change=move |event| on_change(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
}

/// A language for each column, or none.
fn text_columns(page: Workbench, mapping: &Mapping, columns: &[String]) -> impl IntoView + use<> {
    let texts = mapping.texts.clone();
    let is_free = |name: &&String| {
        let others = [&mapping.id, &mapping.answer, &mapping.task];
        !others.into_iter().any(|other| other.as_ref() == Some(*name))
    };
    let rows = columns.iter().filter(is_free).map(|column| {
        let own = texts.iter().find(|text| text.column == *column).map(|text| text.language.clone());
        let (texts, column) = (texts.clone(), column.clone());
        let name = column.clone();
        language(&name, own.unwrap_or_default(), move |language| {
            let mut texts: Vec<TextColumn> =
                texts.iter().filter(|text| text.column != column).cloned().collect();
            if !language.is_empty() {
                texts.push(TextColumn { column: column.clone(), language });
            }
            prompts::read_again(page, |said| said.texts = texts);
        })
    });
    let rows = rows.collect_view();
    view! {
        <fieldset class="import__languages">
            <legend>"Columns and their languages"</legend>
            {rows}
        </fieldset>
    }
}

/// A language for each file.
fn file_languages(page: Workbench, mapping: &Mapping) -> impl IntoView + use<> {
    let files = mapping.files.clone();
    let rows = mapping.files.iter().enumerate().map(|(at, file)| {
        let files = files.clone();
        language(&file.file, file.language.clone(), move |language| {
            let mut files: Vec<FileLanguage> = files.clone();
            files[at].language = language;
            prompts::read_again(page, |said| {
                said.kind = Some(Shape::PerFile);
                said.files = files;
            });
        })
    });
    let rows = rows.collect_view();
    view! {
        <fieldset class="import__languages">
            <legend>"Files and their languages"</legend>
            {rows}
        </fieldset>
    }
}

fn language<F: Fn(String) + 'static>(name: &str, chosen: String, on_change: F) -> impl IntoView + use<F> {
    let own = Language::known(&chosen);
    let mut options = vec![(String::new(), "no language".to_owned())];
    // One that is not in the list stays as it is written.
    if own.is_none() && !chosen.is_empty() {
        options.push((chosen.clone(), chosen.clone()));
    }
    let known = known_languages();
    let is_listed = |tag: &Language| known.iter().any(|info| info.tag == *tag);
    if let Some(own) = own.as_ref().filter(|own| !is_listed(own)) {
        options.push((own.0.clone(), own.0.clone()));
    }
    options.extend(
        known.iter().map(|info| (info.tag.0.clone(), format!("{} ({})", info.english, info.tag.as_str()))),
    );
    let chosen = own.map_or(chosen, |own| own.0);
    let options = options
        .into_iter()
        .map(|(value, shown)| {
            let is_chosen = value == chosen;
            view! { <option value=value selected=is_chosen>{shown}</option> }
        })
        .collect_view();
    view! {
        <label class="import__language">
            <bdi>{name.to_owned()}</bdi>
            <select class="field__input" data-testid="import-column-language" on:change=move |event| on_change(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
}
