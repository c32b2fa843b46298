//! Where things go wrong.

/// Where on the page something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The model panel.
    Model,
    /// The prompts panel.
    Prompts,
    /// The run.
    Run,
    /// The results.
    Results,
    /// The files.
    Files,
    /// The list of sessions.
    Sessions,
    /// The settings of the next run.
    Settings,
    /// Asking the model about responses.
    Ask,
    /// Drafting prompts.
    Drafts,
}
