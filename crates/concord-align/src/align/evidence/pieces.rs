//! A text in the pieces in which it is drawn: by paragraph, cut where a mark begins or ends.

use std::ops::Range;

use super::edges::Edges;
use crate::data::InOrder;

/// A part of a paragraph under the same marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it is in the text, in bytes.
    pub range: Range<usize>,
    /// The marks over it, by their place in the list, in the order in which they begin.
    pub marks: Vec<usize>,
}

/// Cuts a text into its paragraphs (lines that are not blank) and each of them where a mark begins or ends. The marks may
/// overlap and be in any order. They are widened to whole graphemes; those that are empty or out of the text are left out.
pub fn pieces(text: &str, marks: &[Range<usize>]) -> Vec<Vec<Piece>> {
    let edges = (!marks.is_empty()).then(|| Edges::of(text));
    let widened =
        marks.iter().enumerate().filter_map(|(mark, range)| Some((edges.as_ref()?.widen(range)?, mark)));
    let mut marks: Vec<(Range<usize>, usize)> = widened.collect();
    marks.order_by_key(|(range, mark)| (range.start, *mark));
    let mut cuts: Vec<usize> = marks.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    cuts.order();
    cuts.dedup();
    let (mut cut, mut next, mut open) = (0, 0, Vec::<usize>::new());
    let mut out = Vec::new();
    let mut from = 0;
    for ended in text.split_inclusive('\n') {
        // Both characters of a line's end go, as they are one grapheme.
        let line = ended.lines().next().unwrap_or_default();
        let end = from + line.len();
        let mut paragraph = Vec::new();
        let mut at = from;
        while at < end {
            while cuts.get(cut).is_some_and(|place| *place <= at) {
                cut += 1;
            }
            let to = cuts.get(cut).map_or(end, |place| end.min(*place));
            while marks.get(next).is_some_and(|(range, _)| range.start <= at) {
                open.push(next);
                next += 1;
            }
            open.retain(|mark| marks[*mark].0.end > at);
            paragraph.push(Piece { range: at..to, marks: open.iter().map(|mark| marks[*mark].1).collect() });
            at = to;
        }
        if !line.trim().is_empty() {
            out.push(paragraph);
        }
        from += ended.len();
    }
    out
}
