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
    /// Ascending in tokens; of the same number, the one for few outputs first.
    variants: Vec<Variant>,
}

/// A pipeline and the tile that a workgroup of it computes.
#[derive(Clone, Debug)]
struct Variant {
    tile_tokens: u32,
    tile_outs: u32,
    /// Most outputs that it is meant for.
    most_outs: u32,
    kernel: Kernel,
}

/// Tokens of the tiles of a software adapter, which is quickest without workgroup memory.
const ALONE_TOKENS: [u32; 3] = [1, 4, 8];
/// Invocations of its workgroups.
const ALONE_WG: u32 = 32;
/// Variants for a GPU: tokens of a tile, invocations of a workgroup, how many of them share an output, and consecutive
/// outputs that each of them holds. Many share one where tokens are few, or outputs: otherwise most of the GPU would
/// wait for a few of its invocations to go through long rows.
const TILES: [[u32; 4]; 6] =
    [[1, 128, 32, 1], [4, 128, 32, 1], [8, 64, 32, 2], [8, 64, 8, 2], [16, 64, 32, 2], [16, 64, 8, 2]];
/// Outputs up to which a tile of many tokens has many invocations for each.
const FEW_OUTS: u32 = 4096;

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
                let tile_outs = n_outs * ALONE_WG;
                variants.push(Variant { tile_tokens, tile_outs, most_outs: u32::MAX, kernel });
            }
            return Ok(Self { layout, variants });
        }
        let layout = Layout::new(gpu, source(tensor_type)).await?;
        for [tile_tokens, wg, k_lanes, n_rows] in TILES {
            let constants = [
                ("WG", wg),
                ("K_LANES", k_lanes),
                ("M", tile_tokens),
                ("N_ROWS", n_rows),
                ("N_PARTIALS", wg * n_rows * tile_tokens.div_ceil(4)),
            ];
            let kernel = layout.kernel(gpu, &constants).await?;
            let most_outs = if tile_tokens > 4 && k_lanes > 8 { FEW_OUTS } else { u32::MAX };
            variants.push(Variant { tile_tokens, tile_outs: wg / k_lanes * n_rows, most_outs, kernel });
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
        let most_tokens = self.variants.last().map_or(0, |variant| variant.tile_tokens);
        let fits = |variant: &&Variant| {
            variant.tile_tokens >= n_tokens.min(most_tokens) && variant.most_outs >= weights.n_out
        };
        if let Some(variant) = self.variants.iter().find(fits) {
            variant.encode(recording, bindings, weights, n_tokens, columns);
        }
    }

    /// Multiplies with one variant, by its index, whether or not it is meant for such a product.
    pub fn encode_with(
        &self,
        variant: usize,
        recording: &mut Recording,
        bindings: &Bindings,
        weights: &Weights,
        n_tokens: u32,
        columns: Columns,
    ) {
        if let Some(variant) = self.variants.get(variant) {
            variant.encode(recording, bindings, weights, n_tokens, columns);
        }
    }

    /// Variants that there are.
    pub fn n_variants(&self) -> usize {
        self.variants.len()
    }
}

impl Variant {
    fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        weights: &Weights,
        n_tokens: u32,
        columns: Columns,
    ) {
        let Weights { n_in, n_out, .. } = *weights;
        let [tiles_x, tiles_y] = fold(n_out.div_ceil(self.tile_outs));
        let Columns { stride: y_stride, offset: y_offset, add, scale } = columns;
        let add = u32::from(add);
        let params = Params { n_in, n_out, n_tokens, y_stride, y_offset, add, tiles_x, scale };
        let groups = [tiles_x, tiles_y, n_tokens.div_ceil(self.tile_tokens)];
        recording.dispatch(&self.kernel, bindings, &params, groups);
    }
}
