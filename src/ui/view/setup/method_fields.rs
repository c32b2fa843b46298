//! How pairs are picked: the method, the smallest margin, and the switches.

use leptos::prelude::*;

use super::{
    super::{
        super::{method_words, state::Workbench},
        fields::{NumberField, SwitchField},
    },
    setting::{read, write},
};
use crate::data::{MeasureKind, Method, TieBreak};

/// The methods that CM-Align is compared with.
const BASELINES: [Method; 5] =
    [Method::RandomReference, Method::Mapo, Method::Lidr, Method::Icr, Method::Lacomsa];

/// How pairs are picked.
#[component]
#[expect(clippy::cast_possible_truncation, reason = "a margin is small")]
pub fn MethodFields() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <MethodChoice />
        <NumberField label="Minimum margin" name="min-margin-setting" min=0.0 max=2.0 step=0.01
            help="With CM-Align and the random reference, pairs whose scores differ by less are skipped; the other methods have scales of their own. You can change this after the run, too."
            value=read(page, |c| f64::from(c.min_margin))
            on_change=write(page, |c, v: f64| c.min_margin = v as f32) />
        <SwitchField label="Language gate (ours)"
            help="Never choose a response that is clearly in another language. Short texts, formulae and code are never judged."
            is_on=read(page, |c| c.language_gate) on_change=write(page, |c, on| c.language_gate = on) />
        <SwitchField label="Merge duplicates (ours)" help="Count identical responses of a language as one when they vote and compete."
            is_on=read(page, |c| c.merge_duplicates) on_change=write(page, |c, on| c.merge_duplicates = on) />
        <SwitchField label="Anchor pairs (ours)"
            help="Also pair the reference with the anchor's least consistent response; the other methods pair the anchor in their own way, and MAPO does not."
            is_on=read(page, |c| c.anchor_pairs) on_change=write(page, |c, on| c.anchor_pairs = on) />
        <TieBreakChoice />
    }
}

#[component]
fn MethodChoice() -> impl IntoView {
    let page = Workbench::here();
    let method = read(page, |c| c.method);
    let set_method = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        let chosen = Method::ALL.into_iter().find(|method| method.as_str() == value).unwrap_or_default();
        page.setup.update(|setup| setup.change(|config| config.method = chosen));
    };
    let option = move |of: Method| {
        view! { <option value=of.as_str() selected=move || method.get() == of>{method_words::name(of)}</option> }
    };
    // Asked in the run itself: the worker measures what the method reads before it picks.
    let asks = move || {
        let kind = MeasureKind::of(method.get(), true)?;
        Some(format!(" During the run it also asks the model {}.", method_words::need(kind)))
    };
    view! {
        <div class="field">
            <label class="field__label" for="method">"Method"</label>
            <select id="method" data-testid="method" class="field__input" aria-describedby="method-help" on:change=set_method>
                {option(Method::CmAlign)}
                <optgroup label="Baselines">{BASELINES.into_iter().map(option).collect_view()}</optgroup>
            </select>
            <p class="field__help" id="method-help">
                {move || method_words::what(method.get())}
                {asks}
                " How it differs from its paper is listed under Compare methods."
            </p>
        </div>
    }
}

/// What decides where the paper leaves equals.
#[component]
fn TieBreakChoice() -> impl IntoView {
    let page = Workbench::here();
    let tie_break = read(page, |c| c.tie_break);
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
                    "The paper: no rule, so the first sample"
                </option>
            </select>
            <p class="field__help" id="tie-break-help">
                "Often several responses have the same answer, and the paper does not say which of them to take. Ours takes the one closest to the others; otherwise the first is taken, and no cosine decides."
            </p>
        </div>
    }
}
