//! Batches: the pairs in batches of whole groups, one optimiser step each.

pub mod losses;
pub mod remainder;
pub mod settings;
pub mod strip;

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        actions::{
            batches::{self, Composed, Exported},
            files, method,
        },
        screen::View,
        state::{Place, Workbench},
        words,
    },
    export::problem_list,
    fault_note::FaultNote,
    screen::Screen,
};
use crate::{
    align::Composition,
    data::{BatchExport, export_batches},
};

/// The screen.
#[component]
pub fn BatchesScreen() -> impl IntoView {
    view! {
        <Screen
            view=View::Batches
            lead="Batch-wise alignment: every optimiser step sees the same prompts in several languages, the anchor's among them."
            empty="The pairs in batches that hold a prompt in all its languages, so that one optimiser step aligns them. Nothing more is computed for that."
        >
            <Composer />
            <losses::LossTable />
        </Screen>
    }
}

/// Settings, what they give, and the file.
#[component]
fn Composer() -> impl IntoView {
    let page = Workbench::here();
    let settings = page.batch_settings;
    let exported = RwSignal::new(None::<Arc<Exported>>);
    Effect::new(move |_| {
        page.desk.track();
        spawn_local(async move {
            let found = batches::exported(page).await;
            if let Some(found) = &found {
                batches::choose_composition(page, found);
            }
            let _gone = exported.try_set(found.map(Arc::new));
        });
    });
    let composed = Memo::new(move |_| {
        let found = exported.get()?;
        Some(settings.with(|settings| batches::composed(&found, settings)))
    });
    view! {
        <div class="composer">
            <settings::Settings settings />
            <div class="composer__out">
                {move || composed.get().zip(exported.get()).map(|(composed, exported)| view! { <Out composed exported /> })}
            </div>
        </div>
    }
}

#[component]
fn Out(
    /// The batches.
    composed: Composed,
    /// The pairs they are made of.
    exported: Arc<Exported>,
) -> impl IntoView {
    let page = Workbench::here();
    let n_rows: usize = composed.batches.batches.iter().map(|batch| batch.items.len()).sum();
    let facts = facts(&composed, n_rows);
    let wants_anchor = composed.batches.settings.composition == Composition::AnchorIncluded
        || !page.is_composition_chosen.get_untracked();
    let lacks_anchor = wants_anchor && !exported.session.config.anchor_pairs;
    let anchor = words::english(&exported.session.config.anchor);
    let (for_rows, for_guide) =
        ((composed.clone(), Arc::clone(&exported)), (composed.clone(), Arc::clone(&exported)));
    let download = move |_| files::download_batches(page, &export(&for_rows.0, &for_rows.1));
    let download_guide = move |_| files::download_batches_guide(page, &export(&for_guide.0, &for_guide.1));
    view! {
        {lacks_anchor.then(|| view! {
            <div class="note note--warn" data-testid="lacks-anchor">
                <p>{format!("{anchor} is the anchor and has no pairs of its own, so no group holds it.")}</p>
                <div class="note__acts">
                    <button type="button" class="button" data-testid="add-anchor-pairs" on:click=move |_| spawn_local(method::add_anchor_pairs(page))>
                        "Pair the anchor too"
                    </button>
                </div>
            </div>
        })}
        <dl class="facts" data-testid="batch-facts">
            {facts.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
        </dl>
        <div class="row">
            <button type="button" class="button button--strong" data-testid="download-batches" disabled={n_rows == 0} on:click=download>
                "Download in this order"
            </button>
            <button type="button" class="button" data-testid="download-guide" disabled={n_rows == 0} on:click=download_guide>
                "How to train on it"
            </button>
            <p class="field__help">
                "One pair per line, in training order: do not shuffle. The second file says how a trainer keeps the order."
            </p>
        </div>
        <FaultNote place=Place::Files />
        {problem_list(&exported.problems)}
        <p class="note">
            "Over a full epoch the objective equals ordinary multilingual DPO. Only which gradients meet in one step changes."
        </p>
        <strip::Strip composed=composed.clone() exported=Arc::clone(&exported) />
        <remainder::Remainder batches=composed.batches exported />
    }
}

fn export(composed: &Composed, exported: &Exported) -> BatchExport {
    let batches = &composed.batches;
    export_batches(&exported.session, &batches.batched_rows(&exported.rows), &batches.plan())
}

fn facts(composed: &Composed, n_rows: usize) -> Vec<(&'static str, String)> {
    let statistics = &composed.statistics;
    let n_steps = statistics.steps.len();
    let mut facts = vec![
        ("Rows", n_rows.to_string()),
        ("Optimiser steps", n_steps.to_string()),
        ("Rows of a full batch", composed.batches.batch_size.to_string()),
        ("Steps that see every language", format!("{} of {n_steps}", statistics.n_steps_with_all)),
    ];
    if let Some(mean) = statistics.mean_languages {
        facts.push(("Languages in a step, mean", format!("{mean:.1}")));
    }
    facts.push(("Prompts split over several steps", statistics.n_split_groups.to_string()));
    let by_language = statistics.rows_by_language.iter();
    let by_language: Vec<String> =
        by_language.map(|(language, n)| format!("{} {n}", language.as_str())).collect();
    facts.push(("Rows by language", by_language.join(", ")));
    facts.push(("In no batch", statistics.n_remainder.to_string()));
    facts
}
