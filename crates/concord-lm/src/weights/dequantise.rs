//! Dequantisation on the CPU: the meaning of every tensor type.
//!
//! Facts of the GGML block formats, all little-endian, blocks along the last axis; `d` and `m` are f16:
//! - `Q8_0`: `d`, then 32 × i8 `q`; value = `d * q`.
//! - `Q4_0`: `d`, then 16 bytes; byte `i` holds value `i` in its low and value `i + 16` in its high nibble;
//!   value = `d * (nibble - 8)`. `Q4_1`: `d`, `m`, 16 bytes; value = `d * nibble + m`.
//! - `Q5_0`, `Q5_1`: the same with a u32 before the nibbles whose bit `i` is bit 4 of value `i`, centred at 16.
//! - `Q4_K`: `d`, `m`, 12 bytes of 6-bit scales and minimums of eight sub-blocks of 32, 128 bytes; the
//!   `c`-th 32 bytes hold sub-block `2c` in their low and `2c + 1` in their high nibbles;
//!   value = `d * scale * nibble - m * minimum`. Packing: for sub-blocks 0..4 bytes `j` and `j + 4` hold scale and
//!   minimum in their low 6 bits; for `j + 4` byte `j + 8` holds the low 4 bits of both, and the upper two bits of
//!   bytes `j` and `j + 4` the rest.
//! - `Q5_K`: 32 bytes before the nibbles; bit `s` of byte `i` is bit 4 of value `i` of sub-block `s`.
//! - `Q6_K`: 128 bytes of low nibbles, 64 of upper two bits, 16 × i8 scales of 16 values each, `d`; in each half of
//!   128 values, value `32 k + i` has its nibble in byte `i + 32 (k mod 2)`, low for `k < 2`, and its upper bits at
//!   bit `2k` of byte `i`; value = `d * scale * (q - 32)`.
//! - `Q2_K`: 16 bytes, the scale of 16 values low and their minimum high; 64 bytes of which byte `i + 32 h` holds value
//!   `128 h + 32 k + i` at bit `2k`; `d`, `m`; value = `d * scale * q - m * minimum`.
//! - `Q3_K`: 32 bytes whose byte `i` has the third bit of value `32 s + i` at bit `s`, 64 bytes as of `Q2_K`, 12 bytes of
//!   6-bit scales of 16 values, `d`; value = `d * (scale - 32) * (q - 4)`. Packing: scale `j` has its low four bits in byte
//!   `j mod 8`, low for `j < 8`, and its upper two in byte `8 + j mod 4` at bit `2 (j / 4)`.
//! - `IQ4_NL`: as `Q4_0`, value = `d * table[nibble]`. `IQ4_XS`: `d`, a u16 and 4 bytes of scales of eight sub-blocks, 128
//!   bytes, each 16 as of `IQ4_NL`; scale `s` has its low four bits in byte `s / 2`, low for even `s`, and its upper two in
//!   the u16 at bit `2s`; value = `d * (scale - 32) * table[nibble]`.

use half::{bf16, f16};

use super::blocks::{BLOCK_LEN, IQ4_VALUES, TensorType};
use super::error::WeightsError;

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
        TensorType::F16 => blocks.for_each(|(b, out)| out[0] = f16_at(b, 0)),
        TensorType::BF16 => blocks.for_each(|(b, out)| out[0] = bf16::from_le_bytes([b[0], b[1]]).to_f32()),
        TensorType::Q8_0 => blocks.for_each(|(b, out)| dequantise_q8_0(b, out)),
        TensorType::Q4_0 => {
            blocks.for_each(|(b, out)| affine(out, &nibbles(&b[2..]), f16_at(b, 0), 8.0, 0.0));
        }
        TensorType::Q4_1 => {
            blocks.for_each(|(b, out)| affine(out, &nibbles(&b[4..]), f16_at(b, 0), 0.0, f16_at(b, 2)));
        }
        TensorType::Q5_0 => {
            blocks.for_each(|(b, out)| affine(out, &five_bits(&b[2..]), f16_at(b, 0), 16.0, 0.0));
        }
        TensorType::Q5_1 => {
            blocks.for_each(|(b, out)| affine(out, &five_bits(&b[4..]), f16_at(b, 0), 0.0, f16_at(b, 2)));
        }
        TensorType::Q4_K => blocks.for_each(|(b, out)| dequantise_k(b, &[], &b[16..], out)),
        TensorType::Q5_K => blocks.for_each(|(b, out)| dequantise_k(b, &b[16..48], &b[48..], out)),
        TensorType::Q6_K => blocks.for_each(|(b, out)| dequantise_q6_k(b, out)),
        TensorType::Q2_K => blocks.for_each(|(b, out)| dequantise_q2_k(b, out)),
        TensorType::Q3_K => blocks.for_each(|(b, out)| dequantise_q3_k(b, out)),
        TensorType::IQ4_NL => blocks.for_each(|(b, out)| from_table(out, &b[2..], f16_at(b, 0))),
        TensorType::IQ4_XS => blocks.for_each(|(b, out)| dequantise_iq4_xs(b, out)),
    }
    Ok(())
}

/// The f16 at a byte, as f32.
fn f16_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// `scale * (quant - centre) + offset`.
fn affine(out: &mut [f32], quants: &[u8], scale: f32, centre: f32, offset: f32) {
    for (value, &quant) in out.iter_mut().zip(quants) {
        *value = scale * (f32::from(quant) - centre) + offset;
    }
}

fn dequantise_q8_0(block: &[u8], out: &mut [f32]) {
    let scale = f16_at(block, 0);
    for (value, quant) in out.iter_mut().zip(&block[2..]) {
        *value = scale * f32::from(quant.cast_signed());
    }
}

/// The nibbles of 16 bytes: all low ones, then all high ones.
pub(super) fn nibbles(bytes: &[u8]) -> [u8; BLOCK_LEN] {
    std::array::from_fn(|i| if i < 16 { bytes[i] & 15 } else { bytes[i - 16] >> 4 })
}

/// The five-bit numbers of 4 bytes of fifth bits and 16 of nibbles.
pub(super) fn five_bits(bytes: &[u8]) -> [u8; BLOCK_LEN] {
    let low = nibbles(&bytes[4..]);
    std::array::from_fn(|i| low[i] | (bytes[i / 8] >> (i % 8) & 1) << 4)
}

/// Scale and minimum of a sub-block from the 12 bytes that pack eight of both.
pub(super) fn packed_scale_and_minimum(packed: &[u8], sub: usize) -> [u8; 2] {
    match sub {
        0..4 => [packed[sub] & 63, packed[sub + 4] & 63],
        _ => {
            let low = packed[sub + 4];
            [low & 15 | packed[sub - 4] >> 6 << 4, low >> 4 | packed[sub] >> 6 << 4]
        }
    }
}

/// `Q4_K`, and `Q5_K` where there are fifth bits.
fn dequantise_k(block: &[u8], fifth_bits: &[u8], quants: &[u8], out: &mut [f32]) {
    let (d, m) = (f16_at(block, 0), f16_at(block, 2));
    for (sub, out) in out.chunks_exact_mut(BLOCK_LEN).enumerate() {
        let [scale, minimum] = packed_scale_and_minimum(&block[4..16], sub).map(f32::from);
        let bytes = &quants[sub / 2 * BLOCK_LEN..][..BLOCK_LEN];
        let nibble = |i: usize| if sub.is_multiple_of(2) { bytes[i] & 15 } else { bytes[i] >> 4 };
        let fifth = |i: usize| fifth_bits.get(i).map_or(0, |byte| byte >> sub & 1);
        let quants: [u8; BLOCK_LEN] = std::array::from_fn(|i| nibble(i) | fifth(i) << 4);
        affine(out, &quants, d * scale, 0.0, -(m * minimum));
    }
}

fn dequantise_q6_k(block: &[u8], out: &mut [f32]) {
    let (low, rest) = block.split_at(128);
    let (high, rest) = rest.split_at(64);
    let (scales, d) = rest.split_at(16);
    let d = f16_at(d, 0);
    for (idx, value) in out.iter_mut().enumerate() {
        let (half, k, i) = (idx / 128, idx % 128 / 32, idx % 32);
        let byte = low[64 * half + 32 * (k % 2) + i];
        let nibble = if k < 2 { byte & 15 } else { byte >> 4 };
        let quant = nibble | (high[32 * half + i] >> (2 * k) & 3) << 4;
        let scale = f32::from(scales[idx / 16].cast_signed());
        *value = d * scale * (f32::from(quant) - 32.0);
    }
}

/// Two bits of each of 256 values, in order.
pub(crate) fn two_bits(bytes: &[u8], idx: usize) -> u8 {
    bytes[idx / 128 * 32 + idx % 32] >> (2 * (idx % 128 / 32)) & 3
}

fn dequantise_q2_k(block: &[u8], out: &mut [f32]) {
    let (scales, quants) = block.split_at(16);
    let (d, m) = (f16_at(block, 80), f16_at(block, 82));
    for (idx, value) in out.iter_mut().enumerate() {
        let packed = scales[idx / 16];
        let quant = f32::from(two_bits(quants, idx));
        *value = d * f32::from(packed & 15) * quant - m * f32::from(packed >> 4);
    }
}

/// A scale of `Q3_K` from the 12 bytes that pack sixteen, less its centre.
pub(crate) fn q3_k_scale(packed: &[u8], group: usize) -> i8 {
    let low = packed[group % 8] >> (4 * (group / 8)) & 15;
    let high = packed[8 + group % 4] >> (2 * (group / 4)) & 3;
    (low | high << 4).cast_signed() - 32
}

fn dequantise_q3_k(block: &[u8], out: &mut [f32]) {
    let (thirds, rest) = block.split_at(32);
    let (quants, scales) = rest.split_at(64);
    let d = f16_at(block, 108);
    for (idx, value) in out.iter_mut().enumerate() {
        let third = thirds[idx % 32] >> (idx / 32) & 1;
        let quant = f32::from(two_bits(quants, idx) | third << 2);
        *value = d * f32::from(q3_k_scale(scales, idx / 16)) * (quant - 4.0);
    }
}

/// `scale * table[nibble]`
fn from_table(out: &mut [f32], bytes: &[u8], scale: f32) {
    for (value, nibble) in out.iter_mut().zip(nibbles(bytes)) {
        *value = scale * f32::from(IQ4_VALUES[usize::from(nibble)]);
    }
}

/// A scale of `IQ4_XS` from the six bytes that pack eight, less its centre.
pub(crate) fn iq4_xs_scale(packed: &[u8], sub: usize) -> i8 {
    let low = packed[2 + sub / 2] >> (4 * (sub % 2)) & 15;
    let high = packed[sub / 4] >> (2 * (sub % 4)) & 3;
    (low | high << 4).cast_signed() - 32
}

fn dequantise_iq4_xs(block: &[u8], out: &mut [f32]) {
    let d = f16_at(block, 0);
    for (sub, out) in out.chunks_exact_mut(BLOCK_LEN).enumerate() {
        from_table(out, &block[8 + 16 * sub..][..16], d * f32::from(iq4_xs_scale(&block[2..8], sub)));
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
        let files = [(TensorType::F32, f32s), (TensorType::F16, f16s)];
        for (tensor_type, bytes) in files {
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
}
