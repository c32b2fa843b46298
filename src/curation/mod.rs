//! What an annotator does: an append-only log of events, the state folded from it, and how people and method agree.
//!
//! Times and names are arguments: there is no clock, no storage and no screen here.

pub mod agreement;
pub mod cut;
pub mod desk;
pub mod live_grid;
pub mod needs;
pub mod notes;
pub mod review;
pub mod setup;
pub mod state;
pub mod story;

pub use agreement::{Agreement, AgreementCell, agreement};
pub use cut::{CutCount, cut_count, longer_limit};
pub use desk::{Candidate, Desk, ReferenceView, RowView};
pub use live_grid::{Cell, LiveGrid, LiveSample, SampleState};
pub use needs::{Missing, NeedCounter, merge_measurements};
pub use notes::notes;
pub use review::{Filter, Summary, next_row, next_to_judge, summary};
pub use setup::{PromptOrigin, Setup, anchors_of_all};
pub use state::{Act, Curation, CurationError, Decision, Row, Stamp, export_rows, exported_pairs};
pub use story::{Story, story};

#[cfg(test)]
mod tests;
