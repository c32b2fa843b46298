//! Draws one token per row from its logits.

use crate::engine::buffers::Buffer;
use crate::engine::device::{Gpu, Tier};
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params};
use crate::engine::recording::Recording;
use crate::generate::{DrawKey, Sampled, SamplingSettings};

/// Words of one result.
pub const RESULT_WORDS: u32 = 3;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row of logits.
        pub vocab_size: u32,
        /// Words of a table row's set of seen tokens.
        pub seen_words: u32,
        /// Rows drawn.
        pub n_rows: u32,
        /// Step within the submit; added to the step of each key.
        pub step: u32,
        /// 1 makes the drawn token the row's next input.
        pub decode: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad2: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "sample",
    wgsl: concat!(include_str!("shared.wgsl"), include_str!("sample_cut.wgsl"), include_str!("sample.wgsl")),
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Write), (4, Write), (5, Write)],
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
}

impl DrawEntry {
    /// A draw from a row of logits.
    pub fn new(logits_row: u32, table_row: u32, key: DrawKey, settings: SamplingSettings) -> Self {
        let DrawKey { seed, stream, step } = key;
        let SamplingSettings { temperature, top_k, top_p, min_p, repetition_penalty: penalty } = settings;
        // The most likely token always stays.
        let min_p = min_p.min(1.0);
        Self { logits_row, table_row, seed, stream, step, top_k, temperature, top_p, min_p, penalty }
    }
}

/// The buffers of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// `[n_rows]` of [`DrawEntry`].
    pub draws: &'a Buffer,
    /// `[n_logits_rows, vocab_size]`
    pub logits: &'a Buffer,
    /// `[n_table_rows, seen_words]`
    pub seen: &'a Buffer,
    /// `[n_rows]` of {id, position, table row, unused}.
    pub batch: &'a Buffer,
    /// `[n_steps, n_rows]` of [`RESULT_WORDS`].
    pub results: &'a Buffer,
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
        let Buffers { draws, logits, seen, batch, results } = buffers;
        self.0.bind(gpu, &[draws, logits, seen, batch, results])
    }

    /// Draws for `params.n_rows` rows.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        recording.dispatch(&self.0, bindings, &params, [params.n_rows, 1, 1]);
    }
}

/// Results as the shader wrote them.
pub fn sampled(words: &[u32]) -> Vec<Sampled> {
    let (results, _) = words.as_chunks::<{ RESULT_WORDS as usize }>();
    let of = |&[id, logprob, sampled_logprob]: &[u32; 3]| Sampled {
        id,
        logprob: f32::from_bits(logprob),
        sampled_logprob: f32::from_bits(sampled_logprob),
    };
    results.iter().map(of).collect()
}
