//! From the bytes of a GGUF file, in chunks of any size, to weights on the device.
//!
//! Holds one slice of the file at a time, and waits for the device every few slices, so that neither
//! the heap nor the device's staging memory grows with the model.

use std::rc::Rc;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::attention;
use super::weights::{RowCursor, Weights};
use crate::weights::{
    Head, Hyperparameters, ModelFile, ModelTensor, Norms, Positions, RowStream, Rows, TensorType,
    dequantise_rows,
};

/// Bytes of the file that are repacked at once.
const SLICE_BYTES: usize = 2 << 20;
/// Bytes handed to the device before it is waited for.
const BYTES_IN_FLIGHT: usize = 16 << 20;

/// All weights of a model on one device; shared by the models that run them.
#[derive(Debug)]
pub struct ModelWeights {
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    pub(crate) embedding: Stack,
    /// Vectors of positions.
    pub(crate) positions: Option<Stack>,
    /// Of the embeddings, as [`Update::sum_norm`], the first token type's vector first.
    pub(crate) embedding_norm: Option<Buffer>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) output_norm: Option<Buffer>,
    /// Divisors of the RoPE frequencies, or nothing; used on the CPU.
    pub(crate) rope_divisors: Vec<f32>,
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

/// A tensor of a stack while its rows come in.
#[derive(Debug)]
struct Filling {
    tensor: ModelTensor,
    stack: Stack,
    next_row: u32,
    /// The part that the next row belongs to, if one is begun, and the place in it.
    part: Option<(usize, RowCursor)>,
}

impl Filling {
    fn write_rows(&mut self, gpu: &Gpu, mut rows: &[u8]) {
        while !rows.is_empty() {
            let Some(idx) = self.stack.parts.iter().rposition(|(first, _)| *first <= self.next_row) else {
                return;
            };
            let (first, weights) = &self.stack.parts[idx];
            let row_bytes = weights.tensor_type.row_bytes(weights.n_in as usize);
            let n_rows = (rows.len() / row_bytes).min((first + weights.n_out - self.next_row) as usize);
            if n_rows == 0 {
                return;
            }
            let begun = self.part.take().filter(|(begun, _)| *begun == idx);
            let (_, mut cursor) = begun.unwrap_or((idx, RowCursor::at(self.next_row - first)));
            let (these, rest) = rows.split_at(n_rows * row_bytes);
            weights.write_rows(gpu, &mut cursor, these);
            self.part = Some((idx, cursor));
            self.next_row += n_rows as u32;
            rows = rest;
        }
    }
}

impl ModelWeights {
    async fn zeros(gpu: &Gpu, file: &ModelFile) -> Result<Self, EngineError> {
        let h = file.hyperparameters;
        let [dim_bytes, hidden_bytes] = [h.dim, h.hidden_dim].map(|width| 4 * u64::from(width));
        let qkv_bytes = 4 * u64::from(h.q_dim() + 2 * h.kv_dim());
        let (norms_before, norms_after) = (h.norms != Norms::After, h.norms == Norms::After);
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
                ffn_norm: optional(gpu, norms_before, "norm", dim_bytes).await?,
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

    /// Types of all matrices that are multiplied with, each once.
    pub(crate) fn multiplied_types(&self) -> Vec<TensorType> {
        let of_layer = |layer: &'_ Layer| -> Vec<TensorType> {
            let stacks = [&layer.qkv, &layer.attn_output.matrix, &layer.gate_up, &layer.down.matrix];
            stacks.into_iter().flat_map(|stack| &stack.parts).map(|(_, part)| part.tensor_type).collect()
        };
        let mut types: Vec<TensorType> = self.head().and_then(Stack::tensor_type).into_iter().collect();
        for tensor_type in self.layers.iter().flat_map(of_layer) {
            if !types.contains(&tensor_type) {
                types.push(tensor_type);
            }
        }
        types
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
        let stacks: u64 = stacks.into_iter().flatten().map(Stack::n_bytes).sum();
        let norms = [&self.embedding_norm, &self.output_norm];
        let norms: u64 = norms.into_iter().flatten().map(Buffer::size).sum();
        layers + stacks + norms + self.no_bias.size()
    }

    /// Where the rows of a tensor go.
    fn place(&self, tensor: ModelTensor) -> Option<Place<'_>> {
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
            ModelTensor::TokenEmbedding => return Some(Place::Rows(&self.embedding, 0)),
            ModelTensor::PositionEmbedding => return Some(Place::Rows(self.positions.as_ref()?, 0)),
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
enum Place<'a> {
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

/// Takes a file from its first byte to its last and hands out the weights.
#[derive(Debug)]
pub struct Loader {
    gpu: Gpu,
    weights: ModelWeights,
    stream: RowStream,
    types: Vec<(ModelTensor, TensorType)>,
    /// The matrix being filled.
    open: Option<Filling>,
    n_bytes_in_flight: usize,
}

impl Loader {
    /// Makes room for the weights of a checked file.
    ///
    /// # Errors
    /// A model that the kernels or the device's memory cannot take.
    pub async fn begin(gpu: &Gpu, file: &ModelFile) -> Result<Self, EngineError> {
        check(&file.hyperparameters)?;
        gpu.check()?;
        Ok(Self {
            gpu: gpu.clone(),
            weights: ModelWeights::zeros(gpu, file).await?,
            stream: RowStream::new(file),
            types: file.tensors.iter().map(|placed| (placed.tensor, placed.info.tensor_type)).collect(),
            open: None,
            n_bytes_in_flight: 0,
        })
    }

    /// Takes the next bytes of the file, header included, in order.
    ///
    /// # Errors
    /// The device, or rows that do not fit their tensor's type.
    pub async fn push(&mut self, chunk: &[u8]) -> Result<(), EngineError> {
        for slice in chunk.chunks(SLICE_BYTES) {
            let Self { gpu, weights, stream, types, open, .. } = self;
            stream.push(slice, |rows| store(gpu, weights, types, open, rows))?;
            self.n_bytes_in_flight += slice.len();
            if self.n_bytes_in_flight >= BYTES_IN_FLIGHT {
                self.gpu.drain().await?;
                self.n_bytes_in_flight = 0;
            }
        }
        Ok(())
    }

    /// Hands out the weights.
    ///
    /// # Errors
    /// [`EngineError::Incomplete`] when tensors are still missing; the device.
    pub async fn finish(self) -> Result<Rc<ModelWeights>, EngineError> {
        self.gpu.drain().await?;
        if self.stream.is_complete() { Ok(Rc::new(self.weights)) } else { Err(EngineError::Incomplete) }
    }

    /// All three steps for a file that is in memory.
    ///
    /// # Errors
    /// As [`Loader::begin`], [`Loader::push`] and [`Loader::finish`].
    pub async fn load(gpu: &Gpu, file: &ModelFile, bytes: &[u8]) -> Result<Rc<ModelWeights>, EngineError> {
        let mut loader = Self::begin(gpu, file).await?;
        loader.push(bytes).await?;
        loader.finish().await
    }
}

/// Sends rows to their place on the device.
fn store(
    gpu: &Gpu,
    weights: &mut ModelWeights,
    types: &[(ModelTensor, TensorType)],
    open: &mut Option<Filling>,
    rows: Rows<'_>,
) -> Result<(), EngineError> {
    if open.as_ref().is_none_or(|filling| filling.tensor != rows.tensor) {
        *open = None;
        let vector = |rows: Rows<'_>| -> Result<Vec<f32>, EngineError> {
            let stored = types.iter().find(|(tensor, _)| *tensor == rows.tensor);
            let tensor_type = stored.map_or(TensorType::F32, |(_, tensor_type)| *tensor_type);
            let n_cols = rows.tensor.shape(&weights.hyperparameters)[1] as usize;
            let mut values = vec![0.0f32; n_cols];
            dequantise_rows(tensor_type, n_cols, &rows.bytes[..tensor_type.row_bytes(n_cols)], &mut values)?;
            Ok(values)
        };
        match weights.place(rows.tensor) {
            Some(Place::Vector(buffer, first)) => gpu.write(buffer, 4 * u64::from(first), &vector(rows)?),
            Some(Place::First(buffer)) if rows.first_row == 0 => gpu.write(buffer, 0, &vector(rows)?),
            Some(Place::RopeDivisors) => weights.rope_divisors = vector(rows)?,
            Some(Place::Rows(stack, next_row)) => {
                *open = Some(Filling { tensor: rows.tensor, stack: stack.clone(), next_row, part: None });
            }
            Some(Place::First(_)) | None => {}
        }
    }
    if let Some(filling) = open {
        filling.write_rows(gpu, rows.bytes);
    }
    Ok(())
}

/// Refuses shapes that the kernels cannot handle.
fn check(h: &Hyperparameters) -> Result<(), EngineError> {
    let limit = 4 * attention::WG;
    let rules = [
        (
            "head_dim",
            h.head_dim,
            h.head_dim.is_multiple_of(4) && h.head_dim <= limit,
            "a multiple of 4 up to 256",
        ),
        ("rope_dim", h.rope_dim, h.rope_dim.is_multiple_of(4), "a multiple of 4"),
        ("dim", h.dim, h.dim.is_multiple_of(8), "a multiple of 8"),
        ("hidden_dim", h.hidden_dim, h.hidden_dim.is_multiple_of(8), "a multiple of 8"),
    ];
    match rules.into_iter().find(|(_, _, holds, _)| !holds) {
        Some((what, value, _, needed)) => Err(EngineError::Unsupported { what, value, needed }),
        None => Ok(()),
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
