//! Hyperparameters of a Llama from GGUF metadata.
//!
//! Facts about the stored weights that a forward pass must know: Q and K rows are permuted by the
//! converter so that RoPE turns *adjacent* pairs `(2i, 2i + 1)` of a head, with angle
//! `position * rope_freq_base^(-2i / rope_dim)`; head `h` of Q uses K/V head
//! `h / (n_heads / n_kv_heads)`; scores are scaled by `1 / sqrt(head_dim)`.

use super::error::WeightsError;
use super::header::Header;
use super::metadata::Metadata;

/// Largest value accepted for any width; real models are far below, and products stay in u64.
const MAX_WIDTH: u32 = 1 << 20;

/// Most layers; real models have up to some hundred.
const MAX_LAYERS: u32 = 1024;

/// Metadata keys of the Llama family that change the forward pass unless they hold this number.
const NEUTRAL_NUMBERS: [(&str, f32); 6] = [
    ("llama.expert_count", 0.0),
    ("llama.rope.scale_linear", 1.0),
    ("llama.logit_scale", 1.0),
    ("llama.residual_scale", 1.0),
    ("llama.embedding_scale", 1.0),
    ("llama.attention.clamp_kqv", 0.0),
];

/// The numbers that define a Llama.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyperparameters {
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
    /// Added to the mean square in RMS norm.
    pub rms_norm_eps: f32,
    /// Base of the RoPE frequencies.
    pub rope_freq_base: f32,
    /// Leading values of each head that RoPE turns; even, at most `head_dim`.
    pub rope_dim: u32,
    /// The output head is the embedding table.
    pub tied_head: bool,
}

impl Hyperparameters {
    /// Reads and checks the hyperparameters of a Llama.
    ///
    /// # Errors
    /// Another architecture, a missing or impossible number, or a feature of the family that the
    /// forward pass does not have (RoPE scaling, experts, split files), each by name.
    pub fn from_header(header: &Header) -> Result<Self, WeightsError> {
        let metadata = &header.metadata;
        let architecture = metadata
            .string("general.architecture")
            .ok_or_else(|| missing("general.architecture", "a text"))?;
        if architecture != "llama" {
            return Err(WeightsError::Architecture { found: architecture.to_owned() });
        }
        refuse_unsupported(metadata)?;
        let dim = width(metadata, "llama.embedding_length")?;
        let n_heads = heads(metadata, "llama.attention.head_count")?;
        let n_kv_heads = match metadata.get("llama.attention.head_count_kv") {
            Some(_) => heads(metadata, "llama.attention.head_count_kv")?,
            None => n_heads,
        };
        if !n_heads.is_multiple_of(n_kv_heads) {
            return Err(damaged(format!("{n_heads} heads cannot share {n_kv_heads} key-value heads")));
        }
        let head_dim = head_dim(metadata, dim, n_heads)?;
        let hyperparameters = Self {
            dim,
            hidden_dim: width(metadata, "llama.feed_forward_length")?,
            n_layers: width(metadata, "llama.block_count")?,
            n_heads,
            n_kv_heads,
            head_dim,
            vocab_size: vocab_size(header)?,
            seq_len: width(metadata, "llama.context_length")?,
            rms_norm_eps: positive(metadata, "llama.attention.layer_norm_rms_epsilon", None)?,
            rope_freq_base: positive(metadata, "llama.rope.freq_base", Some(10_000.0))?,
            rope_dim: optional_width(metadata, "llama.rope.dimension_count")?.unwrap_or(head_dim),
            tied_head: !header.tensors.iter().any(|tensor| tensor.name == "output.weight"),
        };
        hyperparameters.checked()
    }

    /// Refuses numbers that do not fit together.
    fn checked(self) -> Result<Self, WeightsError> {
        let Self { head_dim, rope_dim, n_layers, .. } = self;
        if rope_dim % 2 != 0 || rope_dim > head_dim {
            return Err(damaged(format!("RoPE turns {rope_dim} values of heads of {head_dim}")));
        }
        if n_layers > MAX_LAYERS {
            return Err(damaged(format!("the model claims {n_layers} layers")));
        }
        let q_dim = u64::from(self.n_heads) * u64::from(head_dim);
        if q_dim > u64::from(MAX_WIDTH) {
            return Err(damaged(format!("{} heads of {head_dim} are too wide", self.n_heads)));
        }
        Ok(self)
    }

    /// Width of all query heads together.
    pub fn q_dim(&self) -> u32 {
        self.n_heads * self.head_dim
    }

    /// Width of all key (or value) heads together.
    pub fn kv_dim(&self) -> u32 {
        self.n_kv_heads * self.head_dim
    }
}

fn missing(key: &str, expected: &'static str) -> WeightsError {
    WeightsError::Metadata { key: key.to_owned(), expected }
}

fn damaged(what: String) -> WeightsError {
    WeightsError::Damaged { what }
}

/// A whole number from 1 to [`MAX_WIDTH`] (contexts may be longer than widths, but not than that).
fn width(metadata: &Metadata, key: &str) -> Result<u32, WeightsError> {
    let value = metadata.u32(key).ok_or_else(|| missing(key, "a whole number"))?;
    if value == 0 || value > MAX_WIDTH {
        return Err(damaged(format!("{key} is {value}")));
    }
    Ok(value)
}

/// Like [`width`], `None` when the key is absent.
fn optional_width(metadata: &Metadata, key: &str) -> Result<Option<u32>, WeightsError> {
    metadata.get(key).map(|_| width(metadata, key)).transpose()
}

/// A count of heads: one number, or an array of equal numbers per layer.
fn heads(metadata: &Metadata, key: &str) -> Result<u32, WeightsError> {
    let Some(per_layer) = metadata.u32s(key) else { return width(metadata, key) };
    match per_layer.first() {
        Some(&n) if (1..=MAX_WIDTH).contains(&n) && per_layer.iter().all(|&other| other == n) => Ok(n),
        Some(_) => Err(WeightsError::Unsupported { feature: format!("layers that differ in {key}") }),
        None => Err(missing(key, "a whole number")),
    }
}

/// A positive, finite number; `default` when the key is absent.
fn positive(metadata: &Metadata, key: &str, default: Option<f32>) -> Result<f32, WeightsError> {
    let value = match (metadata.get(key), default) {
        (None, Some(default)) => default,
        _ => metadata.f32(key).ok_or_else(|| missing(key, "a number"))?,
    };
    if value > 0.0 && value.is_finite() { Ok(value) } else { Err(damaged(format!("{key} is {value}"))) }
}

/// Width of a head: given, or `dim / n_heads`.
fn head_dim(metadata: &Metadata, dim: u32, n_heads: u32) -> Result<u32, WeightsError> {
    let key = optional_width(metadata, "llama.attention.key_length")?;
    let value = optional_width(metadata, "llama.attention.value_length")?;
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
fn vocab_size(header: &Header) -> Result<u32, WeightsError> {
    let name = "token_embd.weight";
    let embedding = header.tensors.iter().find(|tensor| tensor.name == name);
    let embedding = embedding.ok_or_else(|| WeightsError::MissingTensor { tensor: name.to_owned() })?;
    let n_rows = embedding.n_rows();
    let key = "llama.vocab_size";
    if let Some(claimed) = optional_width(&header.metadata, key)?
        && u64::from(claimed) != n_rows
    {
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

/// Refuses, by name, features that would make the output silently wrong.
fn refuse_unsupported(metadata: &Metadata) -> Result<(), WeightsError> {
    let unsupported = |feature: String| Err(WeightsError::Unsupported { feature });
    if let Some(scaling) = metadata.string("llama.rope.scaling.type")
        && scaling != "none"
    {
        return unsupported(format!("RoPE scaling \"{scaling}\""));
    }
    for (key, neutral) in NEUTRAL_NUMBERS {
        if let Some(value) = metadata.f32(key)
            && value != neutral
        {
            return unsupported(format!("{key} = {value}"));
        }
    }
    if let Some(n_files) = metadata.u32("split.count")
        && n_files > 1
    {
        return unsupported(format!(
            "weights split over {n_files} files; join them with gguf-split --merge first"
        ));
    }
    if metadata.bool("llama.attention.causal") == Some(false) {
        return unsupported("attention that is not causal".to_owned());
    }
    Ok(())
}
