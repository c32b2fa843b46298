//! The families of decoders that the forward pass knows, and how they differ from one another.
//!
//! Sources: Llama (Touvron et al. 2023), Qwen2 (Yang et al. 2024: biases of queries, keys and values), Qwen3 (Yang et al.
//! 2025: norms of queries and keys), Gemma 3 (Gemma Team 2025: scaled embeddings, norms on both sides of a layer's
//! parts, five layers with a sliding window for each one without, tanh-approximated GELU).

/// A family of decoders, as `general.architecture` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// Llama, SmolLM2, Mistral's small models.
    Llama,
    /// Qwen2 and Qwen2.5.
    Qwen2,
    /// Qwen3.
    Qwen3,
    /// Gemma 3, text only.
    Gemma3,
}

/// Which two values of a head RoPE turns together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopePairs {
    /// `(2i, 2i + 1)`.
    Adjacent,
    /// `(i, i + rope_dim / 2)`.
    Halves,
}

/// What the gate goes through before it multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + e^-x)`
    Silu,
    /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`
    GeluTanh,
}

/// Layers that see the last positions only, and those between them that see all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Positions seen, the token's own among them.
    pub n_positions: u32,
    /// Each `every`-th layer sees all positions.
    pub every: u32,
    /// Base of the RoPE frequencies in the layers with a window.
    pub rope_freq_base: f32,
}

/// Layers of Gemma 3 27B, the one size whose attention scale is not that of its heads.
const GEMMA3_27B_LAYERS: u32 = 62;

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3];

    /// Its name in files, and the start of its metadata keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| architecture.name() == name)
    }

    pub(crate) fn rope_pairs(self) -> RopePairs {
        if self == Self::Llama { RopePairs::Adjacent } else { RopePairs::Halves }
    }

    pub(crate) fn has_head_norm(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3)
    }

    pub(crate) fn has_post_norms(self) -> bool {
        self == Self::Gemma3
    }

    pub(crate) fn activation(self) -> Activation {
        if self == Self::Gemma3 { Activation::GeluTanh } else { Activation::Silu }
    }

    pub(crate) fn embedding_scale(self, dim: u32) -> f32 {
        if self == Self::Gemma3 { (dim as f32).sqrt() } else { 1.0 }
    }

    /// `1 / sqrt(head_dim)`, or of the width that a head would have in the largest Gemma 3.
    pub(crate) fn attention_scale(self, head_dim: u32, dim: u32, n_heads: u32, n_layers: u32) -> f32 {
        let is_27b = self == Self::Gemma3 && n_layers == GEMMA3_27B_LAYERS;
        let width = if is_27b { dim / n_heads } else { head_dim };
        1.0 / (width as f32).sqrt()
    }

    /// Pattern and RoPE base of the layers with a window, where the family has such layers.
    pub(crate) fn window_defaults(self) -> Option<(u32, f32)> {
        (self == Self::Gemma3).then_some((6, 10_000.0))
    }
}
