//! Pairs out, in the shapes that trainers read.
//!
//! A [`PairRecord`] is all that is known of one pair. A [`PairWriter`] takes records one by one, refuses those that a
//! trainer would misread (`guards`), and writes the others in the shape of an [`ExportFormat`]. What belongs beside the
//! rows (a dataset card, a trainer's settings, the log of decisions) is made of what the writer has counted.

mod batches;
mod beside;
mod decisions;
mod facts;
mod finder;
mod guards;
mod guides;
mod hub;
mod line;
mod names;
mod options;
mod record;
mod shapes;
mod spreadsheet;
mod trl;
mod warnings;
mod writer;

#[cfg(test)]
mod tests;

pub use batches::{BatchExport, BatchPlan, BatchedRow, batches_read_me, export_batches, writable_rows};
pub use beside::beside;
pub use decisions::DecisionLog;
pub use facts::{Part, SideFacts};
pub use finder::{RowParts, TextFinder};
pub use guards::is_writable;
pub use line::{BatchColumns, RowColumn};
pub use names::{file_name, llama_factory_name, part_name};
pub use options::{ExportFormat, ExportOptions, ExportOrder, ExportStatuses};
pub use record::{PairRecord, PairSide};
pub use spreadsheet::{csv_cell, problems_csv};
pub use trl::{Export, ExportRow, export_trl};
pub use writer::{DataFile, PairWriter, Written};
