//! Files in and out: sessions. `prompts` has prompt sets, `export` the pairs for trainers.

use std::cell::Cell;

use leptos::prelude::*;
use web_sys::Blob;

use super::{
    super::{
        api, latest,
        state::{Place, Workbench},
        words,
    },
    keep, method,
    pieces::{self, Opened, ReadError},
};
use crate::{
    browser::download,
    curation::notes,
    data::BatchExport,
    protocol::{Fault, FaultCode},
};

thread_local! {
    /// How often a session was to be opened from a file; one that is read after another was asked for is not opened.
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Opens the example session as its file would be. What takes its place on the desk while it is fetched stays.
pub async fn open_example(page: Workbench) {
    let is_last = latest::ask(&N_ASKED);
    let record = page.record.get_untracked();
    page.clear_fault(Place::Files);
    page.status.set("Fetching the example session.".to_owned());
    let found = api::example_session().await;
    if !is_last() || page.record.get_untracked() != record || untrack(|| page.is_building()) {
        return;
    }
    match found {
        Ok(file) => open_session(page, "Example session".to_owned(), file).await,
        Err(fault) => page.fail(Place::Files, fault),
    }
}

/// Opens a session file just as it was saved.
pub async fn open_session(page: Workbench, name: String, blob: Blob) {
    let is_last = latest::ask(&N_ASKED);
    page.clear_fault(Place::Files);
    page.status.set(format!("Opening {name}."));
    let read = pieces::read(&blob).await;
    if !is_last() {
        return;
    }
    match read {
        Ok(Opened { session, n_separated, is_archive }) => {
            let n_events = session.events.len();
            let is_as_it_was = n_separated == 0 && !is_archive;
            let old = keep::fate_of_old(page);
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
pub(super) fn said(page: Workbench, name: &str, is_saved: bool) -> bool {
    if is_saved {
        page.status.set(format!("{name} was handed to the browser's downloads."));
    } else {
        let message = "the browser refused to save the file; allow downloads for this page and try again";
        page.fail(Place::Files, Fault::new(FaultCode::Internal, message));
    }
    is_saved
}

/// `2026-11-21T09-15-39` of an ISO time, fit for a file name everywhere.
pub(super) fn file_stem(created: &str) -> String {
    created.chars().take(19).map(|c| if c == ':' { '-' } else { c }).collect()
}

pub(super) fn unreadable(name: &str) -> Fault {
    Fault::new(FaultCode::Unreachable, format!("{name} could not be read; pick it again"))
}

/// A file, and why it cannot be used; what reads sets of several files has named the one it is about.
pub(super) fn bad_file(name: &str, reason: &str) -> Fault {
    let is_named = reason.strip_prefix(name).is_some_and(|rest| rest.starts_with(": "));
    let message = if is_named { reason.to_owned() } else { format!("{name}: {reason}") };
    Fault::new(FaultCode::BadInput, message)
}

/// What several files are called together: by the first of them.
pub fn name_of_all<T>(files: &[(String, T)]) -> String {
    match files {
        [(only, _)] => only.clone(),
        all => {
            format!("{} and {} more", all.first().map_or("", |(name, _)| name), all.len().saturating_sub(1))
        }
    }
}
