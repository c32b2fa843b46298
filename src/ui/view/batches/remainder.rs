//! The pairs that are in no batch, each with its reason.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{actions::batches::Exported, words};
use crate::align::{
    Batches,
    batchwise::{RemainderItem, RemainderReason},
};

/// Rows that are listed; more of a reason are counted only.
const LISTED: usize = 50;

/// The list, by reason.
#[component]
pub fn Remainder(
    /// The batches.
    batches: Batches,
    /// The pairs they are made of.
    exported: Arc<Exported>,
) -> impl IntoView {
    let reasons = [
        RemainderReason::NoAnchorPair,
        RemainderReason::OneLanguage,
        RemainderReason::Incomplete,
        RemainderReason::AnchorExcluded,
    ];
    let parts = reasons.into_iter().filter_map(|reason| {
        let items: Vec<&RemainderItem> =
            batches.remainder.iter().filter(|item| item.reason == reason).collect();
        let n = items.len();
        let listed = items.into_iter().take(LISTED).filter_map(|item| exported.items.get(item.item as usize));
        let listed = listed.map(|item| {
            view! {
                <li><bdi>{item.prompt_id.clone()}</bdi>", "{words::english(&item.language)}</li>
            }
        });
        let listed = listed.collect_view();
        (n > 0).then(|| {
            view! {
                <details class="more">
                    <summary>{words::plural(n, "pair", "pairs")}": "{reason_words(reason)}</summary>
                    <ul class="remainder">
                        {listed}
                        {(n > LISTED).then(|| view! { <li>{format!("and {} more", n - LISTED)}</li> })}
                    </ul>
                </details>
            }
        })
    });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| {
        view! {
            <section class="methods" aria-labelledby="remainder-title" data-testid="remainder">
                <h3 id="remainder-title">"In no batch"</h3>
                {parts}
            </section>
        }
    })
}

fn reason_words(reason: RemainderReason) -> &'static str {
    match reason {
        RemainderReason::NoAnchorPair => "their prompt has no pair in the anchor language",
        RemainderReason::OneLanguage => "their prompt has a pair in one language only",
        RemainderReason::AnchorExcluded => "they are the anchor's own, which this composition leaves out",
        RemainderReason::Incomplete => "their prompt lacks a pair in some language",
    }
}
