//! What an annotator does: an append-only log of events, the state folded from it, and how people and method agree.
//!
//! Takes times and names as values; knows no clock, no storage and no screen.

pub mod agreement;
pub mod state;

pub use agreement::{Agreement, AgreementCell, agreement};
pub use state::{Curation, CurationError, Decision, Row, Stamp, apply, export_rows};

#[cfg(test)]
mod tests;
