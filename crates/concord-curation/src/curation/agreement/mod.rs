//! How far people agree: with the method, with each other, and with themselves.
//!
//! Definitions and formulas for users are in docs/agreement.md. Everything here reads the folded log and nothing else.

mod judgement;
mod people;
mod repeats;
mod with_method;

pub use judgement::{Judgement, N_PREFERENCES, preference};
pub use people::{Agreeing, PairAgreement, PeopleAgreement, Reliability};
pub use repeats::{SelfAgreement, self_agreement};
pub use with_method::{Agreement, AgreementCell, GroupAgreement, MarginCut, agreement, with_method_of};

use super::{Cell, Desk};
use crate::data::InOrder;

/// The rows on which people disagree and that nobody has settled, in reading order.
pub fn conflicts(desk: &Desk) -> Vec<Cell> {
    let rows = desk.curation().rows().iter().filter(|row| row.is_conflict());
    let mut cells: Vec<Cell> = rows.filter_map(|row| desk.cell_of(&row.prompt_id, &row.language)).collect();
    cells.order_by_key(|cell| (cell.prompt, cell.language));
    cells
}

#[cfg(test)]
mod tests;
