//! Which words of two texts differ.

use std::borrow::Cow;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use super::edges::at_edges;

/// Share of words in common from which on two texts are near-identical. **Ours.**
const NEAR: f64 = 0.7;

/// The words that only one of two texts has at its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordDiff {
    /// What only the first text has.
    pub only_a: Vec<Range<usize>>,
    /// What only the second text has.
    pub only_b: Vec<Range<usize>>,
    /// Share of words in common, `2 n_common / (n_a + n_b)`: 1 where nothing but spaces differs, also for two texts without
    /// words; 0 where no word stands in both in the same order.
    pub share: f64,
}

impl WordDiff {
    /// Whether the texts are so alike that the differences are what to look at.
    pub fn is_near(&self) -> bool {
        self.share >= NEAR
    }
}

/// Compares two texts word by word, and by grapheme in scripts that put no spaces between words.
///
/// Punctuation counts, white space and Unicode's two spellings of one letter do not. Words that differ side by side become one
/// range with the spaces between. The time is bounded: in long texts with little in common the differences may not be the
/// fewest possible.
pub fn word_diff(a: &str, b: &str) -> WordDiff {
    let (words_a, words_b) = (words(a), words(b));
    let n_words = words_a.len() + words_b.len();
    if n_words == 0 {
        return WordDiff { share: 1.0, ..WordDiff::default() };
    }
    let mut input = InternedInput::default();
    input.update_before(words_a.iter().map(|range| spelled(&a[range.clone()])));
    input.update_after(words_b.iter().map(|range| spelled(&b[range.clone()])));
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    let (mut only_a, mut only_b, mut n_changed) = (Vec::new(), Vec::new(), 0);
    for hunk in diff.hunks() {
        let (before, after) = (
            hunk.before.start as usize..hunk.before.end as usize,
            hunk.after.start as usize..hunk.after.end as usize,
        );
        n_changed += before.len() + after.len();
        only_a.extend(whole(&words_a[before]));
        only_b.extend(whole(&words_b[after]));
    }
    let share = (n_words - n_changed) as f64 / n_words as f64;
    WordDiff { only_a: at_edges(a, only_a), only_b: at_edges(b, only_b), share }
}

/// The words and signs of a text. Unicode's rules part Chinese, Thai and the like by grapheme.
fn words(text: &str) -> Vec<Range<usize>> {
    let pieces = text.split_word_bound_indices().filter(|(_, piece)| !piece.trim().is_empty());
    pieces.map(|(at, piece)| at..at + piece.len()).collect()
}

/// A word in the one spelling that all its spellings share.
fn spelled(word: &str) -> Cow<'_, str> {
    match is_nfc_quick(word.chars()) {
        IsNormalized::Yes => Cow::Borrowed(word),
        _ => Cow::Owned(word.nfc().collect()),
    }
}

/// From the first of some words to the last.
fn whole(words: &[Range<usize>]) -> Option<Range<usize>> {
    Some(words.first()?.start..words.last()?.end)
}
