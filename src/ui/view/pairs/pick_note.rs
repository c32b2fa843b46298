//! Above responses that nothing has compared yet: pairs can be chosen by hand, or picked by the method.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::pick, state::Workbench};

/// Says that no pair is picked yet, and picks them.
#[component]
pub fn PickNote() -> impl IntoView {
    let page = Workbench::here();
    let is_bare = Memo::new(move |_| {
        page.desk.with(|desk| {
            desk.as_ref().is_some_and(|desk| {
                let session = desk.session();
                session.pairs.is_empty() && session.similarities.is_empty() && !session.responses.is_empty()
            })
        })
    });
    let by = move || {
        page.models.with(|models| {
            let model = models.encoder.as_ref().or(models.generator.as_ref());
            model.map_or("the teaching model".to_owned(), |model| model.name.clone())
        })
    };
    view! {
        <Show when=move || is_bare.get()>
            <div class="note" data-testid="pick-note">
                <p>
                    "No pairs are picked yet. Choose them by hand, or have them picked: "<bdi>{by}</bdi>
                    " compares the responses, and writes nothing."
                </p>
                <button
                    type="button"
                    class="button button--strong note__act"
                    data-testid="pick-pairs"
                    disabled=move || page.is_busy.get()
                    on:click=move |_| spawn_local(pick::pick_pairs(page))
                >
                    "Pick pairs"
                </button>
            </div>
        </Show>
    }
}
