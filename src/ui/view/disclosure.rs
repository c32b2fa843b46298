//! A part that is closed at first, and made when it is opened, not before.

use leptos::prelude::*;

/// `<details>`; what it holds is made when it opens and gone when it closes.
#[component]
pub fn Disclosure(
    /// What is read while it is closed.
    #[prop(into)]
    summary: Signal<String>,
    /// Whether it is open: for who wants to keep that, or to open it.
    #[prop(default = RwSignal::new(false))]
    is_open: RwSignal<bool>,
    /// A class besides its own.
    #[prop(optional)]
    class: &'static str,
    /// For the end-to-end test, on the summary.
    #[prop(optional)]
    testid: &'static str,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <details
            class=format!("more {class}")
            prop:open=is_open.get_untracked()
            on:toggle=move |event| {
                let details: web_sys::HtmlElement = event_target(&event);
                is_open.set(details.has_attribute("open"));
            }
        >
            <summary data-testid=(!testid.is_empty()).then_some(testid)>{summary}</summary>
            <Show when=move || is_open.get()>{children()}</Show>
        </details>
    }
}
