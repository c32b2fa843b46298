//! Files in and out of the session.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        actions::files,
        state::{Place, Workbench},
        words,
    },
    fault_note::FaultNote,
    fields::FileButton,
};
use crate::{
    browser::picked::Picked,
    data::{Export, RowProblem},
};

/// Pairs for a trainer, the whole session, and a session from a file.
#[component]
pub fn DownloadPanel() -> impl IntoView {
    let page = Workbench::here();
    let has_desk = Memo::new(move |_| page.desk.with(Option::is_some));
    let is_busy = Signal::derive(move || page.is_building());
    let open = move |picked: Vec<Picked>| {
        for (name, file) in picked {
            spawn_local(files::open_session(page, name, file.into()));
        }
    };
    view! {
        <section class="panel" aria-labelledby="files-title">
            <h2 id="files-title">"Files"</h2>
            <Show
                when=move || has_desk.get()
                fallback=|| view! { <p class="panel__line">"Pairs to download appear here after a run."</p> }
            >
                <Downloads />
            </Show>
            <div class="row">
                <FileButton
                    label="Open a session file"
                    accept=".json,.zip,application/json,application/zip"
                    testid="open-session"
                    is_disabled=is_busy
                    on_files=open
                />
            </div>
            <FaultNote place=Place::Files />
        </section>
    }
}

/// What an export would hold, and the buttons.
#[component]
fn Downloads() -> impl IntoView {
    let page = Workbench::here();
    let export = RwSignal::new(None::<Export>);
    Effect::new(move |_| files::keep_exported(page, export));
    let n_kept = move || export.with(|export| export.as_ref().map_or(0, |export| export.kept));
    view! {
        <div class="row">
            <button
                type="button"
                class="button"
                data-testid="download-trl"
                disabled=move || n_kept() == 0
                on:click=move |_| files::download_trl(page)
            >
                "Pairs for TRL"
            </button>
            <button type="button" class="button" data-testid="download-session" on:click=move |_| spawn_local(files::download_session(page))>
                "Session file"
            </button>
        </div>
        <p class="field__help" data-testid="export-summary">
            {move || export.with(|export| export.as_ref().map(export_words))}
        </p>
        {move || export.with(|export| export.as_ref().and_then(|export| problem_list(&export.problems)))}
    }
}

fn export_words(export: &Export) -> String {
    let rows = words::plural(export.kept as usize, "row", "rows");
    let trimmed = match export.trimmed {
        0 => String::new(),
        n => format!(
            " White space at the ends of {} is removed.",
            words::plural(n as usize, "response", "responses")
        ),
    };
    format!("{rows}, explicit prompt, conversational: for DPO, CPO, ORPO and reward trainers.{trimmed}")
}

/// The rows that an export leaves out, and why.
pub fn problem_list(problems: &[RowProblem]) -> Option<impl IntoView + use<>> {
    if problems.is_empty() {
        return None;
    }
    let items = problems.iter().map(|problem| {
        let place = match (&problem.prompt_id, &problem.language) {
            (Some(id), Some(language)) => format!("{id}, {}", words::english(language)),
            _ => "The file".to_owned(),
        };
        view! { <li><strong><bdi>{place}</bdi>": "</strong>{problem.reason.clone()}"; "{problem.fix.clone()}"."</li> }
    });
    let items = items.collect_view();
    let n_left_out = problems.iter().filter(|problem| problem.left_out).count();
    let left_out = words::plural(n_left_out, "row not exported", "rows not exported");
    // A warning about the whole file is said without being opened.
    let warnings = problems.iter().filter(|problem| !problem.left_out).map(|problem| problem.reason.clone());
    let summary =
        (n_left_out > 0).then_some(left_out).into_iter().chain(warnings).collect::<Vec<_>>().join("; ");
    Some(view! {
        <details class="note note--warn" data-testid="export-problems">
            <summary>{summary}</summary>
            <ul>{items}</ul>
        </details>
    })
}
