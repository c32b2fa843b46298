//! Nothing is measured yet: what will be, how large it gets, and the button.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{
        actions::{ask, represent},
        state::{Activity, Place, Workbench},
    },
    fault_note::FaultNote,
    run_bar::Underway,
};

/// What to do, or how far it is.
#[component]
pub fn Unmeasured() -> impl IntoView {
    let page = Workbench::here();
    let is_idle = Memo::new(move |_| page.engine.with(|engine| engine.activity == Activity::Idle));
    let size = Memo::new(move |_| represent::size_words(page));
    let other = Memo::new(move |_| ask::other_model(page));
    let problems = Memo::new(move |_| page.engine.with(|engine| engine.ask_problems.clone()));
    view! {
        <div class="empty" data-testid="unmeasured">
            <p>
                "The model reads every prompt in every language once in the chat template and once as bare text. Its states after every layer are kept in the session; no response is made."
            </p>
            <p class="number field__help">
                {move || size.get().unwrap_or_else(|| "How much there is to keep is known once a model is loaded.".to_owned())}
            </p>
            {move || other.get().map(|name| view! {
                <p class="note note--warn">{format!("The responses of this session are by {name}, and another model is loaded. Its states say nothing about that one.")}</p>
            })}
            <Show when=move || is_idle.get() fallback=|| view! { <Underway /> }>
                <p>
                    <button
                        type="button"
                        class="button button--strong"
                        data-testid="measure-states"
                        on:click=move |_| spawn_local(represent::measure(page))
                    >
                        "Measure the prompts' states"
                    </button>
                </p>
            </Show>
            <FaultNote place=Place::Ask />
            {move || {
                let items = problems.get().into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
                (!problems.get().is_empty()).then(|| view! { <ul class="note note--warn">{items}</ul> })
            }}
        </div>
    }
}
