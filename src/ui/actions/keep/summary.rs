//! What a list of sessions says of the one on the desk, noted beside its log; and what the browser promises.

use std::{cell::RefCell, collections::HashMap};

use leptos::{prelude::*, task::spawn_local};

use super::{super::super::state::Workbench, loops::keeper};
use crate::{
    browser::storage,
    curation::Desk,
    data::{RowState, RowStatus},
    journal::{Entry, Record, Summary},
};

/// Where a book's label is noted.
pub(super) const LABEL: u64 = 0;
/// Where a book's summary is noted.
pub(super) const SUMMARY: u64 = 1;

thread_local! {
    /// What is noted of each book, as far as it is known.
    static NOTED: RefCell<HashMap<String, String>> = RefCell::default();
    static HAS_ASKED: RefCell<bool> = const { RefCell::new(false) };
}

/// The summary of the desk's book with records that are being stored, where it differs from what is noted.
pub(super) fn changed(page: Workbench, id: &str, records: &[Record<Entry>]) -> Option<String> {
    if keeper(|keeper| keeper.desk.as_deref() != Some(id)) {
        return None;
    }
    let backup = page.kept.with_untracked(|kept| kept.backup);
    let summary = page.desk.with_untracked(|desk| {
        let mut summary = of_desk(desk.as_ref()?);
        summary.backup = backup;
        let desk = desk.as_ref()?;
        // A decision is stored before the desk takes it.
        for record in records {
            if let Entry::Event { event } = &record.entry
                && !desk.has_taken(event)
            {
                summary.n_events += 1;
                let others = event.rows.iter().map(|row| (row.before, row.after));
                for (before, after) in std::iter::once((event.before, event.after)).chain(others) {
                    let decided = |state: RowState| usize::from(state.status != RowStatus::Undecided);
                    summary.n_decided = (summary.n_decided + decided(after)).saturating_sub(decided(before));
                }
            }
        }
        Some(summary)
    })?;
    let text = serde_json::to_string(&Entry::Summary(summary)).ok()?;
    let is_new =
        NOTED.with_borrow_mut(|noted| noted.insert(id.to_owned(), text.clone()).as_ref() != Some(&text));
    is_new.then_some(text)
}

/// Notes the desk's summary, where it differs from what is noted.
pub(super) fn note(page: Workbench) {
    let Some(id) = keeper(|keeper| keeper.desk.clone()) else { return };
    if let Some(text) = changed(page, &id, &[]) {
        spawn_local(async move {
            // A list that says less does no harm, and the next decision notes it again.
            let _noted = storage::append(&id, &[(storage::note_place(SUMMARY), text)]).await;
        });
    }
}

/// What was found noted.
pub(super) fn found(id: &str, summary: &Summary) {
    if let Ok(text) = serde_json::to_string(&Entry::Summary(summary.clone())) {
        NOTED.with_borrow_mut(|noted| noted.insert(id.to_owned(), text));
    }
}

/// Counts a desk.
pub fn of_desk(desk: &Desk) -> Summary {
    let session = desk.session();
    let is_decided = |status: RowStatus| status != RowStatus::Undecided;
    let mut summary = Summary {
        model: session.model.name.clone(),
        method: session.config.method,
        imported_pairs: session.config.imported_pairs,
        n_events: session.events.len(),
        ..Summary::default()
    };
    for row in desk.curation().rows() {
        summary.n_decided += usize::from(is_decided(row.state.status));
        summary.n_rows += usize::from(row.has_pair() || is_decided(row.state.status));
    }
    summary
}

/// Asks the browser, once, not to clear this page's data on its own.
pub(super) fn ask_to_persist(page: Workbench) {
    if HAS_ASKED.replace(true) {
        return;
    }
    spawn_local(async move {
        // Declined or not, the work is kept; the browser may only clear it sooner.
        let is_persistent = storage::persist().await;
        page.kept.update(|kept| kept.is_persistent = Some(is_persistent));
    });
}

/// Sees whether the browser has promised it on an earlier visit.
pub(super) fn look_at_promise(page: Workbench) {
    spawn_local(async move {
        if storage::is_persistent().await {
            page.kept.update(|kept| kept.is_persistent = Some(true));
        }
    });
}
