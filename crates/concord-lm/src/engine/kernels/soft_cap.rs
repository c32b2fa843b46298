//! Soft cap of logits.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::Write;
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::{Recording, fold};

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Values.
        pub n_values: u32,
        /// What they stay below.
        pub cap: f32,
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub groups_x: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "soft_cap",
    weights: None,
    wgsl: &[shader!("soft_cap.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Write)],
};

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct SoftCap(Kernel);

impl SoftCap {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds the values.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer) -> Bindings {
        self.0.bind(gpu, &[x])
    }

    /// Caps the first `n_values`.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, cap: f32, n_values: u32) {
        let [groups_x, groups_y] = fold(n_values.div_ceil(WG));
        let params = Params { n_values, cap, groups_x, pad: 0 };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}
