//! Looks for any of many words in one pass over a text.

use std::collections::HashMap;

use super::digits::{Glyph, fold_word};
use super::work::looked_at;

/// Words in the reader's spelling, by their first character.
#[derive(Debug)]
pub(super) struct WordSet(HashMap<char, Vec<Vec<char>>>);

impl WordSet {
    /// The words of a list, separated by `|`.
    pub(super) fn of(words: &str) -> Self {
        let mut set: HashMap<char, Vec<Vec<char>>> = HashMap::new();
        for word in words.split('|').map(fold_word) {
            if let Some(&first) = word.first() {
                set.entry(first).or_default().push(word);
            }
        }
        Self(set)
    }

    /// The length of the shortest word that a text begins with.
    pub(super) fn at_start(&self, text: &[Glyph]) -> Option<usize> {
        looked_at(1);
        let fits = |word: &&Vec<char>| {
            word.len() <= text.len() && text.iter().zip(*word).all(|(glyph, &c)| glyph.c == c)
        };
        self.0.get(&text.first()?.c)?.iter().filter(fits).map(Vec::len).min()
    }

    /// Whether a text contains one of the words, even inside another word.
    pub(super) fn is_in(&self, text: &[Glyph]) -> bool {
        (0..text.len()).any(|i| self.at_start(&text[i..]).is_some())
    }
}
