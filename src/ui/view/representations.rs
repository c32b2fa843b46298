//! Representations: what the model's states look like across languages.

use leptos::prelude::*;

use super::{
    super::{route, state::Workbench},
    empty_screen::EmptyScreen,
};

/// The screen.
#[component]
pub fn RepresentationsScreen() -> impl IntoView {
    let page = Workbench::here();
    let has_desk = Memo::new(move |_| page.desk.with(Option::is_some));
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-labelledby="representations-title">
            <h2 id="representations-title" class="screen__title">"Representations"</h2>
            <Show when=move || !has_desk.get()>
                <EmptyScreen what="Where in the network do languages meet: the model's states for one prompt in many languages." />
            </Show>
        </main>
    }
}
