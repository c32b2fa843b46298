//! Which cell of the table of methods is open.

/// The cell whose pairs are listed: place of the method, place of the figure.
pub type OpenCell = Option<(usize, usize)>;
