//! Keeping the work in this browser: what the [`Journal`] asks for, carried out.
//!
//! The open session and the current run are books of the journal. A decision is stored before the screen shows it, and a
//! session before it opens. If the browser refuses or does not answer, work goes on, the page says that it is not saved, and
//! storing is tried again. What the browser clears while a tab shows it is stored again. A tab holds the name of each book that it has open (`browser::tabs`), so that no other tab deletes it. Two tabs
//! may have the same session open; each picks up what the other adds.

mod books;
mod loops;
mod old;
mod restore;
mod runs;
mod sessions;
mod summary;

pub use books::{
    backed_up, created, events_added, fate_of_old, n_not_backed_up, open_session, session_changed,
    store_event, take_session,
};
pub use loops::retry_now;
pub use restore::{open_other, restore};
pub use runs::{begin_run, end_run, keep_responses, offer_unfinished, run_begins, run_is_done};
pub use sessions::{KEPT_DAYS, delete, duplicate, remove, rename, save_other, undelete};
pub use summary::of_desk as summary_of;
