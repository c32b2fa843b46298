//! The batches as a strip: a row per optimiser step, a cell per pair with its language in letters and in colour.

use std::{collections::BTreeMap, sync::Arc};

use leptos::prelude::*;

use super::super::super::{
    actions::batches::{Composed, Exported},
    words,
};
use crate::{align::batchwise::Batch, data::Language};

/// Steps on one page.
const STEPS: usize = 20;

/// The strip, a page at a time.
#[component]
pub fn Strip(
    /// The batches.
    composed: Composed,
    /// The pairs they are made of.
    exported: Arc<Exported>,
) -> impl IntoView {
    let first = RwSignal::new(0_usize);
    let n_steps = composed.statistics.steps.len();
    let composed = Arc::new(composed);
    let rows = move || {
        let from = first.get();
        (from..(from + STEPS).min(n_steps))
            .map(|step| view! { <Step step composed=Arc::clone(&composed) exported=Arc::clone(&exported) /> })
            .collect_view()
    };
    let shown = move || {
        let from = first.get();
        format!("Steps {}–{} of {n_steps}", from + 1, (from + STEPS).min(n_steps))
    };
    view! {
        <section class="methods" aria-labelledby="strip-title">
            <h3 id="strip-title">"What each step sees"</h3>
            <p class="field__help">"A box is a prompt; in it a cell for each language."</p>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="strip-title">
                <table class="strip" data-testid="strip">
                    <thead class="visually-hidden"><tr><th scope="col">"Step"</th><th scope="col">"Pairs"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Show when=move || { n_steps > STEPS }>
                <div class="pages">
                    <button type="button" class="button" disabled=move || first.get() == 0
                        on:click=move |_| first.update(|first| *first = first.saturating_sub(STEPS))>"Earlier"</button>
                    <span class="number">{shown}</span>
                    <button type="button" class="button" disabled=move || { first.get() + STEPS >= n_steps }
                        on:click=move |_| first.update(|first| *first += STEPS)>"Later"</button>
                </div>
            </Show>
        </section>
    }
}

#[component]
fn Step(
    /// Which, from 0.
    step: usize,
    /// The batches.
    composed: Arc<Composed>,
    /// The pairs they are made of.
    exported: Arc<Exported>,
) -> impl IntoView {
    let languages = &exported.session.config.languages;
    let of_step = |batch: &&Batch| batch.step as usize == step;
    let items: Vec<u32> =
        composed.batches.batches.iter().filter(of_step).flat_map(|b| b.items.clone()).collect();
    let n_rows = items.len();
    let mut groups: BTreeMap<u32, Vec<Language>> = BTreeMap::new();
    for item in items {
        let group = composed.batches.group_of[item as usize];
        groups.entry(group).or_default().push(exported.items[item as usize].language.clone());
    }
    let boxes = groups.into_values().map(|members| {
        let cells = members.into_iter().map(|language| {
            let hue = languages.iter().position(|known| *known == language).unwrap_or_default() % 8;
            view! { <abbr class="strip__cell" data-hue=hue title=words::english(&language)>{language.as_str().to_owned()}</abbr> }
        });
        view! { <span class="strip__group">{cells.collect_view()}</span> }
    });
    view! {
        <tr data-testid="batch-step" data-step=step.to_string() data-rows=n_rows.to_string()>
            <th scope="row" class="number">{step + 1}</th>
            <td><div class="strip__row">{boxes.collect_view()}</div></td>
        </tr>
    }
}
