//! How batches are composed.

use leptos::prelude::*;

use super::super::{
    super::state::Workbench,
    fields::{NumberField, SwitchField},
};
use crate::align::{BatchSettings, Composition};

/// The compositions, in the order they are offered.
const COMPOSITIONS: [(Composition, &str); 3] = [
    (Composition::AnchorIncluded, "With the anchor"),
    (Composition::AnchorExcluded, "Without the anchor"),
    (Composition::Random, "Random"),
];

/// The fields.
#[component]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fields clamp to small ranges"
)]
pub fn Settings(
    /// What they set.
    settings: RwSignal<BatchSettings>,
) -> impl IntoView {
    let number = move |read: fn(&BatchSettings) -> u32| {
        Signal::derive(move || settings.with(|settings| f64::from(read(settings))))
    };
    let composition = Memo::new(move |_| settings.with(|settings| settings.composition));
    let options = COMPOSITIONS.into_iter().map(|(choice, name)| {
        view! {
            <option value=choice.as_str() selected=move || composition.get() == choice>{name}</option>
        }
    });
    let page = Workbench::here();
    let choose = move |event: web_sys::Event| {
        page.is_composition_chosen.set(true);
        let value = event_target_value(&event);
        if let Some(choice) = Composition::ALL.into_iter().find(|choice| choice.as_str() == value) {
            settings.update(|settings| settings.composition = choice);
        }
    };
    view! {
        <section class="fields composer__settings" aria-labelledby="composer-title">
            <h3 id="composer-title">"How they are composed"</h3>
            <div class="field">
                <label class="field__label" for="composition">"Groups"</label>
                <select id="composition" data-testid="composition" class="field__input" aria-describedby="composition-help" on:change=choose>
                    {options.collect_view()}
                </select>
                <p class="field__help" id="composition-help">{move || composition.get().sentence()}</p>
            </div>
            <NumberField label="Groups per batch" name="groups-per-batch" min=1.0 max=1024.0 step=1.0
                help="Prompts in one batch, each in all its languages."
                value=number(|s| s.groups_per_batch)
                on_change=move |value| settings.update(|s| s.groups_per_batch = value as u32) />
            <NumberField label="Epochs" name="epochs" min=1.0 max=100.0 step=1.0
                help="All epochs are written out, each in its own order."
                value=number(|s| s.n_epochs)
                on_change=move |value| settings.update(|s| s.n_epochs = value as u32) />
            <NumberField label="Seed" name="batch-seed" min=0.0 max=4_294_967_295.0 step=1.0
                help="The same seed always gives the same order."
                value=number(|s| s.seed)
                on_change=move |value| settings.update(|s| s.seed = value as u32) />
            <SwitchField label="Complete groups only" testid="complete-groups"
                help="Then every batch has the same size, and a trainer that only knows a batch size keeps groups whole."
                is_on=Signal::derive(move || settings.with(|settings| settings.complete_groups_only))
                on_change=move |on| settings.update(|settings| settings.complete_groups_only = on) />
        </section>
    }
}
