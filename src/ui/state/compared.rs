//! How far the comparison of the methods is.

use std::sync::Arc;

use crate::{align::ComparisonTable, data::MeasureKind};

/// Every method on the session's responses, as far as it is computed.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// [`Workbench::record`] of the session that it is of.
    pub of: Option<u32>,
    /// How far it is.
    pub percent: usize,
    /// Texts that the model is still to be asked about, by need.
    pub missing: Vec<(MeasureKind, usize)>,
    /// The table, once it is there.
    pub table: Option<Arc<ComparisonTable>>,
}
