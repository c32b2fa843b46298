//! Weights in memory, from the bytes of a GGUF file in chunks of any size.

use std::sync::Arc;

use super::layer_norm::LayerNorm;
use super::matmul::Matrix;
use crate::weights::numerics::held_bytes;
use crate::weights::{
    Head, Held, Hyperparameters, ModelFile, ModelTensor, Numerics, RowStream, Rows, TensorType, WeightsError,
    dequantise_rows, finite, is_large,
};

/// All weights of a model; shared by the models that run them. Matrices are held as [`Numerics`] says, vectors in f32.
#[derive(Debug)]
pub struct Weights {
    /// The model's numbers.
    pub hyperparameters: Hyperparameters,
    /// Embedding table, `[vocab_size, dim]`.
    pub(crate) embedding: Matrix,
    /// Vectors of positions, `[seq_len + first_row, dim]`; no rows where the model has none.
    pub(crate) positions: Matrix,
    /// Of the embeddings, the first token type's vector before it; empty where the model has none.
    pub(crate) embedding_norm: LayerNorm,
    pub(crate) layers: Vec<Layer>,
    /// Divisors of the RoPE frequencies, `[rope_dim / 2]` or empty.
    pub(crate) rope_divisors: Vec<f32>,
    /// Gain before the head, `[dim]`; empty where the model has none.
    pub(crate) output_norm: Vec<f32>,
    /// Dense layers after pooling, `[dense_dim, dim]` and `[dim, dense_dim]`; no rows where the model has none.
    pub(crate) dense: [Matrix; 2],
    /// Output head, `[vocab_size, dim]`; `None` when it is the embedding table, or there is none.
    pub(crate) head: Option<Matrix>,
}

/// Weights of one layer; shapes as in [`ModelTensor`].
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(crate) attn_norm: Vec<f32>,
    /// Biases of Q, K and V and gains of the norms of their heads; empty where the model has none.
    pub(crate) qkv_bias: [Vec<f32>; 3],
    pub(crate) head_norm: [Vec<f32>; 2],
    pub(crate) attn_update: Update,
    pub(crate) ffn_update: Update,
    pub(crate) q: Matrix,
    pub(crate) k: Matrix,
    pub(crate) v: Matrix,
    pub(crate) attn_output: Matrix,
    pub(crate) ffn_norm: Vec<f32>,
    pub(crate) gate: Matrix,
    pub(crate) up: Matrix,
    /// Of an up projection without a gate.
    pub(crate) up_bias: Vec<f32>,
    pub(crate) down: Matrix,
}

/// How what a part of a layer gives changes the states; empty where the model has none of it.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// Gain of the norm of the update.
    pub(crate) post_norm: Vec<f32>,
    /// Of the states with the update.
    pub(crate) sum_norm: LayerNorm,
}

impl Weights {
    /// The matrix that gives the logits, `[vocab_size, dim]`.
    pub(crate) fn head(&self) -> &Matrix {
        self.head.as_ref().unwrap_or(&self.embedding)
    }

    /// Bytes that the weights of a file take in memory.
    pub fn n_bytes(file: &ModelFile, numerics: Numerics) -> u64 {
        held_bytes(&file.tensors, numerics)
    }
}

/// Takes a file from its first byte to its last and hands out the weights.
#[derive(Debug)]
pub struct Loader {
    weights: Weights,
    stream: RowStream,
    types: Vec<(ModelTensor, TensorType)>,
    /// One dequantised row, kept to spare allocations.
    scratch: Vec<f32>,
    n_bytes_pushed: u64,
    n_bytes_needed: u64,
}

impl Loader {
    /// Makes room for the weights of a checked file. [`Numerics::of`] says which numerics suit it; a test that compares
    /// with exact results takes [`Numerics::F32`].
    pub fn begin(file: &ModelFile, numerics: Numerics) -> Self {
        let h = file.hyperparameters;
        let is_large = is_large(&file.tensors);
        let zeros = |tensor: ModelTensor| {
            let Some(info) = file.tensor(tensor) else { return Matrix::default() };
            let [n_rows, n_cols] = tensor.shape(&h);
            let held = Held::of(info.tensor_type, numerics, is_large);
            Matrix::held(held, n_rows as usize, n_cols as usize)
        };
        let layers = (0..h.n_layers).map(|layer| Layer {
            q: zeros(ModelTensor::Q(layer)),
            k: zeros(ModelTensor::K(layer)),
            v: zeros(ModelTensor::V(layer)),
            attn_output: zeros(ModelTensor::AttnOutput(layer)),
            gate: if h.gated { zeros(ModelTensor::Gate(layer)) } else { Matrix::default() },
            up: zeros(ModelTensor::Up(layer)),
            down: zeros(ModelTensor::Down(layer)),
            ..Layer::default()
        });
        let weights = Weights {
            hyperparameters: h,
            embedding: zeros(ModelTensor::TokenEmbedding),
            positions: zeros(ModelTensor::PositionEmbedding),
            embedding_norm: LayerNorm::default(),
            layers: layers.collect(),
            rope_divisors: Vec::new(),
            output_norm: Vec::new(),
            dense: [ModelTensor::Dense, ModelTensor::DenseBack].map(zeros),
            head: (h.head == Head::Own).then(|| zeros(ModelTensor::Head)),
        };
        let types = file.tensors.iter().map(|placed| (placed.tensor, placed.info.tensor_type)).collect();
        Self {
            weights,
            stream: RowStream::new(file),
            types,
            scratch: Vec::new(),
            n_bytes_pushed: 0,
            n_bytes_needed: file.header.data_end,
        }
    }

    /// Takes the next bytes of the file, header included, in order.
    ///
    /// # Errors
    /// Rows that do not fit their tensor's type.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), WeightsError> {
        let Self { weights, stream, types, scratch, .. } = self;
        self.n_bytes_pushed += chunk.len() as u64;
        stream.push(chunk, |rows| store(weights, types, scratch, rows))
    }

    /// Hands out the weights.
    ///
    /// # Errors
    /// [`WeightsError::Truncated`] when tensors are still missing.
    pub fn finish(self) -> Result<Arc<Weights>, WeightsError> {
        if !self.stream.is_complete() {
            let what = "the last tensor".to_owned();
            let (needed, available) = (self.n_bytes_needed, self.n_bytes_pushed);
            return Err(WeightsError::Truncated { what, needed, available });
        }
        Ok(Arc::new(self.weights))
    }

    /// All three steps for a file that is in memory.
    ///
    /// # Errors
    /// As [`Loader::push`] and [`Loader::finish`].
    pub fn load(file: &ModelFile, numerics: Numerics, bytes: &[u8]) -> Result<Arc<Weights>, WeightsError> {
        let mut loader = Self::begin(file, numerics);
        loader.push(bytes)?;
        loader.finish()
    }
}

/// Where the rows of a tensor go.
enum Place<'a> {
    Matrix(&'a mut Matrix),
    Vector(&'a mut Vec<f32>),
    /// The first row alone.
    First(&'a mut Vec<f32>),
    Nowhere,
}

fn place(weights: &mut Weights, tensor: ModelTensor) -> Place<'_> {
    let Weights {
        hyperparameters,
        embedding,
        positions,
        embedding_norm,
        layers,
        rope_divisors,
        output_norm,
        dense,
        head,
    } = weights;
    match tensor {
        ModelTensor::TokenEmbedding => Place::Matrix(embedding),
        ModelTensor::PositionEmbedding => Place::Matrix(positions),
        ModelTensor::TokenTypes => Place::First(&mut embedding_norm.before),
        ModelTensor::EmbeddingNorm => Place::Vector(&mut embedding_norm.gain),
        ModelTensor::EmbeddingNormBias => Place::Vector(&mut embedding_norm.bias),
        ModelTensor::Dense => Place::Matrix(&mut dense[0]),
        ModelTensor::DenseBack => Place::Matrix(&mut dense[1]),
        ModelTensor::Head => head.as_mut().map_or(Place::Nowhere, Place::Matrix),
        ModelTensor::OutputNorm => Place::Vector(output_norm),
        ModelTensor::RopeDivisors => Place::Vector(rope_divisors),
        ModelTensor::RopeShort if !hyperparameters.is_long() => Place::Vector(rope_divisors),
        ModelTensor::RopeLong if hyperparameters.is_long() => Place::Vector(rope_divisors),
        ModelTensor::RopeShort | ModelTensor::RopeLong => Place::Nowhere,
        ModelTensor::AttnNorm(idx) => Place::Vector(&mut layers[idx as usize].attn_norm),
        ModelTensor::Q(idx) => Place::Matrix(&mut layers[idx as usize].q),
        ModelTensor::K(idx) => Place::Matrix(&mut layers[idx as usize].k),
        ModelTensor::V(idx) => Place::Matrix(&mut layers[idx as usize].v),
        ModelTensor::QBias(idx) => Place::Vector(&mut layers[idx as usize].qkv_bias[0]),
        ModelTensor::KBias(idx) => Place::Vector(&mut layers[idx as usize].qkv_bias[1]),
        ModelTensor::VBias(idx) => Place::Vector(&mut layers[idx as usize].qkv_bias[2]),
        ModelTensor::QNorm(idx) => Place::Vector(&mut layers[idx as usize].head_norm[0]),
        ModelTensor::KNorm(idx) => Place::Vector(&mut layers[idx as usize].head_norm[1]),
        ModelTensor::AttnOutput(idx) => Place::Matrix(&mut layers[idx as usize].attn_output),
        ModelTensor::AttnPostNorm(idx) => Place::Vector(&mut layers[idx as usize].attn_update.post_norm),
        ModelTensor::AttnOutputBias(idx) => {
            Place::Vector(&mut layers[idx as usize].attn_update.sum_norm.before)
        }
        ModelTensor::AttnSumNorm(idx) => Place::Vector(&mut layers[idx as usize].attn_update.sum_norm.gain),
        ModelTensor::AttnSumNormBias(idx) => {
            Place::Vector(&mut layers[idx as usize].attn_update.sum_norm.bias)
        }
        ModelTensor::FfnNorm(idx) => Place::Vector(&mut layers[idx as usize].ffn_norm),
        ModelTensor::Gate(idx) => Place::Matrix(&mut layers[idx as usize].gate),
        ModelTensor::Up(idx) => Place::Matrix(&mut layers[idx as usize].up),
        ModelTensor::UpBias(idx) => Place::Vector(&mut layers[idx as usize].up_bias),
        ModelTensor::Down(idx) => Place::Matrix(&mut layers[idx as usize].down),
        ModelTensor::FfnPostNorm(idx) => Place::Vector(&mut layers[idx as usize].ffn_update.post_norm),
        ModelTensor::DownBias(idx) => Place::Vector(&mut layers[idx as usize].ffn_update.sum_norm.before),
        ModelTensor::FfnSumNorm(idx) => Place::Vector(&mut layers[idx as usize].ffn_update.sum_norm.gain),
        ModelTensor::FfnSumNormBias(idx) => Place::Vector(&mut layers[idx as usize].ffn_update.sum_norm.bias),
    }
}

fn store(
    weights: &mut Weights,
    types: &[(ModelTensor, TensorType)],
    scratch: &mut Vec<f32>,
    rows: Rows<'_>,
) -> Result<(), WeightsError> {
    let Some(&(_, tensor_type)) = types.iter().find(|(tensor, _)| *tensor == rows.tensor) else {
        return Ok(());
    };
    let [_, n_cols] = rows.tensor.shape(&weights.hyperparameters);
    let n_cols = n_cols as usize;
    finite::check(tensor_type, n_cols, &rows)?;
    for (row_idx, bytes) in (rows.first_row as usize..).zip(rows.bytes.chunks(tensor_type.row_bytes(n_cols)))
    {
        match place(weights, rows.tensor) {
            Place::Matrix(matrix) => matrix.set_stored_row(row_idx, tensor_type, bytes, scratch)?,
            Place::First(_) if row_idx > 0 => {}
            Place::Vector(vector) | Place::First(vector) => {
                vector.resize(n_cols, 0.0);
                dequantise_rows(tensor_type, n_cols, bytes, vector)?;
            }
            Place::Nowhere => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::{RandomModel, random_model};

    /// What is planned for a file is what its weights take.
    #[test]
    fn weights_take_what_is_planned() {
        for tensor_type in TensorType::ALL {
            for numerics in [Numerics::F32, Numerics::Int8] {
                let shape = RandomModel {
                    dim: 256,
                    hidden_dim: 512,
                    n_heads: 4,
                    tensor_type,
                    ..RandomModel::default()
                };
                let bytes = random_model(&shape);
                let file = ModelFile::from_bytes(&bytes).unwrap();
                let mut weights = Arc::into_inner(Loader::load(&file, numerics, &bytes).unwrap()).unwrap();
                let taken = file.tensors.iter().map(|placed| match place(&mut weights, placed.tensor) {
                    Place::Matrix(matrix) => matrix.n_bytes(),
                    Place::Vector(vector) | Place::First(vector) => 4 * vector.len(),
                    Place::Nowhere => 0,
                });
                let taken: usize = taken.sum();
                assert_eq!(Weights::n_bytes(&file, numerics), taken as u64, "{tensor_type:?} {numerics:?}");
            }
        }
    }
}
