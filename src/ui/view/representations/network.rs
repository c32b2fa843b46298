//! The whole network: curves over the layers, with language pairs to choose, and the numbers of every pair.

use leptos::prelude::*;

use super::{
    super::{
        chart::{Chart, TableView},
        why::Why,
    },
    one_layer::ONE_TOKEN,
    study::Study,
};
use crate::pictures::{
    chart::curves,
    represent::{Metric, PairChoice, all_pairs, layer_curves, pair_table},
};

/// Pairs that are drawn at first: few enough to tell apart.
const N_FIRST: usize = 3;

/// Curves and table.
#[component]
pub fn Network(
    /// What is looked at.
    study: Study,
) -> impl IntoView {
    let metric = RwSignal::new(Metric::default());
    let pairs = Memo::new(move |_| study.facts.with(|facts| all_pairs(facts)));
    let chosen =
        RwSignal::new(pairs.with_untracked(|pairs| pairs.iter().take(N_FIRST).cloned().collect::<Vec<_>>()));
    let draw = move |width| {
        let (metric, settings) = (metric.get(), study.settings());
        let spec = chosen.with(|chosen| {
            study.facts.with(|facts| {
                study
                    .sets
                    .with(|sets| layer_curves(facts, sets, metric, chosen, (&study.languages(), settings)))
            })
        });
        curves(&spec, width)
    };
    let buttons = Metric::ALL
        .map(|one| {
            view! {
                <button type="button" class="chip" data-testid=format!("metric-{}", one.as_str())
                    aria-pressed=move || (metric.get() == one).to_string() on:click=move |_| metric.set(one)>
                    {one.name()}
                </button>
            }
        })
        .collect_view();
    let switches =
        move || pairs.get().into_iter().map(|pair| view! { <PairSwitch pair chosen /> }).collect_view();
    let starts_alike = Memo::new(move |_| {
        study.facts.with(|facts| facts.first().is_some_and(|first| study.sees_one_token(first)))
    });
    let table = Memo::new(move |_| study.with_layer(pair_table).unwrap_or_default());
    view! {
        <section class="study__part" aria-labelledby="network-title">
            <h3 id="network-title">"Layer by layer"</h3>
            <div class="chips" role="group" aria-label="What is drawn">{buttons}</div>
            <p class="field__help">{move || metric.get().help()}" "<Why term="alignx" of="AlignX" /></p>
            <Chart id="layers" draw />
            {move || starts_alike.get().then(|| view! { <p class="field__help">"At layer 0 "{ONE_TOKEN}</p> })}
            <details class="more">
                <summary data-testid="choose-pairs">"Choose language pairs"</summary>
                <fieldset class="switches">
                    <legend class="visually-hidden">"Language pairs in the picture"</legend>
                    {switches}
                </fieldset>
            </details>
            <h4>"Each pair of languages after the chosen layer"</h4>
            <div data-testid="pair-table"><TableView table is_sortable=true /></div>
        </section>
    }
}

#[component]
fn PairSwitch(
    /// Which two languages.
    pair: PairChoice,
    /// Those that are drawn.
    chosen: RwSignal<Vec<PairChoice>>,
) -> impl IntoView {
    let name = format!("{}–{}", pair.0.as_str(), pair.1.as_str());
    let known = pair.clone();
    let is_on = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&known)));
    let toggle = move |_| {
        chosen.update(|chosen| {
            if chosen.contains(&pair) {
                chosen.retain(|other| *other != pair);
            } else {
                chosen.push(pair.clone());
            }
        });
    };
    view! {
        <label class="switch">
            <input type="checkbox" prop:checked=is_on on:change=toggle />
            <bdi>{name}</bdi>
        </label>
    }
}
