//! Hyperparameters of a model from GGUF metadata: widths, and what sets its architecture apart.
//!
//! Facts about the stored weights that a forward pass must know: in a Llama file the converter has permuted Q and K
//! rows so that RoPE turns *adjacent* pairs `(2i, 2i + 1)` of a head, as it does by itself in Cohere's; elsewhere it
//! turns `(i, i + rope_dim / 2)`. The angle is `position * freq_base^(-2i / rope_dim)`, divided by `rope_freqs.weight[i]`
//! where there is one and scaled as [`Rope`] says. Head `h` of Q uses K/V head `h / (n_heads / n_kv_heads)`. Gemma's norm
//! gains are stored with their 1 already added.

use super::architecture::{Activation, Architecture, Head, Norms, Positions, RopePairs, Temperature, Window};
use super::error::WeightsError;
use super::header::Header;
use super::keys::{Keys, MAX_WIDTH};
use super::layer_set::{LayerSet, MAX_LAYERS};
use super::rope_scaling::{Rope, RopeDivisors};

/// The numbers that define a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyperparameters {
    /// The family, which names the metadata keys.
    pub architecture: Architecture,
    /// Width of the residual stream.
    pub dim: u32,
    /// Width of the feed-forward layer.
    pub hidden_dim: u32,
    /// Transformer layers.
    pub n_layers: u32,
    /// Query heads.
    pub n_heads: u32,
    /// Key and value heads; divides `n_heads`.
    pub n_kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Rows of the embedding table.
    pub vocab_size: u32,
    /// Longest sequence, in tokens.
    pub seq_len: u32,
    /// Added to the mean square, or the variance, in norms.
    pub norm_eps: f32,
    /// Where the norms of a layer stand, and of which kind they are.
    pub norms: Norms,
    /// How the model knows the order of its tokens.
    pub positions: Positions,
    /// A token sees none of those after it.
    pub causal: bool,
    /// Rows of the table of token types, whose first is added to the embeddings; 0 for no table.
    pub n_token_types: u32,
    /// RoPE's frequencies in the layers without a window.
    pub rope: Rope,
    /// Layers in which RoPE turns queries and keys.
    pub rope_layers: LayerSet,
    /// Leading values of each head that RoPE turns; even, at most `head_dim`.
    pub rope_dim: u32,
    /// Which values of a head RoPE turns together.
    pub rope_pairs: RopePairs,
    /// Tensors of divisors of the RoPE frequencies.
    pub rope_divisors: RopeDivisors,
    /// Queries, keys and values have a bias.
    pub qkv_bias: bool,
    /// Every head of queries and keys is normed before RoPE.
    pub head_norm: bool,
    /// The feed-forward layer has a gate; without one it has biases.
    pub gated: bool,
    /// Of the gate, or of the feed-forward layer without one.
    pub activation: Activation,
    /// Factor of the embeddings.
    pub embedding_scale: f32,
    /// Factor of what each part of a layer gives, before it is added.
    pub residual_scale: f32,
    /// Factor of the attention scores.
    pub attention_scale: f32,
    /// How the attention scores grow with the position.
    pub temperature: Option<Temperature>,
    /// Attention scores are `cap * tanh(score / cap)`; 0 for none.
    pub attention_soft_cap: f32,
    /// Factor of the logits.
    pub logit_scale: f32,
    /// Logits are `cap * tanh(logit / cap)`; 0 for none.
    pub logit_soft_cap: f32,
    /// Layers that see the last positions only.
    pub window: Option<Window>,
    /// Width between the two dense layers after pooling; 0 where there are none.
    pub dense_dim: u32,
    /// What gives the logits.
    pub head: Head,
}

impl Hyperparameters {
    /// Reads and checks the hyperparameters of a decoder.
    ///
    /// # Errors
    /// An unknown architecture, a missing or impossible number, or a feature that the forward pass does not have
    /// (other kinds of RoPE scaling, experts, one part of a split file), each by name.
    ///
    /// A model with RoPE divisors for two lengths gets the context that it was first trained on, and the divisors for
    /// that; [`Hyperparameters::within`] says otherwise.
    pub fn from_header(header: &Header) -> Result<Self, WeightsError> {
        let metadata = &header.metadata;
        let name = metadata
            .string("general.architecture")
            .ok_or_else(|| WeightsError::missing("general.architecture", "a text"))?;
        let architecture = Architecture::from_name(name)
            .ok_or_else(|| WeightsError::Architecture { found: name.to_owned() })?;
        let keys = Keys { metadata, architecture };
        keys.refuse_unsupported()?;
        let dim = keys.width("embedding_length")?;
        let n_layers = keys.width("block_count")?;
        let n_heads = keys.width("attention.head_count")?;
        let n_kv_heads = keys.optional_width("attention.head_count_kv")?.unwrap_or(n_heads);
        if !n_heads.is_multiple_of(n_kv_heads) {
            return Err(WeightsError::damaged(format!(
                "{n_heads} heads cannot share {n_kv_heads} key-value heads"
            )));
        }
        let head_dim = keys.head_dim(dim, n_heads)?;
        let has = |name: &str| header.tensors.iter().any(|tensor| tensor.name == name);
        let rope = keys.rope()?;
        let window = keys.window(n_layers, rope)?;
        let [attention_cap, logit_cap] = architecture.soft_caps();
        let hyperparameters = Self {
            architecture,
            dim,
            hidden_dim: keys.width("feed_forward_length")?,
            n_layers,
            n_heads,
            n_kv_heads,
            head_dim,
            vocab_size: keys.vocab_size(header)?,
            seq_len: keys.width("context_length")?,
            norm_eps: keys.positive(architecture.eps_key(), None)?,
            norms: architecture.norms(),
            positions: architecture.positions(),
            causal: !architecture.is_encoder(),
            n_token_types: if architecture.is_encoder() { rows_of(header, "token_types.weight") } else { 0 },
            rope,
            rope_layers: keys.rope_layers(window),
            rope_dim: match architecture.positions() {
                Positions::Rotary => keys.optional_width("rope.dimension_count")?.unwrap_or(head_dim),
                Positions::Table { .. } => 0,
            },
            rope_pairs: architecture.rope_pairs(),
            rope_divisors: match has("rope_freqs.weight") {
                true => RopeDivisors::One,
                false if has("rope_factors_long.weight") => RopeDivisors::ByLength {
                    n_original: keys.original_context()?,
                    n_longest: keys.width("context_length")?,
                },
                false => RopeDivisors::None,
            },
            qkv_bias: architecture.norms() == Norms::After
                || has("blk.0.attn_q.bias")
                || has("blk.0.attn_qkv.bias"),
            head_norm: architecture.has_head_norm(),
            gated: architecture.has_gate(),
            activation: architecture.activation(),
            embedding_scale: keys.factor("embedding_scale", architecture.embedding_scale(dim))?,
            residual_scale: keys.factor("residual_scale", 1.0)?,
            attention_scale: keys
                .factor("attention.scale", architecture.attention_scale(head_dim, dim, n_heads, n_layers))?,
            temperature: keys.temperature()?,
            attention_soft_cap: keys.soft_cap("attn_logit_softcapping", attention_cap)?,
            logit_scale: keys.logit_scale()?,
            logit_soft_cap: keys.soft_cap("final_logit_softcapping", logit_cap)?,
            window,
            dense_dim: rows_of(header, "dense_2.weight"),
            head: match has("output.weight") {
                _ if architecture.is_encoder() => Head::None,
                true => Head::Own,
                false => Head::Tied,
            },
        };
        let hyperparameters = hyperparameters.checked()?;
        Ok(match hyperparameters.rope_divisors {
            RopeDivisors::ByLength { n_original, .. } => hyperparameters.within(n_original),
            RopeDivisors::None | RopeDivisors::One => hyperparameters,
        })
    }

    /// The model for texts of up to `n_positions` tokens: where it has RoPE divisors for two lengths, those for that length.
    /// Results for a text differ between the two, so the choice is one for the model and not for each text.
    #[must_use]
    pub fn within(self, n_positions: u32) -> Self {
        match self.rope_divisors {
            RopeDivisors::ByLength { n_longest, .. } => Self { seq_len: n_positions.min(n_longest), ..self },
            RopeDivisors::None | RopeDivisors::One => Self { seq_len: n_positions.min(self.seq_len), ..self },
        }
    }

    /// Refuses numbers that do not fit together.
    pub(super) fn checked(self) -> Result<Self, WeightsError> {
        let Self { head_dim, rope_dim, n_layers, .. } = self;
        if rope_dim % 2 != 0 || rope_dim > head_dim {
            return Err(WeightsError::damaged(format!(
                "RoPE turns {rope_dim} values of heads of {head_dim}"
            )));
        }
        if self.dense_dim > MAX_WIDTH {
            return Err(WeightsError::damaged(format!("the dense layers are {} wide", self.dense_dim)));
        }
        if n_layers > MAX_LAYERS {
            return Err(WeightsError::damaged(format!("the model claims {n_layers} layers")));
        }
        let q_dim = u64::from(self.n_heads) * u64::from(head_dim);
        if q_dim > u64::from(MAX_WIDTH) {
            return Err(WeightsError::damaged(format!("{} heads of {head_dim} are too wide", self.n_heads)));
        }
        if self.qkv_bias && self.head_norm {
            return Err(WeightsError::Unsupported {
                feature: "biases and norms of the same heads".to_owned(),
            });
        }
        Ok(self)
    }
}

/// Rows of a tensor; 0 where there is none.
fn rows_of(header: &Header, name: &str) -> u32 {
    let tensor = header.tensors.iter().find(|tensor| tensor.name == name);
    tensor.map_or(0, |tensor| u32::try_from(tensor.n_rows()).unwrap_or(u32::MAX))
}
