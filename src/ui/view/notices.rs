//! What users should know before they begin: no WebGPU here, a run that can go on.

use leptos::{prelude::*, task::spawn_local};

use super::super::{actions::run, state::Workbench, words};

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
    move || {
        help.get().map(|help| {
            view! {
                <div class="note" role="note" data-testid="no-webgpu">
                    <p>
                        <strong>"This browser offers no WebGPU here. "</strong>
                        "Small models run on the CPU instead, more slowly. "{words::sentence(&help)}
                    </p>
                </div>
            }
        })
    }
}

/// Offers to go on with a run that was cut short.
#[component]
pub fn UnfinishedNotice() -> impl IntoView {
    let page = Workbench::here();
    let unfinished = Memo::new(move |_| page.run.with(|run| run.unfinished.clone()));
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
