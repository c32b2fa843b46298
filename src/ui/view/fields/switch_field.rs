//! A switch with a plain explanation.

use leptos::prelude::*;

/// Something that is on or off.
#[component]
pub fn SwitchField(
    /// Its name.
    label: &'static str,
    /// What it does, for somebody who does not know.
    help: &'static str,
    /// For the end-to-end test, where that looks for it.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Whether it is on.
    #[prop(into)]
    is_on: Signal<bool>,
    /// Takes what it is now.
    on_change: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="switch">
                <input
                    type="checkbox"
                    data-testid=testid
                    prop:checked=is_on
                    on:change=move |event| on_change(event_target_checked(&event))
                />
                <span>{label}</span>
            </label>
            <p class="field__help">{help}</p>
        </div>
    }
}
