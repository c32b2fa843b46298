//! Files in and out: prompt sets and sessions. `export` has the pairs for trainers.

use leptos::prelude::*;
use web_sys::Blob;

use super::{
    super::{
        api,
        slices::in_slices,
        state::{Place, Workbench},
        words,
    },
    keep, method,
    pieces::{self, Opened, ReadError},
};
use crate::{
    align::unreadable_gold,
    browser::download,
    curation::{PromptOrigin, notes},
    data::{self, BatchExport, ParallelChecks, PromptSet},
    protocol::{Fault, FaultCode},
};

/// Takes the prompts that ship with the teaching model.
pub async fn take_starter_prompts(page: Workbench) {
    page.clear_fault(Place::Prompts);
    match api::starter_prompts().await {
        Ok(prompts) => {
            page.prompt_problems.set(Vec::new());
            page.setup.update(|setup| setup.set_prompts(prompts, PromptOrigin::Starter));
        }
        Err(fault) => page.fail(Place::Prompts, fault),
    }
}

/// Opens a prompt set; its problems are listed, its good rows are ready. A file without a good row leaves the prompts that
/// there were.
pub async fn open_prompts(page: Workbench, name: String, blob: Blob) {
    page.clear_fault(Place::Prompts);
    let Some(bytes) = download::bytes_of(&blob, 0.0, blob.size()).await else {
        return page.fail(Place::Prompts, unreadable(&name));
    };
    let anchor = page.setup.with_untracked(|setup| setup.config().anchor.clone());
    match data::parse_prompts(&bytes, &anchor) {
        Ok((PromptSet { prompts, mut problems, spellings }, rows)) => {
            let mut checks = ParallelChecks::new(&prompts, &rows, &anchor);
            in_slices(|| checks.step()).await;
            problems.extend(checks.finish());
            let mut left = prompts.iter();
            in_slices(|| {
                let next = left.next().map(std::slice::from_ref);
                problems.extend(next.map_or_else(Vec::new, |prompt| unreadable_gold(prompt, &anchor)));
                next.is_some()
            })
            .await;
            page.status.set(format!("{name}: {} prompts, {} problems.", prompts.len(), problems.len()));
            page.prompt_problems.set(problems);
            page.setup.update(|setup| {
                setup.set_prompts(prompts, PromptOrigin::File(name));
                setup.change(|config| config.spellings = spellings);
            });
        }
        Err(error) => page.fail(Place::Prompts, bad_file(&name, &error.to_string())),
    }
}

/// Opens a session file just as it was saved.
pub async fn open_session(page: Workbench, name: String, blob: Blob) {
    page.clear_fault(Place::Files);
    page.status.set(format!("Opening {name}."));
    match pieces::read(&blob).await {
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

fn unreadable(name: &str) -> Fault {
    Fault::new(FaultCode::Unreachable, format!("{name} could not be read; pick it again"))
}

fn bad_file(name: &str, reason: &str) -> Fault {
    Fault::new(FaultCode::BadInput, format!("{name}: {reason}"))
}
