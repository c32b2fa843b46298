//! What a model must be able to do: evaluate a flat batch of tokens against a pool of KV slots.
//!
//! There is one KV pool of `n_slots` slots, a slot holding keys and values of one token in every layer.
//! A *table row* lists which slot holds each position of one sequence, so sequences share a prefix by
//! listing the same slots; nothing is copied. The scheduler owns the slots; the model only stores and
//! reads where the table says. A batch mixes tokens of any rows: the tokens of a whole prompt
//! (prefill), or one token of each row (decode); every token attends to positions 0..=its own. In each
//! layer the keys and values of the whole batch are stored before any token attends, so tokens of one
//! batch may share a prefix that this very batch evaluates.
//!
//! LiveRows decode on their own: they are let in, take a place as soon as one is free, and end at a stop token or their
//! limit; calls only say for how many steps. A call is begun and later finished, and a model may have several under
//! way, so that a device has work while the host looks at results.
//!
//! All implementations are batch-invariant: what is computed for a token does not depend, bit for
//! bit, on what else is in the batch.

use super::call::{Call, DecodeRow, Done, Draw, Ends, Sampled, TokenInput};
use super::rows::LiveRows;
use crate::weights::{Hyperparameters, Pooling};

/// Most decode steps of one call.
pub const MAX_STEPS: u32 = 16;

/// Hyperparameters a scheduler needs; the full set lives with the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelShape {
    /// Width of the residual stream.
    pub dim: u32,
    /// Transformer layers.
    pub n_layers: u32,
    /// LiveRows of the embedding table.
    pub vocab_size: u32,
    /// Longest sequence, in tokens.
    pub seq_len: u32,
    /// KV slots in the pool.
    pub n_slots: u32,
    /// Table rows, i.e. sequences that can be held at once.
    pub n_table_rows: u32,
    /// Most tokens in one call of `prefill`, `score`, `embed` or `logits`.
    pub max_batch_tokens: u32,
    /// Most rows that decode at once, and most draws in one call of `prefill`.
    pub max_rows: u32,
    /// Tokens see none of those after them; otherwise a text must be embedded in one call.
    pub is_causal: bool,
}

/// How much a model holds at once; the caller's part of [`ModelShape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// KV slots in the pool.
    pub n_slots: u32,
    /// Table rows.
    pub n_table_rows: u32,
    /// Most tokens in one call of `prefill`, `score`, `embed` or `logits`.
    pub max_batch_tokens: u32,
    /// Most rows that decode at once, and most draws in one call of `prefill`.
    pub max_rows: u32,
}

impl ModelShape {
    /// Of a model that holds so much at once.
    pub fn new(hyperparameters: &Hyperparameters, capacity: Capacity) -> Self {
        let Hyperparameters { dim, n_layers, vocab_size, seq_len, causal, .. } = *hyperparameters;
        let Capacity { n_slots, n_table_rows, max_batch_tokens, max_rows } = capacity;
        Self {
            dim,
            n_layers,
            vocab_size,
            seq_len,
            n_slots,
            n_table_rows,
            max_batch_tokens,
            max_rows,
            is_causal: causal,
        }
    }
}

/// Counts of work done, independent of the hardware. The scheduler counts what only it can tell apart
/// (the first three); the model counts the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Prompt tokens put through the layers.
    pub prompt_tokens_evaluated: u32,
    /// Tokens put through the layers to embed, score or get the logits of text.
    pub text_tokens_evaluated: u32,
    /// Tokens sampled and kept.
    pub tokens_generated: u32,
    /// Decode steps: one token for each live row.
    pub steps: u32,
    /// GPU dispatches of decode steps.
    pub decode_dispatches: u32,
    /// GPU dispatches in all.
    pub dispatches: u32,
    /// Command buffers submitted; each has a fixed cost, most of all in a browser.
    pub submits: u32,
    /// Writes to GPU buffers; one for each submit.
    pub writes: u32,
    /// Bind groups and pipelines made; none after the first call.
    pub objects_made: u32,
    /// Bytes read back from the GPU.
    pub bytes_read_back: u64,
    /// Bytes of GPU buffers held.
    pub gpu_bytes: u64,
}

impl std::ops::Add for Counters {
    type Output = Self;

    /// Counts of two models together.
    fn add(self, other: Self) -> Self {
        Self {
            prompt_tokens_evaluated: self.prompt_tokens_evaluated + other.prompt_tokens_evaluated,
            text_tokens_evaluated: self.text_tokens_evaluated + other.text_tokens_evaluated,
            tokens_generated: self.tokens_generated + other.tokens_generated,
            steps: self.steps + other.steps,
            decode_dispatches: self.decode_dispatches + other.decode_dispatches,
            dispatches: self.dispatches + other.dispatches,
            submits: self.submits + other.submits,
            writes: self.writes + other.writes,
            objects_made: self.objects_made + other.objects_made,
            bytes_read_back: self.bytes_read_back + other.bytes_read_back,
            gpu_bytes: self.gpu_bytes + other.gpu_bytes,
        }
    }
}

/// What can go wrong while a model runs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The GPU device is gone; the model must be loaded again.
    #[error("the GPU device was lost; load the model again to go on: {reason}")]
    DeviceLost {
        /// What the device said.
        reason: String,
    },
    /// More memory than the device gives.
    #[error("the device is out of memory; lower the number of rows or the response length: {reason}")]
    OutOfMemory {
        /// What the device said.
        reason: String,
    },
    /// Numbers that are NaN or infinite: nothing that follows from them can be used.
    #[error("{what} held numbers that are not finite (NaN or infinity)")]
    NotFinite {
        /// Which numbers.
        what: &'static str,
    },
    /// The call was given up before its end, as nobody wants it any more.
    #[error("the call was given up")]
    Stopped,
    /// A call broke the contract of [`LanguageModel`]; a bug in the caller.
    #[error("the model was asked for something it cannot do: {reason}")]
    BadRequest {
        /// Which rule was broken.
        reason: String,
    },
}

/// Refuses numbers that are not finite, before anything follows from them.
///
/// # Errors
/// [`ModelError::NotFinite`].
pub(super) fn check_finite(
    what: &'static str,
    values: impl IntoIterator<Item = f32>,
) -> Result<(), ModelError> {
    match values.into_iter().all(f32::is_finite) {
        true => Ok(()),
        false => Err(ModelError::NotFinite { what }),
    }
}

/// Refuses sampled tokens whose log-probs are not finite.
///
/// # Errors
/// [`ModelError::NotFinite`].
pub(super) fn check_sampled<'a>(sampled: impl IntoIterator<Item = &'a Sampled>) -> Result<(), ModelError> {
    let log_probs =
        sampled.into_iter().flat_map(|token| std::iter::once(token.logprob).chain(token.sampled_logprob));
    check_finite("the log-probs of a token", log_probs)
}

/// A row was let in twice.
pub fn taken(table_row: u32) -> ModelError {
    ModelError::BadRequest { reason: format!("table row {table_row} is in the decode batch") }
}

/// There is no call to finish.
pub fn nothing_begun() -> ModelError {
    ModelError::BadRequest { reason: "no call was begun".to_owned() }
}

/// How many positions of its table row each token sees: those up to its own, or all of its group's.
pub fn positions_seen(tokens: &[TokenInput], groups: &[u32], is_causal: bool) -> Vec<u32> {
    let n_of_group = groups.iter().flat_map(|&n_tokens| std::iter::repeat_n(n_tokens, n_tokens as usize));
    let pairs = tokens.iter().zip(n_of_group);
    pairs.map(|(token, n_tokens)| if is_causal { token.position + 1 } else { n_tokens }).collect()
}

/// Refuses groups that are not all of the tokens.
///
/// # Errors
/// [`ModelError::BadRequest`].
pub fn check_groups(tokens: &[TokenInput], groups: &[u32]) -> Result<(), ModelError> {
    match groups.iter().map(|&n_tokens| n_tokens as usize).sum::<usize>() == tokens.len() {
        true => Ok(()),
        false => {
            let reason = format!("groups that do not add up to {} tokens", tokens.len());
            Err(ModelError::BadRequest { reason })
        }
    }
}

/// Refuses layers that the model does not have, or that do not ascend.
///
/// # Errors
/// [`ModelError::BadRequest`].
pub fn check_layers(layers: &[u32], n_layers: u32) -> Result<(), ModelError> {
    match layers.iter().find(|&&layer| layer > n_layers) {
        Some(layer) => Err(ModelError::BadRequest { reason: format!("layer {layer} of {n_layers}") }),
        None if !layers.is_sorted() => {
            Err(ModelError::BadRequest { reason: format!("layers {layers:?}, which do not ascend") })
        }
        None => Ok(()),
    }
}

/// A language model over a shared KV pool: a decoder, or an encoder, which can only embed.
///
/// Futures are not `Send`: in the browser they hold JavaScript promises.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait LanguageModel {
    /// Hyperparameters and limits.
    fn shape(&self) -> ModelShape;

    /// Lists `slots` as the places of positions `first_position..` of a table row.
    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError>;

    /// Replaces the pool by an empty one of `n_slots` slots; what the old one held is gone, and so are the listed slots.
    /// A model whose pool keeps its size refuses another.
    ///
    /// # Errors
    /// [`ModelError::OutOfMemory`] when the device refuses: there is no pool then until one is made.
    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        match self.shape().n_slots {
            held if held == n_slots => Ok(()),
            held => {
                Err(ModelError::BadRequest { reason: format!("a pool of {n_slots} slots instead of {held}") })
            }
        }
    }

    /// Replaces the set of tokens that the repetition penalty of a table row sees.
    /// Tokens sampled by `decode` are added to it; draws of `prefill` add nothing.
    fn set_seen(&mut self, table_row: u32, tokens: &[u32]) -> Result<(), ModelError>;

    /// Evaluates tokens and samples at each draw. Results are in the order of `draws`. Not while a call is under way.
    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError>;

    /// Runs `n_steps` decode steps of these rows, which are not let in; the result is `[n_steps][rows.len()]`. The sampled
    /// token of a step is the input of the next, so the last one sampled is not yet in the KV pool. Not while a call is
    /// under way.
    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError>;

    /// The rows that were let in.
    fn rows_mut(&mut self) -> &mut LiveRows;

    /// How many calls may be under way at once: on a device that works by itself, one more than are waited for.
    fn n_calls_at_once(&self) -> usize {
        1
    }

    /// Lets a row in: it decodes in calls begun from now on, as soon as there is a place, until it ends.
    ///
    /// # Errors
    /// [`ModelError::BadRequest`]: its table row is taken, or a position has no slot.
    fn admit(&mut self, row: DecodeRow, ends: Ends) -> Result<(), ModelError> {
        match self.rows_mut().admit(row, ends) {
            true => Ok(()),
            false => Err(taken(row.input.table_row)),
        }
    }

    /// Ends a row that was let in. What it still draws in calls under way is dropped, and what begins from now on may use
    /// its slots and its table row.
    fn expel(&mut self, table_row: u32) {
        self.rows_mut().expel(table_row);
    }

    /// Ends all rows and drops what calls under way give.
    fn abandon(&mut self) {
        self.rows_mut().clear();
    }

    /// Begins a call; at most [`n_calls_at_once`](LanguageModel::n_calls_at_once) may be under way.
    ///
    /// # Errors
    /// The call cannot be done.
    fn begin(&mut self, call: Call) -> Result<(), ModelError> {
        self.rows_mut().push_call(call);
        Ok(())
    }

    /// Waits for the call that was begun first.
    ///
    /// # Errors
    /// The model fails, or none is under way.
    async fn finish(&mut self) -> Result<Done, ModelError> {
        let Some(call) = self.rows_mut().pop_call() else { return Err(nothing_begun()) };
        let mut done = Done::default();
        if !call.tokens.is_empty() {
            done.drawn = self.prefill(&call.tokens, &call.draws).await?;
        }
        let max_rows = self.shape().max_rows;
        for _ in 0..call.n_steps {
            let seated = self.rows_mut().seated(max_rows);
            if seated.is_empty() {
                break;
            }
            for sampled in self.decode(&seated, 1).await? {
                done.decoded.extend(self.rows_mut().advance(&seated, &sampled));
            }
        }
        Ok(done)
    }

    /// Log-prob, in nats under the raw model, of `targets[i]` after `tokens[i]`; NaN where a logit is not finite. `[tokens.len()]`
    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError>;

    /// Hidden states after each of `layers` layers (0 is the embedding, `n_layers` the last, after the final norm and, pooled, after dense layers,
    /// as libraries count them), pooled over each group; a group is the number of consecutive tokens of `tokens`. `layers` ascend; one pass through
    /// the model up to the last of them serves all. In a model that is not causal each group is a text, and its tokens see one another. Not
    /// normalised. `[layers.len()][groups.len()][dim]`
    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError>;

    /// Makes room for vectors of `dim` numbers, which stay where the model computes: [`LanguageModel::hold_states`] and
    /// [`LanguageModel::set_vector`] fill it, and [`LanguageModel::cosines`] compares. What a place held before is not defined.
    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError>;

    /// Puts a vector into a place.
    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError>;

    /// As [`LanguageModel::embed_layers`] of one layer, but the vector of each group goes into its place. Then, in the same
    /// go, the [cosines](LanguageModel::cosines) of the first `n_compared` vectors; none for 0.
    async fn hold_states(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        (layer, pooling): (u32, Pooling),
        places: &[u32],
        n_compared: u32,
    ) -> Result<Vec<f32>, ModelError> {
        let vectors = self.embed_layers(tokens, groups, &[layer], pooling).await?;
        let mut placed = places.iter().zip(vectors.iter().flatten());
        placed.try_for_each(|(&place, vector)| self.set_vector(place, vector))?;
        self.cosines(n_compared).await
    }

    /// Cosines of all pairs of the first `n_vectors` vectors, each once: `[n * (n - 1) / 2]`, those of the first vector with
    /// the others first. Zero vectors have cosine 0 with all; where a number is not finite, it is NaN.
    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError>;

    /// Raw logits after the last of `tokens`. `[vocab_size]`
    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError>;

    /// Counts since the last reset.
    fn counters(&self) -> Counters;

    /// The counts, to be added to or reset by the scheduler.
    fn counters_mut(&mut self) -> &mut Counters;
}
