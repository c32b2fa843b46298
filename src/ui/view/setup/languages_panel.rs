//! The languages of the next run, and which of them is the anchor.

use leptos::prelude::*;

use super::super::super::{state::Workbench, words};
use crate::data::Language;

/// A switch per language of the prompt set, and the anchor.
#[component]
pub fn LanguagesPanel() -> impl IntoView {
    let page = Workbench::here();
    let available = Memo::new(move |_| page.setup.with(|setup| setup.available_languages()));
    let anchor = Memo::new(move |_| page.setup.with(|setup| setup.config().anchor.clone()));
    let n_chosen = Memo::new(move |_| page.setup.with(|setup| setup.config().languages.len()));
    let set_anchor = move |event: web_sys::Event| {
        let tag = event_target_value(&event);
        page.setup.update(|setup| setup.set_anchor(Language::from(tag.as_str())));
    };
    view! {
        <section class="panel" aria-labelledby="languages-title">
            <h2 id="languages-title">"Languages"</h2>
            <ul class="language-list">
                <For each=move || available.get() key=Language::clone let:language>
                    <LanguageSwitch language />
                </For>
            </ul>
            <p class="panel__line count-line">
                <label for="anchor">"Anchor"</label>
                <select id="anchor" data-testid="anchor" class="field__input" on:change=set_anchor>
                    {move || {
                        let current = anchor.get();
                        available
                            .get()
                            .into_iter()
                            .map(|language| {
                                let is_current = language == current;
                                let tag = language.as_str().to_owned();
                                view! { <option value=tag selected=is_current>{words::english(&language)}</option> }
                            })
                            .collect_view()
                    }}
                </select>
            </p>
            <p class="field__help">
                "The anchor's most consistent response becomes the reference that the other "
                <span class="number">{move || n_chosen.get().saturating_sub(1)}</span>
                " languages are compared with."
            </p>
        </section>
    }
}

/// One language, on or off.
#[component]
fn LanguageSwitch(
    /// Which.
    language: Language,
) -> impl IntoView {
    let page = Workbench::here();
    let info = language.info();
    let toggled = language.clone();
    let on = language.clone();
    let is_on = Memo::new(move |_| page.setup.with(|setup| setup.config().languages.contains(&on)));
    let is_anchor = Memo::new(move |_| page.setup.with(|setup| setup.config().anchor == language));
    let tag = info.tag.as_str().to_owned();
    view! {
        <li>
            <label class="switch" title=info.english>
                <input
                    type="checkbox"
                    prop:checked=is_on
                    disabled=is_anchor
                    on:change=move |_| page.setup.update(|setup| setup.toggle_language(&toggled))
                />
                <span lang=tag dir=info.direction.as_str()>{info.native}</span>
            </label>
        </li>
    }
}
