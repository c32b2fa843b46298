//! Quantisation to the supported block formats, rounding as llama.cpp's reference code does.

use half::f16;

use crate::weights::blocks::{BLOCK_LEN, TensorType};

/// Stores values; `values.len()` is a multiple of the type's block length, else the tail is dropped.
pub fn quantise_rows(tensor_type: TensorType, values: &[f32]) -> Vec<u8> {
    let blocks = values.chunks_exact(tensor_type.block_len());
    match tensor_type {
        TensorType::F32 => blocks.flat_map(|block| block[0].to_le_bytes()).collect(),
        TensorType::F16 => blocks.flat_map(|block| f16::from_f32(block[0]).to_le_bytes()).collect(),
        TensorType::Q8_0 => blocks.flat_map(quantise_q8_0).collect(),
        TensorType::Q4_0 => blocks.flat_map(quantise_q4_0).collect(),
    }
}

/// Scale is the largest magnitude / 127; halves round away from zero.
fn quantise_q8_0(block: &[f32]) -> [u8; 34] {
    let largest = block.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
    let mut out = [0; 34];
    out[..2].copy_from_slice(&f16::from_f32(scale).to_le_bytes());
    for (byte, value) in out[2..].iter_mut().zip(block) {
        *byte = ((value * inverse).round() as i8).cast_unsigned();
    }
    out
}

/// Scale is the value of largest magnitude / -8, so that it becomes nibble 0 exactly.
fn quantise_q4_0(block: &[f32]) -> [u8; 18] {
    let largest = block
        .iter()
        .fold(0.0f32, |largest, &value| if value.abs() > largest.abs() { value } else { largest });
    let scale = largest / -8.0;
    let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
    let nibble = |value: f32| ((value * inverse + 8.5) as u8).min(15);
    let mut out = [0; 18];
    out[..2].copy_from_slice(&f16::from_f32(scale).to_le_bytes());
    let (low, high) = block.split_at(BLOCK_LEN / 2);
    for (byte, (low, high)) in out[2..].iter_mut().zip(low.iter().zip(high)) {
        *byte = nibble(*low) | (nibble(*high) << 4);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{dequantise_rows, testing::Noise};

    /// Round trip: the error of a value is at most half a step of its block.
    #[test]
    fn round_trip_stays_within_half_a_step() {
        let mut noise = Noise::new(7);
        let mut values: Vec<f32> = (0..8 * BLOCK_LEN).map(|_| noise.normal()).collect();
        values[..BLOCK_LEN].fill(0.0);
        for (tensor_type, n_steps) in [(TensorType::Q8_0, 254.0), (TensorType::Q4_0, 15.0)] {
            let bytes = quantise_rows(tensor_type, &values);
            let mut out = vec![f32::NAN; values.len()];
            dequantise_rows(tensor_type, 2 * BLOCK_LEN, &bytes, &mut out).unwrap();
            for (block, back) in values.chunks(BLOCK_LEN).zip(out.chunks(BLOCK_LEN)) {
                let largest = block.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
                // A Q4_0 value at the far end from the largest is clipped: a whole step there.
                let step = 2.0 * largest / n_steps * 1.01;
                for (value, back) in block.iter().zip(back) {
                    assert!((value - back).abs() <= step, "{tensor_type:?}: {value} became {back}");
                }
            }
        }
    }

    #[test]
    fn the_largest_value_of_a_q4_0_block_is_exact() {
        let mut block = [0.25f32; 32];
        block[20] = -4.0;
        let mut out = [0.0; 32];
        dequantise_rows(TensorType::Q4_0, 32, &quantise_q4_0(&block), &mut out).unwrap();
        assert_eq!(out[20], -4.0);
        assert_eq!(out[0], 0.5);
    }
}
