//! A response's text, rewritten where it stands.

use leptos::prelude::*;

use super::{
    super::{
        super::{
            actions::review::{Keyboard, Target, decide},
            state::Workbench,
        },
        disclosure::Disclosure,
        speech::Speech,
    },
    long_field::LongField,
};
use crate::{
    curation::{Act, Candidate, Cell, Decision},
    data::Language,
};

/// A field with the text as it is now.
#[component]
pub fn EditField(
    /// Which row.
    cell: Cell,
    /// Which response.
    sample: u32,
    /// The row's language.
    language: Language,
) -> impl IntoView {
    let page = Workbench::here();
    let text = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.text(cell, sample).to_owned()));
    let save = move |text: String| {
        let act = Act::Edit { sample, text: Some(text) };
        decide(page, Decision::On(Target::At(cell), act), Keyboard::Follows);
    };
    let label = format!("Text of sample {}", sample + 1);
    view! {
        <LongField text=text.unwrap_or_default() label lang=language.as_str().to_owned() rows=4 name="edit" save />
    }
}

/// Says that a person rewrote a response, shows the model's own words on demand, and brings them back.
#[component]
pub fn EditedMark(
    /// Which row.
    cell: Cell,
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
) -> impl IntoView {
    let page = Workbench::here();
    let sample = candidate.sample;
    candidate.original.map(|text| {
        let restore = move |_| {
            let act = Act::Edit { sample, text: None };
            decide(page, Decision::On(Target::At(cell), act), Keyboard::Follows);
        };
        view! {
            <div class="edited" data-testid="edited">
                <span class="badge">"✎ edited by a person"</span>
                <Disclosure summary="The model's own words">
                    <Speech language=language.clone() text=text.clone() is_model_output=true />
                    <button type="button" class="button button--small" data-testid="restore-text" on:click=restore>
                        "Bring them back"
                    </button>
                </Disclosure>
            </div>
        }
    })
}
