//! The cell that is looked at while a run is under way: its question, and its samples as they come.

use leptos::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::super::{
    super::{state::Workbench, words},
    speech::Speech,
};
use crate::{curation::SampleState, data::Language};

/// The question and the samples of the looked-at cell.
#[component]
pub fn LivePane() -> impl IntoView {
    let page = Workbench::here();
    let shown = Memo::new(move |_| {
        let cell = page.focus.with(|focus| focus.cell);
        page.sheet.with(|sheet| {
            let prompt = sheet.prompts.get(cell.prompt)?;
            let language = sheet.languages.get(cell.language)?.clone();
            let question = prompt.text.get(&language).cloned().unwrap_or_default();
            Some((cell.prompt + 1, language, question, sheet.n))
        })
    });
    move || {
        shown.get().map(|(number, language, question, n)| {
            let name = format!("Prompt {number} · {}", words::english(&language));
            let samples = (0..n as usize)
                .map(|sample| view! { <LiveSampleView sample language=language.clone() /> })
                .collect_view();
            view! {
                <section class="live" aria-labelledby="live-title" aria-live="off">
                    <h2 id="live-title">{name}</h2>
                    <div class="live__question"><Speech language=language.clone() text=question /></div>
                    <ol class="live__samples" data-testid="live-samples">{samples}</ol>
                </section>
            }
        })
    }
}

/// One sample of the looked-at cell.
#[component]
fn LiveSampleView(
    /// Its index.
    sample: usize,
    /// Its language.
    language: Language,
) -> impl IntoView {
    let page = Workbench::here();
    let live = Memo::new(move |_| {
        let cell = page.focus.with(|focus| focus.cell);
        page.live.with(|grid| grid.samples(cell).get(sample).cloned().unwrap_or_default())
    });
    let (mark, word) =
        (move || mark_of(live.with(|live| live.state)).0, move || mark_of(live.with(|live| live.state)).1);
    let text = Signal::derive(move || live.with(|live| live.text.clone()));
    let answer = move || live.with(|live| live.answer.clone());
    // While it thinks, that is what there is to see; what is seen of it is its end.
    let thought = Memo::new(move |_| {
        live.with(|live| {
            let thinks =
                !live.reasoning.is_empty() && (live.text.trim().is_empty() || live.is_still_reasoning);
            thinks.then(|| last_words(&live.reasoning))
        })
    });
    let word_of = move || {
        live.with(|live| if live.is_still_reasoning { "ended while still reasoning" } else { "thinking…" })
    };
    let lang = language.as_str().to_owned();
    view! {
        <li class="live__sample">
            <i class=move || format!("mark mark--{}", mark()) aria-hidden="true"></i>
            <span class="visually-hidden">{word}</span>
            <div>
                {move || {
                    thought.get().map(|thought| {
                        // The page's word stands apart, or the direction of the line would be that of the word.
                        view! {
                            <div class="live__thought" data-testid="thought">
                                <p class="live__word">{word_of}</p>
                                <p class="speech" lang=lang.clone() dir="auto">{thought}</p>
                            </div>
                        }
                    })
                }}
                <Speech language text is_model_output=true />
            </div>
            <span class="live__answer number">
                {move || answer().map(|answer| view! { <bdi>{format!("= {answer}")}</bdi> })}
            </span>
        </li>
    }
}

/// Letters of reasoning that are shown while it runs.
const SHOWN: usize = 160;

/// The end of what was thought. No letter loses a part of itself: many of Bengali are several characters.
fn last_words(reasoning: &str) -> String {
    let start = reasoning.grapheme_indices(true).rev().take(SHOWN).last().map_or(0, |(at, _)| at);
    let end = &reasoning[start..];
    if start > 0 { format!("…{end}") } else { end.to_owned() }
}

fn mark_of(state: SampleState) -> (&'static str, &'static str) {
    match state {
        SampleState::Waiting => ("waiting", "waiting"),
        SampleState::Running => ("running", "running"),
        SampleState::Done => ("done", "done"),
    }
}
