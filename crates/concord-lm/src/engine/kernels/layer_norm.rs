//! Layer norm of rows, in place.

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
        /// Width of a row.
        pub dim: u32,
        /// Added to the variance.
        pub eps: f32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "layer_norm",
    weights: None,
    wgsl: &[shader!("shared.wgsl"), shader!("layer_norm.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct LayerNorm(Kernel);

impl LayerNorm {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", WG)]).await?))
    }

    /// Binds what is added before, the gain and the bias, `[3, dim]`, and the rows `[n_rows, dim]`.
    pub fn bind(&self, gpu: &Gpu, norm: &Buffer, x: &Buffer) -> Bindings {
        self.0.bind(gpu, &[norm, x])
    }

    /// Norms the first `n_rows` rows.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        (dim, eps): (u32, f32),
        n_rows: u32,
    ) {
        recording.dispatch(&self.0, bindings, &Params { dim, eps, ..Params::default() }, [n_rows, 1, 1]);
    }
}
