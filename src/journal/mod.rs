//! What is to be stored of the work in this browser, as values: no database, no clock, no screen.
//!
//! What belongs together is a **book**: a session, or a run under way. A book has a **head** (the session's file, or the
//! run's request) and a **log** of entries that is only ever added to: decisions, or responses as they finish. Every
//! record names its book, so nothing of one can be taken for another's. A session is its head with the log's decisions
//! behind it; writing a new head (another method's pairs, say) never touches the log, so a decision cannot be lost to it.
//!
//! [`Journal`] says what to write next and what is safe; the page carries it out, one transaction per [`Work`].
//! [`restore`] reads what an earlier visit left, and [`UnderWay`] says whether its run goes on by itself.

mod entry;
mod ledger;
pub mod restore;
mod under_way;

#[cfg(test)]
mod tests;

pub use entry::{Backup, Entry, Key, Kind, Label, Meta, Record, Summary};
pub use ledger::{Journal, Status, Work};
pub use under_way::UnderWay;
