//! Writing: files that appear whole or not at all, rows in the kind that a name says, and the rows of pairs.

mod pair_line;
mod row_file;
mod staged;

pub(crate) use pair_line::{PAIR_COLUMNS, PairLines};
pub(crate) use row_file::{RowFileOut, columns_of};
pub(crate) use staged::Staged;
