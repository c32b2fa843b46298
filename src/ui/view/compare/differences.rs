//! The rows on which two methods differ, side by side.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{method_words, words};
use super::{
    pair_list::{ROWS, Turner},
    pair_view::{Picked, RowHead},
};
use crate::{
    align::{ComparisonTable, compare::DifferingRow},
    pictures::row_pair,
};

/// The rows of two methods.
#[component]
pub fn Differences(
    /// What was computed.
    table: Arc<ComparisonTable>,
    /// Place of their agreement.
    agreement: usize,
    /// Closes the list.
    open: RwSignal<Option<usize>>,
) -> impl IntoView {
    let first = RwSignal::new(0_usize);
    let found = table.agreements.get(agreement).cloned();
    found.map(|found| {
        let places = [found.first as usize, found.second as usize];
        let names = places.map(|place| method_words::name(table.methods[place].method));
        let n_rows = found.differing.len();
        let shown = move || {
            let from = first.get().min(n_rows);
            found.differing[from..(from + ROWS).min(n_rows)].to_vec()
        };
        let item = move |row: DifferingRow| view! { <Difference table=Arc::clone(&table) row places names /> };
        view! {
            <section class="drill" aria-labelledby="differences-title" data-testid="differences">
                <div class="methods__head">
                    <h4 id="differences-title">{format!("Where {} and {} differ", names[0], names[1])}</h4>
                    <button type="button" class="button button--quiet" on:click=move |_| open.set(None)>"Close"</button>
                </div>
                <p class="field__help number">{words::plural(n_rows, "row", "rows")}</p>
                <ol class="picked__list">{move || shown().into_iter().map(&item).collect_view()}</ol>
                <Turner n_rows=Signal::derive(move || n_rows) first />
            </section>
        }
    })
}

#[component]
fn Difference(
    /// What was computed.
    table: Arc<ComparisonTable>,
    /// Which row.
    row: DifferingRow,
    /// Places of the two methods.
    places: [usize; 2],
    /// Their names.
    names: [&'static str; 2],
) -> impl IntoView {
    let picks = places.map(|place| row_pair(&table, place, row));
    let head = picks.iter().flatten().next().map(|pair| (pair.prompt_id.clone(), pair.language.clone()));
    let sides = picks.into_iter().zip(names).map(|(pair, name)| {
        view! {
            <div class="picked__method" role="group" aria-label=name>
                <p class="picked__name">{name}</p>
                <div class="picked__sides">{pair.map(|pair| view! { <Picked pair=pair.clone() /> })}</div>
            </div>
        }
    });
    let sides = sides.collect_view();
    head.map(|(prompt_id, language)| {
        view! {
            <li class="picked" data-testid="difference">
                <RowHead prompt_id language />
                <div class="picked__methods">{sides}</div>
            </li>
        }
    })
}
