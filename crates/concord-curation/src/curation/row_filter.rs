//! Which rows are looked at: a kind, and what else they must have.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::{Cell, Counts, Desk, Filter, Row};
use crate::data::{Language, Response, SkipReason, comparable};

/// A lowest and a highest value, both included; `None` is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band<T> {
    /// Not below this.
    pub low: Option<T>,
    /// Not above this.
    pub high: Option<T>,
}

impl<T: PartialOrd + Copy> Band<T> {
    /// Whether every value passes.
    pub fn is_open(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    /// Whether a value passes; what has no value passes only where there is no bound.
    pub fn holds(&self, value: Option<T>) -> bool {
        let Some(value) = value else { return self.is_open() };
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }
}

/// Which rows are looked at. Whatever is left at its default lets every row through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowFilter {
    /// Of which kind they are.
    pub status: Filter,
    /// In which language.
    pub language: Option<Language>,
    /// The method's margin.
    pub margin: Band<f32>,
    /// The score of what is chosen.
    pub score: Band<f32>,
    /// Why the method picked nothing.
    pub skip: Option<SkipReason>,
    /// Only rows where a side, or without a pair any response, is surely in another language.
    pub is_wrong_language: bool,
    /// Characters of the longer side, or without a pair of the longest response.
    pub length: Band<u32>,
    /// Words that the question, a response or the note holds, in whatever case, composed or not, with whatever space between.
    pub search: String,
    /// Only flagged rows.
    pub is_flagged: bool,
    /// Only rows that people decided differently.
    pub is_conflict: bool,
    /// Only rows where a person rewrote a side.
    pub is_edited: bool,
    /// Only these rows, such as those where methods disagree; not part of an address.
    pub only: Option<Arc<HashSet<Cell>>>,
}

impl From<Filter> for RowFilter {
    fn from(status: Filter) -> Self {
        Self { status, ..Self::default() }
    }
}

impl RowFilter {
    /// Whether a row passes.
    pub fn passes(&self, desk: &Desk, cell: Cell) -> bool {
        desk.row(cell).is_some_and(|row| self.status.passes(row)) && self.passes_beside_status(desk, cell)
    }

    /// Whether it asks for nothing but a kind.
    pub fn is_only_status(&self) -> bool {
        *self == Self::from(self.status)
    }

    /// Whether a row has all that is asked for beside its kind; what costs most is looked at last.
    pub(super) fn passes_beside_status(&self, desk: &Desk, cell: Cell) -> bool {
        let Some(at) = desk.row_idx(cell) else { return false };
        let row = &desk.curation().rows()[at];
        self.language.as_ref().is_none_or(|language| row.language == *language)
            && self.only.as_ref().is_none_or(|only| only.contains(&cell))
            && (!self.is_flagged || row.state.flagged)
            && (!self.is_conflict || row.is_conflict())
            && (!self.is_edited || row.is_edited())
            && self.skip.is_none_or(|skip| row.skip == Some(skip) && !row.has_pair())
            && self.margin.holds(row.margin)
            && (self.score.is_open() || self.score.holds(desk.score(at, row.state.chosen)))
            && (!self.is_wrong_language || looked_at(desk, row).any(|r| is_wrong_language(row, r)))
            && (self.length.is_open() || self.length.holds(longest(desk, row)))
            && (self.search.trim().is_empty() || holds_words(desk, cell, row, &self.search))
    }

    /// Counts the rows of each kind among those at `places` that have all that is asked for beside their kind. A long desk is
    /// counted a few places at a time; `false` where none is left.
    pub fn count(&self, desk: &Desk, places: Range<usize>, counts: &mut Counts) -> bool {
        let rows = desk.curation().rows();
        for (at, row) in rows.iter().enumerate().take(places.end).skip(places.start) {
            if let Some((kind, cell)) = Filter::of(row).zip(desk.cell_at(at))
                && self.passes_beside_status(desk, cell)
            {
                counts.change(kind, true);
            }
        }
        places.end < rows.len()
    }

    /// The counts of the whole desk: at once where only a kind is asked for.
    pub fn counts(&self, desk: &Desk) -> Counts {
        if self.is_only_status() {
            return desk.summary().counts;
        }
        let mut counts = Counts::default();
        self.count(desk, 0..usize::MAX, &mut counts);
        counts
    }

    /// The cells that pass, in reading order.
    pub fn cells<'a>(&'a self, desk: &'a Desk) -> impl Iterator<Item = Cell> + 'a {
        desk.cells().filter(|cell| self.passes(desk, *cell))
    }
}

/// The sides of a pair, or all responses where there is none.
fn looked_at<'a>(desk: &'a Desk, row: &'a Row) -> impl Iterator<Item = &'a Response> {
    let sides = [row.state.chosen, row.state.rejected];
    desk.shown(row).filter(move |response| !row.has_pair() || sides.contains(&Some(response.sample)))
}

fn is_wrong_language(row: &Row, response: &Response) -> bool {
    let detected =
        response.detected_language.as_ref().filter(|_| row.edited(Some(response.sample)).is_none());
    detected.is_some_and(|found| !found.may_be(&response.language))
}

fn text<'a>(row: &'a Row, response: &'a Response) -> &'a str {
    row.edited(Some(response.sample)).unwrap_or(&response.text)
}

fn longest(desk: &Desk, row: &Row) -> Option<u32> {
    looked_at(desk, row)
        .map(|response| u32::try_from(text(row, response).chars().count()).unwrap_or(u32::MAX))
        .max()
}

/// Upper case first, which makes `ß` two letters as `SS` is.
fn folded(text: &str) -> String {
    let text = comparable(text);
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_uppercase().to_lowercase() }
}

fn holds_words(desk: &Desk, cell: Cell, row: &Row, words: &str) -> bool {
    let words = folded(words);
    let holds = |text: &str| folded(text).contains(&words);
    desk.question(cell).is_some_and(holds)
        || row.note.as_deref().is_some_and(holds)
        || desk.shown(row).any(|response| holds(text(row, response)))
}
