//! Buffers of one batch: activations, logits, what is sampled and what is read back.

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::matmul::squares_width;
use super::kernels::rope;
use super::kernels::sample::{DrawEntry, RESULT_WORDS};
use super::kernels::seat::QUEUE_HEAD_WORDS;
use crate::generate::{Capacity, MAX_STEPS};
use crate::weights::{Hyperparameters, Norms};

/// Fewest rows of logits held at once, so that scoring has some to work on.
const MIN_LOGITS_ROWS: u32 = 16;
/// Positions whose angles are computed at once, to keep the heap small for long contexts.
const ANGLE_POSITIONS: u32 = 4096;

/// Device memory that all batches share, one after another. T is the most tokens of a batch.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// `[T]` of {id, position, table row, positions seen}.
    pub(crate) batch: Buffer,
    /// Residual stream, `[T, dim]`.
    pub(crate) states: Buffer,
    /// `[T, dim]`
    pub(crate) normed: Buffer,
    /// Of the states, `[T, squares_width(dim)]`: see `kernels/matmul_feed.wgsl`.
    pub(crate) squares: Buffer,
    /// `[T, q_dim + 2 kv_dim]`
    pub(crate) qkv: Buffer,
    /// `[T, q_dim]`
    pub(crate) attended: Buffer,
    /// Gate and up, `[T, 2 hidden_dim]`, or up alone.
    pub(crate) gate_up: Buffer,
    /// `[T, hidden_dim]`
    pub(crate) gated: Buffer,
    /// What a part of a layer gives before its norm, `[T, dim]`; only where the model norms it.
    pub(crate) update: Option<Buffer>,
    /// Cosines and sines, `[seq_len, rope_dim / 2]`, for layers without a window and with one.
    pub(crate) angles: [Buffer; 2],
    /// Positions that have angles.
    n_positions: u32,
    /// Rows of states that get logits, `[max_rows]`.
    pub(crate) indices: Buffer,
    /// `[logits_rows, vocab_size]`
    pub(crate) logits: Buffer,
    /// Rows of `logits`.
    pub(crate) logits_rows: u32,
    /// [`DrawEntry`]s: `[max_rows]` of draws, then one for each table row.
    pub(crate) draws: Buffer,
    /// [`RESULT_WORDS`] each: `[max_rows]` of draws, then `[MAX_STEPS, max_rows]` of decode.
    pub(crate) results: Buffer,
    /// The batch as the last decode left it, `[max_rows]`.
    pub(crate) places: Buffer,
    /// Head and end, then rows that wait for a place, a ring of `[queue_len]` entries of the batch.
    pub(crate) queue: Buffer,
    /// Twice the table rows: those of rows that ended while they waited may be there too.
    pub(crate) queue_len: u32,
    pub(crate) max_rows: u32,
    /// `[T]`
    pub(crate) targets: Buffer,
    /// `[T]`
    pub(crate) scores: Buffer,
    /// `[max_groups]` of {first, count}.
    pub(crate) groups: Buffer,
    /// `[max_groups, dim]`
    pub(crate) pooled: Buffer,
    /// `[max_groups, dense_dim]`
    pub(crate) dense: Buffer,
    pub(crate) max_groups: u32,
    /// What is read back, whatever it is, but tokens.
    pub(crate) staging: Buffer,
    /// Tokens that are read back, one for each call under way.
    pub(crate) token_staging: [Buffer; 2],
}

impl Scratch {
    /// Buffers for batches up to the capacity.
    ///
    /// # Errors
    /// No memory, or a buffer that is too large.
    pub(crate) async fn new(
        gpu: &Gpu,
        h: &Hyperparameters,
        rope_divisors: &[f32],
        capacity: Capacity,
        seq_len: u32,
    ) -> Result<Self, EngineError> {
        let Capacity { n_table_rows, max_batch_tokens, max_rows, .. } = capacity;
        let n_tokens = max_batch_tokens.max(max_rows);
        let logits_rows = max_rows.max(MIN_LOGITS_ROWS);
        let max_groups = n_tokens.max(n_table_rows);
        let words = |rows: u32, width: u32| 4 * u64::from(rows) * u64::from(width);
        let result_bytes = words((1 + MAX_STEPS) * max_rows, RESULT_WORDS);
        let queue_len = 2 * n_table_rows;
        let pooled_bytes = words(max_groups, h.dim);
        let staging_bytes = pooled_bytes.max(words(1, h.n_logits())).max(words(n_tokens, 1));
        let draw_bytes = u64::from(max_rows + n_table_rows) * size_of::<DrawEntry>() as u64;
        Ok(Self {
            batch: gpu.storage("batch", words(n_tokens, 4)).await?,
            states: gpu.storage("states", words(n_tokens, h.dim)).await?,
            normed: gpu.storage("normed states", words(n_tokens, h.dim)).await?,
            squares: gpu.storage("squares of the states", words(n_tokens, squares_width(h.dim))).await?,
            qkv: gpu.storage("queries, keys and values", words(n_tokens, h.q_dim() + 2 * h.kv_dim())).await?,
            attended: gpu.storage("attention", words(n_tokens, h.q_dim())).await?,
            gate_up: gpu.storage("gate and up", words(n_tokens, h.ffn_width())).await?,
            gated: gpu.storage("gated states", words(n_tokens, h.hidden_dim)).await?,
            update: match h.norms == Norms::Around {
                true => Some(gpu.storage("updates", words(n_tokens, h.dim)).await?),
                false => None,
            },
            angles: angles(gpu, h, rope_divisors, seq_len).await?,
            n_positions: seq_len,
            indices: gpu.storage("rows with logits", words(max_rows, 1)).await?,
            logits: gpu.storage("logits", words(logits_rows, h.n_logits())).await?,
            logits_rows,
            draws: gpu.storage("draws", draw_bytes).await?,
            results: gpu.storage("sampled tokens", result_bytes).await?,
            places: gpu.storage("places", words(max_rows, 4)).await?,
            queue: gpu.storage("waiting rows", words(QUEUE_HEAD_WORDS + 4 * queue_len, 1)).await?,
            queue_len,
            max_rows,
            targets: gpu.storage("targets", words(n_tokens, 1)).await?,
            scores: gpu.storage("scores", words(n_tokens, 1)).await?,
            groups: gpu.storage("groups", words(max_groups, 2)).await?,
            pooled: gpu.storage("pooled states", pooled_bytes).await?,
            dense: gpu.storage("pooled states, widened", words(max_groups, h.dense_dim)).await?,
            max_groups,
            staging: gpu.staging("read back", staging_bytes).await?,
            token_staging: [
                gpu.staging("tokens read back", result_bytes).await?,
                gpu.staging("tokens read back", result_bytes).await?,
            ],
        })
    }

    /// Computes the angles of more positions.
    ///
    /// # Errors
    /// No memory; the old ones are gone then.
    pub(crate) async fn reach(
        &mut self,
        gpu: &Gpu,
        h: &Hyperparameters,
        rope_divisors: &[f32],
        seq_len: u32,
    ) -> Result<(), EngineError> {
        if seq_len > self.n_positions {
            self.n_positions = 0;
            self.angles.iter().for_each(Buffer::destroy);
            self.angles = angles(gpu, h, rope_divisors, seq_len).await?;
            self.n_positions = seq_len;
        }
        Ok(())
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        let buffers = [
            &self.batch,
            &self.states,
            &self.normed,
            &self.squares,
            &self.qkv,
            &self.attended,
            &self.gate_up,
            &self.gated,
            &self.angles[0],
            &self.indices,
            &self.logits,
            &self.draws,
            &self.results,
            &self.places,
            &self.queue,
            &self.targets,
            &self.scores,
            &self.groups,
            &self.pooled,
            &self.dense,
            &self.staging,
            &self.token_staging[0],
            &self.token_staging[1],
        ];
        let own_angles = self.angles[1..].iter().filter(|buffer| **buffer != self.angles[0]);
        buffers.into_iter().chain(&self.update).chain(own_angles).map(Buffer::size).sum()
    }
}

/// Angles of the layers without a window and with one; the same buffer where they do not differ.
async fn angles(
    gpu: &Gpu,
    h: &Hyperparameters,
    divisors: &[f32],
    seq_len: u32,
) -> Result<[Buffer; 2], EngineError> {
    let table = async |windowed: bool| {
        angle_table(gpu, &h.rope_frequencies(windowed, divisors), h.rope_of(windowed).magnitude, seq_len)
            .await
    };
    let plain = table(false).await?;
    let windowed = match h.window {
        Some(window) if window.rope != h.rope => table(true).await?,
        _ => plain.clone(),
    };
    Ok([plain, windowed])
}

async fn angle_table(
    gpu: &Gpu,
    frequencies: &[f64],
    magnitude: f32,
    seq_len: u32,
) -> Result<Buffer, EngineError> {
    let position_bytes = 8 * frequencies.len() as u64;
    let buffer = gpu.storage("angles", u64::from(seq_len) * position_bytes).await?;
    for first in (0..seq_len).step_by(ANGLE_POSITIONS as usize) {
        let positions = first..seq_len.min(first + ANGLE_POSITIONS);
        let angles = rope::angles(positions, frequencies, magnitude);
        gpu.write(&buffer, u64::from(first) * position_bytes, &angles);
    }
    Ok(buffer)
}
