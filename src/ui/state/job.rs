//! The page's one job.

use crate::protocol::JobId;

/// What the page is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Loading a model.
    Loading,
    /// Building pairs.
    Building,
    /// Asking the model about responses.
    Asking,
    /// Drafting prompts.
    Drafting,
}

/// The job under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActiveJob {
    /// What the page is doing.
    pub activity: Activity,
    /// For cancelling.
    pub id: Option<JobId>,
    /// Whether the person asked it to stop; of the last job until the next begins.
    pub is_cancelling: bool,
}
