//! Pools token states into one vector per group of tokens.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;
use crate::generate::Pooling;

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a state.
        pub dim: u32,
        /// 0 takes the mean, 1 the first token's state, 2 the last one's.
        pub kind: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "pool",
    weights: None,
    wgsl: &[shader!("pool.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Pool(Kernel);

impl Pool {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds states `[n_tokens, dim]`, groups `[n_groups]` of {first, count} and the output `[n_groups, dim]`.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer, groups: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[x, groups, y])
    }

    /// Pools `n_groups` groups.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        dim: u32,
        pooling: Pooling,
        n_groups: u32,
    ) {
        let kind = match pooling {
            Pooling::Mean => 0,
            Pooling::First => 1,
            Pooling::Last => 2,
        };
        let params = Params { dim, kind, ..Params::default() };
        recording.dispatch(&self.0, bindings, &params, [dim.div_ceil(WG), n_groups, 1]);
    }
}
