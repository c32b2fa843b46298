//! Every method on the session's responses, computed in slices and kept until the session changes.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    slices::in_slices,
    state::{Compared, Workbench},
};
use crate::{
    align::{Comparison, Evaluating, Material, PromptIndex, evaluate::BandQuality},
    browser::clock,
    curation::NeedCounter,
    data::{MeasureKind, Method, SessionConfig},
};

/// Resamples behind the intervals of the score bands.
const N_RESAMPLES: u32 = 500;

/// Computes the table whenever the session has changed, for as long as the calling component lives.
pub fn keep_compared(page: Workbench) {
    Effect::new(move |_| {
        let record = page.record.get();
        let has_desk = page.desk.with(Option::is_some);
        let is_known = page.compared.with_untracked(|compared| compared.of == Some(record));
        if has_desk && !is_known {
            page.compared.set(Compared { of: Some(record), ..Compared::default() });
            spawn_local(compare(page, record));
        }
    });
}

async fn compare(page: Workbench, record: u32) {
    // The screen is painted first.
    clock::breathe().await;
    let Some(session) = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared())) else {
        return;
    };
    let is_same = move || page.record.get_untracked() == record;
    let missing = {
        let counter = NeedCounter::new(&session);
        [MeasureKind::Translations, MeasureKind::Translated, MeasureKind::Instructed, MeasureKind::States]
            .map(|need| (need, counter.missing(need).n_texts))
            .to_vec()
    };
    page.compared.update(|compared| compared.missing = missing);
    clock::breathe().await;
    let configs = Method::ALL.map(|method| SessionConfig { method, ..session.config.clone() });
    let index = PromptIndex::new(Material::of(&session));
    clock::breathe().await;
    let mut comparison = Comparison::new(&index, &configs);
    let n_steps = comparison.n_steps().max(1);
    let mut shown = 0;
    in_slices(|| {
        let goes_on = is_same() && comparison.step();
        let percent = 100 * comparison.n_done() / n_steps;
        if percent != shown {
            shown = percent;
            page.compared.update(|compared| compared.percent = percent);
        }
        goes_on
    })
    .await;
    if is_same() {
        let table = Arc::new(comparison.finish());
        clock::breathe().await;
        page.compared.update(|compared| compared.table = Some(table));
    }
}

/// The pairs of a method by their margin, judged by gold; `None` where the session has changed meanwhile.
pub async fn bands(page: Workbench, method: usize) -> Option<Vec<BandQuality>> {
    let record = page.record.get_untracked();
    let is_same = move || page.record.get_untracked() == record;
    let session = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared()))?;
    let table = page.compared.with_untracked(|compared| compared.table.clone())?;
    let row = table.methods.get(method)?;
    let config = SessionConfig { method: row.method, ..session.config.clone() };
    let picks = &row.selection;
    clock::breathe().await;
    let mut evaluating = Evaluating::new(
        &session.prompts,
        &session.responses,
        &picks.references,
        &picks.pairs,
        &config,
        config.seed,
    );
    let mut left = N_RESAMPLES;
    in_slices(|| {
        evaluating.resample();
        left -= 1;
        left > 0 && is_same()
    })
    .await;
    is_same().then(|| evaluating.finish().bands)
}
