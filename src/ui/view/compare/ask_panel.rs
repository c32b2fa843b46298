//! What the methods still have to ask the model, with a button each and one for all.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{
        actions::ask,
        method_words,
        state::{Place, Workbench},
        words,
    },
    fault_note::FaultNote,
    run_bar::Underway,
};
use crate::data::{MeasureKind, Method};

/// The methods whose measurement is missing.
#[component]
pub fn AskPanel() -> impl IntoView {
    let page = Workbench::here();
    let open = Memo::new(move |_| {
        let missing = page.compared.with(|compared| compared.missing.clone());
        missing.into_iter().filter(|(_, n_texts)| *n_texts > 0).collect::<Vec<_>>()
    });
    view! {
        <Asking />
        <Show when=move || !open.with(Vec::is_empty)>
            <section class="ask" aria-labelledby="ask-title" data-testid="ask-panel">
                <h3 id="ask-title">"What the model has not been asked yet"</h3>
                <p class="field__help">
                    "These methods need more than the responses. The model answers here, in your browser, and what it says is kept with the session."
                </p>
                <ul class="ask__list">{move || open.get().into_iter().map(|(need, n_texts)| view! { <Item need n_texts /> }).collect_view()}</ul>
                {move || {
                    let open = open.get();
                    (open.len() > 1).then(|| {
                        let needs: Vec<MeasureKind> = open.iter().map(|(need, _)| *need).collect();
                        let n_texts: usize = open.iter().map(|(_, n_texts)| n_texts).sum();
                        view! { <AskButton needs n_texts label="Ask for all of them" testid="ask-all" /> }
                    })
                }}
            </section>
        </Show>
    }
}

#[component]
fn Item(
    /// What it needs.
    need: MeasureKind,
    /// Texts that are missing.
    n_texts: usize,
) -> impl IntoView {
    let method = Method::ALL.into_iter().find(|method| MeasureKind::of(*method, true) == Some(need));
    let name = method.map(method_words::name).unwrap_or_default();
    view! {
        <li class="ask__item">
            <p><strong>{name}</strong>" asks "{method_words::need(need)}"."</p>
            <AskButton needs=vec![need] n_texts label="Ask the model" testid=ask_testid(need) about=name />
        </li>
    }
}

fn ask_testid(need: MeasureKind) -> &'static str {
    match need {
        MeasureKind::Own => "ask-own",
        MeasureKind::Instructed => "ask-instructed",
        MeasureKind::Translations => "ask-translations",
        MeasureKind::Translated => "ask-translated",
        MeasureKind::States => "ask-states",
        MeasureKind::Chat => "ask-chat",
        MeasureKind::Plain => "ask-plain",
    }
}

/// Asks the model; says before how much that is.
#[component]
pub fn AskButton(
    /// What to ask.
    needs: Vec<MeasureKind>,
    /// Texts that it takes.
    n_texts: usize,
    /// What it says.
    label: &'static str,
    /// For the end-to-end test.
    testid: &'static str,
    /// What for, for those who hear the button alone.
    #[prop(optional)]
    about: &'static str,
) -> impl IntoView {
    let page = Workbench::here();
    let about = (!about.is_empty()).then(|| view! { <span class="visually-hidden">" for "{about}</span> });
    view! {
        <button
            type="button"
            class="button"
            data-testid=testid
            disabled=page.is_busy
            on:click=move |_| spawn_local(ask::ask(page, needs.clone()))
        >
            <span>{label}{about}" "<span class="ask__count number">{words::plural(n_texts, "text", "texts")}</span></span>
        </button>
    }
}

/// Progress with Cancel while the model is asked, what went wrong, and whether it is the session's own model.
#[component]
pub fn Asking() -> impl IntoView {
    let page = Workbench::here();
    let other = Memo::new(move |_| ask::other_model(page));
    let problems = Memo::new(move |_| page.ask_problems.get());
    view! {
        <Show when=move || page.is_busy.get()><Underway /></Show>
        <FaultNote place=Place::Ask />
        {move || {
            other.get().map(|name| view! {
                <div class="note note--warn" data-testid="other-model">
                    <p>"The responses were written by "<bdi>{name}</bdi>", and another model is loaded. What it says is its own view of them."</p>
                </div>
            })
        }}
        {move || {
            let problems = problems.get();
            (!problems.is_empty()).then(|| view! {
                <div class="note note--warn" data-testid="ask-problems">
                    <p><strong>"Some texts could not be asked about."</strong></p>
                    <ul>{problems.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                </div>
            })
        }}
    }
}
