//! SentencePiece Unigram (Kudo 2018): the cut of a text whose tokens have the greatest sum of scores.
//!
//! Written here because the `tokenizers` library would cut control tokens out of plain text, and holds
//! a hash map per byte of every token: too much for a vocabulary of 250 000 in a browser tab.

use super::charsmap::Charsmap;
use super::error::TextError;
use super::pieces::{Fallback, SPACE};
use super::vocabulary::{Entries, TokenType};
use crate::weights::Metadata;

/// How much less an unknown character scores than the worst token.
const UNKNOWN_PENALTY: f32 = 10.0;

/// Cuts text into the best tokens.
#[derive(Debug)]
pub(super) struct Unigram {
    /// By text, ascending.
    pieces: Vec<Piece>,
    unknown_score: f64,
    fallback: Fallback,
    charsmap: Charsmap,
    adds_space: bool,
    merges_spaces: bool,
}

#[derive(Debug)]
struct Piece {
    text: Box<[u8]>,
    id: u32,
    score: f64,
}

/// The best way to the end of a prefix: its last token (`None` for an unknown character), where that
/// begins, and the sum of all scores.
#[derive(Clone, Copy, Debug)]
struct Best {
    id: Option<u32>,
    start: usize,
    score: f64,
}

impl Unigram {
    /// Reads scores and the character map.
    pub(super) fn from_metadata(
        metadata: &Metadata,
        entries: &Entries<'_>,
        unknown_id: Option<u32>,
        adds_space: bool,
    ) -> Result<Self, TextError> {
        let scores = entries.scores(metadata)?;
        let mut least = f32::MAX;
        let mut pieces = Vec::with_capacity(entries.tokens.len());
        for ((id, text, kind), score) in entries.iter().zip(scores) {
            if kind == TokenType::Normal {
                least = least.min(score);
            }
            // Tokens that a person defined win over any other cut.
            let score = if kind == TokenType::UserDefined { 0.0 } else { f64::from(score) };
            if kind.is_reachable() && !text.is_empty() {
                pieces.push(Piece { text: text.as_bytes().into(), id, score });
            }
        }
        // Of equal texts the last counts, as in llama.cpp.
        pieces.sort_by(|a, b| a.text.cmp(&b.text).then(b.id.cmp(&a.id)));
        pieces.dedup_by(|later, kept| later.text == kept.text);
        let charsmap = match metadata.bytes("tokenizer.ggml.precompiled_charsmap") {
            Some(bytes) => Charsmap::parse(bytes)?,
            None => Charsmap::default(),
        };
        Ok(Self {
            pieces,
            unknown_score: f64::from(least - UNKNOWN_PENALTY),
            fallback: Fallback::new(entries, unknown_id),
            charsmap,
            adds_space,
            merges_spaces: metadata.bool("tokenizer.ggml.remove_extra_whitespaces").unwrap_or(false),
        })
    }

    /// Appends the ids of a text without special tokens.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let text = self.normalised(text);
        let mut after_unknown = false;
        for (cut, end) in self.cuts(&text) {
            match cut.id {
                Some(id) => ids.push(id),
                None => self.fallback.push(&text[cut.start..end], after_unknown, ids),
            }
            after_unknown = cut.id.is_none();
        }
    }

    /// The tokens of the best cut with where they end, in order.
    fn cuts(&self, text: &str) -> Vec<(Best, usize)> {
        let best = self.best_cuts(text);
        let mut cuts = Vec::new();
        let mut end = text.len();
        while end > 0 {
            cuts.push((best[end], end));
            end = best[end].start;
        }
        cuts.reverse();
        cuts
    }

    /// What of a text, as the map writes it, is neither in a token nor has tokens for all of its bytes.
    pub(super) fn unwritable(&self, text: &str) -> String {
        let text = self.normalised(text);
        let unknown = self.cuts(&text).into_iter().filter(|(cut, _)| cut.id.is_none());
        unknown
            .map(|(cut, end)| &text[cut.start..end])
            .filter(|text| self.fallback.bytes_of(text).is_none())
            .collect()
    }

    /// Replaces by the character map, makes spaces visible, adds the first and merges the others.
    fn normalised(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 3);
        let mut within_word = false;
        let mut is_first_word = true;
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            let (n_bytes, replacement) =
                self.charsmap.longest_prefix(rest).unwrap_or((char.len_utf8(), &rest[..char.len_utf8()]));
            for char in replacement.chars() {
                let is_space = char == ' ';
                let begins_word = !is_space && !within_word;
                let is_spaced = self.merges_spaces || (self.adds_space && is_first_word);
                if (begins_word && is_spaced) || (is_space && !self.merges_spaces) {
                    out.push(SPACE);
                }
                if !is_space {
                    out.push(char);
                    is_first_word = false;
                }
                within_word = !is_space;
            }
            rest = &rest[n_bytes..];
        }
        out
    }

    /// The best way to every byte of a text (Viterbi); those within characters are never read.
    fn best_cuts(&self, text: &str) -> Vec<Best> {
        let mut best = vec![Best { id: None, start: 0, score: f64::NEG_INFINITY }; text.len() + 1];
        best[0].score = 0.0;
        for (start, char) in text.char_indices() {
            let here = best[start].score;
            let mut has_char = false;
            self.tokens_at(&text.as_bytes()[start..], |n_bytes, piece| {
                has_char |= n_bytes == char.len_utf8();
                let score = here + piece.score;
                if score > best[start + n_bytes].score {
                    best[start + n_bytes] = Best { id: Some(piece.id), start, score };
                }
            });
            let end = start + char.len_utf8();
            let score = here + self.unknown_score;
            if !has_char && score > best[end].score {
                best[end] = Best { id: None, start, score };
            }
        }
        best
    }

    /// Calls for every token that the bytes begin with, shortest first.
    fn tokens_at(&self, bytes: &[u8], mut found: impl FnMut(usize, &Piece)) {
        let mut pieces = self.pieces.as_slice();
        for (n_bytes, byte) in bytes.iter().enumerate() {
            // All of `pieces` share the first `n_bytes` bytes and go on.
            let first = pieces.partition_point(|piece| piece.text[n_bytes] < *byte);
            let last = pieces.partition_point(|piece| piece.text[n_bytes] <= *byte);
            pieces = &pieces[first..last];
            if let Some((piece, longer)) = pieces.split_first()
                && piece.text.len() == n_bytes + 1
            {
                found(n_bytes + 1, piece);
                pieces = longer;
            }
            if pieces.is_empty() {
                return;
            }
        }
    }
}
