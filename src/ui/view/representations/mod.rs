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
    super::{screen::View, state::Workbench},
    screen::Screen,
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
    view! {
        <Screen
            view=View::Representations
            lead="Where in the network do languages meet? The model's states for one prompt in many languages, layer by layer."
            empty="Where in the network do languages meet: the model's states for one prompt in many languages. Measuring them takes the teaching model a few seconds."
        >
            <States />
        </Screen>
    }
}

/// What is known of the session's states, or the button that measures them.
#[component]
fn States() -> impl IntoView {
    let page = Workbench::here();
    let has_states = Memo::new(move |_| {
        page.desk.with(|desk| {
            desk.as_ref().is_some_and(|desk| !desk.session().measurements.representations.is_empty())
        })
    });
    move || {
        if has_states.get() { view! { <Studied /> }.into_any() } else { view! { <Unmeasured /> }.into_any() }
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
            <Network study />
            <OneLayer study />
            <LanguageMatching study />
        </Show>
        <Unmeasured />
        <Notes />
    }
}
