//! Rows to look at that no single row can tell: those like this one, and those on which the methods differ.

use std::{collections::HashSet, sync::Arc};

use leptos::prelude::*;

use super::super::super::{actions::walk, state::Workbench};
use crate::curation::{Cell, RowFilter};

/// Rows that are shown as being like one.
const N_SIMILAR: usize = 20;

/// Two presses that narrow the rows; each says why where it cannot.
#[component]
pub fn RowSets() -> impl IntoView {
    let page = Workbench::here();
    let only = move |cells: HashSet<Cell>| {
        let now = page.review.filter.get_untracked();
        walk::set_filter(page, RowFilter { only: Some(Arc::new(cells)), ..now });
    };
    let is_measured = Memo::new(move |_| {
        page.record.track();
        page.desk.with(|desk| {
            desk.as_ref().is_some_and(|desk| !desk.session().measurements.representations.is_empty())
        })
    });
    let table = move || {
        let record = page.record.get();
        page.compared.with(|now| now.table.clone().filter(|_| now.of == Some(record)))
    };
    let is_compared = Memo::new(move |_| table().is_some());
    let similar = move |_| {
        let cell = page.focus.get_untracked().cell;
        let found = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.similar(cell, N_SIMILAR)));
        only(found.unwrap_or_default().into_iter().map(|(cell, _)| cell).chain([cell]).collect());
    };
    let differing = move |_| {
        let Some(table) = untrack(table) else { return };
        let found = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.differing(&table)));
        only(found.unwrap_or_default());
    };
    view! {
        <div class="field">
            <span class="row">
                <button type="button" class="button button--small" data-testid="filter-similar"
                    disabled=move || !is_measured.get() on:click=similar>"Questions like this one"</button>
                <button type="button" class="button button--small" data-testid="filter-differing"
                    disabled=move || !is_compared.get() on:click=differing>"Methods disagree"</button>
            </span>
            <Show when=move || !is_measured.get() || !is_compared.get()>
                <span class="field__help">
                    {move || match (is_measured.get(), is_compared.get()) {
                        (false, false) => {
                            "To find like questions, measure the prompts on the Representations screen; to find where methods disagree, open Compare methods first."
                        }
                        (false, true) => "To find like questions, measure the prompts on the Representations screen.",
                        _ => "To find where methods disagree, open Compare methods first.",
                    }}
                </span>
            </Show>
        </div>
    }
}
