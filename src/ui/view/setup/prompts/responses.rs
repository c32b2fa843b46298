//! The second way in: responses that exist already. Files are picked, and a dialog shows what would come of them.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::super::{
    actions::responses,
    state::{ResponseImport, Workbench},
    words,
};
use super::super::super::fields::FileButton;
use super::super::super::modal::modal;
use super::{ACCEPTED, columns::select, embed_form::embed_form, preview, problems};
use crate::data::{
    FileLanguage, FileModel, ImportedResponses, InOrder, Language, ResponseJoin, ResponseMapping,
    ResponseShape, TaskKind,
};

/// Shapes and their names.
const SHAPES: [(ResponseShape, &str); 4] = [
    (ResponseShape::Rows, "a response, or a list of them, in each row"),
    (ResponseShape::Wide, "a column for each language"),
    (ResponseShape::Columns, "a column for each response"),
    (ResponseShape::Pairs, "pairs of chosen and rejected"),
];
/// Joins and their names.
const JOINS: [(ResponseJoin, &str); 3] = [
    (ResponseJoin::Id, "with its id"),
    (ResponseJoin::Text, "with its text"),
    (ResponseJoin::Order, "at its place"),
];

/// A button that opens files.
#[component]
pub fn ResponsesButton(
    /// Whether nothing can be opened now.
    #[prop(into)]
    is_disabled: Signal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let open = move |picked| spawn_local(responses::open(page, picked));
    view! {
        <FileButton
            label="Open responses you already have"
            accept=ACCEPTED
            is_multiple=true
            testid="open-responses"
            is_disabled=is_disabled
            on_files=open
        />
    }
}

/// The dialog about the files.
#[component]
pub fn ResponsesDialog() -> impl IntoView {
    let page = Workbench::here();
    let dialog = modal();
    let name = move || page.response_import.with(|import| import.as_ref().map(|import| import.name.clone()));
    let content =
        move || page.response_import.with(|import| import.as_ref().map(|import| content(page, import)));
    view! {
        <dialog
            class="sheet import"
            node_ref=dialog
            aria-labelledby="responses-title"
            data-testid="responses-dialog"
            on:close=move |_| responses::close(page)
        >
            <h2 id="responses-title">"Open responses: "<bdi>{name}</bdi></h2>
            {content}
        </dialog>
    }
}

fn content(page: Workbench, import: &ResponseImport) -> impl IntoView + use<> {
    let imported = &import.imported;
    let files = imported.files.iter().map(preview::table).collect_view();
    let n_problems = imported.problems.len();
    let found = (n_problems > 0).then(|| {
        view! {
            <details class="note note--warn" data-testid="response-problems" open>
                <summary>{words::plural(n_problems, "problem", "problems")}</summary>
                {problems::list(&imported.problems)}
            </details>
        }
    });
    let refusal = imported.refusal.as_deref().map(|refusal| {
        view! {
            <p class="note note--fault" role="alert" data-testid="responses-refusal">{words::sentence(refusal)}</p>
        }
    });
    let n = imported.responses.len();
    let later = responses::later(page, import).map(|later| add(page, later));
    let is_later = later.is_some();
    view! {
        <div class="import__body">
            <p class="import__summary" role="status" data-testid="responses-summary">{summary(imported)}</p>
            {refusal}
            {if imported.job.is_some() {
                job(page, import).into_any()
            } else {
                fields(page, import).into_any()
            }}
            {files}
            {found}
        </div>
        <p class="row">
            {later}
            <button
                type="button"
                class="button"
                class:button--strong=!is_later
                data-testid="use-responses"
                disabled=n == 0
                on:click=move |_| spawn_local(responses::take(page))
            >
                {format!("Open the {} for review", words::plural(n, "response", "responses"))}
            </button>
            <button type="button" class="button" data-testid="cancel-responses" on:click=move |_| responses::close(page)>
                "Cancel"
            </button>
        </p>
    }
}

/// The way into the open session, which has a part of these results.
fn add(page: Workbench, (n, has_vectors): (usize, bool)) -> impl IntoView + use<> {
    let label = match n {
        0 => "Take the vectors into the open session".to_owned(),
        n => format!("Add {} to the open session", words::plural(n, "new response", "new responses")),
    };
    let has_none = n == 0 && !has_vectors;
    let said = match has_none {
        true => "The open session has all of these responses.",
        false => "What is decided in the open session stays.",
    };
    view! {
        <span data-testid="later-said">{said}</span>
        <button
            type="button"
            class="button button--strong"
            data-testid="add-responses"
            hidden=has_none
            on:click=move |_| spawn_local(responses::add(page))
        >
            {label}
        </button>
    }
}

/// `12 responses to 4 prompts: Swahili 6, German 6; by gemma, qwen.`
fn summary(imported: &ImportedResponses) -> String {
    let mut languages: Vec<(&Language, usize)> = Vec::new();
    let of_job = if imported.job.is_some() { "the job's model" } else { "an unnamed model" };
    let (mut prompts, mut models): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for response in &imported.responses {
        match languages.iter_mut().find(|(language, _)| *language == &response.language) {
            Some((_, n)) => *n += 1,
            None => languages.push((&response.language, 1)),
        }
        // They come by prompt.
        if prompts.last() != Some(&response.prompt_id.as_str()) {
            prompts.push(&response.prompt_id);
        }
        let model = response.model.as_deref().unwrap_or(of_job);
        if !models.contains(&model) {
            models.push(model);
        }
    }
    languages.order_by_key(|(_, n)| std::cmp::Reverse(*n));
    let languages: Vec<String> =
        languages.iter().map(|(language, n)| format!("{} {n}", language.info().english)).collect();
    let n = words::plural(imported.responses.len(), "response", "responses");
    if imported.responses.is_empty() {
        return format!("{n}.");
    }
    let n_prompts = words::plural(prompts.len(), "prompt", "prompts");
    format!("{n} to {n_prompts}: {}; by {}.", languages.join(", "), models.join(", "))
}

/// What is said of the results of a job, a line each, and the way to what is missing.
fn job(page: Workbench, import: &ResponseImport) -> impl IntoView + use<> {
    let (imported, has_own) = (&import.imported, import.has_own_prompts);
    let choices: Vec<_> = imported
        .served
        .iter()
        .map(|(name, n)| {
            let said = ResponseMapping { served: Some(name.clone()), ..import.said.clone() };
            let choose = move |_| spawn_local(responses::read_again(page, has_own, said.clone()));
            let label = format!("Take the {} of ", words::plural(*n, "response", "responses"));
            view! {
                <button type="button" class="button import__choice" data-testid="choose-served" on:click=choose>
                    <span>{label}<bdi>{name.clone()}</bdi></span>
                </button>
            }
        })
        .collect();
    let is_whole = imported.missing.is_empty();
    let download = move |_| responses::download_missing(page);
    // Responses with right and wrong answers are compared by those.
    let is_math = imported.prompts.iter().all(|prompt| prompt.task == TaskKind::Math);
    let is_to_embed = imported.n_to_embed > 0 && !is_math;
    view! {
        <p class="import__said" data-testid="job-said">{imported.said.join("\n")}</p>
        {choices}
        <button type="button" class="button" data-testid="download-missing" hidden=is_whole on:click=download>
            "Download the requests of what is missing"
        </button>
        {is_to_embed.then(|| embed_form(page))}
    }
}

/// What the person can say of how the files are read.
fn fields(page: Workbench, import: &ResponseImport) -> impl IntoView + use<> {
    let (imported, said, has_own) = (&import.imported, import.said.clone(), import.has_own_prompts);
    let mapping = &imported.mapping;
    let again = {
        let said = said.clone();
        move |change: &dyn Fn(&mut ResponseMapping)| {
            let mut said = said.clone();
            change(&mut said);
            spawn_local(responses::read_again(page, has_own, said));
        }
    };
    let mut names: Vec<(String, String)> = vec![(String::new(), "none".to_owned())];
    for name in imported.files.iter().flat_map(|file| &file.columns) {
        if !names.iter().any(|(known, _)| known == name) {
            names.push((name.clone(), name.clone()));
        }
    }
    let column = |label, testid, chosen: &Option<String>, set: fn(&mut ResponseMapping, Option<String>)| {
        let (again, mut names) = (again.clone(), names.clone());
        let chosen = chosen.clone().unwrap_or_default();
        if !names.iter().any(|(known, _)| *known == chosen) {
            names.push((chosen.clone(), chosen.clone()));
        }
        select(label, testid, names, chosen, move |value| again(&|said| set(said, Some(value.clone()))))
            .into_any()
    };
    let sets = vec![
        ("open".to_owned(), "those that are open".to_owned()),
        ("own".to_owned(), "those in the files".to_owned()),
    ];
    let of_set = if has_own { "own" } else { "open" };
    let set_prompts = move |value: String| {
        spawn_local(responses::read_again(page, value == "own", said.clone()));
    };
    let kind = mapping.kind.unwrap_or(ResponseShape::Rows);
    let set_kind = again.clone();
    let mut out = vec![
        select("The prompts are", "responses-prompts", sets, of_set.to_owned(), set_prompts).into_any(),
        choice("The files hold", "responses-kind", &SHAPES, kind, move |kind| {
            // What was said of the columns was said of another shape.
            set_kind(&|said| {
                *said = ResponseMapping {
                    kind: Some(kind),
                    path: said.path.take(),
                    ..ResponseMapping::default()
                };
            });
        }),
    ];
    if kind == ResponseShape::Rows {
        out.push(column("Response", "responses-response", &mapping.response, |said, name| {
            said.response = name;
        }));
    }
    if kind == ResponseShape::Pairs {
        out.push(column("Chosen", "responses-chosen", &mapping.chosen, |said, name| said.chosen = name));
        out.push(column("Rejected", "responses-rejected", &mapping.rejected, |said, name| {
            said.rejected = name;
        }));
    }
    out.push(column("Prompt's id", "responses-id", &mapping.id, |said, name| said.id = name));
    out.push(column("Prompt's text", "responses-prompt", &mapping.prompt, |said, name| said.prompt = name));
    if kind != ResponseShape::Wide {
        out.push(column("Language", "responses-language", &mapping.language, |said, name| {
            said.language = name;
        }));
    }
    out.push(column("Model", "responses-model", &mapping.model, |said, name| said.model = name));
    let join = mapping.join.unwrap_or(ResponseJoin::Id);
    let set_join = again.clone();
    out.push(choice("A row belongs to the prompt", "responses-join", &JOINS, join, move |join| {
        set_join(&|said| said.join = Some(join));
    }));
    let of_files = files(imported, again);
    view! { <div class="import__fields">{out}</div>{of_files} }
}

/// Language and model of each file.
fn files<F: Fn(&dyn Fn(&mut ResponseMapping)) + Clone + 'static>(
    imported: &ImportedResponses,
    again: F,
) -> impl IntoView + use<F> {
    let mapping = &imported.mapping;
    let rows = imported.files.iter().map(|file| {
        let name = file.name.clone();
        let language = mapping.files.iter().find(|own| own.file == name).map(|own| own.language.clone());
        let model = mapping.models.iter().find(|own| own.file == name).map(|own| own.model.clone());
        let (for_language, for_model) = ((again.clone(), name.clone()), (again.clone(), name.clone()));
        let set_language = move |event: web_sys::Event| {
            let (language, (again, name)) = (event_target_value(&event), &for_language);
            again(&|said| {
                said.files.retain(|own| own.file != *name);
                said.files.push(FileLanguage { file: name.clone(), language: language.clone() });
            });
        };
        let set_model = move |event: web_sys::Event| {
            let (model, (again, name)) = (event_target_value(&event), &for_model);
            again(&|said| {
                said.models.retain(|own| own.file != *name);
                said.models.push(FileModel { file: name.clone(), model: model.clone() });
            });
        };
        view! {
            <div class="import__language">
                <bdi>{name}</bdi>
                <label>
                    <span class="field__label">"Language"</span>
                    <input class="field__input" type="text" prop:value=language.unwrap_or_default() on:change=set_language />
                </label>
                <label>
                    <span class="field__label">"Model"</span>
                    <input class="field__input" type="text" prop:value=model.unwrap_or_default() on:change=set_model />
                </label>
            </div>
        }
    });
    let rows = rows.collect_view();
    view! {
        <fieldset class="import__languages">
            <legend>"Where the rows do not say it"</legend>
            {rows}
        </fieldset>
    }
}

/// A choice among values with names.
fn choice<T: Copy + PartialEq + 'static>(
    label: &'static str,
    testid: &'static str,
    all: &'static [(T, &'static str)],
    chosen: T,
    set: impl Fn(T) + 'static,
) -> AnyView {
    let options =
        all.iter().enumerate().map(|(at, (_, name))| (at.to_string(), (*name).to_owned())).collect();
    let at = all.iter().position(|(value, _)| *value == chosen).unwrap_or_default().to_string();
    let on_change = move |value: String| {
        if let Some((value, _)) = value.parse::<usize>().ok().and_then(|at| all.get(at)) {
            set(*value);
        }
    };
    select(label, testid, options, at, on_change).into_any()
}
