//! Files in and out of the session: pairs for a trainer, the whole session, and a session from a file.

pub mod choices;
pub mod preview;
pub mod problems;

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        actions::{
            export::{self, Preview},
            files,
        },
        state::{Place, Workbench},
    },
    fault_note::FaultNote,
    fields::FileButton,
};
use crate::browser::picked::Picked;
pub use problems::problem_list;

/// Pairs for a trainer, the whole session, and a session from a file.
#[component]
pub fn ExportPanel() -> impl IntoView {
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
                <Out />
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

/// What is to be exported, what that would hold, and the buttons.
#[component]
fn Out() -> impl IntoView {
    let page = Workbench::here();
    let options = RwSignal::new(export::kept_options());
    let shown = RwSignal::new(None::<Preview>);
    Effect::new(move |_| export::keep_preview(page, options.get(), shown));
    Effect::new(move |_| options.with(export::keep_options));
    let n_pairs = move || shown.with(|shown| shown.as_ref().map_or(0, |shown| shown.written.n_pairs));
    let problems = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|shown| shown.written.problems.clone()).unwrap_or_default())
    });
    let save_problems = move |_| {
        shown.with_untracked(|shown| {
            if let Some(shown) = shown {
                export::download_problems(page, &shown.written);
            }
        });
    };
    view! {
        <choices::Choices options shown />
        <p class="field__help" data-testid="export-summary" role="status">
            {move || shown.with(|shown| shown.as_ref().map(|shown| preview::summary(shown, &options.get())))}
        </p>
        <preview::FirstRows shown />
        {move || problems.with(|problems| problem_list(problems))}
        {move || problems.with(|problems| problems.iter().any(|problem| problem.left_out)).then(|| view! {
            <button type="button" class="button button--quiet" data-testid="download-problems" on:click=save_problems>
                "This list as a file (CSV)"
            </button>
        })}
        <div class="row">
            <button
                type="button"
                class="button"
                data-testid="download-trl"
                disabled=move || n_pairs() == 0
                on:click=move |_| spawn_local(export::download(page, options.get_untracked()))
            >
                {move || format!("Download {}", choices::name(options.with(|options| options.format)))}
            </button>
            <button type="button" class="button" data-testid="download-session" on:click=move |_| spawn_local(files::download_session(page))>
                "Session file"
            </button>
        </div>
    }
}
