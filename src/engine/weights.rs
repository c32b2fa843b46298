//! Weight matrices on the device: the layout that `kernels/weights_*.wgsl` read, filled row by row.
//!
//! Quants and scales lie in arrays of their own, so that loads are aligned and wide; nothing is
//! dequantised here. A matrix may be several of the file's tensors below one another.

use half::f16;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use crate::weights::TensorType;
use crate::weights::blocks::BLOCK_LEN;

/// Bytes of a scale.
const SCALE_BYTES: usize = size_of::<f16>();

/// A weight matrix on the device, `[n_out, n_in]`.
#[derive(Clone, Debug)]
pub struct Weights {
    /// How the values are stored.
    pub tensor_type: TensorType,
    /// Rows.
    pub n_out: u32,
    /// Columns, a multiple of 8.
    pub n_in: u32,
    /// Values or quants.
    pub(crate) quants: Buffer,
    /// Scales of the quantised types.
    pub(crate) scales: Option<Buffer>,
}

/// Where the rows of one tensor go, and what is left between two calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowCursor {
    next_row: u32,
    /// A scale whose other half-word has not come yet.
    half_word: Option<[u8; SCALE_BYTES]>,
}

impl RowCursor {
    /// Before the given row of the matrix; it must be even, so that scales start on a word.
    pub fn at(first_row: u32) -> Self {
        Self { next_row: first_row, half_word: None }
    }
}

impl Weights {
    /// A matrix of zeros.
    ///
    /// # Errors
    /// No memory, a buffer that is too large, or a width that the kernels cannot read.
    pub async fn zeros(
        gpu: &Gpu,
        label: &str,
        tensor_type: TensorType,
        [n_out, n_in]: [u32; 2],
    ) -> Result<Self, EngineError> {
        if !n_in.is_multiple_of(8) {
            return Err(EngineError::Unsupported {
                what: "row length",
                value: n_in,
                needed: "a multiple of 8",
            });
        }
        let n_values = u64::from(n_out) * u64::from(n_in);
        let quants_bytes = match tensor_type {
            TensorType::F32 => 4 * n_values,
            TensorType::F16 => 2 * n_values,
            TensorType::Q8_0 => n_values,
            TensorType::Q4_0 => n_values / 2,
        };
        let quants = gpu.storage(label, quants_bytes).await?;
        let scales = match tensor_type {
            TensorType::F32 | TensorType::F16 => None,
            TensorType::Q8_0 | TensorType::Q4_0 => {
                let n_bytes = n_values / BLOCK_LEN as u64 * SCALE_BYTES as u64;
                Some(gpu.storage(&format!("{label} scales"), n_bytes).await?)
            }
        };
        Ok(Self { tensor_type, n_out, n_in, quants, scales })
    }

    /// A matrix from whole rows as a file holds them.
    ///
    /// # Errors
    /// As [`Weights::zeros`].
    pub async fn upload(
        gpu: &Gpu,
        label: &str,
        tensor_type: TensorType,
        shape: [u32; 2],
        rows: &[u8],
    ) -> Result<Self, EngineError> {
        let weights = Self::zeros(gpu, label, tensor_type, shape).await?;
        weights.write_rows(gpu, &mut RowCursor::at(0), rows);
        Ok(weights)
    }

    /// Writes the next whole rows of a tensor as the file holds them.
    pub fn write_rows(&self, gpu: &Gpu, cursor: &mut RowCursor, rows: &[u8]) {
        let row_bytes = self.tensor_type.row_bytes(self.n_in as usize);
        let n_rows = (rows.len() / row_bytes.max(1)) as u32;
        let first_value = u64::from(cursor.next_row) * u64::from(self.n_in);
        match (self.tensor_type, &self.scales) {
            (TensorType::F32, _) => gpu.write(&self.quants, 4 * first_value, rows),
            (TensorType::F16, _) => gpu.write(&self.quants, 2 * first_value, rows),
            (TensorType::Q8_0, Some(scales)) => {
                let packed = pack_q8_0(rows);
                gpu.write(&self.quants, first_value, &packed.quants);
                write_scales(gpu, scales, first_value, cursor, packed.scales);
            }
            (TensorType::Q4_0, Some(scales)) => {
                let packed = pack_q4_0(rows);
                gpu.write(&self.quants, first_value / 2, &packed.quants);
                write_scales(gpu, scales, first_value, cursor, packed.scales);
            }
            (TensorType::Q8_0 | TensorType::Q4_0, None) => {}
        }
        cursor.next_row += n_rows;
    }

    /// The buffers in binding order, between input and output.
    pub(crate) fn between<'a>(&'a self, x: &'a Buffer, y: &'a Buffer) -> Vec<&'a Buffer> {
        [Some(x), Some(&self.quants), self.scales.as_ref(), Some(y)].into_iter().flatten().collect()
    }

    /// Bytes on the device.
    pub fn n_bytes(&self) -> u64 {
        self.quants.size() + self.scales.as_ref().map_or(0, Buffer::size)
    }
}

/// Blocks taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Packed {
    quants: Vec<u8>,
    scales: Vec<u8>,
}

fn pack_q8_0(rows: &[u8]) -> Packed {
    let (blocks, _) = rows.as_chunks::<{ SCALE_BYTES + BLOCK_LEN }>();
    let mut packed =
        Packed { quants: Vec::with_capacity(rows.len()), scales: Vec::with_capacity(blocks.len() * 2 + 4) };
    for block in blocks {
        packed.scales.extend_from_slice(&block[..SCALE_BYTES]);
        packed.quants.extend_from_slice(&block[SCALE_BYTES..]);
    }
    packed
}

/// The file keeps value i and i + 16 in one byte; the kernel wants consecutive values.
fn pack_q4_0(rows: &[u8]) -> Packed {
    let (blocks, _) = rows.as_chunks::<{ SCALE_BYTES + BLOCK_LEN / 2 }>();
    let mut packed =
        Packed { quants: Vec::with_capacity(rows.len()), scales: Vec::with_capacity(blocks.len() * 2 + 4) };
    for block in blocks {
        packed.scales.extend_from_slice(&block[..SCALE_BYTES]);
        let (pairs, _) = block[SCALE_BYTES..].as_chunks::<2>();
        packed.quants.extend(pairs.iter().map(|[a, b]| (a & 15) | (b & 15) << 4));
        packed.quants.extend(pairs.iter().map(|[a, b]| a >> 4 | (b & 0xf0)));
    }
    packed
}

/// Writes scales at whole words: starts with the half-word kept, and keeps a half-word at the end.
fn write_scales(gpu: &Gpu, buffer: &Buffer, first_value: u64, cursor: &mut RowCursor, mut scales: Vec<u8>) {
    let mut offset = first_value / BLOCK_LEN as u64 * SCALE_BYTES as u64;
    if let Some(half_word) = cursor.half_word.take() {
        scales.splice(0..0, half_word);
        offset -= SCALE_BYTES as u64;
    }
    if !scales.len().is_multiple_of(4) {
        cursor.half_word = scales.last_chunk().copied();
        scales.extend([0; SCALE_BYTES]);
    }
    gpu.write(buffer, offset, &scales);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q4_0_values_come_in_order() {
        let mut block = vec![0x11, 0x22];
        block.extend((0..16u8).map(|i| i | (15 - i) << 4));
        let packed = pack_q4_0(&block);
        let nibbles: Vec<u8> = packed.quants.iter().flat_map(|byte| [byte & 15, byte >> 4]).collect();
        let expected: Vec<u8> = (0..16).chain((0..16).rev()).collect();
        assert_eq!(nibbles, expected);
        assert_eq!(packed.scales, [0x11, 0x22]);
    }

    #[test]
    fn q8_0_scales_and_quants_are_parted() {
        let blocks: Vec<u8> = (0..68).collect();
        let packed = pack_q8_0(&blocks);
        assert_eq!(packed.scales, [0, 1, 34, 35]);
        assert_eq!(packed.quants, (2..34).chain(36..68).collect::<Vec<u8>>());
    }
}
