//! The way to a session that is there already, for who wants to see what comes of a run.

use leptos::{prelude::*, task::spawn_local};

use super::super::{actions::files, state::Workbench};

/// Opens the example session.
#[component]
pub fn LookAtExample() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <button
            type="button"
            class="button"
            data-testid="look-at-example"
            disabled=move || page.is_building()
            on:click=move |_| spawn_local(files::open_example(page))
        >
            "Look at an example"
        </button>
    }
}
