//! Keeping the work in this browser: finished responses as they come, the session, every decision.
//!
//! Three records and a list: `session` (rewritten when the method picks anew), `events` (rewritten per
//! decision), `run` (a run under way) and its batches of finished responses (appended). Saves wait at
//! most [`DELAY_MS`]; when the page is hidden or closed they happen at once. A database may not finish for
//! a page that goes away, so what waits is then also written to local storage, which is synchronous.

use std::{cell::RefCell, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::{
    super::state::{Engine, Focus, KeptModel, Unfinished, Workbench},
    pieces,
};
use crate::{
    browser::{
        clock, download, preferences,
        storage::{self, StorageError},
    },
    curation::Desk,
    data::{self, CurationEvent, Response},
    protocol::{BuildRequest, ModelSource},
};

/// Longest wait before a change is saved, in milliseconds.
const DELAY_MS: u64 = 700;

const SESSION: &str = "session";
const EVENTS: &str = "events";
const RUN: &str = "run";
const BACKUP: &str = "backup";
const LAST_WORDS: &str = "last-words";

/// What waits to be saved.
#[derive(Default)]
struct Pending {
    responses: Vec<Response>,
    has_session: bool,
    has_events: bool,
    is_scheduled: bool,
    has_asked_to_persist: bool,
}

thread_local! {
    static PENDING: RefCell<Pending> = RefCell::default();
}

/// A run under way, as kept.
#[derive(Serialize, Deserialize)]
struct KeptRun {
    request: BuildRequest,
    model: KeptModel,
}

/// What still waited when the page was hidden or closed.
#[derive(Serialize, Deserialize)]
struct LastWords {
    /// `created` of the run that the responses belong to.
    run: Option<String>,
    responses: Vec<Response>,
    /// `created` of the session that the events belong to.
    session: Option<String>,
    events: Vec<CurationEvent>,
}

/// How much of a session a downloaded file holds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptBackup {
    created: String,
    n_events: usize,
}

/// Finds what an earlier visit left: a session, a run that was cut short, or both.
pub async fn restore(page: Workbench) {
    let last_words =
        preferences::get(LAST_WORDS).and_then(|text| serde_json::from_str::<LastWords>(&text).ok());
    let restored = async {
        if let Some(blob) = storage::get_blob(SESSION).await?
            && let Ok(pieces::Opened { mut session, .. }) = pieces::read(&blob).await
        {
            if let Some(events) = storage::get(EVENTS).await?
                && let Ok(events) = serde_json::from_str::<Vec<CurationEvent>>(&events)
            {
                session.events = events;
            }
            if let Some(last) = &last_words
                && last.session.as_ref() == Some(&session.created)
                && last.events.len() > session.events.len()
            {
                session.events = last.events.clone();
            }
            let backup =
                storage::get(BACKUP).await?.and_then(|text| serde_json::from_str::<KeptBackup>(&text).ok());
            let backed_up = backup.filter(|backup| backup.created == session.created).map(|b| b.n_events);
            page.kept.update(|kept| kept.backed_up = backed_up);
            page.setup.update(|setup| setup.set_session(session.prompts.clone(), session.config.clone()));
            let desk = Desk::new(session);
            clock::breathe().await;
            page.focus.set(Focus::first_of(&desk));
            page.change_desk(|on_desk| *on_desk = Some(desk));
        }
        if let Some(text) = storage::get(RUN).await?
            && let Ok(run) = serde_json::from_str::<KeptRun>(&text)
        {
            let mut finished = saved_responses().await?;
            if let Some(last) = last_words
                && last.run.as_ref() == Some(&run.request.created)
            {
                finished.extend(last.responses);
            }
            offer(page, run, finished);
        }
        Ok(())
    };
    report(page, restored.await);
}

async fn saved_responses() -> Result<Vec<Response>, StorageError> {
    let batches = storage::batches().await?;
    let responses = batches.iter().filter_map(|batch| serde_json::from_str::<Vec<Response>>(batch).ok());
    Ok(responses.flatten().collect())
}

fn offer(page: Workbench, run: KeptRun, mut finished: Vec<Response>) {
    let KeptRun { mut request, model } = run;
    let mut known = std::collections::HashSet::new();
    finished.retain(|r| known.insert((r.prompt_id.clone(), r.language.clone(), r.sample)));
    let texts = |languages: &[data::Language], prompt: &data::Prompt| {
        languages.iter().filter(|language| prompt.text.contains_key(*language)).count()
    };
    let n_texts: usize = request.prompts.iter().map(|prompt| texts(&request.config.languages, prompt)).sum();
    let n_responses = n_texts * request.config.n as usize;
    request.finished = finished;
    page.engine.update(|engine| engine.unfinished = Some(Unfinished { request, model, n_responses }));
}

/// Remembers a run before it begins; responses of an earlier one are forgotten.
pub fn begin_run(page: Workbench, request: &BuildRequest) {
    let model = page.engine.with_untracked(kept_model);
    let text = serde_json::to_string(&KeptRun { request: request.clone(), model });
    PENDING.with_borrow_mut(|pending| pending.responses.clear());
    spawn_local(async move {
        let Ok(text) = text else { return };
        let kept = async {
            storage::clear_batches().await?;
            storage::put(RUN, &text).await
        };
        report(page, kept.await);
    });
}

fn kept_model(engine: &Engine) -> KeptModel {
    let model = engine.model.as_ref();
    KeptModel {
        name: model.map(|model| model.name.clone()).unwrap_or_default(),
        sha256: model.map(|model| model.sha256.clone()).unwrap_or_default(),
        source: engine.source.clone().filter(|source| !matches!(source, ModelSource::File { .. })),
        template: engine.template,
    }
}

/// Forgets the run: it has ended, or the person does not want it.
pub fn end_run(page: Workbench) {
    PENDING.with_borrow_mut(|pending| pending.responses.clear());
    spawn_local(async move {
        // The session is saved first, so that a tab that closes here loses nothing.
        flush(page).await;
        let ended = async {
            storage::remove(RUN).await?;
            storage::clear_batches().await
        };
        report(page, ended.await);
    });
}

/// After a failed run: offers to go on from what has finished.
pub fn offer_unfinished(page: Workbench, request: BuildRequest, finished: Vec<Response>) {
    let model = page.engine.with_untracked(kept_model);
    offer(page, KeptRun { request, model }, finished);
}

/// Keeps responses that have just ended.
pub fn keep_responses(page: Workbench, responses: Vec<Response>) {
    schedule(page, |pending| pending.responses.extend(responses));
}

/// The session's record changed: keep it whole.
pub fn new_session(page: Workbench) {
    page.record.update(|record| *record = record.wrapping_add(1));
    page.kept.update(|kept| kept.backed_up = None);
    schedule(page, |pending| {
        pending.has_session = true;
        pending.has_events = true;
    });
}

/// A decision was made: keep the log.
pub fn events_changed(page: Workbench) {
    let asks = PENDING.with_borrow_mut(|pending| !std::mem::replace(&mut pending.has_asked_to_persist, true));
    if asks {
        spawn_local(async {
            // Declined or not, the work is kept; the browser may only clear it sooner.
            let _granted = storage::persist().await;
        });
    }
    schedule(page, |pending| pending.has_events = true);
}

/// A file now holds the session with so many events.
pub fn backed_up(page: Workbench, n_events: usize) {
    page.kept.update(|kept| kept.backed_up = Some(n_events));
    let created = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()));
    let text = created.and_then(|created| serde_json::to_string(&KeptBackup { created, n_events }).ok());
    spawn_local(async move {
        if let Some(text) = text {
            report(page, storage::put(BACKUP, &text).await);
        }
    });
}

/// When the session on the desk was created: which session it is.
pub fn created(page: Workbench) -> Option<String> {
    page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()))
}

/// Decisions that no downloaded file holds.
pub fn n_not_backed_up(page: Workbench) -> usize {
    let n_events =
        page.desk.with_untracked(|desk| desk.as_ref().map_or(0, |desk| desk.session().events.len()));
    n_events.saturating_sub(page.kept.with_untracked(|kept| kept.backed_up.unwrap_or(0)))
}

/// Saves what waits, now.
pub fn flush_now(page: Workbench) {
    spawn_local(flush(page));
}

/// Saves what waits before the page is hidden or closed.
pub fn flush_last(page: Workbench) {
    let waits = PENDING.with_borrow(|pending| {
        (!pending.responses.is_empty() || pending.has_events)
            .then(|| (pending.responses.clone(), pending.has_events))
    });
    if let Some((responses, has_events)) = waits {
        let run = page.engine.with_untracked(|engine| engine.run_created.clone());
        let (session, events) = page.desk.with_untracked(|desk| {
            let session = desk.as_ref().filter(|_| has_events).map(|desk| desk.session());
            session.map_or((None, Vec::new()), |s| (Some(s.created.clone()), s.events.clone()))
        });
        if let Ok(text) = serde_json::to_string(&LastWords { run, responses, session, events }) {
            preferences::set(LAST_WORDS, &text);
        }
    }
    flush_now(page);
}

fn schedule(page: Workbench, change: impl FnOnce(&mut Pending)) {
    let starts = PENDING.with_borrow_mut(|pending| {
        change(pending);
        !std::mem::replace(&mut pending.is_scheduled, true)
    });
    if starts {
        set_timeout(move || flush_now(page), Duration::from_millis(DELAY_MS));
    }
}

async fn flush(page: Workbench) {
    let (responses, has_session, has_events) = PENDING.with_borrow_mut(|pending| {
        pending.is_scheduled = false;
        (
            std::mem::take(&mut pending.responses),
            std::mem::take(&mut pending.has_session),
            std::mem::take(&mut pending.has_events),
        )
    });
    if responses.is_empty() && !has_session && !has_events {
        return;
    }
    let events = page.desk.with_untracked(|desk| {
        serde_json::to_string(&desk.as_ref().filter(|_| has_events)?.session().events).ok()
    });
    let saved = async {
        if !responses.is_empty()
            && let Ok(text) = serde_json::to_string(&responses)
        {
            storage::append_batch(&text).await?;
        }
        if has_session
            && let Ok(Some((parts, _))) = pieces::write(page).await
            && let Ok(blob) = download::blob_of("application/json", &parts)
        {
            storage::put_blob(SESSION, &blob).await?;
        }
        if let Some(events) = events {
            storage::put(EVENTS, &events).await?;
        }
        Ok(())
    };
    report(page, saved.await);
}

fn report(page: Workbench, result: Result<(), StorageError>) {
    page.kept.update(|kept| match result {
        Ok(()) => {
            kept.saved_at = Some(local_time());
            kept.problem = None;
        }
        Err(error) => kept.problem = Some(error.to_string()),
    });
}

/// The wall clock, such as `09:41`.
fn local_time() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}
