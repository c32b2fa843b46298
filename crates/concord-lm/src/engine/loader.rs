//! From the bytes of a GGUF file, in chunks of any size, to weights on the device.
//!
//! Holds one slice of the file at a time, and waits for the device every few slices, so that neither
//! the heap nor the device's staging memory grows with the model.

use std::rc::Rc;

use super::device::Gpu;
use super::error::EngineError;
use super::kernels::attention;
use super::model_weights::{ModelWeights, Place, Stack};
use super::weights::RowCursor;
use crate::weights::{
    Hyperparameters, ModelFile, ModelTensor, RowStream, Rows, TensorType, dequantise_rows, finite,
};

/// Bytes of the file that are repacked at once.
const SLICE_BYTES: usize = 2 << 20;
/// Bytes handed to the device before it is waited for.
const BYTES_IN_FLIGHT: usize = 16 << 20;
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
        // What the device says later is not about the weights.
        self.gpu.settle().await?;
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
    let stored = types.iter().find(|(tensor, _)| *tensor == rows.tensor);
    let tensor_type = stored.map_or(TensorType::F32, |(_, tensor_type)| *tensor_type);
    let n_cols = rows.tensor.shape(&weights.hyperparameters)[1] as usize;
    finite::check(tensor_type, n_cols, &rows)?;
    if open.as_ref().is_none_or(|filling| filling.tensor != rows.tensor) {
        *open = None;
        let vector = |rows: Rows<'_>| -> Result<Vec<f32>, EngineError> {
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
