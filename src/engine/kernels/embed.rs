//! Gathers rows of the embedding table; a shader per tensor type of the table.

use super::weights::weight_sources;
use super::{Bindings, Kernel, params};
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
        /// Factor of the rows.
        pub scale: f32,
        /// First row that this part of the table holds.
        pub first_row: u32,
        /// Rows that it holds.
        pub n_rows: u32,
        /// Unused.
        pub pad0: u32,
        /// Unused.
        pub pad1: u32,
    }
}

weight_sources!("embed", "embed.wgsl", Params);

/// The kernel for tables of one tensor type.
#[derive(Clone, Debug)]
pub struct Embed(Kernel);

impl Embed {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu, tensor_type: TensorType) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, source(tensor_type), &[]).await?))
    }

    /// Binds the batch, the table and the output `[n_tokens, dim]`.
    pub fn bind(&self, gpu: &Gpu, batch: &Buffer, table: &Weights, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &table.between(batch, y))
    }

    /// Embeds the tokens of the batch whose rows are in the part of the table from `first_row` on.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        (table, first_row): (&Weights, u32),
        scale: f32,
        n_tokens: u32,
    ) {
        let (dim, n_rows) = (table.n_in, table.n_out);
        let [groups_x, groups_y] = fold((n_tokens * (dim / 8)).div_ceil(WG));
        let params = Params { dim, n_tokens, groups_x, scale, first_row, n_rows, ..Params::default() };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}
