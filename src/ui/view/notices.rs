//! What users should know: no WebGPU here, a run that can go on, what else is kept here, what cannot be kept, a new version.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        actions::{keep, run},
        state::{OtherBook, Workbench},
        words,
    },
    notice::Notice,
};
use crate::browser::{offline, tabs};

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
                    <p>
                        <strong>"Also kept in this browser"</strong>
                        {(!tabs::can_tell()).then_some(". Over plain http it cannot tell which of them another tab has open.")}
                    </p>
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
        // A date is not broken over two lines.
        let minute = minute.replace('-', "\u{2011}").replace('T', "\u{a0}");
        text.push_str(&format!(", made {minute} UTC"));
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
