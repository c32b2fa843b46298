//! A box to paste a prompt set into.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::super::{actions::prompts, state::Workbench};

/// A text area and a button; what is pasted is read as a file would be.
#[component]
pub fn PasteBox() -> impl IntoView {
    let page = Workbench::here();
    let text = RwSignal::new(String::new());
    let is_empty = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
    let is_busy = Signal::derive(move || page.is_building());
    let read = move |_| spawn_local(prompts::open_text(page, text.get_untracked()));
    view! {
        <details class="more">
            <summary>"Paste a table or JSON"</summary>
            <div class="more__body">
                <label class="field__label" for="paste-prompts">"Rows, with the names of the columns first"</label>
                <textarea
                    id="paste-prompts"
                    class="field__input import__paste"
                    data-testid="paste-prompts"
                    rows="5"
                    dir="auto"
                    spellcheck="false"
                    placeholder="id\tanswer\ten\tsw"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
                <button
                    type="button"
                    class="button"
                    data-testid="read-pasted"
                    disabled=move || is_empty.get() || is_busy.get()
                    on:click=read
                >
                    "Read it"
                </button>
            </div>
        </details>
    }
}
