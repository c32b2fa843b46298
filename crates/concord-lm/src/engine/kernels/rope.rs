//! Adds biases, turns queries and keys by their positions and stores keys and values in the KV pool as f16.

use std::ops::Range;

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::{Recording, fold};

/// Invocations of a workgroup, as in the shader.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Width of all query heads.
        pub q_dim: u32,
        /// Width of all key heads.
        pub kv_dim: u32,
        /// Width of a head, a multiple of 4.
        pub head_dim: u32,
        /// Leading values of a head that turn, a multiple of 4; 0 where none does.
        pub rope_dim: u32,
        /// Width of a table row.
        pub seq_len: u32,
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub groups_x: u32,
        /// 1 turns `(i, i + rope_dim / 2)`, 0 `(2i, 2i + 1)`.
        pub halves: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "rope",
    weights: None,
    wgsl: &[shader!("rope.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Read), (4, Read), (5, Write), (6, Write), (7, Write)],
};

/// The buffers of one layer.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// `[n_tokens]` of {id, position, table row, unused}.
    pub batch: &'a Buffer,
    /// `[n_table_rows, seq_len]`
    pub table: &'a Buffer,
    /// `[seq_len, rope_dim / 2]` of {cos, sin}.
    pub angles: &'a Buffer,
    /// `[q_dim + 2 kv_dim]`
    pub bias: &'a Buffer,
    /// `[n_tokens, q_dim + 2 kv_dim]`
    pub qkv: &'a Buffer,
    /// `[n_slots, kv_dim]` f16
    pub k_pool: &'a Buffer,
    /// `[n_slots, kv_dim]` f16
    pub v_pool: &'a Buffer,
}

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct Rope(Kernel);

impl Rope {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds the buffers of one layer.
    pub fn bind(&self, gpu: &Gpu, buffers: Buffers<'_>) -> Bindings {
        let Buffers { batch, table, angles, bias, qkv, k_pool, v_pool } = buffers;
        self.0.bind(gpu, &[batch, table, angles, bias, qkv, k_pool, v_pool])
    }

    /// Turns and stores; `params.groups_x` is filled here.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        let n_quads = params.n_tokens * ((params.q_dim + 2 * params.kv_dim) / 4);
        let [groups_x, groups_y] = fold(n_quads.div_ceil(WG));
        let params = Params { groups_x, ..params };
        recording.dispatch(&self.0, bindings, &params, [groups_x, groups_y, 1]);
    }
}

/// `[positions.len(), frequencies.len()]` of {cos, sin} of `position * frequency`, times `magnitude`, computed in f64.
pub fn angles(positions: Range<u32>, frequencies: &[f64], magnitude: f32) -> Vec<[f32; 2]> {
    let magnitude = f64::from(magnitude);
    let of = |position: u32| {
        frequencies.iter().map(move |frequency| {
            let (sin, cos) = (f64::from(position) * frequency).sin_cos();
            [(magnitude * cos) as f32, (magnitude * sin) as f32]
        })
    };
    positions.flat_map(of).collect()
}
