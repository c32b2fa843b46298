//! Who decides.

use leptos::prelude::*;

use super::super::super::state::Workbench;

/// The person's name, which every decision carries.
#[component]
pub fn AnnotatorField() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <label class="field">
            <span class="field__label">"Your name"</span>
            <input
                class="field__input"
                type="text"
                dir="auto"
                autocomplete="nickname"
                maxlength="60"
                data-testid="annotator"
                aria-describedby="annotator-help"
                prop:value=page.annotator
                on:change=move |event| page.set_annotator(&event_target_value(&event))
            />
        </label>
        <p class="field__help" id="annotator-help">
            "Stands with each of your decisions, so that several people's can be told apart. It stays in this browser and in the files you save."
        </p>
    }
}
