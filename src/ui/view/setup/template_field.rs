//! Which chat template the model is asked with, and which date it is told.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::model, state::Workbench, today::today};
use crate::{
    data::Day,
    protocol::{ModelInfo, TemplateChoice},
};

/// What people know a template by.
fn words(choice: TemplateChoice) -> &'static str {
    match choice {
        TemplateChoice::File => "the file's own",
        TemplateChoice::Plain => "none: the text as it is",
        TemplateChoice::Chatml => "ChatML (Qwen and many others)",
        TemplateChoice::Llama3 => "Llama 3",
        TemplateChoice::Gemma => "Gemma",
        TemplateChoice::Mistral => "Mistral",
    }
}

/// The chat template of the loaded model, and the date where the template tells one.
#[component]
pub fn TemplateFields(
    /// The model.
    info: ModelInfo,
) -> impl IntoView {
    let page = Workbench::here();
    let ModelInfo { template, has_own_template, tells_date, .. } = info;
    let choose = move |event: web_sys::Event| {
        if let Some(choice) = TemplateChoice::named(&event_target_value(&event)) {
            spawn_local(model::pick_template(page, choice));
        }
    };
    let options = TemplateChoice::ALL.map(|choice| {
        let is_missing = choice == TemplateChoice::File && !has_own_template;
        let words = if is_missing { "not picked yet" } else { words(choice) };
        let is_chosen = template.unwrap_or_default() == choice;
        view! { <option value=choice.as_str() selected=is_chosen disabled=is_missing>{words}</option> }
    });
    view! {
        <p class="panel__line count-line">
            <label for="template">"Chat template"</label>
            <select
                id="template"
                data-testid="template"
                class="field__input"
                aria-describedby=(!has_own_template).then_some("template-help")
                disabled=page.is_busy
                on:change=choose
            >
                {options}
            </select>
        </p>
        {(!has_own_template).then(|| view! {
            <p id="template-help" class="field__help" data-testid="template-help">
                "The file has no chat template; base models have none. Pick the format that the model was trained on, or none for a base model."
            </p>
        })}
        {tells_date.then(|| view! { <DateField /> })}
    }
}

/// The day that the template tells the model.
#[component]
fn DateField() -> impl IntoView {
    let page = Workbench::here();
    let date = Memo::new(move |_| page.setup.with(|setup| setup.config().date));
    let set = move |date: Option<Day>| page.setup.update(|setup| setup.change(|config| config.date = date));
    let show = move || date.get().unwrap_or(Day::FIXED).to_string();
    let change = move |event: web_sys::Event| {
        set(Day::parse(&event_target_value(&event)).filter(|day| *day != Day::FIXED));
        // Shows what holds now, also where the field was emptied.
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&date.get_untracked().unwrap_or(Day::FIXED).to_string());
    };
    view! {
        <p class="panel__line count-line">
            <label for="prompt-date">"Date it is given"</label>
            <input
                id="prompt-date"
                data-testid="prompt-date"
                class="field__input"
                type="date"
                min="0001-01-01"
                max="9999-12-31"
                aria-describedby="prompt-date-help"
                disabled=page.is_busy
                prop:value=show
                on:change=change
            />
            <button
                type="button"
                class="button button--quiet"
                data-testid="prompt-date-today"
                disabled=page.is_busy
                on:click=move |_| set(today())
            >
                "Today"
            </button>
        </p>
        <p id="prompt-date-help" class="field__help">
            "This template tells the model a date. It is kept with the session; with another date, the same settings give other responses."
        </p>
    }
}
