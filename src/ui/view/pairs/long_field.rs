//! A field for a text of more than a line, saved by Ctrl Enter and left by Escape.

use leptos::{html::Textarea, prelude::*};

use super::super::{super::state::Workbench, keys};

/// The field with its two buttons; it takes the focus, and closes the open part of the row when it is done.
#[component]
pub fn LongField(
    /// What stands in it at first.
    text: String,
    /// What it is for.
    #[prop(into)]
    label: String,
    /// The language of the text, where that is known.
    #[prop(optional)]
    lang: Option<String>,
    /// Lines that it shows.
    rows: u32,
    /// For the end-to-end test: the field is `NAME-text`, its button `save-NAME`.
    name: &'static str,
    /// What is done with the text.
    save: impl Fn(String) + Copy + 'static,
) -> impl IntoView {
    let page = Workbench::here();
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _focused = field.focus();
        }
    });
    let close = move || page.review.part.set(None);
    let done = move || {
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        close();
        save(text);
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let is_save = event.key() == "Enter" && (event.ctrl_key() || event.meta_key());
        if !keys::is_composed(&event) && (is_save || event.key() == "Escape") {
            event.prevent_default();
            event.stop_propagation();
            if is_save { done() } else { close() }
        }
    };
    view! {
        <div class="long-field">
            <textarea
                class="field__input long-field__text"
                rows=rows.to_string()
                lang=lang
                dir="auto"
                node_ref=field
                aria-label=label
                data-testid=format!("{name}-text")
                prop:value=text
                on:keydown=on_key
            ></textarea>
            <div class="row">
                <button type="button" class="button button--strong" data-testid=format!("save-{name}") on:click=move |_| done()>
                    "Save "<kbd>"Ctrl Enter"</kbd>
                </button>
                <button type="button" class="button button--quiet" on:click=move |_| close()>"Cancel "<kbd>"Esc"</kbd></button>
            </div>
        </div>
    }
}
