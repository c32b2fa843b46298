//! The families of models that the forward pass knows, and how they differ from one another.
//!
//! Sources: Llama (Touvron et al. 2023), Qwen2 (Yang et al. 2024: biases of queries, keys and values), Qwen3 (Yang et al.
//! 2025: norms of queries and keys), Gemma 3 (Gemma Team 2025: scaled embeddings, norms on both sides of a layer's
//! parts, five layers with a sliding window for each one without, tanh-approximated GELU). Encoders: BERT (Devlin et al.
//! 2019) and XLM-R (Conneau et al. 2020), which share a forward pass; gte (Zhang et al. 2024, mGTE: rotary positions and a
//! gated feed-forward layer); EmbeddingGemma (Vera et al. 2025).

/// A family of models; decoders and BERT by the name in `general.architecture`.
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
    /// Layer norms, with biases, of the states after what each part gives is added, and of the embeddings.
    After,
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

/// Layers that see the last positions only, and those between them that see all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Positions seen, the token's own among them; where tokens see those after them, half as many on either side.
    pub n_positions: u32,
    /// Each `every`-th layer sees all positions.
    pub every: u32,
    /// Base of the RoPE frequencies in the layers with a window.
    pub rope_freq_base: f32,
}

/// Layers of Gemma 3 27B, the one size whose attention scale is not that of its heads.
const GEMMA3_27B_LAYERS: u32 = 62;

impl Architecture {
    /// Those that generate.
    pub const DECODERS: [Self; 4] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3];
    /// Those that only embed.
    pub const ENCODERS: [Self; 3] = [Self::Bert, Self::Gte, Self::GemmaEmbedding];

    /// Its name in files, and the start of its metadata keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
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
        matches!(self, Self::Gemma3 | Self::GemmaEmbedding)
    }

    /// The metadata entry that holds [`super::Hyperparameters::norm_eps`].
    pub(crate) fn eps_key(self) -> &'static str {
        if self.norms() == Norms::After {
            "attention.layer_norm_epsilon"
        } else {
            "attention.layer_norm_rms_epsilon"
        }
    }

    pub(crate) fn norms(self) -> Norms {
        match self {
            Self::Gemma3 | Self::GemmaEmbedding => Norms::Around,
            Self::Bert | Self::Gte => Norms::After,
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
        if self == Self::Llama { RopePairs::Adjacent } else { RopePairs::Halves }
    }

    pub(crate) fn has_head_norm(self) -> bool {
        self == Self::Qwen3 || self.is_gemma()
    }

    pub(crate) fn activation(self) -> Activation {
        match self {
            Self::Gemma3 | Self::GemmaEmbedding => Activation::GeluTanh,
            Self::Bert | Self::Gte => Activation::GeluErf,
            _ => Activation::Silu,
        }
    }

    pub(crate) fn embedding_scale(self, dim: u32) -> f32 {
        if self.is_gemma() { (dim as f32).sqrt() } else { 1.0 }
    }

    /// `1 / sqrt(head_dim)`, or of the width that a head would have in the largest Gemma 3.
    pub(crate) fn attention_scale(self, head_dim: u32, dim: u32, n_heads: u32, n_layers: u32) -> f32 {
        let is_27b = self == Self::Gemma3 && n_layers == GEMMA3_27B_LAYERS;
        let width = if is_27b { dim / n_heads } else { head_dim };
        1.0 / (width as f32).sqrt()
    }

    /// Pattern and RoPE base of the layers with a window, where the family has such layers.
    pub(crate) fn window_defaults(self) -> Option<(u32, f32)> {
        self.is_gemma().then_some((6, 10_000.0))
    }
}
