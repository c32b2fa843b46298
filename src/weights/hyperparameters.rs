//! Hyperparameters of a model from GGUF metadata: widths, and what sets its architecture apart.
//!
//! Facts about the stored weights that a forward pass must know: in a Llama file the converter has permuted Q and K
//! rows so that RoPE turns *adjacent* pairs `(2i, 2i + 1)` of a head; elsewhere it turns `(i, i + rope_dim / 2)`. The
//! angle is `position * rope_freq_base^(-2i / rope_dim)`, divided by `rope_freqs.weight[i]` where there is one and by
//! the factor of linear scaling. Head `h` of Q uses K/V head `h / (n_heads / n_kv_heads)`. Gemma's norm gains are
//! stored with their 1 already added.

use super::architecture::{Activation, Architecture, Head, Norms, Positions, RopePairs, Window};
use super::error::WeightsError;
use super::header::Header;
use super::metadata::Metadata;

/// Largest value accepted for any width; real models are far below, and products stay in u64.
pub(super) const MAX_WIDTH: u32 = 1 << 20;

/// Most layers; real models have up to some hundred.
const MAX_LAYERS: u32 = 1024;

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
    /// Base of the RoPE frequencies.
    pub rope_freq_base: f32,
    /// Factor of linear RoPE scaling: positions are divided by it; 1 for none.
    pub rope_scale: f32,
    /// Leading values of each head that RoPE turns; even, at most `head_dim`.
    pub rope_dim: u32,
    /// Which values of a head RoPE turns together.
    pub rope_pairs: RopePairs,
    /// There is a tensor of divisors of the RoPE frequencies.
    pub rope_divisors: bool,
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
    /// Factor of the attention scores.
    pub attention_scale: f32,
    /// Attention scores are `cap * tanh(score / cap)`; 0 for none.
    pub attention_soft_cap: f32,
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
    pub fn from_header(header: &Header) -> Result<Self, WeightsError> {
        let metadata = &header.metadata;
        let name = metadata
            .string("general.architecture")
            .ok_or_else(|| missing("general.architecture", "a text"))?;
        let architecture = Architecture::from_name(name)
            .ok_or_else(|| WeightsError::Architecture { found: name.to_owned() })?;
        let keys = Keys { metadata, architecture };
        keys.refuse_unsupported()?;
        let dim = keys.width("embedding_length")?;
        let n_layers = keys.width("block_count")?;
        let n_heads = keys.heads("attention.head_count")?;
        let n_kv_heads = match keys.get("attention.head_count_kv") {
            Some(_) => keys.heads("attention.head_count_kv")?,
            None => n_heads,
        };
        if !n_heads.is_multiple_of(n_kv_heads) {
            return Err(damaged(format!("{n_heads} heads cannot share {n_kv_heads} key-value heads")));
        }
        let head_dim = keys.head_dim(dim, n_heads)?;
        let has = |name: &str| header.tensors.iter().any(|tensor| tensor.name == name);
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
            rope_freq_base: keys.positive("rope.freq_base", Some(10_000.0))?,
            rope_scale: keys.rope_scale()?,
            rope_dim: match architecture.positions() {
                Positions::Rotary => keys.optional_width("rope.dimension_count")?.unwrap_or(head_dim),
                Positions::Table { .. } => 0,
            },
            rope_pairs: architecture.rope_pairs(),
            rope_divisors: has("rope_freqs.weight"),
            qkv_bias: architecture.norms() == Norms::After || has("blk.0.attn_q.bias"),
            head_norm: architecture.has_head_norm(),
            gated: architecture.has_gate(),
            activation: architecture.activation(),
            embedding_scale: architecture.embedding_scale(dim),
            attention_scale: architecture.attention_scale(head_dim, dim, n_heads, n_layers),
            attention_soft_cap: keys.soft_cap("attn_logit_softcapping")?,
            logit_soft_cap: keys.soft_cap("final_logit_softcapping")?,
            window: keys.window()?,
            dense_dim: rows_of(header, "dense_2.weight"),
            head: match has("output.weight") {
                _ if architecture.is_encoder() => Head::None,
                true => Head::Own,
                false => Head::Tied,
            },
        };
        hyperparameters.checked()
    }

    /// Refuses numbers that do not fit together.
    pub(super) fn checked(self) -> Result<Self, WeightsError> {
        let Self { head_dim, rope_dim, n_layers, .. } = self;
        if rope_dim % 2 != 0 || rope_dim > head_dim {
            return Err(damaged(format!("RoPE turns {rope_dim} values of heads of {head_dim}")));
        }
        if self.dense_dim > MAX_WIDTH {
            return Err(damaged(format!("the dense layers are {} wide", self.dense_dim)));
        }
        if n_layers > MAX_LAYERS {
            return Err(damaged(format!("the model claims {n_layers} layers")));
        }
        let q_dim = u64::from(self.n_heads) * u64::from(head_dim);
        if q_dim > u64::from(MAX_WIDTH) {
            return Err(damaged(format!("{} heads of {head_dim} are too wide", self.n_heads)));
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

pub(super) fn missing(key: &str, expected: &'static str) -> WeightsError {
    WeightsError::Metadata { key: key.to_owned(), expected }
}

pub(super) fn damaged(what: String) -> WeightsError {
    WeightsError::Damaged { what }
}

/// Reads the metadata entries of an architecture, whose names start with its own.
struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: Architecture,
}

impl Keys<'_> {
    fn full(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture.name())
    }

    fn get(&self, key: &str) -> Option<&super::metadata::Value> {
        self.metadata.get(&self.full(key))
    }

    /// A whole number from 1 to [`MAX_WIDTH`] (contexts may be longer than widths, but not than that).
    fn width(&self, key: &str) -> Result<u32, WeightsError> {
        let key = self.full(key);
        let value = self.metadata.u32(&key).ok_or_else(|| missing(&key, "a whole number"))?;
        if value == 0 || value > MAX_WIDTH {
            return Err(damaged(format!("{key} is {value}")));
        }
        Ok(value)
    }

    /// Like [`Keys::width`], `None` when the key is absent.
    fn optional_width(&self, key: &str) -> Result<Option<u32>, WeightsError> {
        self.get(key).map(|_| self.width(key)).transpose()
    }

    /// A count of heads: one number, or an array of equal numbers per layer.
    fn heads(&self, key: &str) -> Result<u32, WeightsError> {
        let full = self.full(key);
        let Some(per_layer) = self.metadata.u32s(&full) else { return self.width(key) };
        match per_layer.first() {
            Some(&n) if (1..=MAX_WIDTH).contains(&n) && per_layer.iter().all(|&other| other == n) => Ok(n),
            Some(_) => Err(WeightsError::Unsupported { feature: format!("layers that differ in {full}") }),
            None => Err(missing(&full, "a whole number")),
        }
    }

    /// A positive, finite number; `default` when the key is absent.
    fn positive(&self, key: &str, default: Option<f32>) -> Result<f32, WeightsError> {
        let key = self.full(key);
        let value = match (self.metadata.get(&key), default) {
            (None, Some(default)) => default,
            _ => self.metadata.f32(&key).ok_or_else(|| missing(&key, "a number"))?,
        };
        if value > 0.0 && value.is_finite() { Ok(value) } else { Err(damaged(format!("{key} is {value}"))) }
    }

    /// A soft cap; 0 where the key is absent or 0.
    fn soft_cap(&self, key: &str) -> Result<f32, WeightsError> {
        match self.metadata.f32(&self.full(key)) {
            None | Some(0.0) => Ok(0.0),
            Some(_) => self.positive(key, None),
        }
    }

    /// Width of a head: given, or `dim / n_heads`.
    fn head_dim(&self, dim: u32, n_heads: u32) -> Result<u32, WeightsError> {
        let key = self.optional_width("attention.key_length")?;
        let value = self.optional_width("attention.value_length")?;
        if let (Some(key), Some(value)) = (key, value)
            && key != value
        {
            return Err(WeightsError::Unsupported {
                feature: format!("keys of {key} and values of {value} numbers"),
            });
        }
        match key.or(value) {
            Some(head_dim) => Ok(head_dim),
            None if dim.is_multiple_of(n_heads) => Ok(dim / n_heads),
            None => Err(damaged(format!("{dim} columns cannot be shared by {n_heads} heads"))),
        }
    }

    /// Rows of the embedding table; metadata, where it says anything, must agree.
    fn vocab_size(&self, header: &Header) -> Result<u32, WeightsError> {
        let name = "token_embd.weight";
        let embedding = header.tensors.iter().find(|tensor| tensor.name == name);
        let embedding = embedding.ok_or_else(|| WeightsError::MissingTensor { tensor: name.to_owned() })?;
        let n_rows = embedding.n_rows();
        if let Some(claimed) = self.optional_width("vocab_size")?
            && u64::from(claimed) != n_rows
        {
            let key = self.full("vocab_size");
            return Err(damaged(format!("{key} is {claimed}, the embedding table has {n_rows} rows")));
        }
        let n_tokens = header.metadata.strings("tokenizer.ggml.tokens").map_or(0, <[String]>::len);
        if n_tokens as u64 > n_rows {
            return Err(damaged(format!("{n_tokens} tokens, but the embedding table has {n_rows} rows")));
        }
        u32::try_from(n_rows)
            .ok()
            .filter(|&n| n <= MAX_WIDTH)
            .ok_or_else(|| damaged(format!("a vocabulary of {n_rows} tokens")))
    }

    /// The factor of linear scaling, 1 for none; other kinds are refused by name.
    fn rope_scale(&self) -> Result<f32, WeightsError> {
        match self.metadata.string(&self.full("rope.scaling.type")) {
            None | Some("none") => self.positive("rope.scale_linear", Some(1.0)),
            Some("linear") => self.positive("rope.scaling.factor", None),
            Some(other) => Err(WeightsError::Unsupported { feature: format!("RoPE scaling \"{other}\"") }),
        }
    }

    /// Gemma 3: every layer but each sixth sees a window, with RoPE frequencies of its own.
    fn window(&self) -> Result<Option<Window>, WeightsError> {
        let Some(n_positions) = self.optional_width("attention.sliding_window")? else { return Ok(None) };
        let Some((every, rope_freq_base)) = self.architecture.window_defaults() else {
            if n_positions >= self.width("context_length")? {
                return Ok(None);
            }
            let feature = format!("a sliding window in a {} model", self.architecture.name());
            return Err(WeightsError::Unsupported { feature });
        };
        Ok(Some(Window {
            n_positions,
            every: self.optional_width("attention.sliding_window_pattern")?.unwrap_or(every),
            rope_freq_base: self.positive("rope.freq_base_swa", Some(rope_freq_base))?,
        }))
    }

    /// Refuses, by name, features that would make the output silently wrong.
    fn refuse_unsupported(&self) -> Result<(), WeightsError> {
        let unsupported = |feature: String| Err(WeightsError::Unsupported { feature });
        for (key, neutral) in NEUTRAL_NUMBERS {
            let key = self.full(key);
            if let Some(value) = self.metadata.f32(&key)
                && value != neutral
            {
                return unsupported(format!("{key} = {value}"));
            }
        }
        if let Some(n_files) = self.metadata.u32("split.count")
            && n_files > 1
        {
            let what = format!(
                "the file is one of {n_files} that the model is split over; open all of them together"
            );
            return Err(WeightsError::Parts { what });
        }
        let is_causal = !self.architecture.is_encoder();
        if self.metadata.bool(&self.full("attention.causal")).is_some_and(|causal| causal != is_causal) {
            let name = self.architecture.name();
            return unsupported(format!(
                "{} attention in a {name} model",
                if is_causal { "bidirectional" } else { "causal" }
            ));
        }
        Ok(())
    }
}

/// Metadata entries that change the forward pass unless they hold this number.
const NEUTRAL_NUMBERS: [(&str, f32); 6] = [
    ("expert_count", 0.0),
    ("logit_scale", 1.0),
    ("residual_scale", 1.0),
    ("embedding_scale", 1.0),
    ("attention.scale", 0.0),
    ("attention.clamp_kqv", 0.0),
];
