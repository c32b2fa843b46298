//! The pairs behind a cell of the table, a page at a time.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{method_words, words};
use super::{
    open_cell::OpenCell,
    pair_view::{Picked, RowHead},
};
use crate::{
    align::ComparisonTable,
    pictures::{Listed, rows_behind},
};

/// Rows on one page of a list.
pub const ROWS: usize = 20;

/// The list of a cell.
#[component]
pub fn PairList(
    /// What was computed.
    table: Arc<ComparisonTable>,
    /// Place of the method.
    method: usize,
    /// Place of the figure: all, then each language.
    column: usize,
    /// Closes the list.
    open: RwSignal<OpenCell>,
) -> impl IntoView {
    let listed = RwSignal::new(Listed::default());
    let first = RwSignal::new(0_usize);
    let has_gold = table.n_gold > 0;
    let name = table.methods.get(method).map(|row| method_words::name(row.method)).unwrap_or_default();
    let language = column.checked_sub(1).and_then(|at| table.languages.get(at));
    let where_ = language.map_or_else(|| "all languages".to_owned(), words::english);
    let rows = {
        let table = Arc::clone(&table);
        Memo::new(move |_| rows_behind(&table, method, column, listed.get()))
    };
    let shown = move || {
        let rows = rows.get();
        let from = first.get().min(rows.len());
        rows[from..(from + ROWS).min(rows.len())].to_vec()
    };
    let item = move |at: usize| {
        let pair = table.methods.get(method).and_then(|row| row.selection.pairs.get(at).cloned());
        pair.map(|pair| view! {
            <li class="picked" data-testid="picked-row" data-prompt=pair.prompt_id.clone() data-language=pair.language.as_str().to_owned()>
                <RowHead prompt_id=pair.prompt_id.clone() language=pair.language.clone() />
                <div class="picked__sides"><Picked pair=pair.clone() /></div>
            </li>
        })
    };
    view! {
        <section class="drill" aria-labelledby="drill-title" data-testid="pair-list">
            <div class="methods__head">
                <h4 id="drill-title">{format!("{name}, {where_}")}</h4>
                <button type="button" class="button button--quiet" data-testid="close-list" on:click=move |_| open.set(None)>"Close"</button>
            </div>
            <ListedChoice listed first has_gold />
            <p class="field__help number" aria-live="polite">{move || rows.with(|rows| words::plural(rows.len(), "row", "rows"))}</p>
            <ol class="picked__list">{move || shown().into_iter().map(&item).collect_view()}</ol>
            <Turner n_rows=Signal::derive(move || rows.with(Vec::len)) first />
        </section>
    }
}

/// Which of the rows are listed.
#[component]
fn ListedChoice(
    /// The choice.
    listed: RwSignal<Listed>,
    /// The first row shown; back to the beginning.
    first: RwSignal<usize>,
    /// Whether any row is judged.
    has_gold: bool,
) -> impl IntoView {
    let is_offered = move |choice: &Listed| has_gold || matches!(choice, Listed::Pairs | Listed::Skipped);
    let buttons = Listed::ALL.into_iter().filter(is_offered).map(|choice| {
        view! {
            <button
                type="button"
                class="chip"
                data-testid=format!("listed-{}", choice.as_str())
                aria-pressed=move || (listed.get() == choice).to_string()
                on:click=move |_| {
                    first.set(0);
                    listed.set(choice);
                }
            >
                {listed_words(choice)}
            </button>
        }
    });
    view! { <div class="chips" role="group" aria-label="Rows to list">{buttons.collect_view()}</div> }
}

/// Turns the pages of a list.
#[component]
pub fn Turner(
    /// All rows.
    n_rows: Signal<usize>,
    /// The first one shown.
    first: RwSignal<usize>,
) -> impl IntoView {
    let words = move || {
        let from = first.get();
        format!("{}–{} of {}", from + 1, (from + ROWS).min(n_rows.get()), n_rows.get())
    };
    view! {
        <Show when=move || { n_rows.get() > ROWS }>
            <div class="pages">
                <button type="button" class="button" disabled=move || first.get() == 0
                    on:click=move |_| first.update(|first| *first = first.saturating_sub(ROWS))>"Earlier"</button>
                <span class="number">{words}</span>
                <button type="button" class="button" disabled=move || { first.get() + ROWS >= n_rows.get() }
                    on:click=move |_| first.update(|first| *first += ROWS)>"Later"</button>
            </div>
        </Show>
    }
}

fn listed_words(listed: Listed) -> &'static str {
    match listed {
        Listed::Pairs => "Pairs",
        Listed::RightOverWrong => "Gold answer over another",
        Listed::Otherwise => "Judged otherwise",
        Listed::Skipped => "No pair",
    }
}
