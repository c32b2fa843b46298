//! Which tensors a decoder is made of, their names and shapes, and where a file holds them.

use std::collections::BTreeMap;

use super::error::WeightsError;
use super::header::{Header, TensorInfo};
use super::hyperparameters::Hyperparameters;

/// One tensor of a decoder; layers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModelTensor {
    /// Embedding table, `[vocab_size, dim]`; also the output head when that is tied.
    TokenEmbedding,
    /// Gain of the RMS norm before attention, `[dim]`.
    AttnNorm(u32),
    /// Query projection, `[n_heads * head_dim, dim]`.
    Q(u32),
    /// Key projection, `[n_kv_heads * head_dim, dim]`.
    K(u32),
    /// Value projection, `[n_kv_heads * head_dim, dim]`.
    V(u32),
    /// Bias of the queries, `[n_heads * head_dim]`.
    QBias(u32),
    /// Bias of the keys, `[n_kv_heads * head_dim]`.
    KBias(u32),
    /// Bias of the values, `[n_kv_heads * head_dim]`.
    VBias(u32),
    /// Gain of the RMS norm of every query head, `[head_dim]`.
    QNorm(u32),
    /// Gain of the RMS norm of every key head, `[head_dim]`.
    KNorm(u32),
    /// Gain of the RMS norm of what attention gives, `[dim]`.
    AttnPostNorm(u32),
    /// Gain of the RMS norm of what the feed-forward layer gives, `[dim]`.
    FfnPostNorm(u32),
    /// Attention output projection, `[dim, n_heads * head_dim]`.
    AttnOutput(u32),
    /// Gain of the RMS norm before the feed-forward layer, `[dim]`.
    FfnNorm(u32),
    /// Gate projection, `[hidden_dim, dim]`.
    Gate(u32),
    /// Up projection, `[hidden_dim, dim]`.
    Up(u32),
    /// Down projection, `[dim, hidden_dim]`.
    Down(u32),
    /// Divisors of the RoPE frequencies, `[rope_dim / 2]`.
    RopeDivisors,
    /// Gain of the RMS norm before the head, `[dim]`.
    OutputNorm,
    /// Output head, `[vocab_size, dim]`; absent when tied.
    Head,
}

impl ModelTensor {
    /// Every tensor of a model, in the order the forward pass uses them.
    pub fn all(hyperparameters: &Hyperparameters) -> Vec<Self> {
        let h = hyperparameters;
        let mut tensors = vec![Self::TokenEmbedding];
        tensors.extend(h.rope_divisors.then_some(Self::RopeDivisors));
        for layer in 0..h.n_layers {
            tensors.extend([Self::AttnNorm(layer), Self::Q(layer), Self::K(layer), Self::V(layer)]);
            if h.qkv_bias {
                tensors.extend([Self::QBias(layer), Self::KBias(layer), Self::VBias(layer)]);
            }
            if h.head_norm {
                tensors.extend([Self::QNorm(layer), Self::KNorm(layer)]);
            }
            tensors.push(Self::AttnOutput(layer));
            tensors.extend(h.post_norms.then_some(Self::AttnPostNorm(layer)));
            tensors.extend([Self::FfnNorm(layer), Self::Gate(layer), Self::Up(layer), Self::Down(layer)]);
            tensors.extend(h.post_norms.then_some(Self::FfnPostNorm(layer)));
        }
        tensors.push(Self::OutputNorm);
        tensors.extend((!h.tied_head).then_some(Self::Head));
        tensors
    }

    /// Whether it is a vector of gains, biases or divisors rather than a matrix.
    pub fn is_vector(self) -> bool {
        matches!(
            self,
            Self::AttnNorm(_)
                | Self::QBias(_)
                | Self::KBias(_)
                | Self::VBias(_)
                | Self::QNorm(_)
                | Self::KNorm(_)
                | Self::AttnPostNorm(_)
                | Self::FfnNorm(_)
                | Self::FfnPostNorm(_)
                | Self::RopeDivisors
                | Self::OutputNorm
        )
    }

    /// Name in a GGUF file.
    pub fn name(self) -> String {
        let (layer, stem) = match self {
            Self::TokenEmbedding => return "token_embd.weight".to_owned(),
            Self::RopeDivisors => return "rope_freqs.weight".to_owned(),
            Self::OutputNorm => return "output_norm.weight".to_owned(),
            Self::Head => return "output.weight".to_owned(),
            Self::AttnNorm(layer) => (layer, "attn_norm"),
            Self::Q(layer) => (layer, "attn_q"),
            Self::K(layer) => (layer, "attn_k"),
            Self::V(layer) => (layer, "attn_v"),
            Self::QBias(layer) => return format!("blk.{layer}.attn_q.bias"),
            Self::KBias(layer) => return format!("blk.{layer}.attn_k.bias"),
            Self::VBias(layer) => return format!("blk.{layer}.attn_v.bias"),
            Self::QNorm(layer) => (layer, "attn_q_norm"),
            Self::KNorm(layer) => (layer, "attn_k_norm"),
            Self::AttnPostNorm(layer) => (layer, "post_attention_norm"),
            Self::FfnPostNorm(layer) => (layer, "post_ffw_norm"),
            Self::AttnOutput(layer) => (layer, "attn_output"),
            Self::FfnNorm(layer) => (layer, "ffn_norm"),
            Self::Gate(layer) => (layer, "ffn_gate"),
            Self::Up(layer) => (layer, "ffn_up"),
            Self::Down(layer) => (layer, "ffn_down"),
        };
        format!("blk.{layer}.{stem}.weight")
    }

    /// Shape `[n_rows, n_cols]`; a vector has one row.
    pub fn shape(self, hyperparameters: &Hyperparameters) -> [u64; 2] {
        let h = hyperparameters;
        let [n_rows, n_cols] = match self {
            Self::TokenEmbedding | Self::Head => [h.vocab_size, h.dim],
            Self::AttnNorm(_) | Self::AttnPostNorm(_) | Self::OutputNorm => [1, h.dim],
            Self::FfnNorm(_) | Self::FfnPostNorm(_) => [1, h.dim],
            Self::QBias(_) => [1, h.q_dim()],
            Self::KBias(_) | Self::VBias(_) => [1, h.kv_dim()],
            Self::QNorm(_) | Self::KNorm(_) => [1, h.head_dim],
            Self::RopeDivisors => [1, h.rope_dim / 2],
            Self::Q(_) => [h.q_dim(), h.dim],
            Self::K(_) | Self::V(_) => [h.kv_dim(), h.dim],
            Self::AttnOutput(_) => [h.dim, h.q_dim()],
            Self::Gate(_) | Self::Up(_) => [h.hidden_dim, h.dim],
            Self::Down(_) => [h.dim, h.hidden_dim],
        };
        [u64::from(n_rows), u64::from(n_cols)]
    }
}

/// A tensor of the model and where the file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedTensor {
    /// Which tensor.
    pub tensor: ModelTensor,
    /// Its type, shape and byte range.
    pub info: TensorInfo,
}

/// A checked model file: everything but the weights themselves.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The parsed header; `header.metadata` feeds the tokenizer.
    pub header: Header,
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    /// The model's tensors in load order: ascending file offset.
    pub tensors: Vec<PlacedTensor>,
}

impl ModelFile {
    /// Checks that the file is a model of a known family with every tensor in the right shape and none that is unknown.
    ///
    /// # Errors
    /// The first thing that is missing, misshapen or not supported.
    pub fn from_header(header: Header) -> Result<Self, WeightsError> {
        let hyperparameters = Hyperparameters::from_header(&header)?;
        let tensors = place_tensors(&header, &hyperparameters)?;
        Ok(Self { header, hyperparameters, tensors })
    }

    /// Where the file holds a tensor; `None` for the head of a tied model and for layers beyond the last.
    pub fn tensor(&self, tensor: ModelTensor) -> Option<&TensorInfo> {
        self.tensors.iter().find(|placed| placed.tensor == tensor).map(|placed| &placed.info)
    }
}

/// Finds every tensor of the model, checks shapes, and sorts by file offset.
fn place_tensors(
    header: &Header,
    hyperparameters: &Hyperparameters,
) -> Result<Vec<PlacedTensor>, WeightsError> {
    let mut by_name: BTreeMap<&str, &TensorInfo> =
        header.tensors.iter().map(|info| (info.name.as_str(), info)).collect();
    let mut placed = Vec::new();
    for tensor in ModelTensor::all(hyperparameters) {
        let name = tensor.name();
        let Some(info) = by_name.remove(name.as_str()) else {
            return Err(WeightsError::MissingTensor { tensor: name });
        };
        let (found, expected) = ([info.n_rows(), info.n_cols()], tensor.shape(hyperparameters));
        if found != expected {
            return Err(WeightsError::Shape { tensor: name, found, expected });
        }
        placed.push(PlacedTensor { tensor, info: info.clone() });
    }
    if let Some(name) = by_name.keys().next() {
        return Err(WeightsError::Unsupported { feature: unknown_tensor(name) });
    }
    placed.sort_by_key(|placed| placed.info.start);
    Ok(placed)
}

/// What a tensor that is not part of the architecture stands for.
fn unknown_tensor(name: &str) -> String {
    match name {
        _ if name.ends_with(".bias") => format!("biases (tensor {name})"),
        _ if name.contains("_exps") => format!("experts (tensor {name})"),
        _ => format!("a tensor that its architecture does not have ({name})"),
    }
}
