//! A dialog to write and change prompts in; nothing is taken over before the person says so.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::super::{actions::prompt_set, state::Workbench, words};
use super::super::super::modal::modal;
use super::{drafts::Drafts, editor_row::EditorRow, problems};
use crate::{browser::clock, curation::PromptEdit, data::known_languages};

/// Prompts on a page of the list.
const PAGE: usize = 20;
/// Most problems that are listed.
const LISTED: usize = 50;
/// Where the focus goes when what had it is gone.
pub(super) const TITLE_ID: &str = "editor-title";

/// The prompts of the set, page by page, each with its texts, its gold answer and its task.
#[component]
pub fn PromptEditor(
    /// Whether the dialog is there.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let dialog = modal();
    let edit = RwSignal::new(page.setup.with_untracked(crate::curation::Setup::edit));
    // Whether the person has to say that their changes may go.
    let is_asking = RwSignal::new(false);
    // The browser puts the focus back where it was when a dialog is closed, not when it is taken away.
    let close = move || match dialog.get_untracked() {
        Some(dialog) => dialog.close(),
        None => is_open.set(false),
    };
    let leave = move || {
        if edit.with_untracked(PromptEdit::is_changed) {
            is_asking.set(true);
        } else {
            close();
        }
    };
    let use_them = move |_| {
        let edited = edit.try_update_untracked(|edit| edit.is_changed().then(|| edit.take())).flatten();
        close();
        if let Some(edited) = edited {
            spawn_local(prompt_set::take_edit(page, edited));
        }
    };
    let wanted = RwSignal::new(None::<usize>);
    let go_to_next = Callback::new(move |()| {
        let after = |edit: &PromptEdit| wanted.get_untracked().and_then(|key| edit.place(key));
        wanted.set(edit.with_untracked(|edit| edit.next_draft(after(edit))));
    });
    let n_usable = Memo::new(move |_| edit.with(PromptEdit::n_usable));
    let label = move || match (n_usable.get(), edit.with(PromptEdit::n_prompts)) {
        (n, all) if n < all => format!("Use the {}", words::plural(n, "good prompt", "good prompts")),
        _ => "Use these prompts".to_owned(),
    };
    view! {
        <dialog
            class="sheet editor"
            node_ref=dialog
            aria-labelledby=TITLE_ID
            data-testid="prompt-editor"
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                leave();
            }
            on:close=move |_| is_open.set(false)
        >
            <h2 id=TITLE_ID tabindex="-1">"Edit the prompts"</h2>
            <div class="editor__body">
                <Drafts edit go_to_next />
                <Rows edit wanted />
                <AddLanguage edit />
                <Flaws edit />
            </div>
            <div class="row">
                <button type="button" class="button button--strong" data-testid="use-edited" disabled=move || n_usable.get() == 0 on:click=use_them>
                    {label}
                </button>
                <button type="button" class="button" data-testid="cancel-edit" on:click=move |_| leave()>"Cancel"</button>
            </div>
            <Show when=move || is_asking.get()>
                <div class="note note--warn row" role="alert" data-testid="discard-edit">
                    <span>"Your changes are not in use yet."</span>
                    <button type="button" class="button" data-testid="discard" on:click=move |_| close()>"Discard them"</button>
                    <button type="button" class="button" on:click=move |_| is_asking.set(false)>"Go on editing"</button>
                </div>
            </Show>
        </dialog>
    }
}

/// A page of prompts, ways to the others, and to add one.
#[component]
fn Rows(
    /// The set.
    edit: RwSignal<PromptEdit>,
    /// The prompt that is to be shown, and to have the focus.
    wanted: RwSignal<Option<usize>>,
) -> impl IntoView {
    let at = RwSignal::new(0_usize);
    // The prompt that was added last: it is open, and has the focus.
    let added = RwSignal::new(None::<usize>);
    let said = RwSignal::new(String::new());
    let n_prompts = Memo::new(move |_| edit.with(PromptEdit::n_prompts));
    let n_pages = Memo::new(move |_| n_prompts.get().div_ceil(PAGE).max(1));
    let here = Memo::new(move |_| at.get().min(n_pages.get() - 1));
    let keys = Memo::new(move |_| edit.with(|edit| edit.keys(here.get() * PAGE, PAGE)));
    let turn = move |to: usize| {
        added.set(None);
        at.set(to);
    };
    Effect::new(move |_| {
        let Some(key) = wanted.get() else { return };
        let Some(place) = edit.with_untracked(|edit| edit.place(key)) else { return };
        turn(place / PAGE);
        spawn_local(async move {
            clock::next_frame().await;
            focus(&super::editor_row::id_of(key));
        });
    });
    let add = move |_| {
        let Some(key) = edit.try_update(PromptEdit::add) else { return };
        added.set(Some(key));
        at.set(n_pages.get_untracked() - 1);
        said.set("A prompt was added at the end.".to_owned());
    };
    let delete = Callback::new(move |key: usize| {
        let id = edit.with_untracked(|edit| edit.prompt(key).map(|prompt| prompt.id.clone()));
        let Some(next) = edit.try_update(|edit| edit.delete(key)) else { return };
        said.set(format!("Prompt {} was deleted.", id.unwrap_or_default()));
        spawn_local(async move {
            // What had the focus goes with the next frame.
            clock::next_frame().await;
            focus(&next.map_or_else(|| TITLE_ID.to_owned(), super::editor_row::id_of));
        });
    });
    let delete_all = move |_| {
        edit.update(PromptEdit::delete_all);
        said.set("All prompts were deleted.".to_owned());
        focus(TITLE_ID);
    };
    let go = move |event: web_sys::Event| {
        if let Ok(number) = event_target_value(&event).parse::<usize>() {
            turn(number.clamp(1, n_pages.get_untracked()) - 1);
        }
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&(here.get_untracked() + 1).to_string());
    };
    view! {
        <p class="visually-hidden" role="status" data-testid="editor-said">{said}</p>
        <div class="row">
            <button type="button" class="button" data-testid="add-prompt" on:click=add>"Add a prompt"</button>
            <button type="button" class="button button--quiet" data-testid="delete-all" disabled=move || n_prompts.get() == 0 on:click=delete_all>
                "Delete all"
            </button>
            <span class="number" data-testid="editor-count">{move || words::plural(n_prompts.get(), "prompt", "prompts")}</span>
        </div>
        <ol class="editor__list">
            <For each=move || keys.get() key=|key| *key children=move |key| view! { <EditorRow edit key is_new=added.get_untracked() == Some(key) delete /> } />
        </ol>
        <nav class="row" aria-label="Pages of prompts" hidden=move || n_pages.get() == 1>
            <button type="button" class="button" data-testid="editor-previous" disabled=move || here.get() == 0 on:click=move |_| turn(here.get_untracked().saturating_sub(1))>
                "Previous"
            </button>
            <label class="editor__page">
                <span>"Page"</span>
                <input class="field__input number" type="number" min="1" max=move || n_pages.get() data-testid="editor-page" prop:value=move || here.get() + 1 on:change=go />
                <span>"of "<span class="number">{move || n_pages.get()}</span></span>
            </label>
            <button type="button" class="button" data-testid="editor-next" disabled=move || here.get() + 1 == n_pages.get() on:click=move |_| turn(here.get_untracked() + 1)>
                "Next"
            </button>
        </nav>
    }
}

/// A field for another language.
#[component]
fn AddLanguage(
    /// The set.
    edit: RwSignal<PromptEdit>,
) -> impl IntoView {
    let spelling = RwSignal::new(String::new());
    // What was done, or why not.
    let said = RwSignal::new((String::new(), false));
    let add = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(outcome) = edit.try_update(|edit| edit.add_language(&spelling.get_untracked())) else {
            return;
        };
        match outcome {
            Ok(language) => {
                said.set((format!("Every prompt has a field for {} now.", words::english(&language)), false));
                spelling.set(String::new());
            }
            Err(reason) => said.set((words::sentence(&reason), true)),
        }
    };
    let offered = known_languages()
        .into_iter()
        .map(|info| view! { <option value=info.tag.0>{info.english}</option> })
        .collect_view();
    view! {
        <form class="field" on:submit=add>
            <label class="field__label" for="editor-language">"Another language"</label>
            <div class="row">
                <input
                    id="editor-language"
                    class="field__input field__input--wide"
                    type="text"
                    list="editor-languages"
                    dir="auto"
                    autocomplete="off"
                    placeholder="Swahili, sw"
                    maxlength="60"
                    data-testid="editor-language"
                    aria-describedby="editor-language-said"
                    aria-invalid=move || said.get().1.to_string()
                    prop:value=spelling
                    on:input=move |event| spelling.set(event_target_value(&event))
                />
                <button type="submit" class="button" data-testid="add-language">"Add"</button>
            </div>
            <datalist id="editor-languages">{offered}</datalist>
            <p class="field__help" id="editor-language-said" role="status" data-testid="editor-language-said">{move || said.get().0}</p>
        </form>
    }
}

/// What is wrong with the set, as when a file is read.
#[component]
fn Flaws(
    /// The set.
    edit: RwSignal<PromptEdit>,
) -> impl IntoView {
    let n_found = Memo::new(move |_| edit.with(PromptEdit::n_problems));
    let listed = Memo::new(move |_| edit.with(|edit| edit.problems(LISTED)));
    let n_more = move || n_found.get().saturating_sub(LISTED);
    view! {
        <details class="note note--warn" data-testid="editor-problems" hidden=move || n_found.get() == 0>
            <summary>{move || words::plural(n_found.get(), "problem", "problems")}</summary>
            {move || listed.with(|listed| problems::list(listed))}
            {move || (n_more() > 0).then(|| view! { <p class="field__help">{format!("and {} more", n_more())}</p> })}
        </details>
    }
}

/// Puts keyboard focus on an element.
fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let element =
        document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let _focused = element.map(|element| element.focus());
}
