//! Responses in: files that models have written are picked, read as they are guessed to be or as the person says, and become
//! a session without a run.

use std::{cell::Cell, sync::Arc};

use leptos::prelude::*;
use web_sys::Blob;

use super::{
    super::{
        latest, reader,
        slices::in_slices,
        state::{Place, ResponseImport, Workbench},
        words,
    },
    files::{bad_file, name_of_all},
    keep, method, pick,
};
use crate::{
    align::find_answer_of,
    browser::{clock, download, picked::Picked},
    curation::{Desk, PromptOrigin, story},
    data::{
        DataError, ImportedResponses, ProblemKind, PromptSource, ResponseMapping, Session, SessionChecks,
        SessionConfig, session_of,
    },
    job::{EmbedSettings, n_later, session_with_later},
    protocol::{Fault, FaultCode},
};

thread_local! {
    /// How often files were read again; an answer to an older question is not taken.
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Reads picked files, and shows what would come of them. They answer the open prompts, unless more of them can be used with
/// the prompts that stand in them.
pub async fn open(page: Workbench, picked: Vec<Picked>) {
    page.clear_fault(Place::Prompts);
    let name = name_of_all(&picked);
    page.status.set(format!("Reading {name}."));
    page.response_files.set_value(picked.into_iter().map(|(name, file)| (name, file.into())).collect());
    let said = ResponseMapping::default();
    let found = async {
        let with_open = read(page, &said, false).await?;
        let n_unknown = |imported: &ImportedResponses| {
            let of_none = |kind| matches!(kind, ProblemKind::MissingRecord);
            imported.problems.iter().filter(|found| of_none(found.problem.kind)).count()
        };
        if with_open.refusal.is_none() && with_open.responses.len() > n_unknown(&with_open) {
            return Ok((with_open, false));
        }
        let with_own = read(page, &said, true).await?;
        let is_better = with_own.responses.len() > with_open.responses.len();
        Ok::<_, Fault>(if is_better { (with_own, true) } else { (with_open, false) })
    };
    let (imported, has_own_prompts) = match found.await {
        Ok(found) => found,
        Err(fault) => return page.fail(Place::Prompts, fault),
    };
    match &imported.refusal {
        Some(refusal) if imported.files.is_empty() && imported.served.is_empty() => {
            page.fail(Place::Prompts, bad_file(&name, refusal));
        }
        _ => {
            page.status.set(format!("{name} is read. Nothing is opened yet."));
            let imported = Arc::new(imported);
            page.response_import.set(Some(ResponseImport { name, said, has_own_prompts, imported }));
        }
    }
}

/// Reads the files of the dialog again, as the person says.
pub async fn read_again(page: Workbench, has_own_prompts: bool, said: ResponseMapping) {
    let name =
        page.response_import.with_untracked(|import| import.as_ref().map(|import| import.name.clone()));
    let Some(name) = name else { return };
    let is_last = latest::ask(&N_ASKED);
    let found = read(page, &said, has_own_prompts).await;
    // The dialog may have been closed meanwhile.
    if !is_last() || page.response_import.with_untracked(Option::is_none) {
        return;
    }
    match found {
        Ok(imported) => {
            let imported = Arc::new(imported);
            page.response_import.set(Some(ResponseImport { name, said, has_own_prompts, imported }));
        }
        Err(fault) => {
            close(page);
            page.fail(Place::Prompts, fault);
        }
    }
}

async fn read(page: Workbench, said: &ResponseMapping, has_own: bool) -> Result<ImportedResponses, Fault> {
    let (all, anchor) =
        page.setup.with_untracked(|setup| (setup.available().to_vec(), setup.config().anchor.clone()));
    let prompts = if has_own { Vec::new() } else { all };
    let files: Vec<(String, Blob)> = page.response_files.get_value();
    reader::read_responses(&files, said.clone(), prompts, anchor).await
}

/// Leaves everything as it is.
pub fn close(page: Workbench) {
    page.response_import.set(None);
    page.response_files.set_value(Vec::new());
}

/// Downloads the requests of what is missing of the dialog's job; they belong into its folder.
pub fn download_missing(page: Workbench) {
    if let Some(import) = page.response_import.get_untracked() {
        save_lines(page, "requests-gen-missing.jsonl", &import.imported.missing);
    }
}

fn save_lines(page: Workbench, name: &str, lines: &str) {
    if download::save(name, "application/jsonl", lines).is_err() {
        let message = "the browser refused to make the file; make room and try again";
        page.fail(Place::Prompts, Fault::new(FaultCode::Internal, message));
    }
}

/// Downloads the requests for the vectors that the responses of the dialog's job lack; they belong into its folder, too.
pub async fn download_embed(page: Workbench, model: String, prefix: String) {
    // A record of two texts always has a JSON.
    let settings = serde_json::to_string(&EmbedSettings { model, prefix }).unwrap_or_default();
    let files = page.response_files.get_value();
    match reader::embed_lines(&files, settings).await {
        Ok(lines) => save_lines(page, "requests-embed-00000.jsonl", &String::from_utf8_lossy(&lines)),
        Err(fault) => page.fail(Place::Prompts, fault),
    }
}

/// What the dialog's files add to the open session, where they are results of its job: how many responses, and whether vectors.
pub fn later(page: Workbench, import: &ResponseImport) -> Option<(usize, bool)> {
    let n = page.desk.with_untracked(|desk| n_later(desk.as_ref()?.session(), &import.imported))?;
    Some((n, !import.imported.similarities.is_empty()))
}

/// Adds what the dialog's files have of the open session's job to that session. What was decided stays, and the pairs are picked
/// again where there were any.
pub async fn add(page: Workbench) {
    let Some(import) = page.response_import.get_untracked() else { return };
    let earlier = page.desk.with_untracked(|desk| desk.as_ref().map(Desk::shared));
    let Some(earlier) = earlier.filter(|_| !page.is_busy.get_untracked()) else { return };
    let Some((n, _)) = later(page, &import) else { return };
    close(page);
    let (name, before) = (import.name, page.record.get_untracked());
    page.status.set(format!("Adding {name}."));
    clock::breathe().await;
    let session = session_with_later(&earlier, Arc::unwrap_or_clone(import.imported));
    let is_compared = !session.similarities.is_empty();
    // What compared the responses before, where it is loaded.
    let is_comparer_here = earlier.config.encoder.as_deref() == Some(&pick::scored_by(page));
    let is_of_session = page.setup.with_untracked(|setup| {
        *setup.origin() == PromptOrigin::Session && setup.available() == earlier.prompts
    });
    drop(earlier);
    let mut session = match checked(session).await {
        Ok(session) => session,
        Err(fault) => return page.fail(Place::Prompts, fault_of(&name, fault)),
    };
    // It was picked again meanwhile, is about to be, or is no longer open.
    if page.record.get_untracked() != before || page.is_busy.get_untracked() {
        let said = format!("The open session has changed, so nothing was added. Open {name} again.");
        return page.status.set(said);
    }
    // Somebody may have decided something.
    page.desk.with_untracked(|desk| {
        session.events = desk.as_ref().map(|desk| desk.session().events.clone()).unwrap_or_default();
    });
    if is_of_session {
        page.setup.update(|setup| setup.set_session(session.prompts.clone(), session.config.clone()));
    }
    keep::take_session(page, session);
    let n = words::plural(n, "response is", "responses are");
    page.status.set(format!("{n} added from {name}. What was decided stays."));
    if is_comparer_here && !is_compared {
        pick::pick_pairs(page).await;
    } else if is_compared {
        method::pick_again_as_it_is(page).await;
    }
}

fn fault_of(name: &str, fault: Fault) -> Fault {
    if fault.code == FaultCode::BadInput { bad_file(name, &fault.message) } else { fault }
}

/// Opens the responses of the dialog as a session.
pub async fn take(page: Workbench) {
    let Some(import) = page.response_import.get_untracked() else { return };
    if import.imported.responses.is_empty() || page.is_busy.get_untracked() {
        return;
    }
    close(page);
    let ResponseImport { name, has_own_prompts, imported, .. } = import;
    page.status.set(format!("Opening {name}."));
    clock::breathe().await;
    let imported = Arc::unwrap_or_clone(imported);
    let (n, problems) = (imported.responses.len(), imported.problems.clone());
    let mut config = page.setup.with_untracked(|setup| setup.config().clone());
    if has_own_prompts {
        // What is known of the open set is not true of these prompts.
        config.prompt_set = PromptSource::named(name.clone());
    }
    match made_of(imported, config).await {
        Ok(session) => {
            let (n_prompts, n_pairs) = (session.prompts.len(), session.pairs.len());
            let is_compared = !session.similarities.is_empty();
            keep::open_session(page, session, None, keep::fate_of_old(page)).await;
            page.prompt_problems.set(problems);
            page.run.update(|run| run.problems = Vec::new());
            if is_compared && method::pick_again_as_it_is(page).await {
                let of_desk = |desk: &Option<Desk>| desk.as_ref().map(|desk| story(desk.session()));
                let story = page.desk.with_untracked(of_desk).unwrap_or_default();
                return page.status.set(format!("{name} is open. {}", words::story(&story)));
            }
            let pairs = match n_pairs {
                0 => "No pairs are picked yet.".to_owned(),
                n => format!("{} to judge as the file has them.", words::plural(n, "pair is", "pairs are")),
            };
            page.status.set(format!(
                "{name} is open: {} to {}. {pairs}",
                words::plural(n, "response", "responses"),
                words::plural(n_prompts, "prompt", "prompts")
            ));
        }
        Err(fault) => page.fail(Place::Prompts, fault_of(&name, fault)),
    }
}

/// A new session of imported responses, read and checked.
///
/// # Errors
/// As [`checked`].
pub async fn made_of(imported: ImportedResponses, config: SessionConfig) -> Result<Session, Fault> {
    checked(session_of(imported, config, clock::iso_now())).await
}

/// A session of imported responses, with their answers read and their languages found, checked as one of a file is.
///
/// # Errors
/// It is larger than a session may be, or what finds the languages could not be fetched.
pub async fn checked(mut session: Session) -> Result<Session, Fault> {
    reader::find_languages(&mut session.responses).await?;
    let mut responses = session.responses.iter_mut();
    in_slices(|| responses.next().map(find_answer_of).is_some()).await;
    let mut checks = SessionChecks::new(&session);
    in_slices(|| checks.step()).await;
    let problems = checks.finish();
    let bad = |problems| Fault::new(FaultCode::BadInput, DataError::Fields { problems }.to_string());
    if problems.is_empty() { Ok(session) } else { Err(bad(problems)) }
}
