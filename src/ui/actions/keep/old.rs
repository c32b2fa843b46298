//! Converts what version 0.1 stored into books.
//!
//! It stored one session, its decisions in a separate record, one run with its responses, and what was still waiting when the
//! page was closed. The new ids are fixed, so that two tabs which convert at the same time write the same thing.

use serde::Deserialize;

use super::{
    loops::{self, text_file},
    runs::KeptRun,
};
use crate::{
    browser::{
        download,
        old_storage::{self, OldRecords},
        preferences,
        storage::{self, Head, StorageError},
    },
    data::{CurationEvent, Response, from_json},
    journal::{Entry, Kind, Meta},
};

const SESSION: &str = "0.1-session";
const RUN: &str = "0.1-run";
const LAST_WORDS: &str = "last-words";
/// Bytes of a session's file in which its date stands.
const HEAD_BYTES: f64 = 4_096.0;

/// What was waiting to be saved when the page was closed.
#[derive(Default, Deserialize)]
struct LastWords {
    run: Option<String>,
    responses: Vec<Response>,
    session: Option<String>,
    events: Vec<CurationEvent>,
}

/// How much of a session a downloaded file holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptBackup {
    created: String,
    n_events: usize,
}

/// Converts what version 0.1 stored, and deletes the old records.
pub(super) async fn take_over() -> Result<(), StorageError> {
    let last_words = preferences::get(LAST_WORDS).and_then(|text| from_json(&text).ok());
    let last_words: LastWords = last_words.unwrap_or_default();
    let OldRecords { session, events, run, backup, batches } = old_storage::old_records().await?;
    if let Some(body) = session {
        let start = download::bytes_of(&body, 0.0, HEAD_BYTES.min(body.size())).await.unwrap_or_default();
        let start = String::from_utf8_lossy(&start).into_owned();
        let is_of = |created: &str| start.contains(&format!("\"created\":\"{created}\""));
        let events = events.unwrap_or_else(|| "[]".to_owned());
        let entries = match from_json::<Vec<CurationEvent>>(&events) {
            Ok(events) => {
                let is_newer = last_words.session.as_deref().is_some_and(is_of)
                    && last_words.events.len() > events.len();
                let events = if is_newer { last_words.events } else { events };
                events.into_iter().map(|event| text(&Entry::Event { event })).collect()
            }
            // It is told of as an entry that cannot be read, and stands in the file that is offered.
            Err(_) => vec![events],
        };
        let backup = backup.and_then(|text| from_json::<KeptBackup>(&text).ok());
        let downloaded = backup
            .filter(|backup| is_of(&backup.created))
            .map(|backup| text(&Entry::Downloaded { n_events: backup.n_events, at: None }));
        keep(SESSION, Kind::Session, String::new(), body, entries.into_iter().chain(downloaded)).await?;
    }
    if let Some(run) = run {
        let parsed = from_json::<KeptRun>(&run).ok();
        let created = parsed.map(|run| run.request.created).unwrap_or_default();
        let entry = |text_of: String| {
            let responses = from_json::<Vec<Response>>(&text_of).ok();
            responses.map_or(text_of, |responses| text(&Entry::Responses { responses }))
        };
        let mut entries: Vec<String> = batches.into_iter().map(entry).collect();
        if last_words.run.as_ref() == Some(&created) {
            entries.push(text(&Entry::Responses { responses: last_words.responses }));
        }
        if let Some(body) = text_file(&run) {
            keep(RUN, Kind::Run, created, body, entries.into_iter()).await?;
        }
    }
    old_storage::forget_old_records().await?;
    preferences::remove(LAST_WORDS);
    Ok(())
}

async fn keep(
    id: &str,
    kind: Kind,
    created: String,
    body: web_sys::Blob,
    entries: impl Iterator<Item = String>,
) -> Result<(), StorageError> {
    let meta = Meta { kind, created, saved_at: loops::now(), n_base: 0, n_prompts: 0, languages: Vec::new() };
    let head = Head { id: id.to_owned(), meta: serde_json::to_string(&meta).unwrap_or_default(), body };
    let places = (0..).map(|seq| (0, "0.1", seq));
    // Killed in between, it is done again, for what version 0.1 kept goes last.
    storage::put_head(&head, true).await?;
    storage::append(id, &places.zip(entries).collect::<Vec<_>>()).await
}

fn text(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_default()
}
