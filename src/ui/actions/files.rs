//! Files in and out: sessions, pairs for trainers.

use std::cell::Cell;

use leptos::{prelude::*, task::spawn_local};
use web_sys::Blob;

use super::{
    super::{
        state::{Place, Workbench},
        words,
    },
    keep::{self, Old},
    method,
    pieces::{self, Opened, ReadError},
};
use crate::{
    browser::{clock, download},
    curation::{Desk, notes},
    data::{self, BatchExport, Export},
    protocol::{Fault, FaultCode},
};

/// Responses of a session whose export is worked out with every decision.
const MAX_RESPONSES_AT_ONCE: usize = 2_000;
/// How long nothing must have changed before a larger one's is, in milliseconds.
const QUIET_MS: u32 = 400;

thread_local! {
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Opens a session file just as it was saved.
pub async fn open_session(page: Workbench, name: String, blob: Blob) {
    page.clear_fault(Place::Files);
    page.status.set(format!("Opening {name}."));
    match pieces::read(&blob).await {
        Ok(Opened { session, n_separated }) => {
            let n_events = session.events.len();
            // Decisions that no file holds are not lost to a file that is opened.
            let old = if keep::n_not_backed_up(page) == 0 { Old::Goes } else { Old::Stays };
            let is_as_it_was = n_separated == 0;
            keep::open_session(page, session, Some(blob).filter(|_| is_as_it_was), old).await;
            // In the place of what the last run had to say.
            let notes = page.desk.with_untracked(|desk| desk.as_ref().map(notes).unwrap_or_default());
            page.run.update(|run| run.problems = notes);
            page.status.set(format!("{name} is open."));
            keep::backed_up(page, n_events);
            if n_separated > 0 && method::pick_again_as_it_is(page).await {
                page.status.set(format!(
                    "{name} is open. {} held reasoning. It is kept apart now, so the answers were read and the pairs picked again. The cosines are still those of the whole texts; build again to update them.",
                    words::plural(n_separated, "response", "responses")
                ));
            }
        }
        Err(ReadError::Unreadable) => page.fail(Place::Files, unreadable(&name)),
        Err(ReadError::Bad(error)) => page.fail(Place::Files, bad_file(&name, &error.to_string())),
    }
}

/// Saves the whole session as a file that opens again exactly.
pub async fn download_session(page: Workbench) {
    page.clear_fault(Place::Files);
    let created = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()));
    let Some(created) = created else { return };
    match pieces::write(page).await {
        Ok(Some((parts, n_events))) => {
            let name = format!("concord-session-{}.json", file_stem(&created));
            let saved = download::blob_of("application/json", &parts)
                .and_then(|blob| download::save_blob(&name, &blob));
            if said(page, &name, saved.is_ok()) {
                keep::backed_up(page, n_events);
            }
        }
        Ok(None) => {}
        Err(error) => page.fail(Place::Files, bad_file("the session", &error.to_string())),
    }
}

/// What an export would hold now.
fn export(desk: &Desk) -> Export {
    data::export_trl(desk.session(), &desk.curation().export_rows())
}

/// Keeps what an export would hold up to date with the desk, which is tracked: at once, except for a large session when
/// nothing has changed for a moment.
pub fn keep_exported(page: Workbench, kept: RwSignal<Option<Export>>) {
    let is_large = page.desk.with(|desk| {
        desk.as_ref().is_some_and(|desk| desk.session().responses.len() > MAX_RESPONSES_AT_ONCE)
    });
    if !is_large {
        kept.set(page.desk.with_untracked(|desk| desk.as_ref().map(export)));
        return;
    }
    let asked = N_ASKED.with(|n| n.replace(n.get().wrapping_add(1)).wrapping_add(1));
    spawn_local(async move {
        clock::sleep(QUIET_MS).await;
        let is_last = || N_ASKED.with(Cell::get) == asked;
        if is_last() {
            // The panel may be gone.
            let _gone = kept.try_set(page.desk.with_untracked(|desk| desk.as_ref().map(export)));
        }
    });
}

/// Saves the pairs in TRL's explicit-prompt conversational form.
pub fn download_trl(page: Workbench) {
    page.clear_fault(Place::Files);
    let exported = page
        .desk
        .with_untracked(|desk| desk.as_ref().map(|desk| (export(desk), file_stem(&desk.session().created))));
    if let Some((export, stem)) = exported {
        save(page, &format!("concord-pairs-{stem}.trl.jsonl"), "application/jsonl", &export.text);
    }
}

/// Saves the pairs in the order of their batches.
pub fn download_batches(page: Workbench, export: &BatchExport) {
    save(page, &format!("concord-batches-{}.trl.jsonl", stem(page)), "application/jsonl", &export.rows.text);
}

/// Saves the text that says how a trainer keeps that order.
pub fn download_batches_guide(page: Workbench, export: &BatchExport) {
    save(page, &format!("concord-batches-{}.md", stem(page)), "text/markdown", &export.read_me);
}

fn stem(page: Workbench) -> String {
    page.clear_fault(Place::Files);
    let created = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()));
    file_stem(&created.unwrap_or_default())
}

fn save(page: Workbench, name: &str, media_type: &str, text: &str) {
    said(page, name, download::save(name, media_type, text).is_ok());
}

/// Says whether a file was saved.
fn said(page: Workbench, name: &str, is_saved: bool) -> bool {
    if is_saved {
        page.status.set(format!("{name} was handed to the browser's downloads."));
    } else {
        let message = "the browser refused to save the file; allow downloads for this page and try again";
        page.fail(Place::Files, Fault::new(FaultCode::Internal, message));
    }
    is_saved
}

/// `2026-11-21T09-15-39` of an ISO time, fit for a file name everywhere.
fn file_stem(created: &str) -> String {
    created.chars().take(19).map(|c| if c == ':' { '-' } else { c }).collect()
}

pub(super) fn unreadable(name: &str) -> Fault {
    Fault::new(FaultCode::Unreachable, format!("{name} could not be read; pick it again"))
}

pub(super) fn bad_file(name: &str, reason: &str) -> Fault {
    Fault::new(FaultCode::BadInput, format!("{name}: {reason}"))
}
