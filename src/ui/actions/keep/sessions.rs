//! What is kept in this browser: listed, named, copied, saved as a file, deleted and restored.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::super::state::{KeptBook, Workbench},
    books,
    loops::{self, Word, keeper, lock_of},
    summary::{self, LABEL},
};
use crate::data::from_json;
use crate::{
    browser::{
        download, preferences,
        storage::{self, Book, Head, StorageError},
        tabs,
    },
    journal::{
        Entry, Kind, Label, Meta,
        restore::{self, Kept},
    },
};

/// For how many days a deleted session can be restored, unless room is needed before.
pub const KEPT_DAYS: u64 = 30;
const DAY_MS: u64 = 86_400_000;

/// All that is kept.
pub(super) async fn kept_books() -> Result<Vec<Kept>, StorageError> {
    let kept = |listed: storage::Listed| {
        let mut kept = Kept {
            meta: from_json(&listed.head.meta).ok(),
            last_time: listed.last_time,
            label: Label::default(),
            summary: None,
            n_bytes: listed.head.body.size(),
            id: listed.head.id,
        };
        listed.notes.iter().for_each(|note| kept.note(note));
        if let Some(of_book) = &kept.summary {
            summary::found(&kept.id, of_book);
        }
        kept
    };
    Ok(storage::heads().await?.into_iter().map(kept).collect())
}

/// Lists what is kept.
pub(super) async fn list(page: Workbench) {
    let Ok(kept) = kept_books().await else { return };
    let held = tabs::held().await;
    let damaged = page.kept.with_untracked(|kept| kept.damaged.clone());
    let here = keeper(|keeper| [keeper.desk.clone(), keeper.run.clone()]);
    let books = restore::in_order(kept, None).into_iter().map(|book| {
        let worked_at = book.worked_at();
        let is_here = here.iter().flatten().any(|id| *id == book.id);
        let meta = book.meta.as_ref();
        KeptBook {
            is_here,
            is_open: is_here || held.contains(&lock_of(&book.id)),
            is_run: meta.is_some_and(|meta| meta.kind == Kind::Run),
            created: meta.map(|meta| meta.created.clone()).unwrap_or_default(),
            n_prompts: meta.map_or(0, |meta| meta.n_prompts),
            n_languages: meta.map_or(0, |meta| meta.languages.len()),
            worked_at,
            n_bytes: book.n_bytes,
            label: book.label,
            summary: book.summary,
            problem: damaged.iter().find(|(id, _)| *id == book.id).map(|(_, reason)| reason.clone()),
            id: book.id,
        }
    });
    let books = books.collect();
    page.kept.update(|kept| kept.books = books);
}

/// Tells the other tabs that the list looks different, and shows it here.
async fn list_everywhere(page: Workbench) {
    if let Ok(text) = serde_json::to_string(&Word { id: String::new(), head: false, list: true }) {
        tabs::tell(&text);
    }
    list(page).await;
}

/// Saves a kept book as a file, whatever is in it.
pub async fn save_other(page: Workbench, id: String) {
    let saved = async {
        let Book { head, entries, .. } = storage::book(&id).await.ok().flatten()?;
        // Where the browser has lost the session's file, the log is all there is, and has the decisions.
        let bytes = download::bytes_of(&head.body, 0.0, head.body.size()).await.unwrap_or_default();
        let n_base = from_json::<Meta>(&head.meta).map_or(usize::MAX, |meta| meta.n_base);
        let text = restore::as_file(&String::from_utf8_lossy(&bytes), n_base, &entries);
        download::save(&format!("concord-kept-{id}.json"), "application/json", &text).ok()
    };
    let status = match saved.await {
        Some(()) => "The kept session was handed to the browser's downloads.",
        None => "The browser refused to read or save it; allow downloads for this page and try again.",
    };
    page.status.set(status.to_owned());
}

/// Gives a session a name; an empty one gives it back the name that is made for it.
pub async fn rename(page: Workbench, id: String, name: String) {
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    label(page, &id, |label| label.name = name).await;
}

/// Puts a copy of a session beside it.
pub async fn duplicate(page: Workbench, id: String, name: String) {
    let copied = async {
        let Book { head, entries, places, .. } = storage::book(&id).await?.ok_or(StorageError::Cleared)?;
        let copy = Head { id: loops::new_id(), ..head };
        storage::put_head(&copy, true).await?;
        let log = places.iter().map(|(time, writer, seq)| (*time, writer.as_str(), *seq));
        storage::append(&copy.id, &log.zip(entries).collect::<Vec<_>>()).await?;
        put_label(&copy.id, &Label { name: Some(name), deleted_at: None }).await
    };
    match copied.await {
        Ok(()) => page.status.set("A copy of the session is in the list.".to_owned()),
        Err(error) => complain(page, &error),
    }
    list_everywhere(page).await;
}

/// Deletes a session: it can be restored for [`KEPT_DAYS`]. One that another tab has open stays. What cannot be opened and
/// interrupted runs go for good.
pub async fn delete(page: Workbench, id: String) {
    let book = page.kept.with_untracked(|kept| kept.books.iter().find(|book| book.id == id).cloned());
    let can_be_restored = book.as_ref().is_some_and(|book| !book.is_run && book.problem.is_none());
    if book.is_some_and(|book| book.is_here && !book.is_run) {
        clear_desk(page, &id).await;
    }
    // A tab that has opened it meanwhile keeps it. Where no browser can tell, the person has to know, as the page says.
    let alone = tabs::hold_alone(&lock_of(&id)).await;
    if alone.is_some() || !tabs::can_tell() {
        let deleted = if can_be_restored { bury(page, &id).await } else { storage::remove(&id).await };
        if let Err(error) = deleted {
            complain(page, &error);
        }
    }
    page.kept.update(|kept| kept.damaged.retain(|(damaged, _)| *damaged != id));
    list_everywhere(page).await;
}

/// Takes the session off the desk; it stays kept.
async fn clear_desk(page: Workbench, id: &str) {
    keeper(|keeper| keeper.desk = None);
    preferences::set_for_tab(books::OWN, "");
    page.change_desk(|desk| *desk = None);
    page.record.update(|record| *record = record.wrapping_add(1));
    books::let_go(page, id).await;
    loops::report(page);
}

/// Marks a session as deleted.
pub(super) async fn bury(page: Workbench, id: &str) -> Result<(), StorageError> {
    let mut label = label_of(page, id);
    label.deleted_at = Some(loops::now());
    match put_label(id, &label).await {
        // There is nothing to restore.
        Err(StorageError::Cleared) => Ok(()),
        Ok(()) => {
            spawn_local(list_everywhere(page));
            Ok(())
        }
        error => error,
    }
}

/// Brings a deleted session back into the list.
pub async fn undelete(page: Workbench, id: String) {
    label(page, &id, |label| label.deleted_at = None).await;
}

/// Removes a deleted session for good.
pub async fn remove(page: Workbench, id: String) {
    if let Err(error) = storage::remove(&id).await {
        complain(page, &error);
    }
    list_everywhere(page).await;
}

/// There is no room: what was deleted goes for good, and what could not be stored is tried again.
pub(super) async fn make_room(page: Workbench) {
    let Ok(kept) = kept_books().await else { return };
    let deleted = kept.into_iter().filter(|book| book.label.deleted_at.is_some());
    let mut has_room = false;
    for book in deleted {
        has_room |= storage::remove(&book.id).await.is_ok();
    }
    if has_room {
        list_everywhere(page).await;
        loops::retry_now(page);
    }
}

/// Removes what was deleted long ago; the others are left.
pub(super) async fn without_old(kept: Vec<Kept>) -> Vec<Kept> {
    let until = loops::now().saturating_sub(KEPT_DAYS * DAY_MS);
    let (old, rest): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|book| book.label.deleted_at.is_some_and(|at| at < until));
    for book in old {
        // It is tried again on the next visit.
        let _removed = storage::remove(&book.id).await;
    }
    rest
}

async fn label(page: Workbench, id: &str, change: impl FnOnce(&mut Label)) {
    let mut label = label_of(page, id);
    change(&mut label);
    if let Err(error) = put_label(id, &label).await {
        complain(page, &error);
    }
    list_everywhere(page).await;
}

fn label_of(page: Workbench, id: &str) -> Label {
    page.kept.with_untracked(|kept| {
        kept.books.iter().find(|book| book.id == id).map(|book| book.label.clone()).unwrap_or_default()
    })
}

async fn put_label(id: &str, label: &Label) -> Result<(), StorageError> {
    let text = serde_json::to_string(&Entry::Label(label.clone())).unwrap_or_default();
    storage::append(id, &[(storage::note_place(LABEL), text)]).await
}

fn complain(page: Workbench, error: &StorageError) {
    page.kept.update(|kept| kept.problem = Some(error.to_string()));
}
