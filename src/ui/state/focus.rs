//! Where the person is: the cell that they look at.

use crate::curation::{Cell, Desk, RowFilter, first_undecided, next_row};

/// Prompts on one page of the board and of the cards.
pub const PAGE: usize = 8;

/// Where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// The cell they look at.
    pub cell: Cell,
    /// Whether the cell was picked by the person rather than by the page.
    pub is_chosen: bool,
}

impl Focus {
    /// The first row of a session that asks for a judgement, else the first that is worked through.
    pub fn first_of(desk: &Desk) -> Self {
        let all = RowFilter::default();
        let is_first = |cell: &Cell| desk.row(*cell).is_some_and(|row| row.is_listed());
        let first = first_undecided(desk, &all)
            .or_else(|| Some(Cell::default()).filter(is_first))
            .or_else(|| next_row(desk, Cell::default(), 1, &all));
        first.map_or_else(
            || Self::first(desk.session().config.languages.len()),
            |cell| Self { cell, ..Self::default() },
        )
    }

    /// The first cell of a run after the anchor's.
    pub fn first(n_languages: usize) -> Self {
        let cell = Cell { prompt: 0, language: 1.min(n_languages.saturating_sub(1)) };
        Self { cell, ..Self::default() }
    }

    /// The page of prompts that is shown.
    pub fn page(self) -> usize {
        self.cell.prompt / PAGE
    }
}
