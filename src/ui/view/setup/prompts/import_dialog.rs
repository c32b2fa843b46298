//! The dialog about files that are opened as a prompt set: how they are read, what comes of it, and whether to use it.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::super::{
    actions::prompts,
    state::{PromptImport, Workbench},
    words,
};
use super::super::super::modal::modal;
use super::{columns, preview, problems};
use crate::data::{Imported, Parallel};

/// Shows the files, the mapping and the problems; nothing is taken over before the person says so.
#[component]
pub fn ImportDialog() -> impl IntoView {
    let page = Workbench::here();
    let dialog = modal();
    let name = move || page.prompt_import.with(|import| import.as_ref().map(|import| import.name.clone()));
    let content =
        move || page.prompt_import.with(|import| import.as_ref().map(|import| content(page, import)));
    view! {
        <dialog
            class="sheet import"
            node_ref=dialog
            aria-labelledby="import-title"
            data-testid="import-dialog"
            on:close=move |_| page.is_import_open.set(false)
        >
            <h2 id="import-title">"Open prompts: "<bdi>{name}</bdi></h2>
            {content}
        </dialog>
    }
}

fn content(page: Workbench, import: &PromptImport) -> impl IntoView + use<> {
    let imported = &import.imported;
    let files = imported.files.iter().map(preview::table).collect_view();
    let n_problems = imported.problems.len();
    let found = (n_problems > 0).then(|| {
        view! {
            <details class="note note--warn" data-testid="import-problems" open>
                <summary>{words::plural(n_problems, "problem", "problems")}</summary>
                {problems::list(&imported.problems)}
            </details>
        }
    });
    let (n, is_taken) = (imported.prompts.len(), move |_| spawn_local(prompts::take(page)));
    let n_rows: usize = imported.files.iter().map(|file| file.n_rows).sum();
    let label = match imported.verdict.parallel {
        Parallel::No => format!("Use the {} anyway", words::plural(n, "prompt", "prompts")),
        _ if imported.problems.iter().any(|found| found.problem.left_out) => {
            format!("Use the {}", words::plural(n, "good prompt", "good prompts"))
        }
        _ => format!("Use the {}", words::plural(n, "prompt", "prompts")),
    };
    let summary =
        format!("{} of {}.", words::plural(n, "prompt", "prompts"), words::plural(n_rows, "row", "rows"));
    view! {
        <div class="import__body">
            <p class="import__summary" role="status" data-testid="import-summary">{summary}</p>
            {verdict(imported)}
            {columns::fields(page, imported)}
            {files}
            {found}
        </div>
        <p class="row">
            <button type="button" class="button button--strong" data-testid="use-prompts" disabled=n == 0 on:click=is_taken>
                {label}
            </button>
            <button
                type="button"
                class="button"
                data-testid="cancel-import"
                on:click=move |_| page.is_import_open.set(false)
            >
                "Cancel"
            </button>
        </p>
    }
}

/// What the parallel check says, or why there are no prompts.
fn verdict(imported: &Imported) -> impl IntoView + use<> {
    if let Some(refusal) = &imported.refusal {
        return view! {
            <p class="note note--fault" role="alert" data-testid="import-refusal">{words::sentence(refusal)}</p>
        }
        .into_any();
    }
    let line = |check: &crate::data::LanguageCheck| {
        let english = check.language.info().english;
        let missing = match check.n_missing {
            0 => String::new(),
            n => format!(", {n} without"),
        };
        format!("{english}: {}{missing}", words::plural(check.n_texts, "text", "texts"))
    };
    let languages: Vec<String> = imported.verdict.languages.iter().map(line).collect();
    let (class, title) = match imported.verdict.parallel {
        Parallel::Yes if languages.len() == 1 => ("note", "One language"),
        Parallel::Yes => ("note", "The texts go together"),
        Parallel::Doubtful => ("note note--warn", "Check whether the texts go together"),
        Parallel::No => ("note note--fault", "These texts are not of the same prompts"),
    };
    let reasons = imported
        .verdict
        .reasons
        .iter()
        .map(|reason| view! { <li>{words::sentence(reason)}</li> })
        .collect_view();
    view! {
        <div class=class data-testid="import-verdict">
            <p><strong>{title}</strong>" · "{languages.join(" · ")}</p>
            <ul>{reasons}</ul>
        </div>
    }
    .into_any()
}
