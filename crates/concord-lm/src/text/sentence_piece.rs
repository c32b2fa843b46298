//! SentencePiece BPE (Kudo and Richardson 2018): the neighbours whose union scores best are joined first.
//!
//! Written here because a list of merges, as the `tokenizers` library takes it, cannot express it: two
//! ways to the same token have one score, and among equals the leftmost pair goes first.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use super::error::TextError;
use super::pieces::{Fallback, SPACE};
use super::vocabulary::Entries;
use crate::weights::Metadata;

/// Joins characters to the tokens of a vocabulary with scores.
#[derive(Debug)]
pub(super) struct SentencePiece {
    pieces: HashMap<String, Piece>,
    fallback: Fallback,
    adds_space: bool,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    id: u32,
    score: f32,
}

/// A run of characters; merged runs keep the place of their first character.
#[derive(Clone, Copy, Debug)]
struct Symbol {
    start: usize,
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

impl Symbol {
    fn is_merged_away(&self) -> bool {
        self.start == self.end
    }
}

/// Two neighbours that could be joined; the greatest is joined first.
#[derive(Debug)]
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    n_bytes: usize,
}

impl Pair {
    fn key(&self) -> (Reverse<usize>, usize, usize) {
        (Reverse(self.left), self.right, self.n_bytes)
    }
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| self.key().cmp(&other.key()))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

impl SentencePiece {
    /// Reads scores; `adds_space` puts a space before the text's beginning and after special tokens.
    pub(super) fn from_metadata(
        metadata: &Metadata,
        entries: &Entries<'_>,
        unknown_id: Option<u32>,
        adds_space: bool,
    ) -> Result<Self, TextError> {
        let scores = entries.scores(metadata)?;
        let mut pieces = HashMap::with_capacity(entries.tokens.len());
        for ((id, text, _), score) in
            entries.iter().zip(scores).filter(|((_, _, kind), _)| kind.is_reachable())
        {
            // Of equal texts the last counts, as in llama.cpp. Adding zero makes -0 equal to 0, so that ties stay ties.
            pieces.insert(text.to_owned(), Piece { id, score: score + 0.0 });
        }
        Ok(Self { pieces, fallback: Fallback::new(entries, unknown_id), adds_space })
    }

    /// Appends the ids of a text without special tokens: a whole one, or what is between two of them.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let mut spaced = String::with_capacity(text.len() + 3);
        if self.adds_space {
            spaced.push(SPACE);
        }
        spaced.extend(text.chars().map(|char| if char == ' ' { SPACE } else { char }));
        let mut after_unknown = false;
        for symbol in self.merged(&spaced) {
            let text = &spaced[symbol.start..symbol.end];
            match self.pieces.get(text) {
                Some(piece) => ids.push(piece.id),
                None => self.fallback.push(text, after_unknown, ids),
            }
            after_unknown = !self.pieces.contains_key(text);
        }
    }

    /// What of a text is neither a token nor has tokens for all of its bytes.
    pub(super) fn unwritable(&self, text: &str) -> String {
        let spaced = text.replace(' ', &SPACE.to_string());
        let symbols = self.merged(&spaced).into_iter().map(|symbol| &spaced[symbol.start..symbol.end]);
        symbols
            .filter(|text| !self.pieces.contains_key(*text) && self.fallback.bytes_of(text).is_none())
            .collect()
    }

    /// The symbols that are left when nothing can be joined any more, in order.
    fn merged(&self, text: &str) -> Vec<Symbol> {
        let mut symbols = symbols_of(text);
        let mut pairs = BinaryHeap::new();
        for left in 1..symbols.len() {
            pairs.extend(self.pair(text, &symbols, Some(left - 1), Some(left)));
        }
        while let Some(Pair { left, right, n_bytes, .. }) = pairs.pop() {
            let (a, b) = (symbols[left], symbols[right]);
            let is_stale = a.is_merged_away() || b.is_merged_away() || b.end - a.start != n_bytes;
            if is_stale {
                continue;
            }
            symbols[left].end = b.end;
            symbols[left].next = b.next;
            symbols[right].start = b.end;
            if let Some(next) = b.next {
                symbols[next].previous = Some(left);
            }
            pairs.extend(self.pair(text, &symbols, a.previous, Some(left)));
            pairs.extend(self.pair(text, &symbols, Some(left), b.next));
        }
        symbols.retain(|symbol| !symbol.is_merged_away());
        symbols
    }

    /// The pair of two neighbours, if their union is a token.
    fn pair(
        &self,
        text: &str,
        symbols: &[Symbol],
        left: Option<usize>,
        right: Option<usize>,
    ) -> Option<Pair> {
        let (left, right) = (left?, right?);
        let (start, end) = (symbols[left].start, symbols[right].end);
        let piece = self.pieces.get(&text[start..end])?;
        Some(Pair { score: piece.score, left, right, n_bytes: end - start })
    }
}

/// One symbol per character.
fn symbols_of(text: &str) -> Vec<Symbol> {
    let chars = text.char_indices().enumerate();
    let mut symbols: Vec<Symbol> = chars
        .map(|(index, (start, char))| Symbol {
            start,
            end: start + char.len_utf8(),
            previous: index.checked_sub(1),
            next: Some(index + 1),
        })
        .collect();
    if let Some(last) = symbols.last_mut() {
        last.next = None;
    }
    symbols
}
