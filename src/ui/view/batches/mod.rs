//! Batches: the pairs in batches of whole groups, one optimiser step each.

use leptos::prelude::*;

use super::{
    super::{route, state::Workbench},
    empty_screen::EmptyScreen,
};

/// The screen.
#[component]
pub fn BatchesScreen() -> impl IntoView {
    let page = Workbench::here();
    let has_desk = Memo::new(move |_| page.desk.with(Option::is_some));
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-labelledby="batches-title">
            <h2 id="batches-title" class="screen__title">"Batches"</h2>
            <Show when=move || !has_desk.get()>
                <EmptyScreen what="The pairs in batches that hold a prompt in all its languages, so that one optimiser step aligns them." />
            </Show>
        </main>
    }
}
