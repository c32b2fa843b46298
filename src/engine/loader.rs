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
use crate::weights::{Hyperparameters, LlamaFile, ModelTensor, RowStream, Rows, TensorType, dequantise_rows};

/// Bytes of the file that are repacked at once.
const SLICE_BYTES: usize = 2 << 20;
/// Bytes handed to the device before it is waited for.
const BYTES_IN_FLIGHT: usize = 16 << 20;

/// All weights of a Llama on one device; shared by the models that run them.
#[derive(Debug)]
pub struct ModelWeights {
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    pub(crate) embedding: Weights,
    pub(crate) layers: Vec<Layer>,
    pub(crate) output_norm: Buffer,
    /// Output head; `None` when it is the embedding table.
    pub(crate) head: Option<Weights>,
}

/// Weights of one layer; shapes as in [`ModelTensor`].
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) attn_norm: Buffer,
    /// Q, K and V.
    pub(crate) qkv: Stack,
    pub(crate) attn_output: Weights,
    pub(crate) ffn_norm: Buffer,
    /// Gate and up.
    pub(crate) gate_up: Stack,
    pub(crate) down: Weights,
}

/// Matrices of one input whose outputs lie side by side: one matrix where their types agree.
#[derive(Debug)]
pub(crate) struct Stack {
    /// First output of each part.
    pub(crate) parts: Vec<(u32, Weights)>,
    /// Outputs of all parts.
    pub(crate) n_out: u32,
}

impl Stack {
    async fn zeros(gpu: &Gpu, file: &LlamaFile, tensors: &[ModelTensor]) -> Result<Self, EngineError> {
        let types = tensors.iter().map(|&tensor| tensor_type(file, tensor)).collect::<Result<Vec<_>, _>>()?;
        let shapes: Vec<[u32; 2]> = tensors.iter().map(|&tensor| shape(file, tensor)).collect();
        let n_out = shapes.iter().map(|shape| shape[0]).sum();
        let n_in = shapes[0][1];
        let label = tensors[0].name();
        let mut parts = Vec::new();
        if types.iter().all(|ty| *ty == types[0]) {
            parts.push((0, Weights::zeros(gpu, &label, types[0], [n_out, n_in]).await?));
            return Ok(Self { parts, n_out });
        }
        let mut first = 0;
        for (tensor_type, shape) in types.into_iter().zip(shapes) {
            parts.push((first, Weights::zeros(gpu, &label, tensor_type, shape).await?));
            first += shape[0];
        }
        Ok(Self { parts, n_out })
    }

    /// The part that holds an output, and the row within it.
    fn place(&self, out: u32) -> Option<(&Weights, u32)> {
        let (first, weights) = self.parts.iter().rev().find(|(first, _)| *first <= out)?;
        Some((weights, out - first))
    }

    fn n_bytes(&self) -> u64 {
        self.parts.iter().map(|(_, weights)| weights.n_bytes()).sum()
    }
}

impl ModelWeights {
    async fn zeros(gpu: &Gpu, file: &LlamaFile) -> Result<Self, EngineError> {
        let h = file.hyperparameters;
        let norm = |tensor: ModelTensor| gpu.storage("norm", 4 * tensor.shape(&h)[1]);
        let mut layers = Vec::new();
        for layer in 0..h.n_layers {
            let qkv = [ModelTensor::Q(layer), ModelTensor::K(layer), ModelTensor::V(layer)];
            let gate_up = [ModelTensor::Gate(layer), ModelTensor::Up(layer)];
            layers.push(Layer {
                attn_norm: norm(ModelTensor::AttnNorm(layer)).await?,
                qkv: Stack::zeros(gpu, file, &qkv).await?,
                attn_output: matrix(gpu, file, ModelTensor::AttnOutput(layer)).await?,
                ffn_norm: norm(ModelTensor::FfnNorm(layer)).await?,
                gate_up: Stack::zeros(gpu, file, &gate_up).await?,
                down: matrix(gpu, file, ModelTensor::Down(layer)).await?,
            });
        }
        let head = if h.tied_head { None } else { Some(matrix(gpu, file, ModelTensor::Head).await?) };
        Ok(Self {
            hyperparameters: h,
            embedding: matrix(gpu, file, ModelTensor::TokenEmbedding).await?,
            layers,
            output_norm: norm(ModelTensor::OutputNorm).await?,
            head,
        })
    }

    /// The matrix that gives the logits.
    pub(crate) fn head(&self) -> &Weights {
        self.head.as_ref().unwrap_or(&self.embedding)
    }

    /// Types of the layers' matrices, each once.
    pub(crate) fn layer_types(&self) -> Vec<TensorType> {
        let parts = |stack: &Stack| stack.parts.iter().map(|part| part.1.tensor_type).collect::<Vec<_>>();
        let of_layer = |layer: &Layer| {
            let single = [layer.attn_output.tensor_type, layer.down.tensor_type];
            [&parts(&layer.qkv)[..], &parts(&layer.gate_up), &single].concat()
        };
        let mut types = Vec::new();
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
            let norms = layer.attn_norm.size() + layer.ffn_norm.size();
            let single = layer.attn_output.n_bytes() + layer.down.n_bytes();
            norms + single + layer.qkv.n_bytes() + layer.gate_up.n_bytes()
        };
        let layers: u64 = self.layers.iter().map(of_layer).sum();
        let head = self.head.as_ref().map_or(0, Weights::n_bytes);
        layers + head + self.embedding.n_bytes() + self.output_norm.size()
    }

    /// Where the rows of a tensor go.
    fn place(&self, tensor: ModelTensor) -> Option<Place<'_>> {
        let h = &self.hyperparameters;
        let layer = |idx: u32| self.layers.get(idx as usize);
        let stacked = |stack: &'_ Stack, out: u32| -> Option<(Weights, u32)> {
            stack.place(out).map(|(weights, row)| (weights.clone(), row))
        };
        let whole = |weights: &Weights| Some((weights.clone(), 0));
        let matrix = match tensor {
            ModelTensor::AttnNorm(idx) => return Some(Place::Norm(&layer(idx)?.attn_norm)),
            ModelTensor::FfnNorm(idx) => return Some(Place::Norm(&layer(idx)?.ffn_norm)),
            ModelTensor::OutputNorm => return Some(Place::Norm(&self.output_norm)),
            ModelTensor::TokenEmbedding => whole(&self.embedding),
            ModelTensor::Head => whole(self.head()),
            ModelTensor::Q(idx) => stacked(&layer(idx)?.qkv, 0),
            ModelTensor::K(idx) => stacked(&layer(idx)?.qkv, h.q_dim()),
            ModelTensor::V(idx) => stacked(&layer(idx)?.qkv, h.q_dim() + h.kv_dim()),
            ModelTensor::AttnOutput(idx) => whole(&layer(idx)?.attn_output),
            ModelTensor::Gate(idx) => stacked(&layer(idx)?.gate_up, 0),
            ModelTensor::Up(idx) => stacked(&layer(idx)?.gate_up, h.hidden_dim),
            ModelTensor::Down(idx) => whole(&layer(idx)?.down),
        };
        matrix.map(|(weights, first_row)| Place::Matrix(weights, first_row))
    }
}

/// Where the rows of a tensor go.
enum Place<'a> {
    Norm(&'a Buffer),
    /// A matrix, and its first row.
    Matrix(Weights, u32),
}

/// Takes a file from its first byte to its last and hands out the weights.
#[derive(Debug)]
pub struct Loader {
    gpu: Gpu,
    weights: ModelWeights,
    stream: RowStream,
    types: Vec<(ModelTensor, TensorType)>,
    /// The matrix being filled.
    open: Option<(ModelTensor, Weights, RowCursor)>,
    n_bytes_in_flight: usize,
}

impl Loader {
    /// Makes room for the weights of a checked file.
    ///
    /// # Errors
    /// A model that the kernels or the device's memory cannot take.
    pub async fn begin(gpu: &Gpu, file: &LlamaFile) -> Result<Self, EngineError> {
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
    pub async fn load(gpu: &Gpu, file: &LlamaFile, bytes: &[u8]) -> Result<Rc<ModelWeights>, EngineError> {
        let mut loader = Self::begin(gpu, file).await?;
        loader.push(bytes).await?;
        loader.finish().await
    }
}

/// Sends rows to their place on the device.
fn store(
    gpu: &Gpu,
    weights: &ModelWeights,
    types: &[(ModelTensor, TensorType)],
    open: &mut Option<(ModelTensor, Weights, RowCursor)>,
    rows: Rows<'_>,
) -> Result<(), EngineError> {
    if open.as_ref().is_none_or(|(tensor, ..)| *tensor != rows.tensor) {
        *open = None;
        match weights.place(rows.tensor) {
            Some(Place::Norm(buffer)) => {
                let stored = types.iter().find(|(tensor, _)| *tensor == rows.tensor);
                let tensor_type = stored.map_or(TensorType::F32, |(_, tensor_type)| *tensor_type);
                let n_cols = weights.hyperparameters.dim as usize;
                let mut gain = vec![0.0f32; n_cols];
                dequantise_rows(tensor_type, n_cols, rows.bytes, &mut gain)?;
                gpu.write(buffer, 0, &gain);
            }
            Some(Place::Matrix(matrix, first_row)) => {
                *open = Some((rows.tensor, matrix, RowCursor::at(first_row)));
            }
            None => {}
        }
    }
    if let Some((_, matrix, cursor)) = open {
        matrix.write_rows(gpu, cursor, rows.bytes);
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
        ("dim", h.dim, h.dim.is_multiple_of(8), "a multiple of 8"),
        ("hidden_dim", h.hidden_dim, h.hidden_dim.is_multiple_of(8), "a multiple of 8"),
    ];
    match rules.into_iter().find(|(_, _, holds, _)| !holds) {
        Some((what, value, _, needed)) => Err(EngineError::Unsupported { what, value, needed }),
        None => Ok(()),
    }
}

async fn matrix(gpu: &Gpu, file: &LlamaFile, tensor: ModelTensor) -> Result<Weights, EngineError> {
    Weights::zeros(gpu, &tensor.name(), tensor_type(file, tensor)?, shape(file, tensor)).await
}

fn shape(file: &LlamaFile, tensor: ModelTensor) -> [u32; 2] {
    // Widths are at most 2^20, and so are the rows of a checked file's tensors.
    tensor.shape(&file.hyperparameters).map(|n| n as u32)
}

fn tensor_type(file: &LlamaFile, tensor: ModelTensor) -> Result<TensorType, EngineError> {
    let info = file.tensor(tensor).ok_or(EngineError::Incomplete)?;
    Ok(info.tensor_type)
}
