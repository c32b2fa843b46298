//! What has come of samples that have not ended, so that people can read along.

use crate::job::Growing;

/// What was added to a sample since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Its place among those of the request.
    pub index: u32,
    /// More of its text.
    pub text: String,
    /// More of its reasoning.
    pub reasoning: String,
    /// Its tokens so far; of a server that does not say them, the pieces in which it came.
    pub n_tokens: u32,
}

/// How much of a sample was looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    text: usize,
    reasoning: usize,
    n_pieces: usize,
}

impl Seen {
    /// What is new of a sample, if anything is.
    pub(super) fn grown(&mut self, index: usize, growing: &Growing) -> Option<Growth> {
        let text = growing.text.get(self.text..).unwrap_or_default();
        let reasoning = growing.reasoning.get(self.reasoning..).unwrap_or_default();
        if text.is_empty() && reasoning.is_empty() {
            return None;
        }
        (self.text, self.reasoning) = (growing.text.len(), growing.reasoning.len());
        self.n_pieces += 1;
        let n_tokens = growing.entries.len().max(growing.token_ids.len()).max(self.n_pieces);
        let (text, reasoning) = (text.to_owned(), reasoning.to_owned());
        Some(Growth { index: index as u32, text, reasoning, n_tokens: n_tokens as u32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_seen_once() {
        let (mut seen, mut growing) = (Seen::default(), Growing::default());
        assert_eq!(seen.grown(0, &growing), None);
        growing.reasoning.push_str("hm");
        let first = seen.grown(3, &growing).unwrap();
        assert_eq!(
            (first.index, first.reasoning.as_str(), first.text.as_str(), first.n_tokens),
            (3, "hm", "", 1)
        );
        growing.text.push_str("答案");
        growing.token_ids.extend([1, 2, 3, 4]);
        let second = seen.grown(3, &growing).unwrap();
        assert_eq!((second.reasoning.as_str(), second.text.as_str(), second.n_tokens), ("", "答案", 4));
        assert_eq!(seen.grown(3, &growing), None);
    }
}
