//! The open session as a book: opening it, deciding on it, picking its pairs again.

use leptos::{prelude::*, task::spawn_local};
use web_sys::Blob;

use super::{
    super::{super::state::Workbench, pieces},
    loops::{self, Body, Held, keeper, lock_of, meta, pump},
    sessions::list,
    summary,
};
use crate::{
    browser::{clock, preferences, tabs},
    curation::Desk,
    data::{CurationEvent, Session},
    journal::{Backup, Entry, Kind},
};

/// Where a tab remembers its book across a reload.
pub(super) const OWN: &str = "book";

/// What becomes of the session that was on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    /// It is deleted, as a file holds all of it; it can be restored for some time.
    Goes,
    /// It stays in this browser.
    Stays,
}

/// Puts a session on the desk once it is stored, with the file it came from if it is the same. Where the browser refuses to
/// store it, it comes to the desk all the same, and the page says so.
pub async fn open_session(page: Workbench, session: Session, file: Option<Blob>, old: Old) {
    let config = &session.config;
    let meta = meta(Kind::Session, &session.created, session.prompts.len(), &config.languages);
    let n_events = session.events.len();
    let body = match file {
        Some(file) => Some(file),
        None => pieces::blob_of(&session).await,
    };
    let id = loops::new_id();
    tabs::hold(&lock_of(&id)).await;
    let before = keeper(|keeper| {
        let before = keeper.desk.clone();
        let body = body.map_or(Body::Desk, Body::Given);
        keeper.held.insert(id.clone(), Held { body, meta });
        let goes = before.clone().filter(|_| old == Old::Goes);
        keeper.journal.begin(&id, n_events, goes.into_iter().collect());
        before.filter(|_| old == Old::Stays)
    });
    pump(page);
    loops::head_settled(&id).await;
    show(page, session, id, None, false).await;
    if let Some(before) = before {
        // Something of it may still be on its way, which the new session need not wait for.
        spawn_local(async move { let_go(page, &before).await });
    }
}

/// Gives up the session that was open. It stays stored, and other tabs may do with it what they like.
pub(super) async fn let_go(page: Workbench, id: &str) {
    keeper(|keeper| keeper.journal.leave(id));
    pump(page);
    loops::quiet(id).await;
    tabs::release(&lock_of(id));
    list(page).await;
}

/// Opens a session whose book is known; `is_same` if it was open before.
pub(super) async fn show(
    page: Workbench,
    session: Session,
    id: String,
    backup: Option<Backup>,
    is_same: bool,
) {
    preferences::set_for_tab(OWN, &id);
    page.setup.update(|setup| setup.set_session(session.prompts.clone(), session.config.clone()));
    let desk = Desk::new(session);
    clock::breathe().await;
    keeper(|keeper| keeper.desk = Some(id));
    page.put_on_desk(desk, is_same);
    page.record.update(|record| *record = record.wrapping_add(1));
    page.kept.update(|kept| kept.backup = backup);
    loops::report(page);
    summary::note(page);
    spawn_local(list(page));
}

/// The session changed in another way than by a decision, so its head is written again.
pub fn session_changed(page: Workbench) {
    page.record.update(|record| *record = record.wrapping_add(1));
    page.kept.update(|kept| {
        if let Some(backup) = &mut kept.backup {
            backup.is_whole = false;
        }
    });
    keeper(|keeper| {
        let Some(id) = keeper.desk.clone() else { return };
        if let Some(held) = keeper.held.get_mut(&id) {
            held.body = Body::Desk;
        }
        keeper.journal.append(&id, Entry::Changed {}, loops::now());
        keeper.journal.change_head(&id);
    });
    pump(page);
}

/// Stores the open session with other responses, in the place of what it was.
pub fn take_session(page: Workbench, session: Session) {
    keeper(|keeper| {
        let Some(held) = keeper.desk.as_ref().and_then(|id| keeper.held.get_mut(id)) else { return };
        held.meta.n_prompts = session.prompts.len();
        held.meta.languages.clone_from(&session.config.languages);
    });
    page.put_on_desk(Desk::new(session), true);
    session_changed(page);
    summary::note(page);
}

/// Events that came with a change of the record: they go to the log as decisions do.
pub fn events_added(page: Workbench, events: Vec<CurationEvent>) {
    keeper(|keeper| {
        let Some(id) = keeper.desk.clone() else { return };
        for event in events {
            keeper.journal.append(&id, Entry::Event { event }, loops::now());
        }
    });
    pump(page);
}

/// Stores a decision, and returns once it is stored or refused. A refused one is kept in memory and tried again. `false` if
/// the session is no longer open.
pub async fn store_event(page: Workbench, event: CurationEvent) -> bool {
    summary::ask_to_persist(page);
    let stored = keeper(|keeper| {
        let id = keeper.desk.clone()?;
        let key = keeper.journal.append(&id, Entry::Event { event }, loops::now())?;
        Some((id, key))
    });
    pump(page);
    let Some((id, key)) = stored else { return false };
    loops::entry_settled(&id, key).await;
    keeper(|keeper| keeper.desk.as_ref() == Some(&id))
}

/// A file now holds the session with so many events.
pub fn backed_up(page: Workbench, n_events: usize) {
    let at = Some(loops::now());
    page.kept.update(|kept| kept.backup = Some(Backup { n_events, at, is_whole: true }));
    keeper(|keeper| {
        if let Some(id) = keeper.desk.clone() {
            keeper.journal.append(&id, Entry::Downloaded { n_events, at }, loops::now());
        }
    });
    pump(page);
}

/// When the session on the desk was created.
pub fn created(page: Workbench) -> Option<String> {
    page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()))
}

/// How many decisions no downloaded file holds.
pub fn n_not_backed_up(page: Workbench) -> usize {
    let n_events = n_events(page);
    n_events.saturating_sub(page.kept.with_untracked(|kept| kept.backup.map_or(0, |backup| backup.n_events)))
}

/// What becomes of the session on the desk when another takes its place: it stays, unless a file holds all of it.
pub fn fate_of_old(page: Workbench) -> Old {
    let n_events = n_events(page);
    let is_held = page.kept.with_untracked(|kept| kept.backup.is_some_and(|backup| backup.holds(n_events)));
    if is_held { Old::Goes } else { Old::Stays }
}

fn n_events(page: Workbench) -> usize {
    page.desk.with_untracked(|desk| desk.as_ref().map_or(0, |desk| desk.session().events.len()))
}
