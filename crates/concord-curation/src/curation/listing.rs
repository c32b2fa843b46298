//! The rows that pass a filter, as a list that is kept up to date.
//!
//! Looking through 20,000 rows and their texts with every decision would hold up the page. So a list is made a cell at a
//! time, and afterwards only the rows that have changed are looked at again.

use std::sync::Arc;

use super::{Cell, Desk, RowFilter, next_undecided};

/// The rows of a desk that pass a filter, in reading order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    filter: RowFilter,
    n_languages: usize,
    n_cells: usize,
    n_seen: usize,
    /// Places of the cells that pass, of those that were looked at.
    places: Vec<usize>,
}

impl Listing {
    /// A list for which nothing was looked at yet.
    pub fn begin(desk: &Desk, filter: RowFilter) -> Self {
        let (n_languages, n_cells) = shape(desk);
        Self { filter, n_languages, n_cells, ..Self::default() }
    }

    /// Looks at the next cell; `false` once all are looked at.
    pub fn step(&mut self, desk: &Desk) -> bool {
        if self.is_whole() {
            return false;
        }
        if self.filter.passes(desk, self.cell(self.n_seen)) {
            self.places.push(self.n_seen);
        }
        self.n_seen += 1;
        true
    }

    /// Whether every cell was looked at.
    pub fn is_whole(&self) -> bool {
        self.n_seen >= self.n_cells
    }

    /// Whether it is of this filter, and of a desk of this shape.
    pub fn is_of(&self, desk: &Desk, filter: &RowFilter) -> bool {
        (self.n_languages, self.n_cells) == shape(desk) && self.filter == *filter
    }

    /// Cells of the board.
    pub fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// Looks at a cell again, after its row has changed.
    pub fn look_again(&mut self, desk: &Desk, cell: Cell) {
        let place = self.place(cell);
        match (self.places.binary_search(&place), self.filter.passes(desk, cell)) {
            (Ok(at), false) => {
                self.places.remove(at);
            }
            (Err(at), true) => self.places.insert(at, place),
            _ => {}
        }
    }

    /// How many rows pass.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none passes.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The row at a place of the list.
    pub fn get(&self, at: usize) -> Option<Cell> {
        self.places.get(at).map(|place| self.cell(*place))
    }

    /// All of them.
    pub fn cells(&self) -> Vec<Cell> {
        self.places.iter().map(|place| self.cell(*place)).collect()
    }

    /// Where a row is in the list.
    pub fn place_of(&self, cell: Cell) -> Option<usize> {
        self.places.binary_search(&self.place(cell)).ok()
    }

    /// The next row of the list after a cell (1), or the one before it (-1), whether the cell is in the list or not.
    pub fn step_from(&self, from: Cell, step: i64) -> Option<Cell> {
        let from = self.place(from);
        match step {
            0.. => self.get(self.places.partition_point(|place| *place <= from)),
            _ => self.get(self.places.partition_point(|place| *place < from).checked_sub(1)?),
        }
    }

    /// The row to judge after another, as [`next_undecided`], without reading any text again.
    pub fn next_undecided(&self, desk: &Desk, from: Cell) -> Option<Cell> {
        let status = RowFilter::from(self.filter.status);
        let only = (!self.filter.is_only_status()).then(|| Arc::new(self.cells().into_iter().collect()));
        next_undecided(desk, from, &RowFilter { only, ..status })
    }

    fn cell(&self, place: usize) -> Cell {
        Cell { prompt: place / self.n_languages, language: place % self.n_languages }
    }

    fn place(&self, cell: Cell) -> usize {
        cell.prompt * self.n_languages + cell.language
    }
}

/// Languages, and cells of the board.
fn shape(desk: &Desk) -> (usize, usize) {
    let n_languages = desk.session().config.languages.len();
    (n_languages, desk.session().prompts.len() * n_languages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curation::{Act, Decision, Filter, Stamp};
    use crate::data::test_session::sample;

    fn whole(desk: &Desk, filter: &RowFilter) -> Listing {
        let mut listing = Listing::begin(desk, filter.clone());
        while listing.step(desk) {}
        listing
    }

    #[test]
    fn a_list_that_follows_each_decision_is_the_list_made_anew() {
        let mut session = sample();
        session.events.clear();
        let mut desk = Desk::new(session);
        let filters = [
            RowFilter::default(),
            RowFilter::from(Filter::Undecided),
            RowFilter { is_flagged: true, ..RowFilter::default() },
            RowFilter { search: "e".to_owned(), status: Filter::Accepted, ..RowFilter::default() },
        ];
        let mut lists: Vec<Listing> = filters.iter().map(|filter| whole(&desk, filter)).collect();
        let rows: Vec<Cell> =
            desk.cells().filter(|cell| desk.row(*cell).is_some_and(|row| row.has_pair())).collect();
        assert!(!rows.is_empty() && lists[1].len() == rows.len(), "the session has pairs to decide");
        let acts = [Act::Flag(true), Act::Accept, Act::LeaveOut, Act::Swap, Act::Flag(false), Act::Reset];
        let mut n_changes = 0;
        for act in acts {
            for cell in &rows {
                let event = desk
                    .event(Decision::On(*cell, act.clone()), Stamp::default())
                    .expect("it can be decided");
                desk.take(event);
                for (list, filter) in lists.iter_mut().zip(&filters) {
                    let before = list.len();
                    list.look_again(&desk, *cell);
                    n_changes += usize::from(list.len() != before);
                    assert_eq!(*list, whole(&desk, filter), "{act:?} in {filter:?}");
                    assert_eq!(list.next_undecided(&desk, *cell), next_undecided(&desk, *cell, filter));
                }
            }
        }
        assert!(n_changes >= 4, "the acts change the lists");
    }

    #[test]
    fn steps_go_from_row_to_row_also_from_outside_the_list() {
        let desk = Desk::new(sample());
        let list = whole(&desk, &RowFilter::default());
        let cells = list.cells();
        assert!(cells.len() > 1, "{cells:?}");
        for two in cells.windows(2) {
            assert_eq!(list.step_from(two[0], 1), Some(two[1]));
            assert_eq!(list.step_from(two[1], -1), Some(two[0]));
        }
        assert_eq!(list.step_from(cells[0], -1), None);
        assert_eq!(list.place_of(cells[1]), Some(1));
        let none = whole(&desk, &RowFilter { search: "nobody says so".to_owned(), ..RowFilter::default() });
        assert!(none.is_empty() && none.step_from(cells[0], 1).is_none());
    }
}
