//! Draws one token per row from its logits.

use crate::engine::buffers::Buffer;
use crate::engine::device::{Gpu, Tier};
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;
use crate::generate::{DecodeRow, DrawKey, Ends, MAX_STOPS, NO_TOKEN, Sampled, SamplingSettings, TokenInput};

/// Words of one result with the log-prob under the sampled distribution, and without.
pub const RESULT_WORDS: u32 = 3;
const SHORT_WORDS: u32 = 2;
/// Bits of a token's id in a result of decode; the table row has the others.
const ID_BITS: u32 = 20;
/// Stands for a table row where nobody sits.
pub const NOBODY: u32 = u32::MAX;
/// Largest vocabulary whose ids fit a result.
pub const MOST_TOKENS: u32 = 1 << ID_BITS;
/// Most table rows that fit a result: the last number means nobody.
pub const MOST_TABLE_ROWS: u32 = (1 << (32 - ID_BITS)) - 1;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row of logits.
        pub vocab_size: u32,
        /// Words of a table row's set of seen tokens.
        pub seen_words: u32,
        /// Rows drawn.
        pub n_rows: u32,
        /// Step within the submit.
        pub step: u32,
        /// 1 draws for the rows of the batch: the drawn token becomes the row's next input, or the next row its place.
        pub decode: u32,
        /// Entry of the draws that is the first table row's, and place of the first result of decode.
        pub first_row: u32,
        /// Words of a result: see [`result_words`].
        pub n_words: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
    }
}

/// Words of one result, with the log-prob under the sampled distribution or without.
pub fn result_words(sampled_logprobs: bool) -> u32 {
    if sampled_logprobs { RESULT_WORDS } else { SHORT_WORDS }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "sample",
    weights: None,
    wgsl: &[
        shader!("shared.wgsl"),
        shader!("queue.wgsl"),
        shader!("sample_cut.wgsl"),
        shader!("sample.wgsl"),
    ],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Write), (4, Write), (5, Write), (6, Write)],
};

/// What to sample and how, as the shader reads it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct DrawEntry {
    /// Row of the logits.
    pub logits_row: u32,
    /// Table row whose seen tokens the penalty uses.
    pub table_row: u32,
    seed: u32,
    stream: u32,
    step: u32,
    top_k: u32,
    temperature: f32,
    top_p: f32,
    min_p: f32,
    penalty: f32,
    end: u32,
    stops: [u32; MAX_STOPS],
}

impl DrawEntry {
    /// A draw from a row of logits.
    pub fn new(logits_row: u32, table_row: u32, key: DrawKey, settings: SamplingSettings) -> Self {
        let DrawKey { seed, stream, step } = key;
        let SamplingSettings { temperature, top_k, top_p, min_p, repetition_penalty: penalty } = settings;
        // The most likely token always stays.
        let min_p = min_p.min(1.0);
        let (end, stops) = (0, [NO_TOKEN; MAX_STOPS]);
        Self {
            logits_row,
            table_row,
            seed,
            stream,
            step,
            top_k,
            temperature,
            top_p,
            min_p,
            penalty,
            end,
            stops,
        }
    }

    /// What a table row draws with from now on: the kernel adds the position of the token it evaluates to the step.
    pub fn of_row(row: &DecodeRow, ends: &Ends) -> Self {
        let TokenInput { position, table_row, .. } = row.input;
        let key = DrawKey { step: row.key.step.wrapping_sub(position), ..row.key };
        let end = position.saturating_add(ends.n_most);
        Self { end, stops: ends.stops, ..Self::new(0, table_row, key, row.settings) }
    }
}

/// The buffers of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// [`DrawEntry`]s: `[first_row]` of draws, then one for each table row.
    pub draws: &'a Buffer,
    /// `[n_logits_rows, vocab_size]`
    pub logits: &'a Buffer,
    /// `[n_table_rows, seen_words]`
    pub seen: &'a Buffer,
    /// `[n_rows]` of {id, position, table row, unused}.
    pub batch: &'a Buffer,
    /// [`result_words`] each: `[first_row]` of draws, then `[n_steps, n_rows]` of decode.
    pub results: &'a Buffer,
    /// Rows that wait for a place (see [`super::seat`]).
    pub queue: &'a Buffer,
}

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Sample(Kernel);

impl Sample {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        let wg = match gpu.tier() {
            Tier::Hardware => 256,
            Tier::Software => 32,
        };
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", wg)]).await?))
    }

    /// Binds the buffers.
    pub fn bind(&self, gpu: &Gpu, buffers: Buffers<'_>) -> Bindings {
        let Buffers { draws, logits, seen, batch, results, queue } = buffers;
        self.0.bind(gpu, &[draws, logits, seen, batch, results, queue])
    }

    /// Draws for `params.n_rows` rows.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        recording.dispatch(&self.0, bindings, &params, [params.n_rows, 1, 1]);
    }
}

/// Results of so many words as the shader wrote them.
pub fn sampled(words: &[u32], n_words: u32) -> Vec<Sampled> {
    let of = |result: &[u32]| Sampled {
        id: result[0],
        logprob: f32::from_bits(result[1]),
        sampled_logprob: result.get(2).map(|&bits| f32::from_bits(bits)),
    };
    words.chunks_exact(n_words as usize).map(of).collect()
}

/// Results of decode: whose, and what; `None` where nobody sat.
pub fn decoded(words: &[u32], n_words: u32) -> impl Iterator<Item = Option<(u32, Sampled)>> {
    let of = |mut sampled: Sampled| {
        let table_row = (sampled.id != NOBODY).then_some(sampled.id >> ID_BITS);
        sampled.id %= MOST_TOKENS;
        table_row.map(|table_row| (table_row, sampled))
    };
    sampled(words, n_words).into_iter().map(of)
}
