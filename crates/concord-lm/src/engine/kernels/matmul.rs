//! Product of a batch of rows with a weight matrix that stays quantised on the device.
//!
//! A shader per tensor type, role and loops, a pipeline per tile. The order of every sum is the same in all variants of a
//! device, so results do not depend on the batch.

use super::gate::kind;
use crate::engine::buffers::Buffer;
use crate::engine::device::{Gpu, Tier};
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{self, Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Layout, Source, params, shader};
use crate::engine::recording::{Recording, fold};
use crate::engine::weights::Weights;
use crate::weights::{Activation, TensorType};

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
        /// Vectors of squares that a token has; 0 where x is multiplied as it is.
        pub n_squares: u32,
        /// Added to the mean square.
        pub eps: f32,
        /// Of the gate, as `activation.wgsl` numbers it.
        pub activation: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
    }
}

/// Input, output, squares of an input that was fed.
const NORMED: &[(u32, Access)] = &[(1, Read), (4, Write), (6, Read)];
/// Input, states, gain, what is fed, its squares.
const FEEDING: &[(u32, Access)] = &[(1, Read), (4, Write), (6, Read), (7, Write), (8, Write)];

/// The loops of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// For a GPU: invocations share the rows of outputs.
    Rows,
    /// For a GPU and many tokens: workgroups bring weights and inputs into their memory.
    Tile,
    /// For a software adapter: each invocation goes through its rows alone.
    Alone,
}

impl Body {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rows, Self::Tile, Self::Alone];
}

macro_rules! rows {
    ($($wgsl:literal)+) => {
        &[shader!("matmul_store.wgsl"), $(shader!($wgsl),)+ shader!("matmul_sums.wgsl"), shader!("matmul.wgsl")]
    };
}

macro_rules! tile {
    ($($wgsl:literal)+) => {
        &[shader!("matmul_store.wgsl"), $(shader!($wgsl),)+ shader!("matmul_tile.wgsl")]
    };
}

macro_rules! alone {
    ($($wgsl:literal)+) => {
        &[shader!("matmul_store.wgsl"), $(shader!($wgsl),)+ shader!("matmul_alone.wgsl")]
    };
}

/// What becomes of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is stored, or added to what is there.
    Give,
    /// The rows are gate and up below one another; y is what comes out of the gate.
    Gate,
    /// It is added to the states, and the next product is fed.
    Feed,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Give, Self::Gate, Self::Feed];

    /// What errors call the kernel.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Give => "matmul",
            Self::Gate => "matmul_gate",
            Self::Feed => "matmul_feed",
        }
    }

    /// What the pipelines for matrices of a type are made from.
    pub const fn source(self, body: Body, tensor_type: TensorType) -> Source {
        let (name, wgsl, bindings): (_, &[_], &[_]) = match (self, body) {
            (Self::Give, Body::Rows) => ("matmul", rows!("matmul_norm.wgsl" "matmul_give.wgsl"), NORMED),
            (Self::Give, Body::Tile) => ("matmul_tile", tile!("matmul_norm.wgsl" "matmul_give.wgsl"), NORMED),
            (Self::Give, Body::Alone) => {
                ("matmul_alone", alone!("matmul_norm.wgsl" "matmul_give.wgsl"), NORMED)
            }
            (Self::Gate, Body::Rows) => {
                ("matmul_gate", rows!("matmul_norm.wgsl" "activation.wgsl" "matmul_gate.wgsl"), NORMED)
            }
            (Self::Gate, Body::Tile) => {
                ("matmul_gate_tile", tile!("matmul_norm.wgsl" "activation.wgsl" "matmul_gate.wgsl"), NORMED)
            }
            (Self::Gate, Body::Alone) => {
                ("matmul_gate_alone", alone!("matmul_norm.wgsl" "activation.wgsl" "matmul_gate.wgsl"), NORMED)
            }
            (Self::Feed, Body::Rows) => ("matmul_feed", rows!("matmul_feed.wgsl"), FEEDING),
            (Self::Feed, Body::Tile) => ("matmul_feed_tile", tile!("matmul_feed.wgsl"), FEEDING),
            (Self::Feed, Body::Alone) => ("matmul_feed_alone", alone!("matmul_feed.wgsl"), FEEDING),
        };
        Source {
            name,
            weights: Some(tensor_type),
            wgsl,
            params_bytes: size_of::<Params>(),
            params_fields: Params::FIELDS,
            bindings,
        }
    }
}

/// Where a product goes in the rows of y, and how.
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
    /// Of [`Role::Gate`].
    pub activation: Activation,
    /// What is added to the mean square, where x was fed by a product and its norm is not done.
    pub norm_eps: Option<f32>,
}

impl Columns {
    /// The product as it is, in rows of their own.
    pub fn all(n_out: u32) -> Self {
        let activation = Activation::Silu;
        Self { stride: n_out, offset: 0, add: false, scale: 1.0, activation, norm_eps: None }
    }
}

/// What a product of [`Role::Feed`] feeds.
#[derive(Clone, Copy, Debug)]
pub struct Fed<'a> {
    /// Gain of the norm before the next product, `[n_out]`.
    pub gain: &'a Buffer,
    /// The states times the gain, `[n_tokens, n_out]`.
    pub x: &'a Buffer,
    /// See [`squares_width`].
    pub squares: &'a Buffer,
}

/// Sums of squares that a row of the states has, one of each two of them; whole vectors, as `dim` is a multiple of 8.
pub fn squares_width(dim: u32) -> u32 {
    dim / 2
}

/// The kernel for matrices of one tensor type in one role, with its variants.
#[derive(Clone, Debug)]
pub struct Matmul {
    role: Role,
    layout: Layout,
    /// Bound where the input is not normed.
    no_squares: Buffer,
    /// Ascending in tokens; of the same number, the one for few outputs first.
    variants: Vec<Variant>,
}

/// A pipeline and the tile that a workgroup of it computes.
#[derive(Clone, Debug)]
struct Variant {
    tile_tokens: u32,
    tile_pairs: u32,
    /// Most outputs that it is meant for.
    most_outs: u32,
    kernel: Kernel,
}

/// Tokens of the tiles of a software adapter, which is quickest without workgroup memory.
const ALONE_TOKENS: [u32; 3] = [1, 4, 8];
/// Invocations of its workgroups.
const ALONE_WG: u32 = 32;
/// Variants for a GPU: tokens of a tile, invocations of a workgroup, and how many of them share an output, or a pair where
/// tokens are more than four. Many share one where tokens are few, or outputs: otherwise most of the GPU would wait for a
/// few of its invocations to go through long rows.
const TILES: [[u32; 3]; 6] = [[1, 128, 32], [4, 128, 32], [8, 64, 32], [8, 64, 8], [16, 64, 32], [16, 64, 8]];
/// Tokens and pairs of the tile of `matmul_tile.wgsl`.
const LARGE_TILE: (u32, u32) = (40, 8);
/// Outputs up to which a tile of many tokens has many invocations for each.
const FEW_OUTS: u32 = 4096;

impl Matmul {
    /// Compiles the variants.
    ///
    /// # Errors
    /// The device refuses one.
    pub async fn new(gpu: &Gpu, tensor_type: TensorType, role: Role) -> Result<Self, EngineError> {
        Self::for_tier(gpu, tensor_type, role, gpu.tier()).await
    }

    /// Compiles the variants of a tier that is not the device's own, for tests.
    ///
    /// # Errors
    /// The device refuses one.
    pub async fn for_tier(
        gpu: &Gpu,
        tensor_type: TensorType,
        role: Role,
        tier: Tier,
    ) -> Result<Self, EngineError> {
        Self::for_outs(gpu, tensor_type, role, (tier, &[1, u32::MAX])).await
    }

    /// Compiles those variants of a tier that are meant for matrices of so many outputs.
    ///
    /// # Errors
    /// The device refuses one.
    pub async fn for_outs(
        gpu: &Gpu,
        tensor_type: TensorType,
        role: Role,
        (tier, n_outs): (Tier, &[u32]),
    ) -> Result<Self, EngineError> {
        let body = match tier {
            Tier::Hardware => Body::Rows,
            Tier::Software => Body::Alone,
        };
        let layout = Layout::new(gpu, &role.source(body, tensor_type)).await?;
        let mut variants = Vec::new();
        match tier {
            Tier::Software => {
                for tile_tokens in ALONE_TOKENS {
                    let n_pairs = if tile_tokens == 1 { 2 } else { 1 };
                    let kernel = layout.kernel(gpu, &[("WG", ALONE_WG), ("M", tile_tokens)]).await?;
                    let tile_pairs = n_pairs * ALONE_WG;
                    variants.push(Variant { tile_tokens, tile_pairs, most_outs: u32::MAX, kernel });
                }
            }
            Tier::Hardware => {
                for [tile_tokens, wg, k_lanes] in TILES {
                    let is_many = tile_tokens > 4;
                    let is_meant = |&n_out: &u32| !is_many || (n_out <= FEW_OUTS) == (k_lanes > 8);
                    if !n_outs.iter().any(is_meant) {
                        continue;
                    }
                    let n_partials = if is_many { wg * tile_tokens / 2 } else { wg };
                    let constants =
                        [("WG", wg), ("K_LANES", k_lanes), ("M", tile_tokens), ("N_PARTIALS", n_partials)];
                    let kernel = layout.kernel(gpu, &constants).await?;
                    let most_outs = if is_many && k_lanes > 8 { FEW_OUTS } else { u32::MAX };
                    let tile_pairs = wg / k_lanes / if is_many { 1 } else { 2 };
                    variants.push(Variant { tile_tokens, tile_pairs, most_outs, kernel });
                }
                let tile = layout.with(gpu, &role.source(Body::Tile, tensor_type)).await?;
                let kernel = tile.kernel(gpu, &[]).await?;
                let (tile_tokens, tile_pairs) = LARGE_TILE;
                variants.push(Variant { tile_tokens, tile_pairs, most_outs: u32::MAX, kernel });
            }
        }
        Ok(Self { role, layout, no_squares: gpu.storage("no squares", 16).await?, variants })
    }

    /// Binds the input `[n_tokens, n_in]`, the weights and the output.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer, weights: &Weights, y: &Buffer) -> Bindings {
        self.bind_normed(gpu, x, weights, y, &self.no_squares)
    }

    /// The same with the squares of an input that was fed; see [`Columns::norm_eps`].
    pub fn bind_normed(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        weights: &Weights,
        y: &Buffer,
        squares: &Buffer,
    ) -> Bindings {
        self.layout.bind(gpu, &weights.after([x, y, squares]))
    }

    /// Binds a product of [`Role::Feed`] with the states and what it feeds.
    pub fn bind_feeding(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        weights: &Weights,
        states: &Buffer,
        fed: Fed<'_>,
    ) -> Bindings {
        self.layout.bind(gpu, &weights.after([x, states, fed.gain, fed.x, fed.squares]))
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
        if let Some(variant) = self.variant(n_tokens, weights.n_out) {
            variant.encode(recording, bindings, self.params(weights, n_tokens, columns));
        }
    }

    fn variant(&self, n_tokens: u32, n_out: u32) -> Option<&Variant> {
        let most_tokens = self.variants.last().map_or(0, |variant| variant.tile_tokens);
        let mut variants = self.variants.iter();
        variants
            .find(|variant| variant.tile_tokens >= n_tokens.min(most_tokens) && variant.most_outs >= n_out)
    }

    /// Tokens for which a weight is read once in such a product.
    pub fn tile_tokens(&self, n_tokens: u32, n_out: u32) -> u32 {
        self.variant(n_tokens, n_out).map_or(0, |variant| variant.tile_tokens)
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
            variant.encode(recording, bindings, self.params(weights, n_tokens, columns));
        }
    }

    /// What becomes of its products.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Variants that there are.
    pub fn n_variants(&self) -> usize {
        self.variants.len()
    }

    fn params(&self, weights: &Weights, n_tokens: u32, columns: Columns) -> Params {
        let Weights { n_in, n_out, .. } = *weights;
        let Columns { stride: y_stride, offset: y_offset, add, scale, activation, norm_eps } = columns;
        // As many as the row that is read has, or the row that is written.
        let n_squares = match (self.role, norm_eps) {
            (Role::Feed, _) => squares_width(n_out) / 4,
            (_, Some(_)) => squares_width(n_in) / 4,
            (_, None) => 0,
        };
        Params {
            n_in,
            n_out,
            n_tokens,
            y_stride,
            y_offset,
            add: u32::from(add),
            tiles_x: 0,
            scale,
            n_squares,
            eps: norm_eps.unwrap_or_default(),
            activation: kind(activation),
            pad0: 0,
        }
    }
}

impl Variant {
    fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        let [tiles_x, tiles_y] = fold(params.n_out.div_ceil(2).div_ceil(self.tile_pairs));
        let groups = [tiles_x, tiles_y, params.n_tokens.div_ceil(self.tile_tokens)];
        recording.dispatch(&self.kernel, bindings, &Params { tiles_x, ..params }, groups);
    }
}
