//! The activation of a feed-forward layer without a gate.

use super::gate::kind;
use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::{Recording, fold};
use crate::weights::Activation;

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row, a multiple of 4.
        pub hidden_dim: u32,
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub groups_x: u32,
        /// Which activation.
        pub kind: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "activate",
    weights: None,
    wgsl: &[shader!("activation.wgsl"), shader!("activate.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Activate(Kernel);

impl Activate {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds the input `[n_tokens, hidden_dim]`, the bias `[hidden_dim]` and the output, of the input's shape.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer, bias: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[x, bias, y])
    }

    /// Adds the bias to the rows of the batch, and activates them.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        (hidden_dim, activation): (u32, Activation),
        n_tokens: u32,
    ) {
        let [groups_x, groups_y] = fold((n_tokens * (hidden_dim / 4)).div_ceil(WG));
        let params = Params { hidden_dim, n_tokens, groups_x, kind: kind(activation) };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}
