//! Gathers rows of the embedding table; a shader per tensor type of the table.

use super::{Access, Bindings, Kernel, Source, params};
use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::recording::{Recording, fold};
use crate::engine::weights::Weights;
use crate::weights::TensorType;

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row.
        pub dim: u32,
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Workgroups in x.
        pub groups_x: u32,
        /// Unused.
        pub pad: u32,
    }
}

macro_rules! source {
    ($name:ident, $weights:literal, $bindings:expr) => {
        /// The shader for this tensor type.
        pub const $name: Source = Source {
            name: concat!("embed ", stringify!($name)),
            wgsl: concat!(include_str!($weights), include_str!("embed.wgsl")),
            params_bytes: size_of::<Params>(),
            params_fields: Params::FIELDS,
            bindings: $bindings,
        };
    };
}

const PLAIN: &[(u32, Access)] = &[(1, Access::Read), (2, Access::Read), (4, Access::Write)];
const SCALED: &[(u32, Access)] =
    &[(1, Access::Read), (2, Access::Read), (3, Access::Read), (4, Access::Write)];

source!(F32, "weights_f32.wgsl", PLAIN);
source!(F16, "weights_f16.wgsl", PLAIN);
source!(Q8_0, "weights_q8_0.wgsl", SCALED);
source!(Q4_0, "weights_q4_0.wgsl", SCALED);

/// The kernel for tables of one tensor type.
#[derive(Clone, Debug)]
pub struct Embed(Kernel);

impl Embed {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu, tensor_type: TensorType) -> Result<Self, EngineError> {
        let source = match tensor_type {
            TensorType::F32 => &F32,
            TensorType::F16 => &F16,
            TensorType::Q8_0 => &Q8_0,
            TensorType::Q4_0 => &Q4_0,
        };
        Ok(Self(Kernel::new(gpu, source, &[]).await?))
    }

    /// Binds the batch, the table and the output `[n_tokens, dim]`.
    pub fn bind(&self, gpu: &Gpu, batch: &Buffer, table: &Weights, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &table.between(batch, y))
    }

    /// Embeds the tokens of the batch.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, dim: u32, n_tokens: u32) {
        let [groups_x, groups_y] = fold((n_tokens * (dim / 8)).div_ceil(WG));
        let params = Params { dim, n_tokens, groups_x, pad: 0 };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}
