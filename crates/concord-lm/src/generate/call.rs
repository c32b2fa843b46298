//! What a model is asked for and what it answers: tokens, draws, rows, and calls that hold them.

use super::sampling::{DrawKey, SamplingSettings};

/// Stop tokens that a row carries to its model at most.
pub const MAX_STOPS: usize = 8;
/// Fills a list of stop tokens up: no token has this id.
pub const NO_TOKEN: u32 = u32::MAX;

/// One token to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenInput {
    /// Token id, below `vocab_size`.
    pub id: u32,
    /// Position in its sequence, from 0.
    pub position: u32,
    /// Table row that lists the slots of positions 0..=position; the token's own slot is written.
    pub table_row: u32,
}

/// Sample one token from the logits after a token of the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// Index into the batch of the token whose logits are sampled.
    pub token_idx: u32,
    /// Table row whose seen-tokens set the repetition penalty uses.
    pub table_row: u32,
    /// Key of the counter-based generator, step included.
    pub key: DrawKey,
    /// How to sample.
    pub settings: SamplingSettings,
}

/// One row of a decode batch: evaluate `input`, sample the next token, evaluate that, and so on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecodeRow {
    /// The last token of the row so far. Slots of the positions to come are already in the table.
    pub input: TokenInput,
    /// Key of the first draw; each further step adds one to `key.step`.
    pub key: DrawKey,
    /// How to sample.
    pub settings: SamplingSettings,
}

/// When a row ends by itself, with nobody looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// After so many tokens drawn, at least one.
    pub n_most: u32,
    /// After a draw of one of these; [`NO_TOKEN`] fills the list up.
    pub stops: [u32; MAX_STOPS],
}

impl Ends {
    /// After `n_most` tokens, or one of the first [`MAX_STOPS`] stop tokens: who asks for more must [expel] the row at the
    /// others.
    ///
    /// [expel]: super::LanguageModel::expel
    pub fn new(n_most: u32, stop_tokens: &[u32]) -> Self {
        let mut stops = [NO_TOKEN; MAX_STOPS];
        stops.iter_mut().zip(stop_tokens).for_each(|(stop, &token)| *stop = token);
        Self { n_most, stops }
    }
}

/// A sampled token with its log-probs, in nats; NaN where a logit that it was drawn from is not finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampled {
    /// Token id.
    pub id: u32,
    /// Log-prob under the raw model (softmax of the logits).
    pub logprob: f32,
    /// Log-prob under the distribution that was sampled (penalty, temperature, truncation applied); `None` where nobody
    /// asked for it.
    pub sampled_logprob: Option<f32>,
}

/// Work that a model does in one go: a batch of tokens with draws, then decode steps of the rows that were let in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// At most `max_batch_tokens`; none for decode steps alone.
    pub tokens: Vec<TokenInput>,
    /// At most `max_rows`.
    pub draws: Vec<Draw>,
    /// Decode steps, at most [`super::MAX_STEPS`]. A model stops early when no row is left.
    pub n_steps: u32,
    /// Whether the log-probs under the sampled distribution are wanted as well.
    pub sampled_logprobs: bool,
}

/// A token that a row drew in a decode step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decoded {
    /// Whose.
    pub table_row: u32,
    /// What.
    pub sampled: Sampled,
    /// The row ended by itself with it.
    pub is_last: bool,
}

/// What came of a [`Call`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// One token per draw, in the order of the draws.
    pub drawn: Vec<Sampled>,
    /// Tokens of rows that are in, step by step; those of rows that were expelled meanwhile are left out.
    pub decoded: Vec<Decoded>,
}
