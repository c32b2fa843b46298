//! Gathers rows of the table of tokens or of positions; a shader per tensor type of the table.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
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
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub groups_x: u32,
        /// Factor of the rows.
        pub scale: f32,
        /// First row that this part of the table holds.
        pub first_row: u32,
        /// Rows that it holds.
        pub n_rows: u32,
        /// 1 adds the rows of the positions, 0 writes those of the ids.
        pub by_position: u32,
        /// Row of position 0.
        pub shift: u32,
    }
}

/// What the pipeline for tables of a type is made from.
pub const fn source(tensor_type: TensorType) -> Source {
    Source {
        name: "embed",
        weights: Some(tensor_type),
        wgsl: &[shader!("embed.wgsl")],
        params_bytes: size_of::<Params>(),
        params_fields: Params::FIELDS,
        bindings: &[(1, Read), (4, Write)],
    }
}

/// The kernel for tables of one tensor type.
#[derive(Clone, Debug)]
pub struct Embed(Kernel);

impl Embed {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu, tensor_type: TensorType) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &source(tensor_type), &[]).await?))
    }

    /// Binds the batch, the table and the output `[n_tokens, dim]`.
    pub fn bind(&self, gpu: &Gpu, batch: &Buffer, table: &Weights, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &table.after([batch, y]))
    }

    /// Embeds the tokens of the batch whose rows are in the part of the table from `first_row` on.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        part: (&Weights, u32),
        scale: f32,
        n_tokens: u32,
    ) {
        self.encode_rows(recording, bindings, part, Params { scale, n_tokens, ..Params::default() });
    }

    /// Adds the vectors of the batch's positions, position 0 in row `shift` of the table.
    pub fn encode_positions(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        part: (&Weights, u32),
        shift: u32,
        n_tokens: u32,
    ) {
        let params = Params { scale: 1.0, n_tokens, by_position: 1, shift, ..Params::default() };
        self.encode_rows(recording, bindings, part, params);
    }

    fn encode_rows(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        (table, first_row): (&Weights, u32),
        params: Params,
    ) {
        let (dim, n_rows) = (table.n_in, table.n_out);
        let [groups_x, groups_y] = fold((params.n_tokens * (dim / 8)).div_ceil(WG));
        let params = Params { dim, groups_x, first_row, n_rows, ..params };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}
