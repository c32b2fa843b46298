//! A button that opens a file, or several.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::browser::picked::{self, Picked};

/// A file input dressed as a button; it keeps the input's keyboard behaviour.
#[component]
pub fn FileButton(
    /// What it says.
    label: &'static str,
    /// Accepted types, as HTML takes them.
    accept: &'static str,
    /// For the end-to-end test.
    testid: &'static str,
    /// Whether nothing can be opened now.
    #[prop(into, optional)]
    is_disabled: Signal<bool>,
    /// Whether several can be picked at once.
    #[prop(optional)]
    is_multiple: bool,
    /// Takes the picked files, at least one.
    on_files: impl Fn(Vec<Picked>) + 'static,
) -> impl IntoView {
    let on_change = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let files = input.files().map(|files| picked::of_list(&files)).unwrap_or_default();
        if !files.is_empty() {
            on_files(files);
        }
        // So that the same file can be picked again after it was corrected.
        input.set_value("");
    };
    view! {
        <label class="button file-button" class:file-button--disabled=is_disabled>
            <input
                type="file"
                class="visually-hidden"
                accept=accept
                multiple=is_multiple
                data-testid=testid
                disabled=is_disabled
                on:change=on_change
            />
            <span>{label}</span>
        </label>
    }
}
