//! A kept session or run that is not open here.

use leptos::{html::Input, prelude::*, task::spawn_local};

use super::super::super::{
    actions::keep,
    session_words,
    state::{KeptBook, Workbench},
};

/// What is known of it, and what can be done with it.
#[component]
pub fn SessionItem(
    /// Which one.
    book: KeptBook,
    /// What was deleted last.
    last_deleted: RwSignal<Option<KeptBook>>,
) -> impl IntoView {
    let page = Workbench::here();
    let (name, facts, problem) =
        (session_words::name(&book), session_words::facts(&book), session_words::problem(&book));
    let (is_run, can_open) = (book.is_run, !book.is_here && book.problem.is_none());
    let elsewhere = (book.is_open && !book.is_here).then_some("Another tab has it open.");
    let open = {
        let id = book.id.clone();
        move |_| spawn_local(keep::open_other(page, id.clone(), is_run))
    };
    let save = {
        let id = book.id.clone();
        move |_| spawn_local(keep::save_other(page, id.clone()))
    };
    view! {
        <li class="session" data-testid="kept-other">
            <p class="session__name"><bdi>{name}</bdi></p>
            <p class="session__facts number">{facts}</p>
            {elsewhere.map(|elsewhere| view! { <p class="session__facts">{elsewhere}</p> })}
            {problem.map(|problem| view! { <p class="session__problem">{problem}</p> })}
            <div class="row">
                {can_open
                    .then(|| {
                        view! {
                            <button type="button" class="button" data-testid="open-other" on:click=open>"Open"</button>
                        }
                    })}
                <button type="button" class="button" data-testid="save-other" on:click=save>"Save as a file"</button>
            </div>
            <MoreActs book last_deleted />
        </li>
    }
}

/// Naming, copying and deleting a session.
#[component]
pub fn MoreActs(
    /// Which one.
    book: KeptBook,
    /// What was deleted last.
    last_deleted: RwSignal<Option<KeptBook>>,
) -> impl IntoView {
    let page = Workbench::here();
    let name = session_words::name(&book);
    let is_naming = RwSignal::new(false);
    let input = NodeRef::<Input>::new();
    let id = book.id.clone();
    let rename = {
        let id = id.clone();
        move || {
            let Some(input) = input.get_untracked() else { return };
            is_naming.set(false);
            spawn_local(keep::rename(page, id.clone(), input.value()));
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        rename();
    };
    let begin = move |_| {
        is_naming.set(true);
        request_animation_frame(move || {
            if let Some(input) = input.get_untracked() {
                let _focused = input.focus();
                input.select();
            }
        });
    };
    let copy_name = format!("{name} (copy)");
    let duplicate = move |_| spawn_local(keep::duplicate(page, id.clone(), copy_name.clone()));
    let can_be_kept = !book.is_run && book.problem.is_none();
    let can_delete = !book.is_open || (book.is_here && !book.is_run);
    let delete = {
        let book = book.clone();
        move |_| {
            last_deleted.set(Some(book.clone()).filter(|_| can_be_kept));
            spawn_local(keep::delete(page, book.id.clone()));
            request_animation_frame(focus_list);
        }
    };
    let typed = name.clone();
    view! {
        <div class="session__more">
            {can_be_kept
                .then(|| {
                    view! {
                        <button type="button" class="button button--quiet" data-testid="rename-session" on:click=begin>"Rename"</button>
                        <button type="button" class="button button--quiet" data-testid="duplicate-session" on:click=duplicate>
                            "Duplicate"
                        </button>
                    }
                })}
            {can_delete
                .then(|| {
                    view! {
                        <button type="button" class="button button--quiet" data-testid="delete-other" on:click=delete>"Delete"</button>
                    }
                })}
            <Show when=move || is_naming.get()>
                <form class="row session__rename" on:submit=submit.clone()>
                    <input
                        node_ref=input
                        class="field__input field__input--wide"
                        type="text"
                        dir="auto"
                        maxlength="120"
                        aria-label="Name of the session"
                        data-testid="session-new-name"
                        value=typed.clone()
                        on:keydown=move |event| {
                            if event.key() == "Escape" {
                                is_naming.set(false);
                            }
                        }
                    />
                    <button type="submit" class="button">"Save name"</button>
                </form>
            </Show>
        </div>
    }
}

/// The button that had the focus is gone with its session.
pub fn focus_list() {
    let title = document().get_element_by_id("sessions-title");
    if let Some(title) =
        title.and_then(|title| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(title).ok())
    {
        let _focused = title.focus();
    }
}
