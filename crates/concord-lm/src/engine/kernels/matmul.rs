//! Product of a batch of rows with a weight matrix that stays quantised on the device.
//!
//! A shader per tensor type and kind of adapter, a pipeline per tile height M. The order of every sum is the same
//! in all variants of a device, so results do not depend on the batch.

use super::weights::weight_sources;
use crate::engine::buffers::Buffer;
use crate::engine::device::{Gpu, Tier};
use crate::engine::error::EngineError;
use crate::engine::kernel::{Bindings, Kernel, Layout, params};
use crate::engine::recording::{Recording, fold};
use crate::engine::weights::Weights;
use crate::weights::TensorType;

/// Tile heights on a GPU: tokens that share one dequantised weight. Ascending.
pub const TILE_TOKENS: [u32; 4] = [1, 4, 8, 16];

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Inputs, a multiple of 8.
        pub n_in: u32,
        /// Outputs.
        pub n_out: u32,
        /// Tokens of the batch.
        pub n_tokens: u32,
        /// Width of a row of y.
        pub y_stride: u32,
        /// First column of y that is written.
        pub y_offset: u32,
        /// 1 adds to y, 0 replaces it.
        pub add: u32,
        /// Workgroups in x: there may be more than fit into one dimension, so the index is folded over two.
        pub tiles_x: u32,
        /// Factor of the product.
        pub scale: f32,
    }
}

weight_sources!(source, "matmul", ["matmul_store.wgsl" "matmul.wgsl"], Params);
weight_sources!(alone_source, "matmul_alone", ["matmul_store.wgsl" "matmul_alone.wgsl"], Params);

/// Where a product goes in the rows of y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    /// Width of a row of y.
    pub stride: u32,
    /// First column written.
    pub offset: u32,
    /// Add to what is there.
    pub add: bool,
    /// Factor of the product, 1 for none.
    pub scale: f32,
}

/// The kernel for matrices of one tensor type, with its variants.
#[derive(Clone, Debug)]
pub struct Matmul {
    layout: Layout,
    /// Tokens and outputs of a tile, ascending in tokens.
    variants: Vec<(u32, u32, Kernel)>,
}

/// Tokens of the tiles of a software adapter, which is quickest without workgroup memory.
const ALONE_TOKENS: [u32; 2] = [1, 4];
/// Invocations of its workgroups.
const ALONE_WG: u32 = 32;
/// Invocations of a GPU's workgroups.
const WG: u32 = 64;
/// How many of them share an output.
const K_LANES: u32 = 8;

impl Matmul {
    /// Compiles the variants.
    ///
    /// # Errors
    /// The device refuses one.
    pub async fn new(gpu: &Gpu, tensor_type: TensorType) -> Result<Self, EngineError> {
        Self::for_tier(gpu, tensor_type, gpu.tier()).await
    }

    /// Compiles the variants of a tier that is not the device's own, for tests.
    ///
    /// # Errors
    /// The device refuses one.
    pub async fn for_tier(gpu: &Gpu, tensor_type: TensorType, tier: Tier) -> Result<Self, EngineError> {
        let mut variants = Vec::new();
        if tier == Tier::Software {
            let layout = Layout::new(gpu, alone_source(tensor_type)).await?;
            for tile_tokens in ALONE_TOKENS {
                let n_outs = if tile_tokens == 1 { 4 } else { 2 };
                let kernel = layout.kernel(gpu, &[("WG", ALONE_WG), ("M", tile_tokens)]).await?;
                variants.push((tile_tokens, n_outs * ALONE_WG, kernel));
            }
            return Ok(Self { layout, variants });
        }
        let layout = Layout::new(gpu, source(tensor_type)).await?;
        for tile_tokens in TILE_TOKENS {
            let n_rows = if tile_tokens >= 8 { 2 } else { 1 };
            let constants = [
                ("WG", WG),
                ("K_LANES", K_LANES),
                ("M", tile_tokens),
                ("N_ROWS", n_rows),
                ("N_PARTIALS", WG * n_rows * tile_tokens.div_ceil(4)),
            ];
            variants.push((tile_tokens, WG / K_LANES * n_rows, layout.kernel(gpu, &constants).await?));
        }
        Ok(Self { layout, variants })
    }

    /// Binds the input `[n_tokens, n_in]`, the weights and the output.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer, weights: &Weights, y: &Buffer) -> Bindings {
        self.layout.bind(gpu, &weights.between(x, y))
    }

    /// Multiplies `n_tokens` rows, with the smallest tile that holds them all, else the largest.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        weights: &Weights,
        n_tokens: u32,
        columns: Columns,
    ) {
        let fitting = self.variants.iter().find(|(tile_tokens, ..)| *tile_tokens >= n_tokens);
        let Some((tile_tokens, tile_outs, kernel)) = fitting.or(self.variants.last()) else { return };
        let Weights { n_in, n_out, .. } = *weights;
        let [tiles_x, tiles_y] = fold(n_out.div_ceil(*tile_outs));
        let Columns { stride: y_stride, offset: y_offset, add, scale } = columns;
        let add = u32::from(add);
        let params = Params { n_in, n_out, n_tokens, y_stride, y_offset, add, tiles_x, scale };
        recording.dispatch(kernel, bindings, &params, [tiles_x, tiles_y, n_tokens.div_ceil(*tile_tokens)]);
    }
}
