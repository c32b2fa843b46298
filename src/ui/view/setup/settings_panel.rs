//! The settings of the next run, each with a plain explanation.

use leptos::prelude::*;

use super::{
    super::{
        super::state::{Place, Workbench},
        fault_note::FaultNote,
        fields::{NumberField, SwitchField},
    },
    method_fields::MethodFields,
    presets::Presets,
    setting::{read, write},
};
use crate::{
    data::{MOST_TOKENS, SessionConfig},
    protocol::Thinking,
};

/// All settings, in a disclosure.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let page = Workbench::here();
    let summary = move || {
        page.setup.with(|setup| {
            let config = setup.config();
            format!("{} samples, temperature {}, seed {}", config.n, config.temperature, config.seed)
        })
    };
    let reset = move |_| page.setup.update(|setup| setup.set_config(SessionConfig::default()));
    view! {
        <section class="panel" aria-labelledby="settings-title">
            <h2 id="settings-title">"Settings"</h2>
            <p class="panel__line number">{summary}</p>
            <FaultNote place=Place::Settings />
            <details class="more">
                <summary>"Change"</summary>
                <div class="more__body fields">
                    <SamplingFields />
                    <MethodFields />
                    <button type="button" class="button" on:click=reset>"Back to the defaults"</button>
                    <Presets />
                </div>
            </details>
        </section>
    }
}

/// How the model is sampled.
#[component]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fields clamp to small ranges"
)]
fn SamplingFields() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <NumberField label="Samples" name="n" min=1.0 max=64.0 step=1.0
            help="Responses per prompt and language. More samples show better what the model agrees on, and take longer."
            value=read(page, |c| f64::from(c.n)) on_change=write(page, |c, v: f64| c.n = v as u32) />
        <NumberField label="Temperature" name="temperature" min=0.0 max=5.0 step=0.05
            help="How freely the model chooses its words. 0 always takes the likeliest, so all samples are the same."
            value=read(page, |c| f64::from(c.temperature)) on_change=write(page, |c, v: f64| c.temperature = v as f32) />
        <NumberField label="Top-k" name="top-k" min=0.0 max=1000.0 step=1.0
            help="Choose among the k likeliest tokens only. 0 keeps all."
            value=read(page, |c| f64::from(c.top_k)) on_change=write(page, |c, v: f64| c.top_k = v as u32) />
        <NumberField label="Top-p" name="top-p" min=0.0 max=1.0 step=0.01
            help="Choose among the likeliest tokens that together have this probability. 1 keeps all."
            value=read(page, |c| f64::from(c.top_p)) on_change=write(page, |c, v: f64| c.top_p = v as f32) />
        <NumberField label="Min-p" name="min-p" min=0.0 max=1.0 step=0.01
            help="Drop tokens less likely than this share of the likeliest one. 0 keeps all."
            value=read(page, |c| f64::from(c.min_p)) on_change=write(page, |c, v: f64| c.min_p = v as f32) />
        <NumberField label="Repetition penalty" name="repetition-penalty" min=1.0 max=2.0 step=0.05
            help="Makes tokens that were already used less likely. 1 is off."
            value=read(page, |c| f64::from(c.repetition_penalty))
            on_change=write(page, |c, v: f64| c.repetition_penalty = v as f32) />
        <NumberField label="Seed" name="seed" min=0.0 max=4_294_967_295.0 step=1.0
            help="The same seed and settings always give the same responses."
            value=read(page, |c| f64::from(c.seed)) on_change=write(page, |c, v: f64| c.seed = v as u32) />
        <LimitFields />
        <ThinkingField />
    }
}

/// The token limit: measured, or a number.
#[component]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the field clamps to a small range"
)]
fn LimitFields() -> impl IntoView {
    let page = Workbench::here();
    let is_measured = read(page, |c| c.max_tokens.is_none());
    view! {
        <SwitchField label="Measure the token limit" testid="max-tokens-auto"
            help="The first prompts of a run get plenty of room. The limit is then twice the longest response that ended on its own. It is saved with the session."
            is_on=is_measured on_change=write(page, |c, on: bool| c.max_tokens = (!on).then_some(MOST_TOKENS)) />
        <Show when=move || !is_measured.get()>
            <NumberField label="Token limit" name="max-tokens" min=1.0 max=32768.0 step=1.0
                help="Longest response in tokens, reasoning included. Responses that reach it are cut short; you can run those again with a higher limit."
                value=read(page, |c| f64::from(c.max_tokens.unwrap_or(MOST_TOKENS)))
                on_change=write(page, |c, v: f64| c.max_tokens = Some(v as u32)) />
        </Show>
    }
}

/// Whether the model thinks before it answers, where that is known of the loaded one.
#[component]
fn ThinkingField() -> impl IntoView {
    let page = Workbench::here();
    let thinking = Memo::new(move |_| {
        page.models.with(|models| models.generator.as_ref().map_or(Thinking::Never, |model| model.thinking))
    });
    move || {
        match thinking.get() {
        Thinking::Never => ().into_any(),
        Thinking::Switch => view! {
            <SwitchField label="Let the model think first" testid="thinking"
                help="Takes many more tokens. The reasoning is kept apart from the response: it is never read for answers, languages or similarity, and never exported."
                is_on=read(page, |c| c.thinking) on_change=write(page, |c, on| c.thinking = on) />
        }
        .into_any(),
        Thinking::Always => view! {
            <p class="field__help" data-testid="thinks-always">
                "This model always thinks before it answers. Its reasoning is kept apart from the response, and never exported."
            </p>
        }
        .into_any(),
    }
    }
}
