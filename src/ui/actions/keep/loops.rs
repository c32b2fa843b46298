//! The loop that does what the journal asks for, and what it knows about each book.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use futures_channel::oneshot;
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::{super::super::state::Workbench, super::pieces};
use crate::{
    browser::{
        clock, download,
        storage::{self, Head},
        tabs,
    },
    journal::{Entry, Journal, Key, Kind, Meta, Record, Status, Work},
};

/// How long to wait after a failure before the next try, in milliseconds.
const RETRY_MS: u64 = 5_000;
/// How many times, and how many milliseconds apart, we look whether a book that was given up is free.
const RELEASE_TRIES: usize = 10;
const RELEASE_MS: u32 = 20;

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
    has_asked_to_persist: bool,
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
        has_asked_to_persist: false,
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
            let is_stored = result.is_ok();
            keeper(|keeper| keeper.journal.done(&work, result));
            if is_stored {
                tell(&work);
            }
            answer_waiters();
            report(page);
            pump(page);
        });
    }
    report(page);
}

async fn carry_out(page: Workbench, work: &Work<Entry>) -> Result<(), String> {
    let said = |error: storage::StorageError| error.to_string();
    match work {
        Work::Head { id, n_base, .. } => {
            let held = keeper(|keeper| keeper.held.get(id).cloned());
            // Nobody wants a book that is no longer held.
            let Some(Held { body, mut meta }) = held else { return Ok(()) };
            let body = match body {
                Body::Given(blob) => blob,
                Body::Desk if keeper(|keeper| keeper.desk.as_ref() != Some(id)) => {
                    return Err("the browser refused to put the session together".to_owned());
                }
                Body::Desk => match written(page).await? {
                    Some(blob) => blob,
                    None => return Ok(()),
                },
            };
            (meta.n_base, meta.saved_at) = (*n_base, now());
            let meta = serde_json::to_string(&meta).map_err(|error| error.to_string())?;
            storage::put_head(&Head { id: id.clone(), meta, body }).await.map_err(said)?;
            // What is on the desk may change from now on; the file that was given need not stay in memory.
            keeper(|keeper| {
                if let Some(held) = keeper.held.get_mut(id) {
                    held.body = Body::Desk;
                }
            });
            Ok(())
        }
        Work::Entries { id, records } => {
            let text =
                |record: &Record<Entry>| serde_json::to_string(&record.entry).map_err(|e| e.to_string());
            let places = records.iter().map(|Record { key, .. }| (key.time, key.writer.as_str(), key.seq));
            let texts: Vec<String> = records.iter().map(text).collect::<Result<_, _>>()?;
            storage::append(id, &places.zip(texts).collect::<Vec<_>>()).await.map_err(said)
        }
        Work::Drop { id } => {
            keeper(|keeper| keeper.held.remove(id));
            let name = lock_of(id);
            tabs::release(&name);
            for _ in 0..RELEASE_TRIES {
                if let Some(_alone) = tabs::hold_alone(&name).await {
                    return storage::remove(id).await.map_err(said);
                }
                // The name may still be ours: it is released a moment later.
                clock::sleep(RELEASE_MS).await;
            }
            // Another tab has it open, so it belongs to that tab now.
            Ok(())
        }
    }
}

/// The session on the desk as a file's bytes; `None` without one.
async fn written(page: Workbench) -> Result<Option<Blob>, String> {
    match pieces::write(page).await {
        Ok(Some((parts, _))) => {
            let blob = download::blob_of("application/json", &parts);
            blob.map(Some).map_err(|_refused| "the browser could not assemble the session".to_owned())
        }
        Ok(None) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn tell(work: &Work<Entry>) {
    let word = match work {
        Work::Head { id, .. } => Word { id: id.clone(), head: true },
        Work::Entries { id, .. } => Word { id: id.clone(), head: false },
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
    let is_refused = journal.problem().is_some();
    match wanted {
        Wanted::Head(id) => is_refused || journal.has_head(id),
        Wanted::Entry(id, key) => is_refused || !journal.is_waiting(id, key),
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
    let (desk, run, problem) = keeper(|keeper| {
        let status = |id: &Option<String>| id.as_ref().map(|id| keeper.journal.status(id));
        (status(&keeper.desk), status(&keeper.run), keeper.journal.problem().map(str::to_owned))
    });
    let is_safe = |status: &Option<Status>| status.as_ref().is_none_or(|status| *status == Status::Saved);
    let is_saved = is_safe(&desk) && is_safe(&run);
    page.kept.update(|kept| {
        kept.is_saved = desk == Some(Status::Saved);
        if is_saved && (desk.is_some() || run.is_some()) {
            kept.saved_at = Some(local_time());
        }
        kept.problem = problem.filter(|_| !is_saved);
    });
    let waits = keeper(|keeper| {
        let waits = !is_saved && keeper.journal.problem().is_some() && !keeper.retries;
        keeper.retries |= waits;
        waits
    });
    if waits {
        let again = move || {
            keeper(|keeper| keeper.retries = false);
            retry_now(page);
        };
        set_timeout(again, Duration::from_millis(RETRY_MS));
    }
}

/// Tries again at once whatever failed.
pub fn retry_now(page: Workbench) {
    keeper(|keeper| keeper.journal.retry());
    pump(page);
}

/// Asks the browser, once, not to clear this page's data on its own.
pub(super) fn ask_to_persist() {
    if keeper(|keeper| !std::mem::replace(&mut keeper.has_asked_to_persist, true)) {
        spawn_local(async {
            // Declined or not, the work is kept; the browser may only clear it sooner.
            let _granted = storage::persist().await;
        });
    }
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
