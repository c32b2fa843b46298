//! A text in its own language and direction.

use leptos::prelude::*;

use crate::data::Language;

/// A box of text with `lang`, `dir` by script and a direction per paragraph where the text is the model's.
#[component]
pub fn Speech(
    /// The language the text is meant to be in.
    language: Language,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// Whether a model wrote it: then each paragraph finds its own direction.
    #[prop(optional)]
    is_model_output: bool,
) -> impl IntoView {
    let direction = language.info().direction.as_str();
    let lang = language.as_str().to_owned();
    let paragraph_dir = if is_model_output { "auto" } else { direction };
    let paragraphs = move || {
        let to_view = |paragraph: &str| view! { <p dir=paragraph_dir>{paragraph.to_owned()}</p> };
        text.with(|text| text.split('\n').filter(|line| !line.trim().is_empty()).map(to_view).collect_view())
    };
    view! { <div class="speech" lang=lang dir=direction>{paragraphs}</div> }
}
