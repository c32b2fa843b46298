//! What users should know before they begin: no WebGPU here, a run that can go on, what else is kept here.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    actions::{keep, run},
    state::{OtherBook, Workbench},
    words,
};

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

/// Lists sessions and runs that this browser keeps besides the open one: to open, to save as a file, or to delete.
#[component]
pub fn OthersNotice() -> impl IntoView {
    let page = Workbench::here();
    let others = Memo::new(move |_| page.kept.with(|kept| kept.others.clone()));
    move || {
        let others = others.get();
        (!others.is_empty()).then(|| {
            let items = others.into_iter().map(|book| view! { <OtherItem book /> }).collect_view();
            view! {
                <div class="note" role="note" data-testid="kept-others">
                    <p><strong>"Also kept in this browser"</strong></p>
                    <ul class="note__list">{items}</ul>
                </div>
            }
        })
    }
}

#[component]
fn OtherItem(
    /// Which one.
    book: OtherBook,
) -> impl IntoView {
    let page = Workbench::here();
    let what = other_words(&book);
    let OtherBook { id, is_open, is_run, problem, .. } = book;
    let can_open = !is_open && problem.is_none();
    let open = {
        let id = id.clone();
        move |_| spawn_local(keep::open_other(page, id.clone(), is_run))
    };
    let save = {
        let id = id.clone();
        move |_| spawn_local(keep::save_other(page, id.clone()))
    };
    let delete = move |_| spawn_local(keep::delete(page, id.clone()));
    view! {
        <li data-testid="kept-other">
            <p>{what}</p>
            <div class="note__acts">
                {can_open
                    .then(|| {
                        view! {
                            <button type="button" class="button" data-testid="open-other" on:click=open>"Open"</button>
                        }
                    })}
                <button type="button" class="button" data-testid="save-other" on:click=save>"Save as a file"</button>
                {(!is_open)
                    .then(|| {
                        view! {
                            <button type="button" class="button button--quiet" data-testid="delete-other" on:click=delete>
                                "Delete"
                            </button>
                        }
                    })}
            </div>
        </li>
    }
}

/// What is known of a kept session or run, in a sentence or two.
fn other_words(book: &OtherBook) -> String {
    let mut text = if book.is_run { "A run that was cut short" } else { "A session" }.to_owned();
    if let Some(minute) = book.created.get(..16) {
        text.push_str(&format!(", made {} UTC", minute.replace('T', " ")));
    }
    if book.n_prompts > 0 {
        let prompts = words::plural(book.n_prompts, "prompt", "prompts");
        text.push_str(&format!(
            ", {prompts} in {}",
            words::plural(book.n_languages, "language", "languages")
        ));
    }
    text.push('.');
    if let Some(reason) = &book.problem {
        let lead = if book.is_open { "Not all of it could be read" } else { "It cannot be opened here" };
        text.push_str(&format!(" {lead}: {reason}. Save it as a file, so that nothing is lost."));
    }
    text
}
