//! One layer: every two languages, the spectrum with languages switched on and off, and the spread over prompts.

use leptos::prelude::*;

use super::{
    super::{super::words, chart::Chart},
    study::Study,
};
use crate::{
    data::Language,
    pictures::{
        chart::{histogram, matrix, spectrum},
        represent::{LayerFacts, Metric, distribution, language_matrix, spectrum_of},
    },
};

/// Why a layer sees no difference, after the words that name the layer.
pub const ONE_TOKEN: &str = "all texts end in the same token, so every similarity is 1.";

/// The pictures of a layer.
#[component]
pub fn OneLayer(
    /// What is looked at.
    study: Study,
) -> impl IntoView {
    let blind = Memo::new(move |_| study.with_layer(|layer, _| unseen_words(study, layer)).flatten());
    let draw_matrix = move |width| {
        let prompt = study.prompt.get();
        study.with_layer(|layer, set| matrix(&language_matrix(layer, set, prompt), width)).unwrap_or_default()
    };
    let shows_cosine = RwSignal::new(false);
    let draw_spread = move |width| {
        let metric = if shows_cosine.get() { Metric::Cosine } else { Metric::Loss };
        let what = if shows_cosine.get() { "lowest cosine of two languages" } else { "MLC loss" };
        study
            .with_layer(|layer, set| {
                let title = format!("How the prompts differ after layer {}", layer.layer);
                histogram(&title, what, &[distribution(set, metric)], width)
            })
            .unwrap_or_default()
    };
    let kind = move |is_cosine: bool, word: &'static str| {
        view! {
            <button type="button" class="chip" aria-pressed=move || (shows_cosine.get() == is_cosine).to_string()
                on:click=move |_| shows_cosine.set(is_cosine)>
                {word}
            </button>
        }
    };
    view! {
        <section class="study__part" aria-labelledby="one-layer-title">
            <h3 id="one-layer-title">"One layer"</h3>
            {move || blind.get().map(|text| view! { <p class="note note--warn" data-testid="unseen">{text}</p> })}
            <div class="study__pair">
                <Chart id="language-matrix" draw=draw_matrix />
                <SpectrumPart study />
            </div>
            <div class="chips" role="group" aria-label="Number">
                {kind(false, "MLC loss")} {kind(true, "Lowest cosine")}
            </div>
            <Chart id="prompt-spread" draw=draw_spread />
        </section>
    }
}

/// The singular values of the languages that are on, with the numbers that belong to them.
#[component]
fn SpectrumPart(
    /// What is looked at.
    study: Study,
) -> impl IntoView {
    let found = Memo::new(move |_| {
        let off = study.off.get();
        let on: Vec<Language> =
            study.languages().into_iter().filter(|language| !off.contains(language)).collect();
        let (prompt, tau) = (study.prompt.get(), study.tau.get());
        study.with_layer(|layer, _| spectrum_of(layer, prompt, &on, tau)).flatten()
    });
    let draw = move |width| {
        found.with(|found| match found {
            Some((values, _)) => spectrum(values, width),
            None => spectrum(&Default::default(), width),
        })
    };
    let numbers = move || {
        let Some((_, facts)) = found.get() else {
            return view! { <p>"Switch on two or more languages that this prompt has."</p> }.into_any();
        };
        view! {
            <dl class="facts" data-testid="spectrum-facts">
                <dt>"MLC loss, code form"</dt><dd>{format!("{:.5}", facts.code_loss)}</dd>
                <dt>"MLC loss, paper form"</dt><dd>{format!("{:.5}", facts.paper_loss)}</dd>
                <dt>"Lowest cosine"</dt>
                <dd>
                    {format!("{:.4}", facts.min_cosine)}
                    <span class="facts__why">"Opposite directions are collinear too: near -1 the loss is low all the same."</span>
                </dd>
                <dt>"Effective rank"</dt><dd>{format!("{:.3}", facts.effective_rank)}</dd>
            </dl>
        }
        .into_any()
    };
    let switches = move || {
        study
            .languages()
            .into_iter()
            .map(|language| view! { <LanguageSwitch study language /> })
            .collect_view()
    };
    view! {
        <div class="study__spectrum">
            <fieldset class="switches" data-testid="spectrum-languages">
                <legend class="field__label">"Languages in the spectrum"</legend>
                {switches}
            </fieldset>
            <Chart id="spectrum" draw />
            {numbers}
        </div>
    }
}

#[component]
fn LanguageSwitch(
    /// What is looked at.
    study: Study,
    /// Its language, by the canonical tag.
    language: Language,
) -> impl IntoView {
    let name = words::english(&language);
    let tag = language.clone();
    let is_on = Memo::new(move |_| study.off.with(|off| !off.contains(&tag)));
    let toggle = move |_| {
        study.off.update(|off| {
            if off.contains(&language) {
                off.retain(|other| *other != language);
            } else {
                off.push(language.clone());
            }
        });
    };
    view! {
        <label class="switch">
            <input type="checkbox" prop:checked=is_on on:change=toggle />
            <span>{name}</span>
        </label>
    }
}

/// Languages that the model does not tell prompts apart in; `None` where it sees all.
fn unseen_words(study: Study, layer: &LayerFacts) -> Option<String> {
    if study.sees_one_token(layer) {
        return Some(format!("At this layer {ONE_TOKEN}"));
    }
    if layer.unseen.languages.is_empty() {
        return None;
    }
    let names: Vec<String> =
        layer.unseen.languages.iter().map(|(language, _)| words::english(language)).collect();
    Some(format!(
        "After this layer every prompt has the same state in {}, so numbers with these languages say nothing about content.",
        names.join(", ")
    ))
}
