//! Weight matrices on the device: the layout that `kernels/weights_*.wgsl` read, filled row by row.
//!
//! Quants and scales lie in arrays of their own, so that loads are aligned and wide; nothing is
//! dequantised here. A matrix may be several of the file's tensors below one another.

use half::f16;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use crate::weights::{TensorType, iq4_xs_scale, q3_k_scale, two_bits};

/// Bytes of an f16 scale.
const SCALE_BYTES: usize = size_of::<f16>();
/// Bytes of the scales of a block of [`TensorType::Q6_K`] on the device: 16, then `d` and padding.
const Q6_SCALE_BYTES: usize = 20;

/// A weight matrix on the device, `[n_out, n_in]`.
#[derive(Clone, Debug)]
pub struct Weights {
    /// How the values are stored.
    pub tensor_type: TensorType,
    /// Rows.
    pub n_out: u32,
    /// Columns, a multiple of 8.
    pub n_in: u32,
    /// Values, bytes or nibbles in order.
    pub(crate) quants: Buffer,
    /// Scales of the quantised types.
    pub(crate) scales: Option<Buffer>,
    /// Bits above the nibbles.
    pub(crate) high: Option<Buffer>,
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

/// Bytes of a block in each buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PlaneBytes {
    quants: usize,
    scales: usize,
    high: usize,
}

impl PlaneBytes {
    fn of(tensor_type: TensorType) -> Self {
        let (quants, scales, high) = match tensor_type {
            TensorType::F32 => (4, 0, 0),
            TensorType::F16 | TensorType::BF16 => (2, 0, 0),
            TensorType::Q8_0 => (32, 2, 0),
            TensorType::Q4_0 => (16, 2, 0),
            TensorType::Q4_1 => (16, 4, 0),
            TensorType::Q5_0 => (16, 2, 4),
            TensorType::Q5_1 => (16, 4, 4),
            TensorType::Q4_K => (128, 16, 0),
            TensorType::Q5_K => (128, 16, 32),
            TensorType::Q6_K => (128, Q6_SCALE_BYTES, 64),
            TensorType::Q2_K => (64, 20, 0),
            // Scales as Q6_K's.
            TensorType::Q3_K => (64, Q6_SCALE_BYTES, 32),
            TensorType::IQ4_NL => (16, 2, 0),
            // Eight scales of a byte, then `d` and padding.
            TensorType::IQ4_XS => (128, 12, 0),
        };
        Self { quants, scales, high }
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
        let n_blocks = u64::from(n_out) * u64::from(n_in) / tensor_type.block_len() as u64;
        let bytes = PlaneBytes::of(tensor_type);
        let plane = async |suffix: &str, block_bytes: usize| {
            if block_bytes == 0 {
                return Ok(None);
            }
            gpu.storage(&format!("{label}{suffix}"), n_blocks * block_bytes as u64).await.map(Some)
        };
        Ok(Self {
            tensor_type,
            n_out,
            n_in,
            quants: gpu.storage(label, n_blocks * bytes.quants as u64).await?,
            scales: plane(" scales", bytes.scales).await?,
            high: plane(" high bits", bytes.high).await?,
        })
    }

    /// Most rows of this width that fit a buffer of the device; even, so that scales start on a word.
    pub(crate) fn most_rows(gpu: &Gpu, tensor_type: TensorType, n_in: u32) -> u32 {
        let n_blocks = u64::from(n_in) / tensor_type.block_len() as u64;
        // No other buffer of a matrix is larger.
        let row_bytes = (n_blocks * PlaneBytes::of(tensor_type).quants as u64).max(1);
        u32::try_from(gpu.max_buffer_bytes() / row_bytes).unwrap_or(u32::MAX) & !1
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
        let row_blocks = u64::from(self.n_in) / self.tensor_type.block_len() as u64;
        let first_block = u64::from(cursor.next_row) * row_blocks;
        let bytes = PlaneBytes::of(self.tensor_type);
        let at = |block_bytes: usize| first_block * block_bytes as u64;
        match &self.scales {
            None => gpu.write(&self.quants, at(bytes.quants), rows),
            Some(scales) => {
                let planes = Planes::of(self.tensor_type, rows);
                gpu.write(&self.quants, at(bytes.quants), &planes.quants);
                if let Some(high) = &self.high {
                    gpu.write(high, at(bytes.high), &planes.high);
                }
                write_scales(gpu, scales, at(bytes.scales), cursor, planes.scales);
            }
        }
        cursor.next_row += n_rows;
    }

    /// The buffers of a kernel that reads the matrix, its own first.
    pub fn after<'a>(&'a self, own: impl IntoIterator<Item = &'a Buffer>) -> Vec<&'a Buffer> {
        let planes = [Some(&self.quants), self.scales.as_ref(), self.high.as_ref()];
        own.into_iter().chain(planes.into_iter().flatten()).collect()
    }

    /// Bytes on the device.
    pub fn n_bytes(&self) -> u64 {
        let others = [&self.scales, &self.high];
        self.quants.size() + others.into_iter().flatten().map(Buffer::size).sum::<u64>()
    }
}

/// Blocks taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Planes {
    quants: Vec<u8>,
    scales: Vec<u8>,
    high: Vec<u8>,
}

impl Planes {
    /// Scales and quants apart, quants in the order of the values.
    fn of(tensor_type: TensorType, rows: &[u8]) -> Self {
        let mut planes = Self::default();
        planes.quants.reserve(rows.len());
        for block in rows.chunks_exact(tensor_type.block_bytes()) {
            planes.add(tensor_type, block);
        }
        planes
    }

    fn add(&mut self, tensor_type: TensorType, block: &[u8]) {
        match tensor_type {
            TensorType::F32 | TensorType::F16 | TensorType::BF16 => self.quants.extend_from_slice(block),
            TensorType::Q8_0 => {
                self.scales.extend_from_slice(&block[..2]);
                self.quants.extend_from_slice(&block[2..]);
            }
            TensorType::Q4_0 | TensorType::IQ4_NL => self.add_nibbles(block, 2),
            TensorType::Q4_1 => self.add_nibbles(block, 4),
            TensorType::Q5_0 => self.add_five_bits(block, 2),
            TensorType::Q5_1 => self.add_five_bits(block, 4),
            TensorType::Q4_K => {
                self.scales.extend_from_slice(&block[..16]);
                self.add_low_then_high(&block[16..], 32);
            }
            TensorType::Q5_K => {
                self.scales.extend_from_slice(&block[..16]);
                self.high.extend(by_eights(&block[16..48]));
                self.add_low_then_high(&block[48..], 32);
            }
            TensorType::Q6_K => self.add_q6_k(block),
            TensorType::Q2_K => {
                self.scales.extend_from_slice(&block[..16]);
                self.scales.extend_from_slice(&block[80..]);
                self.add_two_bits(&block[16..80]);
            }
            TensorType::Q3_K => {
                self.high.extend(by_eights(&block[..32]));
                self.add_two_bits(&block[32..96]);
                self.scales.extend((0..16).map(|group| q3_k_scale(&block[96..108], group).cast_unsigned()));
                self.scales.extend([block[108], block[109], 0, 0]);
            }
            TensorType::IQ4_XS => {
                self.scales.extend((0..8).map(|sub| iq4_xs_scale(&block[2..8], sub).cast_unsigned()));
                self.scales.extend([block[0], block[1], 0, 0]);
                self.add_low_then_high(&block[8..], 16);
            }
        }
    }

    /// The file keeps value i low and value i + n high in byte i; here consecutive values share a byte.
    fn add_low_then_high(&mut self, bytes: &[u8], n: usize) {
        for group in bytes.chunks_exact(n) {
            let (pairs, _) = group.as_chunks::<2>();
            self.quants.extend(pairs.iter().map(|[a, b]| (a & 15) | (b & 15) << 4));
            self.quants.extend(pairs.iter().map(|[a, b]| a >> 4 | (b & 0xf0)));
        }
    }

    /// Four consecutive values of two bits in a byte.
    fn add_two_bits(&mut self, bytes: &[u8]) {
        let four = |first: usize| (0..4usize).fold(0, |byte, i| byte | two_bits(bytes, first + i) << (2 * i));
        self.quants.extend((0..64).map(|byte| four(4 * byte)));
    }

    fn add_nibbles(&mut self, block: &[u8], scale_bytes: usize) {
        self.scales.extend_from_slice(&block[..scale_bytes]);
        self.add_low_then_high(&block[scale_bytes..], 16);
    }

    fn add_five_bits(&mut self, block: &[u8], scale_bytes: usize) {
        self.scales.extend_from_slice(&block[..scale_bytes]);
        self.high.extend_from_slice(&block[scale_bytes..scale_bytes + 4]);
        self.add_low_then_high(&block[scale_bytes + 4..], 16);
    }

    /// Nibbles of values 0..64 are the low ones of a half's 64 bytes; upper bits go two by two.
    fn add_q6_k(&mut self, block: &[u8]) {
        self.add_low_then_high(&block[..128], 64);
        let uppers = &block[128..192];
        self.high.extend((0..64).map(|four| {
            let (half, k, first) = (four / 32, four % 32 / 8, four % 8 * 4);
            (0..4).fold(0, |byte, i| byte | (uppers[32 * half + first + i] >> (2 * k) & 3) << (2 * i))
        }));
        self.scales.extend_from_slice(&block[192..]);
        self.scales.extend([0, 0]);
    }
}

/// One bit of each of 256 values in their order, from 32 bytes that hold that of value `32 s + i` at bit `s` of byte `i`.
fn by_eights(bits: &[u8]) -> impl Iterator<Item = u8> {
    (0..32).map(|eight| {
        let (sub, first) = (eight / 4, eight % 4 * 8);
        (0..8).fold(0, |byte, i| byte | (bits[first + i] >> sub & 1) << i)
    })
}

/// Writes scales at whole words: starts with the half-word kept, and keeps a half-word at the end.
fn write_scales(gpu: &Gpu, buffer: &Buffer, offset: u64, cursor: &mut RowCursor, mut scales: Vec<u8>) {
    let mut offset = offset;
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
        let planes = Planes::of(TensorType::Q4_0, &block);
        let nibbles: Vec<u8> = planes.quants.iter().flat_map(|byte| [byte & 15, byte >> 4]).collect();
        let expected: Vec<u8> = (0..16).chain((0..16).rev()).collect();
        assert_eq!(nibbles, expected);
        assert_eq!(planes.scales, [0x11, 0x22]);
    }

    #[test]
    fn q8_0_scales_and_quants_are_parted() {
        let blocks: Vec<u8> = (0..68).collect();
        let planes = Planes::of(TensorType::Q8_0, &blocks);
        assert_eq!(planes.scales, [0, 1, 34, 35]);
        assert_eq!(planes.quants, (2..34).chain(36..68).collect::<Vec<u8>>());
    }

    #[test]
    fn planes_have_the_bytes_that_the_buffers_have_room_for() {
        for tensor_type in TensorType::ALL {
            let planes = Planes::of(tensor_type, &vec![7; 3 * tensor_type.block_bytes()]);
            let bytes = PlaneBytes::of(tensor_type);
            let found = [planes.quants.len(), planes.scales.len(), planes.high.len()];
            assert_eq!(found, [3 * bytes.quants, 3 * bytes.scales, 3 * bytes.high], "{tensor_type:?}");
        }
    }
}
