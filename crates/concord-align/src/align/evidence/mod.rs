//! What a reader should see in a text: words in another script, sums that do not hold, where the answer was read, and which
//! words differ from another text.
//!
//! Every range is in bytes of the text, ascending, without overlap, and cut between graphemes, so that a letter and its marks
//! stay together. None of this judges a response; it shows where to look. The rules are **ours**, and `docs/answers.md` has
//! them.

mod difference;
mod edges;
mod foreign;
mod found;
mod pieces;
mod scripts;
mod symbols;

use std::ops::Range;

pub use difference::{WordDiff, word_diff};
use edges::Edges;
pub use foreign::foreign_words;
pub use found::found_in;
pub use pieces::{Piece, pieces};

pub use super::answer::{Sum, broken_sums};

use super::answer::find_answer;
use crate::data::Language;

/// Where the final answer was read, if there is one; what it is worth says [`find_answer`].
pub fn answer_span(text: &str, language: &Language) -> Option<Range<usize>> {
    let found = find_answer(text, language)?;
    Edges::of(text).widen(&(found.start..found.end))
}

#[cfg(test)]
mod tests;
