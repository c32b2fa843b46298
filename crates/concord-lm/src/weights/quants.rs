//! The integers of quantised blocks, 32 values at a time: what `dequantise` multiplies, for products in integers.

use super::blocks::{BLOCK_LEN, TensorType};
use super::dequantise::{five_bits, iq4_xs_scale, nibbles, packed_scale_and_minimum, q3_k_scale, two_bits};

/// Quants of 32 values of a block, the `chunk`-th, without a sign: a [`super::numerics::Form`] says what to take away.
/// Of the IQ4 types, the places in their table. Of floats, zeros.
pub(crate) fn quants(tensor_type: TensorType, block: &[u8], chunk: usize) -> [u8; BLOCK_LEN] {
    let of_two_bits = |bytes: &[u8]| std::array::from_fn(|i| two_bits(bytes, BLOCK_LEN * chunk + i));
    match tensor_type {
        TensorType::F32 | TensorType::F16 | TensorType::BF16 => [0; BLOCK_LEN],
        // From two's complement to an excess of 128.
        TensorType::Q8_0 => std::array::from_fn(|i| block[2 + i] ^ 0x80),
        TensorType::Q4_0 | TensorType::IQ4_NL => nibbles(&block[2..]),
        TensorType::Q4_1 => nibbles(&block[4..]),
        TensorType::Q5_0 => five_bits(&block[2..]),
        TensorType::Q5_1 => five_bits(&block[4..]),
        TensorType::IQ4_XS => nibbles(&block[8 + 16 * chunk..]),
        TensorType::Q4_K => nibbles_of_k(&block[16..], chunk),
        TensorType::Q5_K => {
            let low = nibbles_of_k(&block[48..], chunk);
            std::array::from_fn(|i| low[i] | (block[16 + i] >> chunk & 1) << 4)
        }
        TensorType::Q6_K => {
            let (half, k) = (chunk / 4, chunk % 4);
            let (low, high) = (&block[64 * half + 32 * (k % 2)..], &block[128 + 32 * half..]);
            std::array::from_fn(|i| low[i] >> (4 * (k / 2)) & 15 | (high[i] >> (2 * k) & 3) << 4)
        }
        TensorType::Q2_K => of_two_bits(&block[16..80]),
        TensorType::Q3_K => {
            let low: [u8; BLOCK_LEN] = of_two_bits(&block[32..96]);
            std::array::from_fn(|i| low[i] | (block[i] >> chunk & 1) << 2)
        }
    }
}

/// The bytes of a block that scale 32 values: of types with minimums the scale and the minimum, of those with a scale
/// for 16 values both scales, or (of `Q2_K`) both bytes of a scale and a minimum. Zeros where there are none.
pub(crate) fn scale_bytes(tensor_type: TensorType, block: &[u8], chunk: usize) -> [u8; 2] {
    match tensor_type {
        TensorType::Q4_K | TensorType::Q5_K => packed_scale_and_minimum(&block[4..16], chunk),
        TensorType::Q6_K => [block[192 + 2 * chunk], block[193 + 2 * chunk]],
        TensorType::Q2_K => [block[2 * chunk], block[2 * chunk + 1]],
        TensorType::Q3_K => {
            [2 * chunk, 2 * chunk + 1].map(|group| q3_k_scale(&block[96..108], group).cast_unsigned())
        }
        TensorType::IQ4_XS => [iq4_xs_scale(&block[2..8], chunk).cast_unsigned(), 0],
        _ => [0; 2],
    }
}

fn nibbles_of_k(bytes: &[u8], sub: usize) -> [u8; BLOCK_LEN] {
    std::array::from_fn(|i| bytes[sub / 2 * BLOCK_LEN + i] >> (4 * (sub % 2)) & 15)
}
