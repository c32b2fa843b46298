//! What is kept in this browser, as the screen says it.

/// What is kept in this browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Whether all of the session on the desk is stored.
    pub is_saved: bool,
    /// Local time of the last save, such as `09:41`.
    pub saved_at: Option<String>,
    /// What cannot be opened, or not wholly, by its book's id, each with the reason.
    pub damaged: Vec<(String, String)>,
    /// What is kept besides, and open in no tab.
    pub others: Vec<OtherBook>,
    /// Why nothing can be kept, and what to do.
    pub problem: Option<String>,
    /// How long the event log was when the session file was last downloaded; `None` if it never was.
    pub backed_up: Option<usize>,
}

/// A session or run that is kept and not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherBook {
    /// Its book.
    pub id: String,
    /// Whether it is open here, and listed because some of it could not be read.
    pub is_open: bool,
    /// Whether it is a run that was cut short.
    pub is_run: bool,
    /// When it was made, ISO 8601; may be empty.
    pub created: String,
    /// Its prompts, if that is known.
    pub n_prompts: usize,
    /// Its languages, if that is known.
    pub n_languages: usize,
    /// Why it cannot be opened, or not wholly.
    pub problem: Option<String>,
}
