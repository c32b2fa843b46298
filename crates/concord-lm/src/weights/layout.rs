//! Where a file holds each tensor of a model: under which name, and in which part of it.

use std::collections::BTreeMap;

use super::error::WeightsError;
use super::header::TensorInfo;
use super::hyperparameters::Hyperparameters;
use super::model_tensor::{ModelTensor, PlacedTensor};

/// How a kind of file names its tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// GGUF.
    Gguf,
    /// GGUF with parts in one tensor.
    GgufJoined {
        /// Queries, keys and values.
        qkv: bool,
        /// The gate and what it multiplies.
        gate_up: bool,
    },
    /// safetensors of BERT and XLM-R.
    Bert,
    /// safetensors of gte, with matrices of their own.
    Gte,
    /// safetensors of gte as first published: queries, keys and values in one tensor, up and gate in one.
    GteJoined,
    /// safetensors of decoders.
    Decoder,
}

/// A tensor of the file, or some rows of it.
#[derive(Debug)]
pub(super) struct Place {
    /// Name, without what all names of the file start with.
    pub(super) name: String,
    /// First row (of a vector: first value).
    pub(super) first: u64,
    /// The tensor holds others, too.
    is_joined: bool,
}

impl Place {
    fn whole(name: String) -> Self {
        Self { name, first: 0, is_joined: false }
    }
}

/// Heads for other tasks, and what can be computed.
const UNUSED: [&str; 7] =
    ["pooler.", "lm_head.", "cls.", "classifier", "embeddings.position_ids", "inv_freq", "predictions."];

impl Layout {
    /// The layout of a GGUF file with these tensors.
    pub(super) fn of_gguf(tensors: &[TensorInfo]) -> Self {
        let has = |name: &str| tensors.iter().any(|info| info.name == name);
        let qkv = has("blk.0.attn_qkv.weight");
        // A feed-forward layer without a gate has biases.
        let gate_up = !has("blk.0.ffn_gate.weight") && !has("blk.0.ffn_up.bias");
        if qkv || gate_up { Self::GgufJoined { qkv, gate_up } } else { Self::Gguf }
    }

    /// Name of the table of token embeddings, by which what all names start with is found.
    pub(super) fn table_name(self) -> &'static str {
        match self {
            Self::Gguf | Self::GgufJoined { .. } => "token_embd.weight",
            Self::Bert | Self::Gte | Self::GteJoined => "embeddings.word_embeddings.weight",
            Self::Decoder => "embed_tokens.weight",
        }
    }

    /// Finds every tensor of the model, checks shapes, and sorts by file offset.
    ///
    /// # Errors
    /// A tensor that is missing, misshapen, or that the architecture does not have.
    pub(super) fn place(
        self,
        tensors: &[TensorInfo],
        hyperparameters: &Hyperparameters,
    ) -> Result<Vec<PlacedTensor>, WeightsError> {
        let table = tensors.iter().find_map(|info| info.name.strip_suffix(self.table_name()));
        let prefix = table.unwrap_or_default();
        let by_name: BTreeMap<&str, &TensorInfo> =
            tensors.iter().map(|info| (info.name.as_str(), info)).collect();
        let mut unused = by_name.clone();
        let mut placed = Vec::new();
        for tensor in ModelTensor::all(hyperparameters) {
            let place = self.find(tensor, hyperparameters);
            let name = format!("{prefix}{}", place.name);
            let Some(info) = by_name.get(name.as_str()) else {
                return Err(WeightsError::MissingTensor { tensor: name });
            };
            unused.remove(name.as_str());
            let expected = tensor.shape(hyperparameters);
            let info = match place.is_joined {
                true => rows_of(info, place.first, tensor, expected).map_err(|expected| {
                    let found = [info.n_rows(), info.n_cols()];
                    WeightsError::Shape { tensor: name.clone(), found, expected }
                })?,
                false => (*info).clone(),
            };
            let found = [info.n_rows(), info.n_cols()];
            if found != expected {
                return Err(WeightsError::Shape { tensor: name, found, expected });
            }
            placed.push(PlacedTensor { tensor, info });
        }
        let is_gguf = matches!(self, Self::Gguf | Self::GgufJoined { .. });
        let is_unused = |name: &str| !is_gguf && UNUSED.iter().any(|part| name.contains(part));
        if let Some(name) = unused.keys().find(|name| !is_unused(name)) {
            return Err(WeightsError::Unsupported { feature: unknown_tensor(name) });
        }
        placed.sort_by_key(|placed| placed.info.start);
        Ok(placed)
    }

    /// Where a tensor is.
    pub(super) fn find(self, tensor: ModelTensor, h: &Hyperparameters) -> Place {
        let (q, kv, hidden) = (u64::from(h.q_dim()), u64::from(h.kv_dim()), u64::from(h.hidden_dim));
        let joined = |layer: u32, name: &str, first: u64| Place {
            name: format!("encoder.layer.{layer}.{name}"),
            first,
            is_joined: true,
        };
        match (self, tensor) {
            (Self::GteJoined, ModelTensor::Q(layer)) => joined(layer, "attention.qkv_proj.weight", 0),
            (Self::GteJoined, ModelTensor::K(layer)) => joined(layer, "attention.qkv_proj.weight", q),
            (Self::GteJoined, ModelTensor::V(layer)) => joined(layer, "attention.qkv_proj.weight", q + kv),
            (Self::GteJoined, ModelTensor::QBias(layer)) => joined(layer, "attention.qkv_proj.bias", 0),
            (Self::GteJoined, ModelTensor::KBias(layer)) => joined(layer, "attention.qkv_proj.bias", q),
            (Self::GteJoined, ModelTensor::VBias(layer)) => joined(layer, "attention.qkv_proj.bias", q + kv),
            (Self::GteJoined, ModelTensor::Up(layer)) => joined(layer, "mlp.up_gate_proj.weight", 0),
            (Self::GteJoined, ModelTensor::Gate(layer)) => joined(layer, "mlp.up_gate_proj.weight", hidden),
            (Self::GgufJoined { qkv: is_joined, gate_up }, _) => {
                let rows = match tensor {
                    ModelTensor::Q(layer) if is_joined => Some((layer, "attn_qkv.weight", 0)),
                    ModelTensor::K(layer) if is_joined => Some((layer, "attn_qkv.weight", q)),
                    ModelTensor::V(layer) if is_joined => Some((layer, "attn_qkv.weight", q + kv)),
                    ModelTensor::QBias(layer) if is_joined => Some((layer, "attn_qkv.bias", 0)),
                    ModelTensor::KBias(layer) if is_joined => Some((layer, "attn_qkv.bias", q)),
                    ModelTensor::VBias(layer) if is_joined => Some((layer, "attn_qkv.bias", q + kv)),
                    ModelTensor::Gate(layer) if gate_up && h.gated => Some((layer, "ffn_up.weight", 0)),
                    ModelTensor::Up(layer) if gate_up && h.gated => Some((layer, "ffn_up.weight", hidden)),
                    _ => None,
                };
                match rows {
                    Some((layer, name, first)) => {
                        Place { name: format!("blk.{layer}.{name}"), first, is_joined: true }
                    }
                    None => Place::whole(tensor.name()),
                }
            }
            (Self::Gguf, _) => Place::whole(tensor.name()),
            _ => Place::whole(self.name(tensor)),
        }
    }

    /// Name of a tensor in safetensors files, without what all names of a file start with.
    fn name(self, tensor: ModelTensor) -> String {
        let name = match self {
            Self::Gguf | Self::GgufJoined { .. } => None,
            Self::Bert => bert_name(tensor),
            Self::Gte => gte_name(tensor),
            Self::GteJoined => gte_joined_name(tensor),
            Self::Decoder => decoder_name(tensor),
        };
        let (layer, name) = match (self, name.or_else(|| embedding_name(tensor))) {
            (_, None) => return tensor.name(),
            (_, Some((None, name))) => return name.to_owned(),
            (_, Some((Some(layer), name))) => (layer, name),
        };
        match self {
            Self::Bert | Self::GteJoined => format!("encoder.layer.{layer}.{name}"),
            _ => format!("layers.{layer}.{name}"),
        }
    }
}

type Name = Option<(Option<u32>, &'static str)>;

fn embedding_name(tensor: ModelTensor) -> Name {
    let name = match tensor {
        ModelTensor::TokenEmbedding => "embeddings.word_embeddings.weight",
        ModelTensor::PositionEmbedding => "embeddings.position_embeddings.weight",
        ModelTensor::TokenTypes => "embeddings.token_type_embeddings.weight",
        ModelTensor::EmbeddingNorm => "embeddings.LayerNorm.weight",
        ModelTensor::EmbeddingNormBias => "embeddings.LayerNorm.bias",
        _ => return None,
    };
    Some((None, name))
}

fn bert_name(tensor: ModelTensor) -> Name {
    let (layer, name) = match tensor {
        ModelTensor::Q(layer) => (layer, "attention.self.query.weight"),
        ModelTensor::QBias(layer) => (layer, "attention.self.query.bias"),
        ModelTensor::K(layer) => (layer, "attention.self.key.weight"),
        ModelTensor::KBias(layer) => (layer, "attention.self.key.bias"),
        ModelTensor::V(layer) => (layer, "attention.self.value.weight"),
        ModelTensor::VBias(layer) => (layer, "attention.self.value.bias"),
        ModelTensor::AttnOutput(layer) => (layer, "attention.output.dense.weight"),
        ModelTensor::AttnOutputBias(layer) => (layer, "attention.output.dense.bias"),
        ModelTensor::AttnSumNorm(layer) => (layer, "attention.output.LayerNorm.weight"),
        ModelTensor::AttnSumNormBias(layer) => (layer, "attention.output.LayerNorm.bias"),
        ModelTensor::Up(layer) => (layer, "intermediate.dense.weight"),
        ModelTensor::UpBias(layer) => (layer, "intermediate.dense.bias"),
        ModelTensor::Down(layer) => (layer, "output.dense.weight"),
        ModelTensor::DownBias(layer) => (layer, "output.dense.bias"),
        ModelTensor::FfnSumNorm(layer) => (layer, "output.LayerNorm.weight"),
        ModelTensor::FfnSumNormBias(layer) => (layer, "output.LayerNorm.bias"),
        _ => return None,
    };
    Some((Some(layer), name))
}

fn gte_name(tensor: ModelTensor) -> Name {
    let (layer, name) = match tensor {
        ModelTensor::Q(layer) => (layer, "self_attn.q_proj.weight"),
        ModelTensor::QBias(layer) => (layer, "self_attn.q_proj.bias"),
        ModelTensor::K(layer) => (layer, "self_attn.k_proj.weight"),
        ModelTensor::KBias(layer) => (layer, "self_attn.k_proj.bias"),
        ModelTensor::V(layer) => (layer, "self_attn.v_proj.weight"),
        ModelTensor::VBias(layer) => (layer, "self_attn.v_proj.bias"),
        ModelTensor::AttnOutput(layer) => (layer, "self_attn.o_proj.weight"),
        ModelTensor::AttnOutputBias(layer) => (layer, "self_attn.o_proj.bias"),
        ModelTensor::AttnSumNorm(layer) => (layer, "post_attention_layernorm.weight"),
        ModelTensor::AttnSumNormBias(layer) => (layer, "post_attention_layernorm.bias"),
        ModelTensor::Gate(layer) => (layer, "mlp.gate_proj.weight"),
        ModelTensor::Up(layer) => (layer, "mlp.up_proj.weight"),
        ModelTensor::Down(layer) => (layer, "mlp.down_proj.weight"),
        ModelTensor::DownBias(layer) => (layer, "mlp.down_proj.bias"),
        ModelTensor::FfnSumNorm(layer) => (layer, "post_mlp_layernorm.weight"),
        ModelTensor::FfnSumNormBias(layer) => (layer, "post_mlp_layernorm.bias"),
        _ => return None,
    };
    Some((Some(layer), name))
}

fn gte_joined_name(tensor: ModelTensor) -> Name {
    let (layer, name) = match tensor {
        ModelTensor::AttnOutput(layer) => (layer, "attention.o_proj.weight"),
        ModelTensor::AttnOutputBias(layer) => (layer, "attention.o_proj.bias"),
        ModelTensor::AttnSumNorm(layer) => (layer, "attn_ln.weight"),
        ModelTensor::AttnSumNormBias(layer) => (layer, "attn_ln.bias"),
        ModelTensor::Down(layer) => (layer, "mlp.down_proj.weight"),
        ModelTensor::DownBias(layer) => (layer, "mlp.down_proj.bias"),
        ModelTensor::FfnSumNorm(layer) => (layer, "mlp_ln.weight"),
        ModelTensor::FfnSumNormBias(layer) => (layer, "mlp_ln.bias"),
        _ => return None,
    };
    Some((Some(layer), name))
}

/// Qwen3 and its like; attention and the feed-forward layer are named as in gte.
fn decoder_name(tensor: ModelTensor) -> Name {
    let (layer, name) = match tensor {
        ModelTensor::TokenEmbedding => return Some((None, "embed_tokens.weight")),
        ModelTensor::OutputNorm => return Some((None, "norm.weight")),
        ModelTensor::AttnNorm(layer) => (layer, "input_layernorm.weight"),
        ModelTensor::FfnNorm(layer) => (layer, "post_attention_layernorm.weight"),
        ModelTensor::QNorm(layer) => (layer, "self_attn.q_norm.weight"),
        ModelTensor::KNorm(layer) => (layer, "self_attn.k_norm.weight"),
        _ => return gte_name(tensor),
    };
    Some((Some(layer), name))
}

/// The rows of a joined tensor that are those of one of its parts.
///
/// # Errors
/// The least shape that would hold them, where the tensor does not.
fn rows_of(
    info: &TensorInfo,
    first: u64,
    tensor: ModelTensor,
    [n_rows, n_cols]: [u64; 2],
) -> Result<TensorInfo, [u64; 2]> {
    let (end, length, width) = match tensor.is_vector() {
        true => (first + n_cols, info.n_cols(), 1),
        false => (first + n_rows, info.n_rows(), info.n_cols()),
    };
    if end > length || (!tensor.is_vector() && info.n_cols() != n_cols) {
        return Err(if tensor.is_vector() { [1, end] } else { [end, n_cols] });
    }
    let row_bytes = info.tensor_type.row_bytes(width as usize) as u64;
    let dims = if tensor.is_vector() { vec![n_cols] } else { vec![n_cols, n_rows] };
    let n_bytes = (end - first) * row_bytes;
    Ok(TensorInfo { dims, start: info.start + first * row_bytes, n_bytes, ..info.clone() })
}

/// What a tensor that is not part of the architecture stands for.
fn unknown_tensor(name: &str) -> String {
    match name {
        _ if name.ends_with(".bias") => format!("biases (tensor {name})"),
        _ if name.contains("_exps") => format!("experts (tensor {name})"),
        _ => format!("a tensor that its architecture does not have ({name})"),
    }
}
