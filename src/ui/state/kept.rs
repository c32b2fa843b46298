//! What is kept in this browser, as the screen says it.

use crate::journal::{Backup, Label, Summary};

/// What is kept in this browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Whether all of the session on the desk is stored.
    pub is_saved: bool,
    /// Local time of the last save, such as `09:41`.
    pub saved_at: Option<String>,
    /// What cannot be opened, or not wholly, by its book's id, each with the reason.
    pub damaged: Vec<(String, String)>,
    /// All sessions and interrupted runs, that which was worked on last first.
    pub books: Vec<KeptBook>,
    /// Why what was kept earlier cannot be shown.
    pub unread: Option<String>,
    /// Why nothing can be kept, and what to do.
    pub problem: Option<String>,
    /// The file that holds the session on the desk, or held it once; `None` if there never was one.
    pub backup: Option<Backup>,
    /// What the browser said when it was asked not to clear this page's data on its own; `None` until it was.
    pub is_persistent: Option<bool>,
}

impl Kept {
    /// Notes why a book cannot be opened, or not wholly.
    pub fn note_damage(&mut self, id: &str, reason: String) {
        self.damaged.retain(|(damaged, _)| damaged != id);
        self.damaged.push((id.to_owned(), reason));
    }
}

/// A session or run that is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptBook {
    /// Its book.
    pub id: String,
    /// Whether it is open in this tab.
    pub is_here: bool,
    /// Whether it is open in some tab.
    pub is_open: bool,
    /// Whether it is a run that was cut short.
    pub is_run: bool,
    /// When it was made, ISO 8601; may be empty.
    pub created: String,
    /// Its prompts, if that is known.
    pub n_prompts: usize,
    /// Its languages, if that is known.
    pub n_languages: usize,
    /// When it was worked on last, in milliseconds since 1970.
    pub worked_at: Option<u64>,
    /// Bytes of its file in this browser.
    pub n_bytes: f64,
    /// What the person calls it, and whether it is deleted.
    pub label: Label,
    /// What is known of its rows.
    pub summary: Option<Summary>,
    /// Why it cannot be opened, or not wholly.
    pub problem: Option<String>,
}
