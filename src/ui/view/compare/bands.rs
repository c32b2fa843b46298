//! Score bands: is a pair with a larger margin a better one?

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{actions::compare, method_words, state::Workbench, words},
    why::Why,
};
use crate::align::{ComparisonTable, Rate, evaluate::BandQuality};

/// The pairs of one method by margin, judged by gold.
#[component]
pub fn Bands(
    /// What was computed.
    table: Arc<ComparisonTable>,
) -> impl IntoView {
    let page = Workbench::here();
    let choice = RwSignal::new(0_usize);
    let bands = RwSignal::new(None::<Vec<BandQuality>>);
    let has_gold = table.n_gold > 0;
    Effect::new(move |_| {
        let method = choice.get();
        bands.set(None);
        spawn_local(async move {
            let found = compare::bands(page, method).await;
            if choice.try_get_untracked() == Some(method) {
                let _gone = bands.try_set(found);
            }
        });
    });
    let options = table.methods.iter().enumerate().map(|(place, row)| {
        view! {
            <option value=place.to_string()>{method_words::name(row.method)}</option>
        }
    });
    let options = options.collect_view();
    let choose =
        move |event: web_sys::Event| choice.set(event_target_value(&event).parse().unwrap_or_default());
    has_gold.then(|| view! {
        <section class="methods" aria-labelledby="bands-title">
            <div class="methods__head">
                <h3 id="bands-title">"Are pairs with a larger margin better?"</h3>
                <label class="methods__measure">
                    <span>"Method"</span>
                    <select data-testid="band-method" on:change=choose>{options}</select>
                </label>
            </div>
            <p class="field__help">"The pairs in up to ten bands of equally many, from the smallest margin up. "<Why term="margin" of="a margin" /></p>
            {move || bands.get().map(|bands| view! { <BandTable bands /> })}
        </section>
    })
}

#[component]
fn BandTable(
    /// From the smallest margin up.
    bands: Vec<BandQuality>,
) -> impl IntoView {
    if bands.is_empty() {
        return view! { <p class="panel__line">"This method's pairs have no margin, or none of them can be judged."</p> }.into_any();
    }
    let rows = bands.into_iter().map(|band| {
        view! {
            <tr data-testid="band">
                <th scope="row" class="number">{format!("{:.3} to {:.3}", band.low, band.high)}</th>
                <td class="number">{band.pairs.right_over_wrong.whole}</td>
                <td class="number">{rate_words(band.pairs.right_over_wrong)}</td>
                <td class="number">{rate_words(band.pairs.chosen_right)}</td>
                <td class="number">{rate_words(band.pairs.rejected_wrong)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="bands-title">
            <table class="grid" data-testid="band-table">
                <thead>
                    <tr>
                        <th scope="col">"Margin"</th>
                        <th scope="col">"Pairs"</th>
                        <th scope="col">"Gold answer over another"</th>
                        <th scope="col">"Chosen answer is gold"</th>
                        <th scope="col">"Rejected answer is not"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A share with its interval; an en dash where nothing was counted.
pub fn rate_words(rate: Rate) -> String {
    let Some(share) = rate.share else { return "–".to_owned() };
    let interval = rate
        .interval
        .map(|interval| format!(" ({}–{})", words::percent(interval.low), words::percent(interval.high)));
    format!("{} %{}", words::percent(share), interval.unwrap_or_default())
}
