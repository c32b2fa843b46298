//! What speaks for or against a response, in a word: whether its answer is the gold one, and whether it is in the language asked for.

use leptos::prelude::*;

use super::super::super::words;
use crate::curation::Candidate;

/// Whether the answer of a response is the gold one, in words and a sign; nothing without gold. That is all it says: the
/// words before the answer may still be wrong.
#[component]
pub fn Judgement(
    /// Whether it is.
    is_right: Option<bool>,
    /// The gold answer.
    #[prop(optional_no_strip)]
    gold: Option<String>,
) -> impl IntoView {
    is_right.map(|is_right| {
        let (class, sign, word) = if is_right {
            ("judged judged--right", "✓", "answer matches ")
        } else {
            ("judged judged--wrong", "✕", "answer is not ")
        };
        let gold = gold.unwrap_or_else(|| "the gold one".to_owned());
        view! { <span class=class><span aria-hidden="true">{sign}</span>" "{word}<bdi>{gold}</bdi></span> }
    })
}

/// A badge where the detected language is surely another one, where the response was cut, or where it is a translation.
#[component]
pub fn LanguageBadge(
    /// The response.
    candidate: Candidate,
) -> impl IntoView {
    let other = candidate
        .detected_language
        .filter(|_| candidate.is_wrong_language)
        .map(|found| view! { <span class="badge">"in "{words::english(&found)}</span> });
    let cut = candidate.is_cut.then(|| view! { <span class="badge">"cut short"</span> });
    let translated = candidate.translation_of.map(|(from, sample)| {
        view! { <span class="badge">{format!("translated from {}, sample {}", words::english(&from), sample + 1)}</span> }
    });
    view! { {other}{cut}{translated} }
}
