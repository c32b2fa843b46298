//! Representations: what the model's states for one prompt look like across languages, layer by layer.

pub mod controls;
pub mod matching;
pub mod network;
pub mod notes;
pub mod one_layer;
pub mod study;
pub mod unmeasured;

use leptos::prelude::*;

use super::{
    super::{route, state::Workbench},
    empty_screen::EmptyScreen,
};
use controls::Controls;
use matching::LanguageMatching;
use network::Network;
use notes::Notes;
use one_layer::OneLayer;
use study::Study;
use unmeasured::Unmeasured;

/// The screen.
#[component]
pub fn RepresentationsScreen() -> impl IntoView {
    let page = Workbench::here();
    // 0: no session; 1: no states; 2: there is something to see.
    let stage = Memo::new(move |_| {
        page.desk.with(|desk| match desk.as_ref().map(|desk| desk.session()) {
            None => 0,
            Some(session) if session.measurements.representations.is_empty() => 1,
            Some(_) => 2,
        })
    });
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-labelledby="representations-title">
            <h2 id="representations-title" class="screen__title">"Representations"</h2>
            {move || match stage.get() {
                0 => view! {
                    <EmptyScreen what="Where in the network do languages meet: the model's states for one prompt in many languages." />
                }
                .into_any(),
                1 => view! { <Unmeasured /> }.into_any(),
                _ => view! { <Studied /> }.into_any(),
            }}
        </main>
    }
}

/// Everything that is known of the states.
#[component]
fn Studied() -> impl IntoView {
    let study = Study::new(Workbench::here());
    let is_ready = Memo::new(move |_| study.is_ready());
    view! {
        <Controls study />
        <Show
            when=move || is_ready.get()
            fallback=move || view! { <p class="number" role="status">{move || study.progress_words()}</p> }
        >
            <OneLayer study />
            <Network study />
            <LanguageMatching study />
        </Show>
        <Unmeasured />
        <Notes />
    }
}
