//! Name, source and licence of the prompt set.

use leptos::prelude::*;

use super::super::super::super::{actions::prompt_set, state::Workbench};
use crate::data::PromptSource;

/// Licences that are offered, by their SPDX identifiers; any other text is taken too.
const LICENCES: [&str; 9] = [
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "ODC-By-1.0",
    "MIT",
    "Apache-2.0",
    "GPL-3.0-only",
];
/// The longest text of a field, in UTF-16 code units.
const LONGEST: &str = "300";

/// What is known of the set, as fields in a disclosure.
#[component]
pub fn SourceFields() -> impl IntoView {
    let page = Workbench::here();
    let known = Memo::new(move |_| page.setup.with(|setup| setup.config().prompt_set.clone()));
    let summary = move || match known.with(|set| set.licence.clone()) {
        licence if licence.is_empty() => "Name, source and licence".to_owned(),
        licence => format!("Name, source and licence: {licence}"),
    };
    let field = move |label,
                      id: &'static str,
                      hint,
                      list: Option<&'static str>,
                      of: fn(&mut PromptSource) -> &mut String| {
        let value = move || of(&mut known.get()).clone();
        let change = move |event: web_sys::Event| {
            let text = event_target_value(&event).trim().to_owned();
            prompt_set::say(page, |set| *of(set) = text);
        };
        view! {
            <div class="field">
                <label class="field__label" for=id>{label}</label>
                <input class="field__input" id=id data-testid=id type="text" dir="auto" list=list maxlength=LONGEST placeholder=hint autocomplete="off" spellcheck="false" prop:value=value on:change=change />
            </div>
        }
    };
    let offered = LICENCES.map(|licence| view! { <option value=licence></option> }).collect_view();
    view! {
        <details class="more">
            <summary data-testid="set-facts"><bdi>{summary}</bdi></summary>
            <div class="more__body fields">
                {field("Name", "set-name", "MGSM", None, |set| &mut set.name)}
                {field("Source", "set-source", "owner/dataset, an address or a person", None, |set| &mut set.source)}
                {field("Licence", "set-licence", "CC-BY-SA-4.0", Some("set-licences"), |set| &mut set.licence)}
                <datalist id="set-licences">{offered}</datalist>
                <p class="field__help">
                    "They are kept in the session and go out with the pairs. The licence of the prompts decides which one you may give the pairs."
                </p>
            </div>
        </details>
    }
}
