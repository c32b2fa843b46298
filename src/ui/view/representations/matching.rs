//! The language-matching loss: a small classifier, trained here and now on two languages' vectors, layer by layer.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{super::slices::in_slices, chart::Chart, fields::NumberField},
    study::Study,
};
use crate::{
    align::alignx::{LanguageMatch, MatchSettings, MatchTraining},
    pictures::{
        chart::{Curve, Curves, Ink, curves},
        represent::{PairChoice, all_pairs},
    },
};

/// Training and its curve.
#[component]
pub fn LanguageMatching(
    /// What is looked at.
    study: Study,
) -> impl IntoView {
    let pairs = Memo::new(move |_| study.facts.with(|facts| all_pairs(facts)));
    let chosen = RwSignal::new(0_usize);
    let seed = RwSignal::new(1_u32);
    let found = RwSignal::new(Vec::<LanguageMatch>::new());
    let share = RwSignal::new(None::<f64>);
    let count = StoredValue::new(0_u32);
    // Other states or other layers: what was found is of no use any more.
    Effect::new(move |_| {
        study.facts.track();
        count.update_value(|n| *n += 1);
        found.set(Vec::new());
        share.set(None);
    });
    let train = move |_| {
        if let Some(pair) = pairs.with_untracked(|pairs| pairs.get(chosen.get_untracked()).cloned()) {
            count.update_value(|n| *n += 1);
            train_all(study, pair, seed.get_untracked(), Progress { found, share, count });
        }
    };
    let stop = move |_| {
        count.update_value(|n| *n += 1);
        share.set(None);
    };
    let options = move || {
        pairs
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, (first, second))| {
                view! { <option value=at.to_string()>{format!("{} and {}", first.as_str(), second.as_str())}</option> }
            })
            .collect_view()
    };
    let has_found = Memo::new(move |_| found.with(|found| !found.is_empty()));
    view! {
        <section class="study__part" aria-labelledby="matching-title">
            <h3 id="matching-title">"Can a small network still tell two languages apart?"</h3>
            <p class="field__help">
                "AlignX's language-matching loss: a classifier with 128 hidden units looks at two vectors and says whether they are of the same language. It is trained here on most prompts and judged on the rest. One half is a guess."
            </p>
            <div class="study">
                <label class="field">
                    <span class="field__label">"Languages"</span>
                    <select data-testid="matching-pair"
                        on:change=move |event| chosen.set(event_target_value(&event).parse().unwrap_or_default())>
                        {options}
                    </select>
                </label>
                <NumberField
                    label="Seed"
                    help="Decides weights, order and split."
                    name="matching-seed"
                    value=Signal::derive(move || f64::from(seed.get()))
                    min=0.0
                    max=4_294_967_295.0
                    step=1.0
                    on_change=move |value| seed.set(whole(value))
                />
                <div class="field">
                    <Show
                        when=move || share.get().is_none()
                        fallback=move || view! { <button type="button" class="button" on:click=stop>"Stop"</button> }
                    >
                        <button type="button" class="button" data-testid="matching-train" on:click=train>"Train, layer by layer"</button>
                    </Show>
                </div>
            </div>
            {move || share.get().map(|share| view! {
                <progress class="progress" max="1" prop:value=share aria-label="Training"></progress>
            })}
            <Show when=move || has_found.get()>
                <Chart id="matching" draw=move |width| found.with(|found| curves(&spec(found, seed.get_untracked()), width)) />
            </Show>
        </section>
    }
}

/// Where a training says how far it is.
#[derive(Clone, Copy)]
struct Progress {
    found: RwSignal<Vec<LanguageMatch>>,
    share: RwSignal<Option<f64>>,
    count: StoredValue<u32>,
}

fn train_all(study: Study, (first, second): PairChoice, seed: u32, to: Progress) {
    let Some(session) = study.page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared())) else {
        return;
    };
    let places: Vec<usize> =
        study.facts.with_untracked(|facts| facts.iter().map(|layer| layer.place).collect());
    to.found.set(Vec::new());
    to.share.set(Some(0.0));
    let mine = to.count.get_value();
    spawn_local(async move {
        let is_wanted = move || to.count.try_get_value() == Some(mine);
        let n = places.len();
        for (at, place) in places.into_iter().enumerate() {
            let Some(layer) = session.measurements.representations.get(place) else { continue };
            let settings = MatchSettings { seed, ..MatchSettings::default() };
            let Some(mut training) = MatchTraining::new(layer, &first, &second, settings) else { break };
            in_slices(|| {
                let is_left = is_wanted() && training.step();
                if is_wanted() {
                    to.share.set(Some(whole_share(at, training.progress(), n)));
                }
                is_left
            })
            .await;
            if !is_wanted() {
                return;
            }
            if let Some(result) = training.result() {
                to.found.update(|found| found.push(result.clone()));
            }
        }
        to.share.set(None);
        if to.found.with_untracked(Vec::is_empty) {
            study.page.status.set("Two prompts or more must have both languages.".to_owned());
        }
    });
}

#[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
fn whole_share(done: usize, part: f64, n: usize) -> f64 {
    (done as f64 + part) / n.max(1) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the field holds whole numbers of this range"
)]
fn whole(value: f64) -> u32 {
    value as u32
}

fn spec(found: &[LanguageMatch], seed: u32) -> Curves {
    let curve = |name: &str, ink, is_strong, value: fn(&LanguageMatch) -> f64| Curve {
        name: name.to_owned(),
        ink,
        dash: if is_strong { 0.0 } else { 4.0 },
        is_strong,
        values: found.iter().map(|layer| Some(value(layer))).collect(),
    };
    let names = found
        .first()
        .map_or_else(String::new, |one| format!("{} and {}", one.first.as_str(), one.second.as_str()));
    Curves {
        title: format!("Telling {names} apart, by layer (seed {seed})"),
        what: "share right, and loss".to_owned(),
        along: "layer".to_owned(),
        places: found.iter().map(|layer| layer.layer).collect(),
        curves: vec![
            curve("right, held out", Ink::Act, true, |layer| layer.held_out.accuracy),
            curve("right, trained on", Ink::Soft, false, |layer| layer.train.accuracy),
            curve("loss, held out", Ink::Rejected, false, |layer| layer.held_out.loss),
        ],
        decimals: 3,
    }
}
