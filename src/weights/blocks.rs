//! Tensor types: how rows of numbers are laid out as bytes, and their dequantisation on the CPU.
//!
//! Facts of the GGML block formats, all little-endian, blocks along the last axis:
//! - `Q8_0`: 32 values; f16 scale `d`, then 32 × i8 `q`; value = `d * q`.
//! - `Q4_0`: 32 values; f16 scale `d`, then 16 bytes; byte `i` holds value `i` in its low and value
//!   `i + 16` in its high nibble; value = `d * (nibble - 8)`.

use half::f16;

use super::error::WeightsError;

/// Values in a block of the quantised types.
pub const BLOCK_LEN: usize = 32;

/// Storage of a tensor's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TensorType {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// Blocks of 32 bytes with a scale.
    Q8_0,
    /// Blocks of 32 nibbles with a scale.
    Q4_0,
}

impl TensorType {
    /// All types, for tests that go through them.
    pub const ALL: [Self; 4] = [Self::F32, Self::F16, Self::Q8_0, Self::Q4_0];

    /// Name as llama.cpp writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Q8_0 => "Q8_0",
            Self::Q4_0 => "Q4_0",
        }
    }

    /// Number of the type in a GGUF file.
    pub fn ggml_id(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q8_0 => 8,
        }
    }

    /// The type of a GGUF number, or the name of the unsupported type.
    pub(crate) fn from_ggml_id(id: u32) -> Result<Self, String> {
        match id {
            0 => Ok(Self::F32),
            1 => Ok(Self::F16),
            2 => Ok(Self::Q4_0),
            8 => Ok(Self::Q8_0),
            _ => Err(unsupported_name(id)),
        }
    }

    /// Values in one block; rows are a whole number of blocks.
    pub fn block_len(self) -> usize {
        match self {
            Self::F32 | Self::F16 => 1,
            Self::Q8_0 | Self::Q4_0 => BLOCK_LEN,
        }
    }

    /// Bytes of one block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
            Self::Q8_0 => 34,
            Self::Q4_0 => 18,
        }
    }

    /// Bytes of one row of `n_cols` values; `n_cols` is a multiple of [`Self::block_len`].
    pub fn row_bytes(self, n_cols: usize) -> usize {
        n_cols / self.block_len() * self.block_bytes()
    }
}

/// Names of the types that exist in GGUF files but are not supported here.
fn unsupported_name(id: u32) -> String {
    let name = match id {
        3 => "Q4_1",
        6 => "Q5_0",
        7 => "Q5_1",
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        12 => "Q4_K",
        13 => "Q5_K",
        14 => "Q6_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        30 => "BF16",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => return format!("an unknown type (number {id})"),
    };
    name.to_owned()
}

/// Dequantises whole rows to f32. `bytes` holds `out.len() / n_cols` rows; `out` is `[n_rows, n_cols]`.
///
/// # Errors
/// [`WeightsError::Length`] when `n_cols` is not a whole number of blocks, `out` not a whole number
/// of rows, or `bytes` not exactly the bytes of those rows.
pub fn dequantise_rows(
    tensor_type: TensorType,
    n_cols: usize,
    bytes: &[u8],
    out: &mut [f32],
) -> Result<(), WeightsError> {
    let (block_len, block_bytes) = (tensor_type.block_len(), tensor_type.block_bytes());
    if n_cols == 0 || !n_cols.is_multiple_of(block_len) {
        let expected = n_cols.next_multiple_of(block_len).max(block_len) as u64;
        return Err(WeightsError::Length { what: "columns of a row", expected, found: n_cols as u64 });
    }
    if !out.len().is_multiple_of(n_cols) {
        let expected = out.len().next_multiple_of(n_cols) as u64;
        return Err(WeightsError::Length { what: "dequantised values", expected, found: out.len() as u64 });
    }
    let expected = out.len() / block_len * block_bytes;
    if bytes.len() != expected {
        let (expected, found) = (expected as u64, bytes.len() as u64);
        return Err(WeightsError::Length { what: "bytes of the rows", expected, found });
    }
    let blocks = bytes.chunks_exact(block_bytes).zip(out.chunks_exact_mut(block_len));
    match tensor_type {
        TensorType::F32 => {
            blocks.for_each(|(b, out)| out[0] = f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        }
        TensorType::F16 => blocks.for_each(|(b, out)| out[0] = f16_at(b)),
        TensorType::Q8_0 => blocks.for_each(|(b, out)| dequantise_q8_0(b, out)),
        TensorType::Q4_0 => blocks.for_each(|(b, out)| dequantise_q4_0(b, out)),
    }
    Ok(())
}

/// The f16 in the first two bytes, as f32.
fn f16_at(bytes: &[u8]) -> f32 {
    f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
}

fn dequantise_q8_0(block: &[u8], out: &mut [f32]) {
    let scale = f16_at(block);
    for (value, quant) in out.iter_mut().zip(&block[2..]) {
        *value = scale * f32::from(quant.cast_signed());
    }
}

fn dequantise_q4_0(block: &[u8], out: &mut [f32]) {
    let scale = f16_at(block);
    let (low, high) = out.split_at_mut(BLOCK_LEN / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(&block[2..]) {
        *low = scale * (f32::from(byte & 15) - 8.0);
        *high = scale * (f32::from(byte >> 4) - 8.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q8_0_is_scale_times_signed_byte() {
        let mut block = f16::from_f32(0.5).to_le_bytes().to_vec();
        block.extend((0..32).map(|i| (i as i8 - 16).cast_unsigned()));
        let mut out = [0.0; 32];
        dequantise_rows(TensorType::Q8_0, 32, &block, &mut out).unwrap();
        assert_eq!(out[0], -8.0);
        assert_eq!(out[16], 0.0);
        assert_eq!(out[31], 7.5);
    }

    #[test]
    fn q4_0_puts_the_second_half_in_high_nibbles() {
        let mut block = f16::from_f32(2.0).to_le_bytes().to_vec();
        block.extend((0..16u8).map(|i| i | ((15 - i) << 4)));
        let mut out = [0.0; 32];
        dequantise_rows(TensorType::Q4_0, 32, &block, &mut out).unwrap();
        assert_eq!(out[0], -16.0);
        assert_eq!(out[15], 14.0);
        assert_eq!(out[16], 14.0);
        assert_eq!(out[31], -16.0);
    }

    #[test]
    fn floats_are_read_as_they_are() {
        let values = [1.0f32, -2.5, 65504.0, 0.0];
        let f32s: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let f16s: Vec<u8> = values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect();
        for (tensor_type, bytes) in [(TensorType::F32, f32s), (TensorType::F16, f16s)] {
            let mut out = [9.0; 4];
            dequantise_rows(tensor_type, 2, &bytes, &mut out).unwrap();
            assert_eq!(out, values, "{tensor_type:?}");
        }
    }

    #[test]
    fn wrong_lengths_are_refused() {
        for (n_cols, n_bytes, n_out) in [(32, 33, 32), (32, 35, 32), (31, 34, 31), (32, 34, 33), (0, 0, 0)] {
            let mut out = vec![0.0; n_out];
            let result = dequantise_rows(TensorType::Q8_0, n_cols, &vec![0; n_bytes], &mut out);
            assert!(matches!(result, Err(WeightsError::Length { .. })), "{n_cols} {n_bytes} {n_out}");
        }
    }

    #[test]
    fn numbers_and_names_agree() {
        for tensor_type in TensorType::ALL {
            assert_eq!(TensorType::from_ggml_id(tensor_type.ggml_id()), Ok(tensor_type));
        }
        assert_eq!(TensorType::from_ggml_id(12), Err("Q4_K".to_owned()));
        assert_eq!(TensorType::from_ggml_id(77), Err("an unknown type (number 77)".to_owned()));
    }
}
