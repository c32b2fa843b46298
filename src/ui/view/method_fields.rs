//! How pairs are picked: the method, what differs from its paper, and the switches.

use leptos::prelude::*;

use super::{
    super::{method_words, state::Workbench},
    number_field::NumberField,
};
use crate::data::{Method, SessionConfig, TieBreak};

/// What a method does, and what differs from its paper.
fn method_help(method: Method) -> &'static str {
    match method {
        Method::CmAlign => {
            "Compares with the anchor's most consistent response. The paper's rule and ours can be told apart by the switches below."
        }
        Method::RandomReference => {
            "Compares with an anchor response drawn at random: what CM-Align has to be better than."
        }
        Method::Mapo => {
            "The better a response translates into the anchor's responses, the better it is. Unlike the paper, this model scores the translations, one pair a row is taken, and gold answers filter nothing."
        }
        Method::Lidr => {
            "The model's translation of the anchor's response is chosen over the language's own. Unlike the paper, a sampled response is translated, not the greedy one."
        }
        Method::Icr => {
            "The likelier a response is after the anchor's question, the better. Unlike the paper, there is no trained model to compare with; the length correction is fitted."
        }
        Method::Lacomsa => {
            "The closer a response's states are to those of all anchor responses, the better; two are drawn. How the language weight is scaled is ours."
        }
    }
}

/// The methods that compare with CM-Align.
const BASELINES: [Method; 5] =
    [Method::RandomReference, Method::Mapo, Method::Lidr, Method::Icr, Method::Lacomsa];

/// How pairs are picked.
#[component]
pub fn MethodFields() -> impl IntoView {
    view! {
        <MethodChoice />
        <MarginField />
        <Switch label="Language gate (ours)"
            help="Never choose a response that is surely in another language. Short texts, formulae and code are never judged."
            read=|c| c.language_gate write=|c, on| c.language_gate = on />
        <Switch label="Merge duplicates (ours)" help="Let identical responses of a language vote and compete once, not each."
            read=|c| c.merge_duplicates write=|c, on| c.merge_duplicates = on />
        <Switch label="Anchor pairs (ours)"
            help="Also pair the reference with the anchor's least consistent response; baselines pair the anchor their own way, MAPO not."
            read=|c| c.anchor_pairs write=|c, on| c.anchor_pairs = on />
        <TieBreakChoice />
    }
}

#[component]
fn MethodChoice() -> impl IntoView {
    let page = Workbench::here();
    let method = Memo::new(move |_| page.setup.with(|setup| setup.config().method));
    let set_method = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        let chosen = Method::ALL.into_iter().find(|method| method.as_str() == value).unwrap_or_default();
        page.setup.update(|setup| setup.change(|config| config.method = chosen));
    };
    let option = move |of: Method| {
        view! { <option value=of.as_str() selected=move || method.get() == of>{method_words::name(of)}</option> }
    };
    let asks = move || !method.get().has_reference();
    view! {
        <div class="field">
            <label class="field__label" for="method">"Method"</label>
            <select id="method" data-testid="method" class="field__input" aria-describedby="method-help" on:change=set_method>
                {option(Method::CmAlign)}
                <optgroup label="Baselines">{BASELINES.into_iter().map(option).collect_view()}</optgroup>
            </select>
            <p class="field__help" id="method-help">
                {move || method_help(method.get())}
                <Show when=asks>" It needs measurements, which are made under Compare methods after the run."</Show>
            </p>
        </div>
    }
}

#[component]
#[expect(clippy::cast_possible_truncation, reason = "a margin is small")]
fn MarginField() -> impl IntoView {
    let page = Workbench::here();
    let margin = Signal::derive(move || page.setup.with(|setup| f64::from(setup.config().min_margin)));
    let set_margin = move |value: f64| {
        page.setup.update(|setup| setup.change(|config| config.min_margin = value as f32));
    };
    view! {
        <NumberField label="Minimum margin" name="min-margin-setting" min=0.0 max=2.0 step=0.01
            help="Pairs whose scores differ by less are skipped, with CM-Align and the random reference; the others have scales of their own. It can be changed after the run, too."
            value=margin on_change=set_margin />
    }
}

/// What decides where the paper leaves equals.
#[component]
fn TieBreakChoice() -> impl IntoView {
    let page = Workbench::here();
    let tie_break = Memo::new(move |_| page.setup.with(|setup| setup.config().tie_break));
    let set_tie_break = move |event: web_sys::Event| {
        let chosen = if event_target_value(&event) == "sample" { TieBreak::Sample } else { TieBreak::Cosine };
        page.setup.update(|setup| setup.change(|config| config.tie_break = chosen));
    };
    view! {
        <div class="field">
            <label class="field__label" for="tie-break">"Among equals, in math"</label>
            <select id="tie-break" data-testid="tie-break" class="field__input" aria-describedby="tie-break-help"
                on:change=set_tie_break>
                <option value="cosine" selected=move || tie_break.get() == TieBreak::Cosine>"Ours: the cosine"</option>
                <option value="sample" selected=move || tie_break.get() == TieBreak::Sample>
                    "Paper's rule: none, the first sample"
                </option>
            </select>
            <p class="field__help" id="tie-break-help">
                "Many math responses have the same answer, and the paper does not say which of them to take. Ours takes the closest to the others; else the first is taken and no cosine decides."
            </p>
        </div>
    }
}

/// A setting that is on or off.
#[component]
fn Switch(
    /// Its name.
    label: &'static str,
    /// What it does.
    help: &'static str,
    /// Reads it.
    read: fn(&SessionConfig) -> bool,
    /// Writes it.
    write: fn(&mut SessionConfig, bool),
) -> impl IntoView {
    let page = Workbench::here();
    let is_on = Memo::new(move |_| page.setup.with(|setup| read(setup.config())));
    view! {
        <div class="field">
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=is_on
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        page.setup.update(|setup| setup.change(|config| write(config, on)));
                    }
                />
                <span>{label}</span>
            </label>
            <p class="field__help">{help}</p>
        </div>
    }
}
