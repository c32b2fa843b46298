//! Causal grouped-query attention over the KV slots of each token's sequence.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::{Recording, fold};

/// Invocations of a workgroup; also the positions of a chunk.
pub const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Query heads.
        pub n_heads: u32,
        /// Key and value heads.
        pub n_kv_heads: u32,
        /// Width of a head, a multiple of 4, at most 256.
        pub head_dim: u32,
        /// Width of a row of qkv.
        pub qkv_width: u32,
        /// Width of a table row.
        pub seq_len: u32,
        /// Workgroups in y: there may be more tokens than fit into one dimension, so the index is folded over two.
        pub tokens_y: u32,
        /// Factor of the scores.
        pub scale: f32,
        /// Positions seen, the token's own among them; 0 for all.
        pub window: u32,
        /// Scores are `cap * tanh(score / cap)`; 0 for none.
        pub soft_cap: f32,
        /// Factor of the logarithm by which scores grow with the position; 0 for none.
        pub temperature: f32,
        /// Positions of a step of that.
        pub step: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "attention",
    weights: None,
    wgsl: &[shader!("shared.wgsl"), shader!("attention.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Read), (4, Read), (5, Read), (6, Write)],
};

/// The buffers of one layer.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// `[n_tokens]` of {id, position, table row, unused}.
    pub batch: &'a Buffer,
    /// `[n_table_rows, seq_len]`
    pub table: &'a Buffer,
    /// `[n_tokens, qkv_width]`, queries first.
    pub qkv: &'a Buffer,
    /// `[n_slots, n_kv_heads, head_dim]` f16
    pub k_pool: &'a Buffer,
    /// `[n_slots, n_kv_heads, head_dim]` f16
    pub v_pool: &'a Buffer,
    /// `[n_tokens, n_heads, head_dim]`
    pub out: &'a Buffer,
}

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Attention(Kernel);

impl Attention {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", WG)]).await?))
    }

    /// Binds the buffers of one layer.
    pub fn bind(&self, gpu: &Gpu, buffers: Buffers<'_>) -> Bindings {
        let Buffers { batch, table, qkv, k_pool, v_pool, out } = buffers;
        self.0.bind(gpu, &[batch, table, qkv, k_pool, v_pool, out])
    }

    /// Attends; `params.tokens_y` is filled here.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        self.encode_folded(recording, bindings, params, fold(params.n_tokens));
    }

    /// Attends with the tokens over y and z as given; as many places as tokens, or more.
    pub fn encode_folded(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        params: Params,
        [tokens_y, tokens_z]: [u32; 2],
    ) {
        let params = Params { tokens_y, ..params };
        recording.dispatch(&self.0, bindings, &params, [params.n_heads, tokens_y, tokens_z]);
    }
}
