//! What is looked at: the text that was read, the layer, the prompt, and the loss's settings.

use leptos::prelude::*;

use super::{super::fields::NumberField, study::Study};
use crate::{
    align::mlc::{LossForm, TAU},
    data::{RepresentedText, StatePooling},
    pictures::represent::Source,
};

/// One line of choices.
#[component]
pub fn Controls(
    /// What they choose.
    study: Study,
) -> impl IntoView {
    let set_source = move |event: web_sys::Event| {
        let at = event_target_value(&event).parse::<usize>().unwrap_or_default();
        study.source.set(study.sources().get(at).copied());
    };
    let set_layer = move |event: web_sys::Event| {
        study.at.set(event_target_value(&event).parse().unwrap_or_default());
    };
    let set_prompt = move |event: web_sys::Event| study.prompt.set(event_target_value(&event).parse().ok());
    let set_form = move |event: web_sys::Event| {
        study.form.set(if event_target_value(&event) == "paper" { LossForm::Paper } else { LossForm::Code });
    };
    let sources = move || {
        let chosen = study.source.get();
        study
            .sources()
            .into_iter()
            .enumerate()
            .map(|(at, source)| {
                view! { <option value=at.to_string() selected=Some(source) == chosen>{source_words(source)}</option> }
            })
            .collect_view()
    };
    let layers = move || {
        let chosen = study.at.get();
        let names: Vec<u32> = study.facts.with(|facts| facts.iter().map(|layer| layer.layer).collect());
        let last = names.len().saturating_sub(1);
        names
            .into_iter()
            .enumerate()
            .map(|(at, layer)| {
                let name = match at {
                    0 if layer == 0 => "0, the embedding".to_owned(),
                    at if at == last => format!("{layer}, the last"),
                    _ => layer.to_string(),
                };
                view! { <option value=at.to_string() selected=at == chosen>{name}</option> }
            })
            .collect_view()
    };
    let prompts = move || {
        let n = study.facts.with(|facts| facts.first().map_or(0, |layer| layer.prompts.len()));
        (0..n)
            .map(|at| view! { <option value=at.to_string()>{format!("Prompt {}", at + 1)}</option> })
            .collect_view()
    };
    view! {
        <div class="study" role="group" aria-label="What is looked at">
            <label class="field">
                <span class="field__label">"What the model read"</span>
                <select data-testid="study-source" on:change=set_source>{sources}</select>
            </label>
            <label class="field">
                <span class="field__label">"After layer"</span>
                <select data-testid="study-layer" on:change=set_layer>{layers}</select>
            </label>
            <label class="field">
                <span class="field__label">"Prompt"</span>
                <select data-testid="study-prompt" on:change=set_prompt>
                    <option value="all">"Mean over all"</option>
                    {prompts}
                </select>
            </label>
            <label class="field">
                <span class="field__label">"Form of the MLC loss"</span>
                <select data-testid="study-form" on:change=set_form>
                    <option value="code">"As the authors' code has it"</option>
                    <option value="paper">"As the paper writes it"</option>
                </select>
            </label>
            <NumberField
                label="Temperature"
                help="The paper's is 0.2."
                name="study-tau"
                value=study.tau
                min=0.01
                max=10.0
                step=0.05
                on_change=move |tau| study.tau.set(if tau > 0.0 { tau } else { TAU })
            />
        </div>
    }
}

fn source_words((text, pooling): Source) -> &'static str {
    match (text, pooling) {
        (RepresentedText::Chat, StatePooling::Last) => "Chat template, last token (MLC)",
        (RepresentedText::Chat, StatePooling::Mean) => "Chat template, mean of tokens",
        (RepresentedText::Plain, StatePooling::Last) => "Bare text, last token",
        (RepresentedText::Plain, StatePooling::Mean) => "Bare text, mean of tokens (AlignX)",
    }
}
