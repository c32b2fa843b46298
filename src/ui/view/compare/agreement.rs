//! How far every two methods pick the same, and the rows on which two differ.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{method_words, words};
use super::differences::Differences;
use crate::align::{ComparisonTable, compare::MethodAgreement};

/// The matrix: kappa and the share of same pairs; pressing a cell opens where the two differ.
#[component]
pub fn Agreements(
    /// What was computed.
    table: Arc<ComparisonTable>,
) -> impl IntoView {
    let open = RwSignal::new(None::<usize>);
    let heads =
        table.methods.iter().map(|row| view! { <th scope="col">{method_words::name(row.method)}</th> });
    let heads = heads.collect_view();
    let rows = (0..table.methods.len()).map(|first| {
        let cells = (0..table.methods.len())
            .map(|second| view! { <td><Cell table=Arc::clone(&table) first second open /></td> });
        view! {
            <tr>
                <th scope="row">{method_words::name(table.methods[first].method)}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let listed = Arc::clone(&table);
    view! {
        <section class="methods" aria-labelledby="agreement-title">
            <h3 id="agreement-title">"Do the methods agree?"</h3>
            <p class="field__help">
                "Cohen's kappa over all responses, each labelled chosen, rejected or neither: 1 is full agreement, 0 what chance would give. Below it, of the rows that both pair, those with the same pair. Press a number to see where two methods differ."
            </p>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="agreement-title">
                <table class="grid" data-testid="agreement-table">
                    <thead><tr><th scope="col"><span class="visually-hidden">"Method"</span></th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {move || {
                let table = Arc::clone(&listed);
                open.get().map(|agreement| view! { <Differences table agreement open /> })
            }}
        </section>
    }
}

#[component]
fn Cell(
    /// What was computed.
    table: Arc<ComparisonTable>,
    /// Place of the one method.
    first: usize,
    /// Place of the other.
    second: usize,
    /// Place of the agreement whose differences are listed.
    open: RwSignal<Option<usize>>,
) -> impl IntoView {
    if first == second {
        return view! { <span class="grid__self" aria-hidden="true">"·"</span> }.into_any();
    }
    let is_it = |agreement: &MethodAgreement| {
        let places = (agreement.first as usize, agreement.second as usize);
        places == (first, second) || places == (second, first)
    };
    let Some(at) = table.agreements.iter().position(is_it) else { return ().into_any() };
    let found = &table.agreements[at];
    let is_unmeasured = found.n_candidates == 0
        && [first, second].iter().any(|place| table.methods[*place].all.is_unmeasured());
    let none = if is_unmeasured { method_words::NOT_MEASURED } else { "–" };
    let kappa = found.kappa.map_or_else(|| none.to_owned(), |kappa| format!("{kappa:.2}"));
    let same = found.same_pair.share.map_or_else(
        || if is_unmeasured { String::new() } else { "no row in common".to_owned() },
        |share| format!("{} % of {}", words::percent(share), found.same_pair.whole),
    );
    let names = format!(
        "{} and {}: kappa ",
        method_words::name(table.methods[first].method),
        method_words::name(table.methods[second].method)
    );
    view! {
        <button
            type="button"
            class="grid__cell number"
            data-testid="agreement-cell"
            aria-pressed=move || (open.get() == Some(at)).to_string()
            on:click=move |_| open.update(|open| *open = if *open == Some(at) { None } else { Some(at) })
        >
            <span class="grid__figure"><span class="visually-hidden">{names}</span>{kappa}</span>
            {(!same.is_empty()).then(|| view! {
                <span class="grid__counts"><span class="visually-hidden">", same pair "</span>{same}</span>
            })}
        </button>
    }
    .into_any()
}
