//! What an annotator does: an append-only log of events, the state folded from it, and how people and method agree.
//!
//! Times and names are arguments: there is no clock, no storage and no screen here.

pub mod act;
pub mod agreement;
pub mod blind;
pub mod candidate;
pub mod cut;
pub mod decide;
pub mod desk;
pub mod draft_text;
pub mod filter_query;
pub mod likeness;
pub mod listing;
pub mod live_grid;
pub mod needs;
pub mod notes;
pub mod pairs_out;
pub mod prompt_edit;
pub mod review;
pub mod row;
pub mod row_filter;
pub mod row_sets;
pub mod setup;
pub mod state;
pub mod status;
pub mod story;
pub mod time_left;
pub mod views;

pub use act::{Act, CurationError, Decision, PERSON, Stamp};
pub use agreement::{Agreement, AgreementCell, agreement};
pub use blind::{RepeatPlan, blind_order};
pub use candidate::Candidate;
pub use cut::{CutCount, cut_count, longer_limit};
pub use desk::Desk;
pub use draft_text::{Refused, draft_text};
pub use likeness::{LikeBy, Likeness, most_alike};
pub use listing::Listing;
pub use live_grid::{Cell, LiveGrid, LiveSample, SampleState};
pub use needs::{Missing, NeedCounter, merge_measurements};
pub use notes::notes;
pub use pairs_out::{ExportCounts, Exported, Exporter};
pub use prompt_edit::PromptEdit;
pub use review::{first_undecided, next_row, next_undecided, summary};
pub use row::{Row, Vote};
pub use row_filter::{Band, RowFilter};
pub use row_sets::ReadQuestion;
pub use setup::{PromptOrigin, Setup, Shipped, anchors_of_all};
pub use state::{Curation, Repeated, export_rows, exported_pairs};
pub use status::{Counts, Filter, Summary};
pub use story::{Story, story};
pub use time_left::time_left;
pub use views::{ReferenceView, RowView};

#[cfg(test)]
mod tests;
