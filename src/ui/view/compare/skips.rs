//! Why rows have no pair, by method.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{method_words, state::Workbench, words};
use crate::{align::ComparisonTable, data::Language, pictures::skip_table};

/// Every reason that occurs, with its rows by method.
#[component]
pub fn Skips(
    /// What was computed.
    table: Arc<ComparisonTable>,
) -> impl IntoView {
    let page = Workbench::here();
    let anchor = page.desk.with_untracked(|desk| {
        desk.as_ref().map_or_else(|| Language::from("en"), |desk| desk.session().config.anchor.clone())
    });
    let heads =
        table.methods.iter().map(|row| view! { <th scope="col">{method_words::name(row.method)}</th> });
    let heads = heads.collect_view();
    let rows = skip_table(&table).into_iter().map(|(reason, counts)| {
        let cells = counts.into_iter().map(|n| view! { <td class="number">{n}</td> });
        view! {
            <tr data-testid="skip">
                <th scope="row" class="grid__sentence">{words::skip_words(reason, &anchor).0}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="methods" aria-labelledby="skips-title">
            <h3 id="skips-title">"Rows without a pair"</h3>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="skips-title">
                <table class="grid" data-testid="skip-table">
                    <thead><tr><th scope="col">"Why"</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
