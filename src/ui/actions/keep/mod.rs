//! Keeping the work in this browser: what the [`Journal`] asks for, carried out.
//!
//! A session on the desk and a run under way are books of the journal. A decision is stored before it stands on the screen,
//! a session before it comes to the desk; where the browser refuses or does not answer, the work goes on, the page says that
//! it is not saved, and it is tried again. What the browser clears while a tab shows it is stored again. A book is open in a
//! tab for as long as the tab holds its name (`browser::tabs`), so that no other tab takes it away; two tabs may have one
//! session open, and each follows what the other adds.

mod books;
mod loops;
mod old;
mod others;
mod restore;
mod runs;

pub use books::{
    Old, backed_up, created, events_added, n_not_backed_up, open_session, session_changed, store_event,
};
pub use loops::retry_now;
pub use others::{delete, save_other};
pub use restore::{open_other, restore};
pub use runs::{begin_run, end_run, keep_responses, offer_unfinished};
