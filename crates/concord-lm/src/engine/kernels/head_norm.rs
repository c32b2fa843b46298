//! Root-mean-square norm of every query and key head.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::{Recording, fold};

/// Invocations of a workgroup.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Query heads.
        pub n_heads: u32,
        /// Width of a head.
        pub head_dim: u32,
        /// Width of a row of qkv.
        pub qkv_width: u32,
        /// Workgroups in y: there may be more tokens than fit into one dimension, so the index is folded over two.
        pub tokens_y: u32,
        /// Added to the mean square.
        pub eps: f32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "head_norm",
    weights: None,
    wgsl: &[shader!("shared.wgsl"), shader!("head_norm.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct HeadNorm(Kernel);

impl HeadNorm {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", WG)]).await?))
    }

    /// Binds the gains of queries and keys, `[2, head_dim]`, and the heads, `[n_tokens, qkv_width]`.
    pub fn bind(&self, gpu: &Gpu, gains: &Buffer, qkv: &Buffer) -> Bindings {
        self.0.bind(gpu, &[gains, qkv])
    }

    /// Norms the query heads and `n_kv_heads` key heads; `params.tokens_y` is filled here.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, n_kv_heads: u32, params: Params) {
        let [tokens_y, tokens_z] = fold(params.n_tokens);
        let params = Params { tokens_y, ..params };
        recording.dispatch(&self.0, bindings, &params, [params.n_heads + n_kv_heads, tokens_y, tokens_z]);
    }
}
