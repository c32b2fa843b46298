//! Compare methods: every way of choosing pairs, on the same responses.

pub mod agreement;
pub mod ask_panel;
pub mod bands;
pub mod differences;
pub mod measures;
pub mod method_facts;
pub mod open_cell;
pub mod pair_list;
pub mod pair_view;
pub mod skips;
pub mod table;

use std::sync::Arc;

use leptos::prelude::*;

pub use ask_panel::{AskButton, Asking};

use super::{
    super::{
        actions::compare,
        screen::View,
        state::{Compared, Workbench},
    },
    later::Later,
    screen::Screen,
};
use crate::align::ComparisonTable;

/// The screen.
#[component]
pub fn CompareScreen() -> impl IntoView {
    compare::keep_compared(Workbench::here());
    view! {
        <Screen
            view=View::Compare
            lead="Six ways of choosing pairs, each on the same responses. Press a number to see the pairs behind it."
            empty="Which way of choosing pairs is best for your model and your languages? Six methods on the same responses answer that. After a run, asking the teaching model what they need takes 10 to 20 seconds."
        >
            <ask_panel::AskPanel />
            <Results />
        </Screen>
    }
}

/// What stands below the table, from top to bottom.
const BELOW: [fn(Arc<ComparisonTable>) -> AnyView; 5] = [
    |table| view! { <agreement::Agreements table /> }.into_any(),
    |table| view! { <bands::Bands table /> }.into_any(),
    |table| view! { <skips::Skips table /> }.into_any(),
    |table| view! { <measures::Measures table /> }.into_any(),
    |_| view! { <method_facts::MethodFacts /> }.into_any(),
];

/// The table and all below it, once it is computed.
#[component]
fn Results() -> impl IntoView {
    let page = Workbench::here();
    let percent = Memo::new(move |_| page.compared.with(|compared| compared.percent));
    let is_there =
        Memo::new(move |_| page.compared.with(|compared| compared.table.is_some().then_some(compared.of)));
    move || {
        match is_there.get().and_then(|_| table(page)) {
        None => view! {
            <div class="run__progress" data-testid="comparing">
                <progress class="progress" max="100" prop:value=percent aria-label="Comparing"></progress>
                <p class="run__facts number">{move || format!("Comparing the methods: {} %", percent.get())}</p>
            </div>
        }
        .into_any(),
        Some(table) => {
            let below = BELOW.into_iter().enumerate().map(|(at, part)| {
                let table = Arc::clone(&table);
                view! { <Later n=at + 1>{part(Arc::clone(&table))}</Later> }
            });
            let below = below.collect_view();
            view! {
                <table::MethodTable table />
                {below}
            }
            .into_any()
        }
    }
    }
}

/// The table, where it is computed.
fn table(page: Workbench) -> Option<Arc<ComparisonTable>> {
    page.compared.with_untracked(|compared: &Compared| compared.table.clone())
}
