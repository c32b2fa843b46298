//! Reopens or offers what an earlier visit left.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::state::Workbench,
        pieces::{self, Opened, ReadError},
    },
    books,
    loops::{Body, Held, Word, keeper, lock_of},
    old,
    others::{kept_books, list_others},
    runs::{self, KeptRun},
};
use crate::{
    browser::{
        download, preferences,
        storage::{self, Book, StorageError},
        tabs,
    },
    curation::notes,
    data::{CurationEvent, Session},
    journal::{
        Entry, Key, Kind, Meta,
        restore::{self, Kept, Log},
    },
};

/// Opens the session that this tab had, or else the most recent one. Offers an interrupted run, and whatever else is kept.
pub async fn restore(page: Workbench) {
    follow_tabs(page);
    if let Err(error) = restored(page).await {
        page.kept.update(|kept| kept.problem = Some(error.to_string()));
    }
}

async fn restored(page: Workbench) -> Result<(), StorageError> {
    old::take_over().await?;
    let own = preferences::get_for_tab(books::OWN);
    let kept = kept_books().await?;
    let held = tabs::held().await;
    let of_kind = |kind: Kind| {
        let is_it = move |book: &&Kept| book.meta.as_ref().is_none_or(|meta| meta.kind == kind);
        restore::in_order(kept.iter().filter(is_it).cloned().collect(), own.as_deref())
    };
    for book in of_kind(Kind::Session) {
        if open(page, &book.id).await?.is_ok() {
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
        } else if offer(page, &run.id).await? {
            break;
        }
    }
    list_others(page).await;
    Ok(())
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

/// Reads a session's book, or says why it cannot be opened.
async fn read(id: &str) -> Result<Result<Read, String>, StorageError> {
    let gone = || "it is no longer kept".to_owned();
    let Some(Book { head, entries, last }) = storage::book(id).await? else { return Ok(Err(gone())) };
    let Ok(meta) = serde_json::from_str::<Meta>(&head.meta) else {
        return Ok(Err("what is kept of it is damaged".to_owned()));
    };
    let mut log = Log::read(entries.iter().map(String::as_str));
    let last = last.map(key_of);
    Ok(match pieces::read(&head.body).await {
        Ok(Opened { mut session, .. }) => {
            let added = std::mem::take(&mut log.events);
            session.events = restore::events(session.events, meta.n_base, added);
            Ok(Read { session, meta, log, last })
        }
        Err(ReadError::Unreadable) => Err("its file cannot be read".to_owned()),
        Err(ReadError::Bad(error)) => Err(error.to_string()),
    })
}

/// Opens a kept session, or notes why it cannot be opened.
async fn open(page: Workbench, id: &str) -> Result<Result<(), String>, StorageError> {
    // It is held before it is read, so that no other tab takes it away meanwhile.
    tabs::hold(&lock_of(id)).await;
    match read(id).await? {
        Ok(Read { session, meta, log, last }) => {
            keeper(|keeper| {
                keeper.journal.adopt(id, meta.n_base, last.as_ref());
                keeper.held.insert(id.to_owned(), Held { body: Body::Desk, meta });
            });
            if log.n_unreadable > 0 {
                let problem =
                    format!("{} of its decisions could not be read and were skipped", log.n_unreadable);
                page.kept.update(|kept| kept.damaged.push((id.to_owned(), problem)));
            }
            books::show(page, session, id.to_owned(), log.downloaded).await;
            let notes = page.desk.with_untracked(|desk| desk.as_ref().map(notes).unwrap_or_default());
            page.run.update(|run| run.problems = notes);
            Ok(Ok(()))
        }
        Err(reason) => {
            tabs::release(&lock_of(id));
            page.kept.update(|kept| kept.damaged.push((id.to_owned(), reason.clone())));
            Ok(Err(reason))
        }
    }
}

/// Offers to go on with a kept run; `false` if it cannot be read.
async fn offer(page: Workbench, id: &str) -> Result<bool, StorageError> {
    tabs::hold(&lock_of(id)).await;
    let Some(Book { head, entries, last }) = storage::book(id).await? else { return Ok(false) };
    let bytes = download::bytes_of(&head.body, 0.0, head.body.size()).await.unwrap_or_default();
    let meta = serde_json::from_str::<Meta>(&head.meta);
    let (Ok(run), Ok(meta)) = (serde_json::from_slice::<KeptRun>(&bytes), meta) else {
        tabs::release(&lock_of(id));
        let reason = "the run's settings are damaged".to_owned();
        page.kept.update(|kept| kept.damaged.push((id.to_owned(), reason)));
        return Ok(false);
    };
    let log = Log::read(entries.iter().map(String::as_str));
    let last = last.map(key_of);
    keeper(|keeper| {
        keeper.journal.adopt(id, 0, last.as_ref());
        keeper.held.insert(id.to_owned(), Held { body: Body::Given(head.body), meta });
        keeper.run = Some(id.to_owned());
    });
    runs::offer(page, run, log.responses);
    Ok(true)
}

/// Shows what other tabs add to the session that is on this desk.
fn follow_tabs(page: Workbench) {
    tabs::listen(move |message| {
        let Ok(word) = serde_json::from_str::<Word>(&message) else { return };
        if keeper(|keeper| keeper.desk.as_ref() == Some(&word.id)) {
            spawn_local(follow(page, word.id, word.head));
        }
    });
}

/// Another tab has added to the session on the desk, or written its head anew.
async fn follow(page: Workbench, id: String, has_new_head: bool) {
    let is_here = || keeper(|keeper| keeper.desk.as_ref() == Some(&id));
    if has_new_head {
        let Ok(Ok(Read { mut session, log, last, .. })) = read(&id).await else { return };
        if is_here() {
            session.events.extend(waiting(&id, last.as_ref()));
            let focus = page.focus.get_untracked();
            books::show(page, session, id, log.downloaded).await;
            page.focus.set(focus);
        }
        return;
    }
    let Ok(Some(Book { head, entries, last })) = storage::book(&id).await else { return };
    let Ok(meta) = serde_json::from_str::<Meta>(&head.meta) else { return };
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
    page.kept.update(|kept| kept.backed_up = log.downloaded);
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
    let outcome = if is_run { offer(page, &id).await.map(|_| ()) } else { open(page, &id).await.map(|_| ()) };
    if let Err(error) = outcome {
        page.kept.update(|kept| kept.problem = Some(error.to_string()));
    }
    let now = keeper(|keeper| if is_run { keeper.run.clone() } else { keeper.desk.clone() });
    match before.filter(|before| now.as_ref() != Some(before)) {
        Some(before) => books::let_go(page, &before).await,
        None => list_others(page).await,
    }
}
