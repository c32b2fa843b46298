//! Ranges that never cut a grapheme.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::data::InOrder;

/// Where the graphemes of a text begin and end.
pub(super) struct Edges(Vec<usize>);

impl Edges {
    pub(super) fn of(text: &str) -> Self {
        Self(text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect())
    }

    /// A range widened to the edges of the graphemes it touches; `None` where it is empty or out of the text.
    pub(super) fn widen(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let is_in_text = range.start < range.end && self.0.last().is_some_and(|end| range.end <= *end);
        is_in_text.then(|| {
            let start = self.0.partition_point(|edge| *edge <= range.start) - 1;
            let end = self.0.partition_point(|edge| *edge < range.end);
            self.0[start]..self.0[end]
        })
    }
}

/// Ranges [widened](Edges::widen) and in order; those that overlap become one.
pub(super) fn at_edges(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if ranges.is_empty() {
        return ranges;
    }
    ranges.order_by_key(|range| (range.start, range.end));
    let edges = Edges::of(text);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.iter().filter_map(|range| edges.widen(range)) {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}
