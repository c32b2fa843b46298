//! What users should know: no WebGPU here, a run that can go on, what cannot be kept, a new version.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{actions::run, state::Workbench, words},
    notice::Notice,
};
use crate::browser::offline;

/// Says that there is no WebGPU, what happens instead and how to get it.
#[component]
pub fn WebgpuNotice() -> impl IntoView {
    let page = Workbench::here();
    let help = Memo::new(move |_| {
        page.environment.with(|environment| {
            let environment = environment.as_ref()?;
            (!environment.webgpu_help.is_empty()).then(|| environment.webgpu_help.clone())
        })
    });
    view! {
        <Notice says=help testid="no-webgpu" show=|help| view! {
            <p>"This browser offers no WebGPU here: small models run on the CPU instead, more slowly."</p>
            <details class="more">
                <summary>"How to get it"</summary>
                <p>{words::sentence(&help)}</p>
            </details>
        }.into_any() />
    }
}

/// Says what of the page's work cannot be kept here; else, that a new version of the page waits. One at a time, and what could be
/// lost first.
#[component]
pub fn PageNotice(
    /// What of the page is kept.
    copy: RwSignal<offline::Copy>,
) -> impl IntoView {
    let page = Workbench::here();
    let problem =
        Memo::new(move |_| page.kept.with(|kept| kept.problem.clone().or_else(|| kept.unread.clone())));
    let newer = Memo::new(move |_| {
        let is_here = copy.get() == offline::Copy::NewerWaits && problem.with(Option::is_none);
        is_here.then_some(())
    });
    view! {
        <Notice says=problem class="note note--warn" role="status" testid="storage-problem"
            show=|problem| view! { <p>{words::sentence(&problem)}</p> }.into_any() />
        <Notice says=newer role="status" testid="new-version" show=|()| view! { <NewVersion /> }.into_any() />
    }
}

/// A new version is here and waits. What runs is not interrupted: the press is for who has the time.
#[component]
fn NewVersion() -> impl IntoView {
    let page = Workbench::here();
    let reload = move |_| spawn_local(offline::take_over());
    view! {
        <p>"A new version is ready. Reload when it suits you."</p>
        <div class="note__acts">
            <button type="button" class="button" data-testid="reload" disabled=page.is_busy on:click=reload>"Reload"</button>
        </div>
    }
}

/// Offers to go on with a run that was cut short, unless something is under way: that run, or what goes first.
#[component]
pub fn UnfinishedNotice() -> impl IntoView {
    let page = Workbench::here();
    let unfinished =
        Memo::new(move |_| page.run.with(|run| run.unfinished.clone().filter(|_| !page.is_busy.get())));
    move || {
        unfinished.get().map(|unfinished| {
            let n_done = unfinished.request.finished.len();
            let n_all = unfinished.n_responses;
            let made_with = unfinished.model.name.clone();
            let begun = unfinished.request.created.chars().take(16).collect::<String>().replace('T', " ");
            let go_on = move |_| {
                let unfinished = unfinished.clone();
                spawn_local(run::resume(page, unfinished));
            };
            view! {
                <div class="note" role="note" data-testid="unfinished">
                    <p>
                        <strong>"A run was cut short. "</strong>
                        <span class="number">{n_done}" of "{n_all}</span>" responses are saved (begun "{begun}" UTC, "<bdi>{made_with}</bdi>")."
                    </p>
                    <div class="note__acts">
                        <button type="button" class="button button--strong" data-testid="resume-button" on:click=go_on>
                            "Go on"
                        </button>
                        <button
                            type="button"
                            class="button button--quiet"
                            data-testid="discard-button"
                            on:click=move |_| run::discard(page)
                        >
                            "Discard"
                        </button>
                    </div>
                </div>
            }
        })
    }
}
