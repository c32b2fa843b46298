//! Cosines between all pairs of vectors.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Vectors.
        pub n_vectors: u32,
        /// Width of a vector.
        pub dim: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "cosine",
    weights: None,
    wgsl: &[shader!("cosine.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Cosine(Kernel);

impl Cosine {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds vectors `[n_vectors, dim]` and the output `[n_vectors * (n_vectors - 1) / 2]`.
    pub fn bind(&self, gpu: &Gpu, vectors: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[vectors, y])
    }

    /// Compares all pairs; at most 65,535 vectors.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, n_vectors: u32, dim: u32) {
        let params = Params { n_vectors, dim, pad0: 0, pad1: 0 };
        recording.dispatch(&self.0, bindings, &params, [n_vectors.div_ceil(WG), n_vectors, 1]);
    }
}
