//! Compare methods: every way of choosing pairs, on the same responses.

use leptos::prelude::*;

use super::{
    super::{route, state::Workbench},
    empty_screen::EmptyScreen,
};

/// The screen.
#[component]
pub fn CompareScreen() -> impl IntoView {
    let page = Workbench::here();
    let has_desk = Memo::new(move |_| page.desk.with(Option::is_some));
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-labelledby="compare-title">
            <h2 id="compare-title" class="screen__title">"Compare methods"</h2>
            <Show when=move || !has_desk.get()>
                <EmptyScreen what="Which way of choosing pairs is best for your model and your languages: six methods on the same responses." />
            </Show>
        </main>
    }
}
