//! All weights of a model on one device: which buffers there are, and where each of the file's tensors goes.

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::matmul::Role;
use super::weights::Weights;
use crate::weights::{Head, Hyperparameters, ModelFile, ModelTensor, Norms, Positions, TensorType};

/// All weights of a model on one device; shared by the models that run them.
#[derive(Debug)]
pub struct ModelWeights {
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    pub(crate) embedding: Stack,
    pub(crate) positions: Option<Stack>,
    /// Of the embeddings, as [`Update::sum_norm`], the first token type's vector first.
    pub(crate) embedding_norm: Option<Buffer>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) output_norm: Option<Buffer>,
    /// Divisors of the RoPE frequencies, or nothing; used on the CPU.
    pub(crate) rope_divisors: Vec<f32>,
    /// The two dense layers after pooling.
    pub(crate) dense: Option<[Stack; 2]>,
    /// A bias of zeros, for models without one.
    pub(crate) no_bias: Buffer,
    /// Output head; `None` when it is the embedding table, or there is none.
    pub(crate) head: Option<Stack>,
}

/// Weights of one layer; shapes as in [`ModelTensor`].
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) attn_norm: Option<Buffer>,
    /// Of Q, K and V side by side, `[q_dim + 2 kv_dim]`.
    pub(crate) qkv_bias: Option<Buffer>,
    /// Gains of the norms of query heads and of key heads, `[2, head_dim]`.
    pub(crate) head_norm: Option<Buffer>,
    /// Q, K and V.
    pub(crate) qkv: Stack,
    pub(crate) attn_output: Update,
    pub(crate) ffn_norm: Option<Buffer>,
    /// Gate and up, or up alone.
    pub(crate) gate_up: Stack,
    /// Of an up projection alone.
    pub(crate) up_bias: Option<Buffer>,
    pub(crate) down: Update,
}

impl Layer {
    /// Gate and up in one part can be gated as they are multiplied.
    pub(crate) fn gate_role(&self) -> Role {
        match self.up_bias.is_none() && self.gate_up.parts.len() == 1 {
            true => Role::Gate,
            false => Role::Give,
        }
    }
}

/// A matrix whose product is added to the states, and the norms around that.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) matrix: Stack,
    /// Gain of the norm of the product.
    pub(crate) post_norm: Option<Buffer>,
    /// Bias of the product, gain and bias of the layer norm of the sum, `[3, dim]`.
    pub(crate) sum_norm: Option<Buffer>,
}

impl Update {
    async fn zeros(gpu: &Gpu, file: &ModelFile, tensor: ModelTensor) -> Result<Self, EngineError> {
        let h = &file.hyperparameters;
        let dim_bytes = 4 * u64::from(h.dim);
        Ok(Self {
            matrix: Stack::zeros(gpu, file, &[tensor]).await?,
            post_norm: optional(gpu, h.norms == Norms::Around, "norm", dim_bytes).await?,
            sum_norm: optional(gpu, h.norms == Norms::After, "layer norm", 3 * dim_bytes).await?,
        })
    }

    /// A matrix that is one part can write what the next product takes, where a norm and nothing else stands between.
    pub(crate) fn role(&self, norms: Norms) -> Role {
        match norms == Norms::Before && self.matrix.parts.len() == 1 {
            true => Role::Feed,
            false => Role::Give,
        }
    }

    fn n_bytes(&self) -> u64 {
        let norms = [&self.post_norm, &self.sum_norm];
        self.matrix.n_bytes() + norms.into_iter().flatten().map(Buffer::size).sum::<u64>()
    }
}

/// Matrices of one input below one another, in parts of one type that fit a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    /// First row of each part.
    pub(crate) parts: Vec<(u32, Weights)>,
    /// Rows of all parts.
    pub(crate) n_out: u32,
}

impl Stack {
    async fn zeros(gpu: &Gpu, file: &ModelFile, tensors: &[ModelTensor]) -> Result<Self, EngineError> {
        let label = tensors[0].name();
        let mut runs: Vec<(TensorType, [u32; 2])> = Vec::new();
        for &tensor in tensors {
            let (tensor_type, [n_rows, n_in]) = (tensor_type(file, tensor)?, shape(file, tensor));
            match runs.last_mut() {
                Some((of_run, [total, _])) if *of_run == tensor_type => *total += n_rows,
                _ => runs.push((tensor_type, [n_rows, n_in])),
            }
        }
        let (mut parts, mut n_out) = (Vec::new(), 0);
        for (tensor_type, [n_rows, n_in]) in runs {
            let most = Weights::most_rows(gpu, tensor_type, n_in).max(2);
            for first in (0..n_rows).step_by(most as usize) {
                let shape = [most.min(n_rows - first), n_in];
                parts.push((n_out + first, Weights::zeros(gpu, &label, tensor_type, shape).await?));
            }
            n_out += n_rows;
        }
        Ok(Self { parts, n_out })
    }

    /// The type of the first part; the only one where the stack is of one tensor.
    pub(crate) fn tensor_type(&self) -> Option<TensorType> {
        self.parts.first().map(|(_, weights)| weights.tensor_type)
    }

    fn n_bytes(&self) -> u64 {
        self.parts.iter().map(|(_, weights)| weights.n_bytes()).sum()
    }
}

impl ModelWeights {
    /// Makes room for the weights of a file.
    pub(crate) async fn zeros(gpu: &Gpu, file: &ModelFile) -> Result<Self, EngineError> {
        let h = file.hyperparameters;
        let [dim_bytes, hidden_bytes] = [h.dim, h.hidden_dim].map(|width| 4 * u64::from(width));
        let qkv_bytes = 4 * u64::from(h.q_dim() + 2 * h.kv_dim());
        let (norms_before, norms_after) = (h.norms.stand_before(), h.norms == Norms::After);
        let mut layers = Vec::new();
        for layer in 0..h.n_layers {
            let qkv = [ModelTensor::Q(layer), ModelTensor::K(layer), ModelTensor::V(layer)];
            let gate_up = [ModelTensor::Gate(layer), ModelTensor::Up(layer)];
            layers.push(Layer {
                attn_norm: optional(gpu, norms_before, "norm", dim_bytes).await?,
                qkv_bias: optional(gpu, h.qkv_bias, "bias", qkv_bytes).await?,
                head_norm: optional(gpu, h.head_norm, "head norms", 8 * u64::from(h.head_dim)).await?,
                qkv: Stack::zeros(gpu, file, &qkv).await?,
                attn_output: Update::zeros(gpu, file, ModelTensor::AttnOutput(layer)).await?,
                ffn_norm: optional(gpu, norms_before && !h.norms.are_shared(), "norm", dim_bytes).await?,
                gate_up: Stack::zeros(gpu, file, &gate_up[usize::from(!h.gated)..]).await?,
                up_bias: optional(gpu, !h.gated, "bias", hidden_bytes).await?,
                down: Update::zeros(gpu, file, ModelTensor::Down(layer)).await?,
            });
        }
        let head = match h.head {
            Head::Own => Some(Stack::zeros(gpu, file, &[ModelTensor::Head]).await?),
            Head::Tied | Head::None => None,
        };
        let positions = match h.positions {
            Positions::Table { .. } => {
                Some(Stack::zeros(gpu, file, &[ModelTensor::PositionEmbedding]).await?)
            }
            Positions::Rotary => None,
        };
        Ok(Self {
            hyperparameters: h,
            embedding: Stack::zeros(gpu, file, &[ModelTensor::TokenEmbedding]).await?,
            positions,
            embedding_norm: optional(gpu, norms_after, "layer norm", 3 * dim_bytes).await?,
            layers,
            output_norm: optional(gpu, norms_before, "norm", dim_bytes).await?,
            rope_divisors: Vec::new(),
            dense: match h.dense_dim {
                0 => None,
                _ => Some([
                    Stack::zeros(gpu, file, &[ModelTensor::Dense]).await?,
                    Stack::zeros(gpu, file, &[ModelTensor::DenseBack]).await?,
                ]),
            },
            no_bias: gpu.storage("no bias", qkv_bytes).await?,
            head,
        })
    }

    /// The matrix that gives the logits; an encoder has none.
    pub(crate) fn head(&self) -> Option<&Stack> {
        match self.hyperparameters.head {
            Head::None => None,
            Head::Tied => Some(&self.embedding),
            Head::Own => self.head.as_ref(),
        }
    }

    /// Types and roles of all matrices that are multiplied with, each once, and how many outputs they have.
    pub(crate) fn products(&self) -> Vec<((TensorType, Role), Vec<u32>)> {
        let mut products: Vec<((TensorType, Role), Vec<u32>)> = Vec::new();
        let mut add = |stack: &Stack, role: Role| {
            for (_, weights) in &stack.parts {
                let product = (weights.tensor_type, role);
                match products.iter_mut().find(|(known, _)| *known == product) {
                    Some((_, n_outs)) => n_outs.push(weights.n_out),
                    None => products.push((product, vec![weights.n_out])),
                }
            }
        };
        self.head().into_iter().for_each(|head| add(head, Role::Give));
        for layer in &self.layers {
            add(&layer.qkv, Role::Give);
            add(&layer.gate_up, layer.gate_role());
            for update in [&layer.attn_output, &layer.down] {
                add(&update.matrix, update.role(self.hyperparameters.norms));
            }
        }
        self.dense.iter().flatten().for_each(|stack| add(stack, Role::Give));
        products
    }

    /// Bytes on the device.
    pub fn n_bytes(&self) -> u64 {
        let of_layer = |layer: &Layer| {
            let Layer { attn_norm, qkv_bias, head_norm, ffn_norm, up_bias, .. } = layer;
            let vectors = [attn_norm, qkv_bias, head_norm, ffn_norm, up_bias];
            let vectors: u64 = vectors.into_iter().flatten().map(Buffer::size).sum();
            let updates = layer.attn_output.n_bytes() + layer.down.n_bytes();
            vectors + layer.qkv.n_bytes() + layer.gate_up.n_bytes() + updates
        };
        let layers: u64 = self.layers.iter().map(of_layer).sum();
        let stacks = [Some(&self.embedding), self.positions.as_ref(), self.head.as_ref()];
        let stacks = stacks.into_iter().flatten().chain(self.dense.iter().flatten());
        let stacks: u64 = stacks.map(Stack::n_bytes).sum();
        let norms = [&self.embedding_norm, &self.output_norm];
        let norms: u64 = norms.into_iter().flatten().map(Buffer::size).sum();
        layers + stacks + norms + self.no_bias.size()
    }

    /// Where the rows of a tensor go.
    pub(crate) fn place(&self, tensor: ModelTensor) -> Option<Place<'_>> {
        let h = &self.hyperparameters;
        let layer = |idx: u32| self.layers.get(idx as usize);
        let bias = |idx: u32, first: u32| Some((layer(idx)?.qkv_bias.as_ref()?, first));
        let (buffer, first) = match tensor {
            ModelTensor::EmbeddingNorm => (self.embedding_norm.as_ref()?, h.dim),
            ModelTensor::EmbeddingNormBias => (self.embedding_norm.as_ref()?, 2 * h.dim),
            ModelTensor::OutputNorm => (self.output_norm.as_ref()?, 0),
            ModelTensor::AttnNorm(idx) => (layer(idx)?.attn_norm.as_ref()?, 0),
            ModelTensor::QBias(idx) => bias(idx, 0)?,
            ModelTensor::KBias(idx) => bias(idx, h.q_dim())?,
            ModelTensor::VBias(idx) => bias(idx, h.q_dim() + h.kv_dim())?,
            ModelTensor::QNorm(idx) => (layer(idx)?.head_norm.as_ref()?, 0),
            ModelTensor::KNorm(idx) => (layer(idx)?.head_norm.as_ref()?, h.head_dim),
            ModelTensor::AttnPostNorm(idx) => (layer(idx)?.attn_output.post_norm.as_ref()?, 0),
            ModelTensor::AttnOutputBias(idx) => (layer(idx)?.attn_output.sum_norm.as_ref()?, 0),
            ModelTensor::AttnSumNorm(idx) => (layer(idx)?.attn_output.sum_norm.as_ref()?, h.dim),
            ModelTensor::AttnSumNormBias(idx) => (layer(idx)?.attn_output.sum_norm.as_ref()?, 2 * h.dim),
            ModelTensor::FfnNorm(idx) => (layer(idx)?.ffn_norm.as_ref()?, 0),
            ModelTensor::UpBias(idx) => (layer(idx)?.up_bias.as_ref()?, 0),
            ModelTensor::FfnPostNorm(idx) => (layer(idx)?.down.post_norm.as_ref()?, 0),
            ModelTensor::DownBias(idx) => (layer(idx)?.down.sum_norm.as_ref()?, 0),
            ModelTensor::FfnSumNorm(idx) => (layer(idx)?.down.sum_norm.as_ref()?, h.dim),
            ModelTensor::FfnSumNormBias(idx) => (layer(idx)?.down.sum_norm.as_ref()?, 2 * h.dim),
            ModelTensor::TokenTypes => return self.embedding_norm.as_ref().map(Place::First),
            ModelTensor::RopeDivisors => return Some(Place::RopeDivisors),
            ModelTensor::RopeShort => return (!h.is_long()).then_some(Place::RopeDivisors),
            ModelTensor::RopeLong => return h.is_long().then_some(Place::RopeDivisors),
            ModelTensor::TokenEmbedding => return Some(Place::Rows(&self.embedding, 0)),
            ModelTensor::PositionEmbedding => return Some(Place::Rows(self.positions.as_ref()?, 0)),
            ModelTensor::Dense => return Some(Place::Rows(&self.dense.as_ref()?[0], 0)),
            ModelTensor::DenseBack => return Some(Place::Rows(&self.dense.as_ref()?[1], 0)),
            ModelTensor::Head => return Some(Place::Rows(self.head.as_ref()?, 0)),
            ModelTensor::Q(idx) => return Some(Place::Rows(&layer(idx)?.qkv, 0)),
            ModelTensor::K(idx) => return Some(Place::Rows(&layer(idx)?.qkv, h.q_dim())),
            ModelTensor::V(idx) => return Some(Place::Rows(&layer(idx)?.qkv, h.q_dim() + h.kv_dim())),
            ModelTensor::AttnOutput(idx) => return Some(Place::Rows(&layer(idx)?.attn_output.matrix, 0)),
            ModelTensor::Gate(idx) => return Some(Place::Rows(&layer(idx)?.gate_up, 0)),
            ModelTensor::Up(idx) => {
                return Some(Place::Rows(&layer(idx)?.gate_up, h.ffn_width() - h.hidden_dim));
            }
            ModelTensor::Down(idx) => return Some(Place::Rows(&layer(idx)?.down.matrix, 0)),
        };
        Some(Place::Vector(buffer, first))
    }
}

/// Where the rows of a tensor go.
pub(crate) enum Place<'a> {
    /// A vector in f32, and its first value.
    Vector(&'a Buffer, u32),
    /// The first row, in f32.
    First(&'a Buffer),
    RopeDivisors,
    /// A stack, and the tensor's first row in it.
    Rows(&'a Stack, u32),
}

/// A buffer, where the model has it.
async fn optional(gpu: &Gpu, exists: bool, label: &str, n_bytes: u64) -> Result<Option<Buffer>, EngineError> {
    match exists {
        true => gpu.storage(label, n_bytes).await.map(Some),
        false => Ok(None),
    }
}

fn shape(file: &ModelFile, tensor: ModelTensor) -> [u32; 2] {
    // Widths are at most 2^20, and so are the rows of a checked file's tensors.
    tensor.shape(&file.hyperparameters).map(|n| n as u32)
}

fn tensor_type(file: &ModelFile, tensor: ModelTensor) -> Result<TensorType, EngineError> {
    let info = file.tensor(tensor).ok_or(EngineError::Incomplete)?;
    Ok(info.tensor_type)
}
