//! The families of models that the forward pass knows, and how they differ from one another.
//!
//! Sources: Llama (Touvron et al. 2023), Qwen2 (Yang et al. 2024: biases of queries, keys and values), Qwen3 (Yang et al.
//! 2025: norms of queries and keys), Gemma 2 (Gemma Team 2024: scaled embeddings, norms on both sides of a layer's
//! parts, tanh-approximated GELU, soft caps, a sliding window in every second layer), Gemma 3 (Gemma Team 2025: norms of
//! queries and keys in place of the caps, five layers with a window for each one without), Phi-3 and Phi-4-mini (Abdin et
//! al. 2024: joined matrices, RoPE divisors by length), Granite 3 (IBM 2024: four factors), SmolLM3 (Bakouch et al. 2025:
//! every fourth layer without RoPE), Command R7B and Tiny Aya (Cohere 2024: attention and feed-forward layer side by
//! side after one layer norm, RoPE in the layers with a window alone), Ministral 3 (Mistral 2025: YaRN, and attention
//! that sharpens with the position). Encoders: BERT (Devlin et al. 2019) and XLM-R (Conneau et al. 2020), which share a
//! forward pass; gte (Zhang et al. 2024, mGTE: rotary positions and a gated feed-forward layer); EmbeddingGemma (Vera et
//! al. 2025).

use super::layer_set::LayerSet;
use super::rope_scaling::Rope;

/// A family of models; decoders and BERT by the name in `general.architecture`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// Llama, SmolLM2, Mistral's small models.
    Llama,
    /// Qwen2 and Qwen2.5.
    Qwen2,
    /// Qwen3.
    Qwen3,
    /// Gemma 2.
    Gemma2,
    /// Gemma 3, text only.
    Gemma3,
    /// Phi-3, Phi-3.5 and Phi-4, the small ones among them.
    Phi3,
    /// Granite 3 and the dense Granite 4.
    Granite,
    /// SmolLM3.
    SmolLm3,
    /// Command R7B, Aya's Tiny models.
    Cohere2,
    /// Ministral 3, text only.
    Mistral3,
    /// BERT and XLM-R: encoders with a table of positions.
    Bert,
    /// gte-multilingual: encoders with rotary positions.
    Gte,
    /// EmbeddingGemma: a Gemma 3 whose tokens see one another, with two dense layers after pooling.
    GemmaEmbedding,
}

/// Where the norms of a layer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norms {
    /// RMS norms of what each part of a layer takes, and of the states before the head.
    Before,
    /// The same, and of what each part gives, before it is added.
    Around,
    /// A layer norm without bias of what both parts of a layer take side by side, and of the states before the head.
    Parallel,
    /// Layer norms, with biases, of the states after what each part gives is added, and of the embeddings.
    After,
}

impl Norms {
    /// What attention and the head take is normed.
    pub fn stand_before(self) -> bool {
        self != Self::After
    }

    /// The norms before a part take the mean away, and have no bias.
    pub fn are_centred(self) -> bool {
        self == Self::Parallel
    }

    /// The feed-forward layer takes what attention takes.
    pub fn are_shared(self) -> bool {
        self == Self::Parallel
    }
}

/// How a model knows the order of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// Rotary embedding of queries and keys.
    Rotary,
    /// A table of vectors that are added to the embeddings.
    Table {
        /// Row of position 0.
        first_row: u32,
    },
}

/// What gives the logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The embedding table.
    Tied,
    /// A matrix of its own.
    Own,
    /// Nothing: an encoder.
    None,
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
    /// `x / 2 * (1 + erf(x / sqrt(2)))`
    GeluErf,
}

/// Layers that see the last positions only; those between them see all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Positions seen, the token's own among them; where tokens see those after them, half as many on either side.
    pub n_positions: u32,
    /// The layers with a window.
    pub layers: LayerSet,
    /// RoPE's frequencies in these layers.
    pub rope: Rope,
}

/// Attention that sharpens with the position (Llama 4 Team 2025): scores are multiplied by
/// `1 + scale * ln(1 + floor(position / n_positions))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// Factor of the logarithm.
    pub scale: f32,
    /// Positions of a step.
    pub n_positions: u32,
}

/// Windows of a family whose files do not say more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WindowDefaults {
    /// Each `every`-th layer sees all positions; 0 where none does.
    pub(crate) every: u32,
    /// Positions seen where the file does not say; `None` where there is no window then.
    pub(crate) n_positions: Option<u32>,
    /// Base of the RoPE frequencies in the layers with a window; `None` for that of the others, scaled as theirs are.
    pub(crate) rope_freq_base: Option<f32>,
}

/// What a family does with a factor in its metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogitScale {
    /// Multiplies the logits by it.
    Factor,
    /// Divides them by it.
    Divisor,
    /// Has none.
    None,
}

/// Layers of Gemma 3 27B and of Gemma 2 27B, the one size whose attention scale is not that of its heads.
const GEMMA3_27B_LAYERS: u32 = 62;
const GEMMA2_27B_LAYERS: u32 = 46;

impl Architecture {
    /// Those that generate.
    pub const DECODERS: [Self; 10] = [
        Self::Llama,
        Self::Qwen2,
        Self::Qwen3,
        Self::Gemma2,
        Self::Gemma3,
        Self::Phi3,
        Self::Granite,
        Self::SmolLm3,
        Self::Cohere2,
        Self::Mistral3,
    ];
    /// Those that only embed.
    pub const ENCODERS: [Self; 3] = [Self::Bert, Self::Gte, Self::GemmaEmbedding];

    /// Its name in files, and the start of its metadata keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma2 => "gemma2",
            Self::Gemma3 => "gemma3",
            Self::Phi3 => "phi3",
            Self::Granite => "granite",
            Self::SmolLm3 => "smollm3",
            Self::Cohere2 => "cohere2",
            Self::Mistral3 => "mistral3",
            Self::Bert => "bert",
            Self::Gte => "gte",
            Self::GemmaEmbedding => "gemma-embedding",
        }
    }

    /// By the name in a GGUF file; gte has none there.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let encoders = [Self::Bert, Self::GemmaEmbedding];
        Self::DECODERS.into_iter().chain(encoders).find(|architecture| architecture.name() == name)
    }

    /// Whether it only embeds: its tokens see those after them, too, and it has no head.
    pub fn is_encoder(self) -> bool {
        Self::ENCODERS.contains(&self)
    }

    fn is_gemma(self) -> bool {
        matches!(self, Self::Gemma2 | Self::Gemma3 | Self::GemmaEmbedding)
    }

    /// The metadata entry that holds [`super::Hyperparameters::norm_eps`].
    pub(crate) fn eps_key(self) -> &'static str {
        match self.norms() {
            Norms::After | Norms::Parallel => "attention.layer_norm_epsilon",
            Norms::Before | Norms::Around => "attention.layer_norm_rms_epsilon",
        }
    }

    pub(crate) fn norms(self) -> Norms {
        match self {
            Self::Gemma2 | Self::Gemma3 | Self::GemmaEmbedding => Norms::Around,
            Self::Bert | Self::Gte => Norms::After,
            Self::Cohere2 => Norms::Parallel,
            _ => Norms::Before,
        }
    }

    pub(crate) fn positions(self) -> Positions {
        if self == Self::Bert { Positions::Table { first_row: 0 } } else { Positions::Rotary }
    }

    pub(crate) fn has_gate(self) -> bool {
        self != Self::Bert
    }

    pub(crate) fn has_qkv_bias(self) -> bool {
        matches!(self, Self::Qwen2 | Self::Bert | Self::Gte)
    }

    pub(crate) fn rope_pairs(self) -> RopePairs {
        match self {
            Self::Llama | Self::Granite | Self::SmolLm3 | Self::Cohere2 | Self::Mistral3 => {
                RopePairs::Adjacent
            }
            _ => RopePairs::Halves,
        }
    }

    pub(crate) fn has_head_norm(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3 | Self::GemmaEmbedding)
    }

    pub(crate) fn activation(self) -> Activation {
        match self {
            Self::Gemma2 | Self::Gemma3 | Self::GemmaEmbedding => Activation::GeluTanh,
            Self::Bert | Self::Gte => Activation::GeluErf,
            _ => Activation::Silu,
        }
    }

    pub(crate) fn embedding_scale(self, dim: u32) -> f32 {
        if self.is_gemma() { (dim as f32).sqrt() } else { 1.0 }
    }

    /// `1 / sqrt(head_dim)`, or of the width that a head would have in the largest Gemma 2 and 3.
    pub(crate) fn attention_scale(self, head_dim: u32, dim: u32, n_heads: u32, n_layers: u32) -> f32 {
        let is_27b =
            matches!((self, n_layers), (Self::Gemma2, GEMMA2_27B_LAYERS) | (Self::Gemma3, GEMMA3_27B_LAYERS));
        let width = if is_27b { dim / n_heads } else { head_dim };
        1.0 / (width as f32).sqrt()
    }

    /// Caps of attention scores and of logits where the file does not say; 0 for none.
    pub(crate) fn soft_caps(self) -> [f32; 2] {
        if self == Self::Gemma2 { [50.0, 30.0] } else { [0.0; 2] }
    }

    /// The windows of a family that has layers with one.
    pub(crate) fn window_defaults(self) -> Option<WindowDefaults> {
        let (every, n_positions, rope_freq_base) = match self {
            Self::Gemma2 => (2, Some(4096), None),
            Self::Gemma3 | Self::GemmaEmbedding => (6, None, Some(10_000.0)),
            Self::Cohere2 => (4, None, None),
            // In every layer, as the models' own code and transformers have it where `sliding_window` is set: 2047 in
            // Phi-3-mini-4k and Phi-3-medium-4k, longer than the context in the others. llama.cpp sees all positions.
            Self::Phi3 => (0, None, None),
            _ => return None,
        };
        Some(WindowDefaults { every, n_positions, rope_freq_base })
    }

    /// RoPE turns nothing in each layer of this number; 0 where it turns in all.
    pub(crate) fn no_rope_every(self) -> u32 {
        if self == Self::SmolLm3 { 4 } else { 0 }
    }

    /// RoPE turns only in layers with a window.
    pub(crate) fn turns_in_windows_only(self) -> bool {
        self == Self::Cohere2
    }

    /// Its files may set factors of the embeddings, of what a layer's parts give and of the attention scores.
    pub(crate) fn has_factors(self) -> bool {
        self == Self::Granite
    }

    pub(crate) fn logit_scale(self) -> LogitScale {
        match self {
            Self::Granite => LogitScale::Divisor,
            Self::Cohere2 => LogitScale::Factor,
            _ => LogitScale::None,
        }
    }

    /// Its files may sharpen attention with the position.
    pub(crate) fn has_temperature(self) -> bool {
        self == Self::Mistral3
    }
}
