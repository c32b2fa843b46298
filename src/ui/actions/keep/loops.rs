//! The loop that does what the journal asks for, and what it knows about each book.

use std::{cell::RefCell, collections::HashMap, pin::pin, time::Duration};

use futures_channel::oneshot;
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::{
    super::{super::state::Workbench, pieces},
    sessions,
    summary::{self, SUMMARY},
};
use crate::{
    browser::{
        clock, download,
        storage::{self, Head, StorageError},
        tabs,
    },
    journal::{Entry, Journal, Key, Kind, Meta, Record, Status, Work},
};

/// How long to wait after a failure before the next try, in milliseconds.
pub(super) const RETRY_MS: u32 = 5_000;
/// How long the store may take before the page says that it does not answer, in milliseconds.
pub(super) const LATE_MS: u32 = 5_000;
/// How many times, and how many milliseconds apart, we look whether a book that was given up is free.
const RELEASE_TRIES: usize = 10;
const RELEASE_MS: u32 = 20;
/// How many times, and how many milliseconds apart, we ask a store that refuses whether a book is still there.
const LOOK_TRIES: usize = 10;
const LOOK_MS: u32 = 500;

/// What a head is made of.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A file that is at hand.
    Given(Blob),
    /// What is on the desk when it is written.
    Desk,
}

/// A book of this tab.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub body: Body,
    pub meta: Meta,
}

/// What other tabs are told.
#[derive(Serialize, Deserialize)]
pub(super) struct Word {
    pub id: String,
    /// Whether the head is new, not only the log longer.
    pub head: bool,
    /// Whether only a list of sessions looks different.
    #[serde(default)]
    pub list: bool,
}

/// What this visit has to write.
pub(super) struct Keeper {
    pub journal: Journal<Entry>,
    pub held: HashMap<String, Held>,
    /// The book of the session on the desk.
    pub desk: Option<String>,
    /// The book of the run under way, or of the one that was cut short.
    pub run: Option<String>,
    /// Who waits for something to be stored or refused.
    waiters: Vec<(Wanted, oneshot::Sender<()>)>,
    retries: bool,
}

/// What somebody waits for.
enum Wanted {
    Head(String),
    Entry(String, Key),
    Quiet(String),
}

thread_local! {
    static KEEPER: RefCell<Keeper> = RefCell::new(Keeper {
        journal: Journal::new(new_id()),
        held: HashMap::new(),
        desk: None,
        run: None,
        waiters: Vec::new(),
        retries: false,
    });
}

/// The keeper of this page. Never hold it across an `await`.
pub(super) fn keeper<T>(with: impl FnOnce(&mut Keeper) -> T) -> T {
    KEEPER.with_borrow_mut(with)
}

/// A unique id.
pub(super) fn new_id() -> String {
    let random = || format!("{:08x}", (js_sys::Math::random() * f64::from(u32::MAX)) as u32);
    format!("{:x}-{}{}", now(), random(), random())
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// The name under which a tab holds a book.
pub(super) fn lock_of(id: &str) -> String {
    format!("concord-book-{id}")
}

/// Starts writing whatever is waiting.
pub(super) fn pump(page: Workbench) {
    while let Some(work) = keeper(|keeper| keeper.journal.due()) {
        spawn_local(async move {
            let result = carry_out(page, &work).await;
            let error = result.as_ref().err().cloned();
            keeper(|keeper| keeper.journal.done(&work, result.map_err(|error| error.to_string())));
            match error {
                None => tell(&work),
                Some(StorageError::Cleared) => lost(page, work.id()),
                Some(StorageError::Full) => spawn_local(sessions::make_room(page)),
                Some(_) => {}
            }
            answer_waiters();
            report(page);
            pump(page);
        });
    }
    report(page);
}

/// Waits for the store, and says so where it does not answer in time.
async fn stored(
    page: Workbench,
    work: &Work<Entry>,
    storing: impl Future<Output = Result<(), StorageError>>,
) -> Result<(), StorageError> {
    let mut storing = pin!(storing);
    if let Some(result) = clock::within(LATE_MS, storing.as_mut()).await {
        return result;
    }
    keeper(|keeper| keeper.journal.late(work));
    answer_waiters();
    report(page);
    storing.await
}

async fn carry_out(page: Workbench, work: &Work<Entry>) -> Result<(), StorageError> {
    let failed = |reason: String| StorageError::Failed { reason };
    match work {
        Work::Head { id, n_base, .. } => {
            let (held, is_new) =
                keeper(|keeper| (keeper.held.get(id).cloned(), !keeper.journal.has_head(id)));
            // Nobody wants a book that is no longer held.
            let Some(Held { body, mut meta }) = held else { return Ok(()) };
            let body = match body {
                Body::Given(blob) => blob,
                Body::Desk if keeper(|keeper| keeper.desk.as_ref() != Some(id)) => {
                    return Err(failed("the browser refused to put the session together".to_owned()));
                }
                Body::Desk => match pieces::written(page).await.map_err(failed)? {
                    Some(blob) => blob,
                    None => return Ok(()),
                },
            };
            (meta.n_base, meta.saved_at) = (*n_base, now());
            let meta = serde_json::to_string(&meta).map_err(|error| failed(error.to_string()))?;
            let head = Head { id: id.clone(), meta, body };
            stored(page, work, storage::put_head(&head, is_new)).await?;
            // What is on the desk may change from now on; the file that was given need not stay in memory.
            keeper(|keeper| {
                if let Some(held) = keeper.held.get_mut(id)
                    && held.meta.kind == Kind::Session
                {
                    held.body = Body::Desk;
                }
            });
            Ok(())
        }
        Work::Entries { id, records } => {
            let text = |record: &Record<Entry>| {
                serde_json::to_string(&record.entry).map_err(|error| failed(error.to_string()))
            };
            let places = records.iter().map(|Record { key, .. }| (key.time, key.writer.as_str(), key.seq));
            let texts: Vec<String> = records.iter().map(text).collect::<Result<_, _>>()?;
            let mut all: Vec<_> = places.zip(texts).collect();
            // In the same transaction, so that a list says what the log holds.
            all.extend(summary::changed(page, id, records).map(|text| (storage::note_place(SUMMARY), text)));
            stored(page, work, storage::append(id, &all)).await
        }
        Work::Drop { id } => {
            let is_run = keeper(|keeper| keeper.held.get(id).is_some_and(|held| held.meta.kind == Kind::Run));
            let name = lock_of(id);
            tabs::release(&name);
            for _ in 0..RELEASE_TRIES {
                if let Some(_alone) = tabs::hold_alone(&name).await {
                    return if is_run { storage::remove(id).await } else { sessions::bury(page, id).await };
                }
                // The name may still be ours: it is released a moment later.
                clock::sleep(RELEASE_MS).await;
            }
            // Another tab has it open, so it belongs to that tab now.
            Ok(())
        }
    }
}

/// The browser has cleared what was stored of a book: what this tab has of it is stored again.
fn lost(page: Workbench, id: &str) {
    let (is_desk, is_run, waiting) = keeper(|keeper| {
        let is = |book: &Option<String>| book.as_deref() == Some(id);
        (is(&keeper.desk), is(&keeper.run), keeper.journal.waiting(id))
    });
    // What waits for the log may stand on the desk, and comes to the log all the same.
    let n_base = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref().filter(|_| is_desk)?;
        let stands = |entry: &&Entry| matches!(entry, Entry::Event { event } if desk.has_taken(event));
        Some(desk.session().events.len().saturating_sub(waiting.iter().filter(stands).count()))
    });
    keeper(|keeper| {
        if is_desk || is_run {
            keeper.journal.lost(id, n_base.unwrap_or(0));
        } else {
            keeper.journal.forget(id);
        }
    });
}

/// Sees whether what this tab has stored is still there.
pub(super) async fn look_again(page: Workbench) {
    let ids = keeper(|keeper| {
        let ids = [&keeper.desk, &keeper.run].into_iter().flatten();
        ids.filter(|id| keeper.journal.has_head(id)).cloned().collect::<Vec<_>>()
    });
    for id in ids {
        // While a browser clears, it refuses connections. If that lasts, the next write finds out.
        for _ in 0..LOOK_TRIES {
            match storage::has_head(&id).await {
                Ok(true) => break,
                Ok(false) => {
                    lost(page, &id);
                    break;
                }
                Err(_) => clock::sleep(LOOK_MS).await,
            }
        }
    }
    pump(page);
}

fn tell(work: &Work<Entry>) {
    let word = match work {
        Work::Head { id, .. } => Word { id: id.clone(), head: true, list: false },
        Work::Entries { id, .. } => Word { id: id.clone(), head: false, list: false },
        Work::Drop { .. } => return,
    };
    if let Ok(text) = serde_json::to_string(&word) {
        tabs::tell(&text);
    }
}

/// Waits until a book's first head is stored, or refused.
pub(super) async fn head_settled(id: &str) {
    settled(Wanted::Head(id.to_owned())).await;
}

/// Waits until an entry is stored, or refused.
pub(super) async fn entry_settled(id: &str, key: Key) {
    settled(Wanted::Entry(id.to_owned(), key)).await;
}

/// Waits until nothing of a book is on its way.
pub(super) async fn quiet(id: &str) {
    settled(Wanted::Quiet(id.to_owned())).await;
}

async fn settled(wanted: Wanted) {
    let waits = keeper(|keeper| {
        if is_settled(&keeper.journal, &wanted) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        keeper.waiters.push((wanted, sender));
        Some(receiver)
    });
    if let Some(waits) = waits {
        // A sender that is gone has nothing to wait for.
        let _settled = waits.await;
    }
}

fn is_settled(journal: &Journal<Entry>, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Head(id) => journal.is_head_settled(id),
        Wanted::Entry(id, key) => journal.is_settled(id, key),
        Wanted::Quiet(id) => !journal.is_busy(id),
    }
}

fn answer_waiters() {
    let settled = keeper(|keeper| {
        let waiters = std::mem::take(&mut keeper.waiters);
        let (settled, waiting) =
            waiters.into_iter().partition(|(wanted, _)| is_settled(&keeper.journal, wanted));
        keeper.waiters = waiting;
        let settled: Vec<(Wanted, oneshot::Sender<()>)> = settled;
        settled
    });
    for (_, waiter) in settled {
        let _gone = waiter.send(());
    }
}

/// Shows how safe the work is, and schedules another try of what failed.
pub(super) fn report(page: Workbench) {
    let (desk, run) = keeper(|keeper| {
        let status = |id: &Option<String>| id.as_ref().map(|id| keeper.journal.status(id));
        (status(&keeper.desk), status(&keeper.run))
    });
    let problem = [&desk, &run].into_iter().flatten().find_map(|status| match status {
        Status::NotSaved { reason } => Some(reason.clone()),
        Status::Saved | Status::Saving => None,
    });
    let has_problem = problem.is_some();
    let is_safe = |status: &Option<Status>| status.as_ref().is_none_or(|status| *status == Status::Saved);
    let is_saved = is_safe(&desk) && is_safe(&run);
    page.kept.update(|kept| {
        kept.is_saved = desk == Some(Status::Saved);
        if is_saved && (desk.is_some() || run.is_some()) {
            kept.saved_at = Some(local_time());
        }
        kept.problem = problem;
    });
    let waits = keeper(|keeper| {
        let waits = has_problem && !keeper.retries;
        keeper.retries |= waits;
        waits
    });
    if waits {
        let again = move || {
            keeper(|keeper| keeper.retries = false);
            retry_now(page);
        };
        set_timeout(again, Duration::from_millis(RETRY_MS.into()));
    }
}

/// Tries again at once whatever failed.
pub fn retry_now(page: Workbench) {
    keeper(|keeper| keeper.journal.retry());
    pump(page);
}

/// What is said of a session or run beside its file.
pub(super) fn meta(kind: Kind, created: &str, prompts: usize, languages: &[crate::data::Language]) -> Meta {
    Meta {
        kind,
        created: created.to_owned(),
        saved_at: now(),
        n_base: 0,
        n_prompts: prompts,
        languages: languages.to_vec(),
    }
}

/// A text as a file in memory.
pub(super) fn text_file(text: &str) -> Option<Blob> {
    download::text_blob("application/json", text).ok()
}

/// The wall clock, such as `09:41`.
fn local_time() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}
