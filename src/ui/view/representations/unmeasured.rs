//! States that are not in the session yet: what will be measured, how large it gets, and the button.

use leptos::prelude::*;

use super::super::{
    super::{state::Workbench, words},
    compare::ask_panel::{AskButton, Asking},
};
use crate::{curation::NeedCounter, data::MeasureKind, pictures::represent};

/// What the screen shows both of.
const KINDS: [MeasureKind; 2] = [MeasureKind::Chat, MeasureKind::Plain];

/// What there is to measure, or how far it is; nothing where all is there.
#[component]
pub fn Unmeasured() -> impl IntoView {
    let page = Workbench::here();
    let n_missing = Memo::new(move |_| {
        page.desk.with(|desk| {
            let Some(desk) = desk else { return 0 };
            let counter = NeedCounter::new(desk.session());
            KINDS.iter().map(|kind| counter.missing(*kind).n_texts).sum::<usize>()
        })
    });
    let size = Memo::new(move |_| size_words(page));
    view! {
        <Show when=move || { n_missing.get() > 0 }>
            <div class="empty" data-testid="unmeasured">
                <p>
                    "The model reads every prompt in every language once in the chat template and once as bare text. Its states after every layer are kept in the session; no response is made."
                </p>
                <p class="number field__help">
                    {move || size.get().unwrap_or_else(|| "How much has to be kept is known once a model is loaded.".to_owned())}
                </p>
                <p>
                    {move || view! { <AskButton needs=KINDS.to_vec() n_texts=n_missing.get() label="Measure the states" testid="measure-states" /> }}
                </p>
                <Asking />
            </div>
        </Show>
    }
}

/// How large the states get in the session's file, in words; nothing until a model is loaded. Tracked.
fn size_words(page: Workbench) -> Option<String> {
    let (n_layers, dim) =
        page.models.with(|models| models.generator.as_ref().map(|model| (model.n_layers, model.dim)))?;
    let n_texts = page.desk.with(|desk| {
        let session = desk.as_ref()?.session();
        let languages = &session.config.languages;
        let of_prompt = |prompt: &crate::data::Prompt| {
            languages.iter().filter(|language| prompt.text.contains_key(*language)).count()
        };
        Some(session.prompts.iter().map(of_prompt).sum::<usize>())
    })?;
    let n_bytes = represent::file_bytes(n_texts, n_layers, dim, KINDS.len());
    Some(format!(
        "{} × {} states of {dim} numbers, read in two ways: about {} in the session's file.",
        words::plural(n_texts, "text", "texts"),
        n_layers + 1,
        words::bytes(n_bytes)
    ))
}
