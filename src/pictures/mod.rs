//! Charts and tables of a session, as plain values: what is drawn where, and the same numbers to read. Pure.
//!
//! `chart` knows no session. The other modules say what each picture and table shows of one. There is no screen here.

pub mod chart;
pub mod heat;
pub mod margins;
pub mod method_table;
pub mod prompt_pictures;
pub mod represent;

pub use heat::{Edges, Heat};
pub use margins::Margins;
pub use method_table::{
    Column, Figure, Listed, Measure, Order, TableRow, row_pair, rows_behind, skip_table, table_rows,
};
