//! Reopens or offers what an earlier visit left.

use futures_channel::oneshot;
use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::state::{Activity, Workbench},
        pieces::{self, Opened, ReadError},
    },
    books,
    loops::{Body, Held, LATE_MS, RETRY_MS, Word, keeper, lock_of, look_again},
    old,
    runs::{self, KeptRun},
    sessions::{self, kept_books, list},
    summary,
};
use crate::{
    browser::{
        clock, download, preferences,
        storage::{self, Book, StorageError},
        tabs,
    },
    curation::{PromptOrigin, notes},
    data::{CurationEvent, Session, from_json},
    journal::{
        Entry, Key, Kind, Meta,
        restore::{self, Kept, Log},
    },
};

/// How long one book may take to be read, in milliseconds.
const BOOK_MS: u32 = 30_000;
/// What the page says before the store has answered.
const SILENT: &str = "this browser's storage does not answer, so what it keeps of earlier work cannot be shown yet: if this \
                      lasts, close the other tabs of this page or restart the browser";

/// Opens the session that this tab had, or else the most recent one. Offers an interrupted run, and whatever else is kept. If
/// the store does not answer, the page says so and begins without it; what comes late is opened unless the desk is taken by
/// then.
pub async fn restore(page: Workbench) {
    follow_tabs(page);
    let (asking, answered) = oneshot::channel::<()>();
    let (trying, tried) = oneshot::channel::<()>();
    spawn_local(async move {
        let (mut asking, mut trying) = (Some(asking), Some(trying));
        loop {
            let outcome = restored(page, &mut asking).await;
            drop((asking.take(), trying.take()));
            page.kept.update(|kept| kept.unread = outcome.as_ref().err().map(unread_words));
            if matches!(outcome, Ok(()) | Err(StorageError::Denied)) {
                break;
            }
            clock::sleep(RETRY_MS).await;
        }
    });
    // What is dropped has happened.
    if clock::within(LATE_MS, answered).await.is_some() {
        let _dropped = tried.await;
    } else {
        page.kept.update(|kept| kept.unread = Some(SILENT.to_owned()));
    }
}

fn unread_words(error: &StorageError) -> String {
    match error {
        StorageError::Failed { reason } => format!(
            "what this browser keeps of earlier work could not be read ({reason}), which is tried again: if this lasts, allow this site to keep data, close its other tabs or restart the browser"
        ),
        other => other.to_string(),
    }
}

/// `asking` is dropped when the store has answered.
async fn restored(page: Workbench, asking: &mut Option<oneshot::Sender<()>>) -> Result<(), StorageError> {
    old::take_over().await?;
    let own = preferences::get_for_tab(books::OWN);
    let kept = sessions::without_old(kept_books().await?).await;
    let held = tabs::held().await;
    drop(asking.take());
    summary::look_at_promise(page);
    let of_kind = |kind: Kind| {
        let is_it = move |book: &&Kept| {
            book.label.deleted_at.is_none() && book.meta.as_ref().is_none_or(|meta| meta.kind == kind)
        };
        restore::in_order(kept.iter().filter(is_it).cloned().collect(), own.as_deref())
    };
    for book in of_kind(Kind::Session) {
        if !is_free(page) || open(page, &book.id).await {
            break;
        }
    }
    // A run that another tab holds is under way there.
    let runs =
        of_kind(Kind::Run).into_iter().filter(|run| run.meta.is_some() && !held.contains(&lock_of(&run.id)));
    let created = |book: &Kept| book.meta.as_ref().map(|meta| (meta.kind, meta.created.clone()));
    let all: Vec<_> = kept.iter().filter_map(created).collect();
    for run in runs {
        let session = created(&run).map(|(_, created)| (Kind::Session, created));
        if session.is_some_and(|session| all.contains(&session)) {
            // Its session was stored, and the page went before the run could be taken away.
            storage::remove(&run.id).await?;
        } else if keeper(|keeper| keeper.run.is_some()) {
            break;
        } else if offer(page, &run.id).await {
            let goes_on = runs::goes_on_alone(&run.id, run.worked_at());
            page.run.update(|run| run.goes_on_alone = goes_on);
            break;
        }
    }
    list(page).await;
    Ok(())
}

/// Whether nothing has taken the place of what was kept; the page may have begun without it.
fn is_free(page: Workbench) -> bool {
    let has_other = page.setup.with_untracked(|setup| matches!(setup.origin(), PromptOrigin::File(_)))
        || page.active.with_untracked(|active| active.activity == Activity::Building);
    !has_other && keeper(|keeper| keeper.desk.is_none())
}

/// The key of a record at its place in the store.
fn key_of((time, writer, seq): (u64, String, u64)) -> Key {
    Key { time, writer, seq }
}

/// A book that was read: its session, what its log says besides, and where the log ends.
struct Read {
    session: Session,
    meta: Meta,
    log: Log,
    last: Option<Key>,
}

/// A book as it is stored, or why the browser does not give it. One that cannot be read must not keep others from opening.
async fn stored(id: &str) -> Result<Book, String> {
    match clock::within(BOOK_MS, storage::book(id)).await {
        Some(Ok(Some(book))) => Ok(book),
        Some(Ok(None)) => Err("it is no longer kept".to_owned()),
        Some(Err(StorageError::Failed { reason })) => {
            Err(format!("the browser could not read it ({reason})"))
        }
        Some(Err(error)) => Err(error.to_string()),
        None => Err("this browser's storage does not answer".to_owned()),
    }
}

/// Reads a session's book, or says why it cannot be opened.
async fn read(id: &str) -> Result<Read, String> {
    let Book { head, entries, last, .. } = stored(id).await?;
    let Ok(meta) = from_json::<Meta>(&head.meta) else {
        return Err("what is kept of it is damaged".to_owned());
    };
    let mut log = Log::read(entries.iter().map(String::as_str));
    let last = last.map(key_of);
    match pieces::read(&head.body).await {
        Ok(Opened { mut session, .. }) => {
            let added = std::mem::take(&mut log.events);
            session.events = restore::events(session.events, meta.n_base, added);
            Ok(Read { session, meta, log, last })
        }
        Err(ReadError::Unreadable) => Err("its file cannot be read".to_owned()),
        Err(ReadError::Bad(error)) => Err(error.to_string()),
    }
}

/// Opens a kept session, or notes why it cannot be opened. `false` if there is still nothing on the desk.
async fn open(page: Workbench, id: &str) -> bool {
    let desk = || keeper(|keeper| keeper.desk.clone());
    let before = desk();
    // It is held before it is read, so that no other tab takes it away meanwhile.
    tabs::hold(&lock_of(id)).await;
    match read(id).await {
        // Another was opened meanwhile, which is what the person wants.
        Ok(_) if desk() != before => {
            tabs::release(&lock_of(id));
            true
        }
        Ok(Read { session, meta, log, last }) => {
            keeper(|keeper| {
                keeper.journal.adopt(id, meta.n_base, last.as_ref());
                keeper.held.insert(id.to_owned(), Held { body: Body::Desk, meta });
            });
            if log.n_unreadable > 0 {
                let problem =
                    format!("{} of its decisions could not be read and were skipped", log.n_unreadable);
                page.kept.update(|kept| kept.note_damage(id, problem));
            }
            books::show(page, session, id.to_owned(), log.backup, false).await;
            let notes = page.desk.with_untracked(|desk| desk.as_ref().map(notes).unwrap_or_default());
            page.run.update(|run| run.problems = notes);
            true
        }
        Err(reason) => {
            tabs::release(&lock_of(id));
            page.kept.update(|kept| kept.note_damage(id, reason));
            false
        }
    }
}

/// Offers to go on with a kept run; `false` if it cannot be read.
async fn offer(page: Workbench, id: &str) -> bool {
    tabs::hold(&lock_of(id)).await;
    let read = async {
        let Book { head, entries, last, .. } = stored(id).await?;
        let bytes = download::bytes_of(&head.body, 0.0, head.body.size()).await.unwrap_or_default();
        match (serde_json::from_slice::<KeptRun>(&bytes), from_json::<Meta>(&head.meta)) {
            (Ok(run), Ok(meta)) => Ok((run, meta, head, entries, last)),
            _ => Err("the run's settings are damaged".to_owned()),
        }
    };
    let (run, meta, head, entries, last) = match read.await {
        Ok(read) => read,
        Err(reason) => {
            tabs::release(&lock_of(id));
            page.kept.update(|kept| kept.note_damage(id, reason));
            return false;
        }
    };
    let log = Log::read(entries.iter().map(String::as_str));
    let last = last.map(key_of);
    keeper(|keeper| {
        keeper.journal.adopt(id, 0, last.as_ref());
        keeper.held.insert(id.to_owned(), Held { body: Body::Given(head.body), meta });
        keeper.run = Some(id.to_owned());
    });
    runs::offer(page, run, log.responses);
    true
}

/// Shows what other tabs add to the session that is on this desk, and stores again what the browser clears.
fn follow_tabs(page: Workbench) {
    storage::on_close(move || spawn_local(look_again(page)));
    // A page that was set aside and comes back has lost its locks, maybe, and heard nothing meanwhile.
    tabs::on_return(move || {
        storage::disconnect();
        spawn_local(async move {
            tabs::hold_again().await;
            look_again(page).await;
            if let Some(id) = keeper(|keeper| keeper.desk.clone()) {
                follow(page, id, true).await;
            }
        });
    });
    tabs::listen(move |message| {
        let Ok(word) = from_json::<Word>(&message) else { return };
        if word.list {
            return spawn_local(list(page));
        }
        if keeper(|keeper| keeper.desk.as_ref() == Some(&word.id)) {
            spawn_local(follow(page, word.id, word.head));
        }
    });
}

/// Another tab has added to the open session, or rewritten its head.
async fn follow(page: Workbench, id: String, has_new_head: bool) {
    let is_here = || keeper(|keeper| keeper.desk.as_ref() == Some(&id));
    if has_new_head {
        let Ok(Read { mut session, log, last, .. }) = read(&id).await else { return };
        if is_here() {
            session.events.extend(waiting(&id, last.as_ref()));
            books::show(page, session, id, log.backup, true).await;
        }
        return;
    }
    let Ok(Some(Book { head, entries, last, .. })) = storage::book(&id).await else { return };
    let Ok(meta) = from_json::<Meta>(&head.meta) else { return };
    if !is_here() {
        return;
    }
    let log = Log::read(entries.iter().map(String::as_str));
    let last = last.map(key_of);
    let added = [log.events, waiting(&id, last.as_ref())].concat();
    page.change_desk(|desk| {
        if let Some(desk) = desk {
            // The head's events stay what they were.
            let base = desk.session().events.clone();
            desk.take_log(restore::events(base, meta.n_base, added));
        }
    });
    page.kept.update(|kept| kept.backup = log.backup);
}

/// What is decided here and not stored yet, which comes last; from now on what is decided here comes after `last`.
fn waiting(id: &str, last: Option<&Key>) -> Vec<CurationEvent> {
    let entries = keeper(|keeper| {
        if let Some(last) = last {
            keeper.journal.has_seen(last);
        }
        keeper.journal.waiting(id)
    });
    let events = entries.into_iter().filter_map(|entry| match entry {
        Entry::Event { event } => Some(event),
        _ => None,
    });
    events.collect()
}

/// Opens another kept session, or offers to go on with another run; what is open now stays kept.
pub async fn open_other(page: Workbench, id: String, is_run: bool) {
    let before = keeper(|keeper| if is_run { keeper.run.clone() } else { keeper.desk.clone() });
    let _noted = if is_run { offer(page, &id).await } else { open(page, &id).await };
    let now = keeper(|keeper| if is_run { keeper.run.clone() } else { keeper.desk.clone() });
    match before.filter(|before| now.as_ref() != Some(before)) {
        Some(before) => books::let_go(page, &before).await,
        None => list(page).await,
    }
}
