//! The run, under way or cut short.

use std::sync::Arc;

use super::{models::KeptModel, sheet::Sheet};
use crate::protocol::BuildRequest;

/// The run under way, what the last one left, and what stands in the way of the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunState {
    /// The run under way, for the board.
    pub sheet: Option<Arc<Sheet>>,
    /// Prompts the last run left out, each with what to do.
    pub problems: Vec<String>,
    /// A run found in this browser that can go on.
    pub unfinished: Option<Unfinished>,
    /// Whether it goes on without being asked for.
    pub goes_on_alone: bool,
    /// Whether the person must first agree that the next run replaces the session.
    pub asks_to_replace: bool,
}

/// A run that was cut short, as found in this browser.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The run, with the responses that were saved.
    pub request: BuildRequest,
    /// The model it was made with.
    pub model: KeptModel,
    /// The encoder that was to score it.
    pub encoder: Option<KeptModel>,
    /// Responses the whole run makes.
    pub n_responses: usize,
}
