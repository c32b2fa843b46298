//! The gate of the feed-forward layer.

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
        /// Width of gate and of up, a multiple of 4.
        pub hidden_dim: u32,
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub groups_x: u32,
        /// Which activation.
        pub kind: u32,
    }
}

/// An activation as `activation.wgsl` numbers it.
pub(super) fn kind(activation: Activation) -> u32 {
    match activation {
        Activation::Silu => 0,
        Activation::GeluTanh => 1,
        Activation::GeluErf => 2,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "gate",
    weights: None,
    wgsl: &[shader!("activation.wgsl"), shader!("gate.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Gate(Kernel);

impl Gate {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds `[n_tokens, 2 hidden_dim]`, gate first, and the output `[n_tokens, hidden_dim]`.
    pub fn bind(&self, gpu: &Gpu, gate_up: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[gate_up, y])
    }

    /// Gates the rows of the batch.
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
