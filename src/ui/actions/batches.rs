//! Composing batches of the session's pairs, and the losses of the current model on them.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::state::Workbench;
use crate::{
    align::{
        BatchSettings, Batches, Composition, LossSettings, Losses, batchwise::BatchItem,
        batchwise::BatchStatistics, compose, evaluate, losses,
    },
    browser::clock,
    curation::{Desk, NeedCounter, exported_pairs},
    data::{ExportRow, MeasureKind, RowProblem, Session, TaskKind, writable_rows},
};

/// The pairs that batches are made of.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The session they are of.
    pub session: Arc<Session>,
    /// The rows that a file can hold.
    pub rows: Vec<ExportRow>,
    /// The same, to be composed.
    pub items: Vec<BatchItem>,
    /// What is wrong with the others.
    pub problems: Vec<RowProblem>,
}

/// The pairs as curation lets them through; a few tasks, each short.
pub async fn exported(page: Workbench) -> Option<Exported> {
    clock::breathe().await;
    let (session, rows) = page.desk.with_untracked(|desk| desk.as_ref().map(shared_and_rows))?;
    clock::breathe().await;
    let (rows, problems) = writable_rows(&session, &rows);
    clock::breathe().await;
    let items = BatchItem::of_rows(&session, &rows);
    Some(Exported { session, rows, items, problems })
}

fn shared_and_rows(desk: &Desk) -> (Arc<Session>, Vec<ExportRow>) {
    (desk.shared(), desk.curation().export_rows())
}

/// Batches, and what is in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    /// The batches.
    pub batches: Batches,
    /// What they hold.
    pub statistics: BatchStatistics,
}

/// Composes them.
pub fn composed(exported: &Exported, settings: &BatchSettings) -> Composed {
    let batches = compose(&exported.items, &exported.session.config.anchor, settings);
    let statistics = batches.statistics(&exported.items);
    Composed { batches, statistics }
}

/// Until the person chooses a composition: groups with the anchor, or those of the other languages where it has no pairs.
pub fn choose_composition(page: Workbench, exported: &Exported) {
    let anchor = &exported.session.config.anchor;
    let lacks_anchor =
        !exported.items.is_empty() && exported.items.iter().all(|item| item.language != *anchor);
    if !page.is_composition_chosen.get_untracked() {
        let composition =
            if lacks_anchor { Composition::AnchorExcluded } else { Composition::AnchorIncluded };
        page.batch_settings.maybe_update(|settings| {
            std::mem::replace(&mut settings.composition, composition) != composition
        });
    }
}

/// The losses of the pairs, and how many texts the model was not asked about yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// The losses.
    pub losses: Losses,
    /// Their weights.
    pub settings: LossSettings,
    /// Texts to ask about.
    pub n_missing: usize,
}

/// The losses of the pairs that an export would hold.
pub async fn judged(page: Workbench) -> Option<Judged> {
    clock::breathe().await;
    let (session, rows) = page.desk.with_untracked(|desk| desk.as_ref().map(shared_and_rows))?;
    let n_missing = NeedCounter::new(&session).missing(MeasureKind::Own).n_texts;
    clock::breathe().await;
    let pairs = exported_pairs(rows);
    let is_general = session.config.task == TaskKind::General;
    let settings = LossSettings { gamma: if is_general { 0.0 } else { 1.0 }, ..LossSettings::default() };
    let evaluation = evaluate(&session);
    clock::breathe().await;
    let losses = losses(
        &pairs,
        &session.measurements.own,
        &session.config.anchor,
        &session.config.languages,
        settings,
        Some(&evaluation),
    );
    Some(Judged { losses, settings, n_missing })
}
