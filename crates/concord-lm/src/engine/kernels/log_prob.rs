//! Log-probs of given tokens, so that scoring reads back one number a token.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;

/// Invocations of a workgroup.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row of logits.
        pub vocab_size: u32,
        /// Index of the first row among all tokens.
        pub first: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "log_prob",
    weights: None,
    wgsl: &[shader!("shared.wgsl"), shader!("log_prob.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct LogProb(Kernel);

impl LogProb {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", WG)]).await?))
    }

    /// Binds logits `[n_rows, vocab_size]`, targets `[n_tokens]` and the output `[n_tokens]`.
    pub fn bind(&self, gpu: &Gpu, logits: &Buffer, targets: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[logits, targets, y])
    }

    /// Scores `n_rows` rows of logits, the first of which belongs to token `first`.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        vocab_size: u32,
        first: u32,
        n_rows: u32,
    ) {
        let params = Params { vocab_size, first, pad0: 0, pad1: 0 };
        recording.dispatch(&self.0, bindings, &params, [n_rows, 1, 1]);
    }
}
