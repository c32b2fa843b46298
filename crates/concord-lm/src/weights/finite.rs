//! Whether stored weights are numbers: one NaN or infinity makes everything that a model says worthless.
//!
//! Looks at the floats themselves: of a quantised type those are the scales and minimums of its blocks, and with finite
//! ones all values are finite.

use super::blocks::TensorType;
use super::error::WeightsError;
use super::row_stream::Rows;

/// Values or blocks that are looked at together.
const STRETCH: usize = 512;

/// Where the f16 numbers of a block lie, in bytes from its start; none for types that are not f16 at heart.
pub(crate) fn halves(tensor_type: TensorType) -> &'static [usize] {
    match tensor_type {
        TensorType::F32 | TensorType::BF16 => &[],
        TensorType::F16
        | TensorType::Q8_0
        | TensorType::Q4_0
        | TensorType::Q5_0
        | TensorType::IQ4_NL
        | TensorType::IQ4_XS => &[0],
        TensorType::Q4_1 | TensorType::Q5_1 | TensorType::Q4_K | TensorType::Q5_K => &[0, 2],
        TensorType::Q2_K => &[80, 82],
        TensorType::Q3_K => &[108],
        TensorType::Q6_K => &[208],
    }
}

/// Index of the first block in which a float is not finite. A last block that is cut short is not looked at.
pub fn first_not_finite(tensor_type: TensorType, bytes: &[u8]) -> Option<usize> {
    // All ones in the exponent: an infinity or NaN.
    let is_bad_half = |half: [u8; 2]| u16::from_le_bytes(half) & 0x7c00 == 0x7c00;
    match tensor_type {
        TensorType::F32 => {
            first(bytes.as_chunks().0, |&b| u32::from_le_bytes(b) & 0x7f80_0000 == 0x7f80_0000)
        }
        TensorType::BF16 => first(bytes.as_chunks().0, |&b| u16::from_le_bytes(b) & 0x7f80 == 0x7f80),
        TensorType::F16 => first(bytes.as_chunks().0, |&half| is_bad_half(half)),
        _ => {
            let (size, offsets) = (tensor_type.block_bytes(), halves(tensor_type));
            let is_bad = |block: &&[u8]| offsets.iter().any(|&at| is_bad_half([block[at], block[at + 1]]));
            bytes.chunks(STRETCH * size).enumerate().find_map(|(idx, stretch)| {
                let blocks: Vec<&[u8]> = stretch.chunks_exact(size).collect();
                first(&blocks, is_bad).map(|at| idx * STRETCH + at)
            })
        }
    }
}

/// Index of the first item that is bad. A good file is read from end to end, so many are looked at without a branch for each.
fn first<T>(items: &[T], is_bad: impl Fn(&T) -> bool) -> Option<usize> {
    items.chunks(STRETCH).enumerate().find_map(|(idx, stretch)| {
        let any = stretch.iter().fold(false, |bad, item| bad | is_bad(item));
        let at = any.then(|| stretch.iter().position(&is_bad)).flatten();
        at.map(|at| idx * STRETCH + at)
    })
}

/// Refuses rows with a number that is not finite.
///
/// # Errors
/// [`WeightsError::NotFinite`].
pub(crate) fn check(tensor_type: TensorType, n_cols: usize, rows: &Rows<'_>) -> Result<(), WeightsError> {
    let Some(block) = first_not_finite(tensor_type, rows.bytes) else { return Ok(()) };
    let row = rows.first_row + (block * tensor_type.block_len() / n_cols.max(1)) as u64;
    Err(WeightsError::NotFinite { tensor: rows.tensor.name(), row })
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;
    use crate::weights::dequantise_rows;
    use crate::weights::testing::{Noise, quantise_rows};

    /// Whatever float of whatever block is broken, its block is named; whole rows pass.
    #[test]
    fn every_float_of_every_type_is_looked_at() {
        let n_blocks = 2 * STRETCH + 3;
        for tensor_type in TensorType::ALL {
            let mut noise = Noise::new(5);
            let values: Vec<f32> = (0..n_blocks * tensor_type.block_len()).map(|_| noise.normal()).collect();
            let good = quantise_rows(tensor_type, &values);
            assert_eq!(first_not_finite(tensor_type, &good), None, "{tensor_type:?}");
            for block in [0, 1, STRETCH, n_blocks - 1] {
                let offsets = halves(tensor_type);
                for &at in if offsets.is_empty() { &[0] } else { offsets } {
                    let breaks: Vec<Vec<u8>> = match tensor_type {
                        TensorType::F32 => [f32::NAN, f32::INFINITY, f32::NEG_INFINITY]
                            .map(|bad| bad.to_le_bytes().to_vec())
                            .to_vec(),
                        TensorType::BF16 => {
                            [bf16::NAN, bf16::INFINITY].map(|bad| bad.to_le_bytes().to_vec()).to_vec()
                        }
                        _ => [f16::NAN, f16::INFINITY, f16::NEG_INFINITY]
                            .map(|bad| bad.to_le_bytes().to_vec())
                            .to_vec(),
                    };
                    for broken in breaks {
                        let mut bytes = good.clone();
                        let place = block * tensor_type.block_bytes() + at;
                        bytes[place..place + broken.len()].copy_from_slice(&broken);
                        assert_eq!(first_not_finite(tensor_type, &bytes), Some(block), "{tensor_type:?}");
                    }
                }
            }
        }
    }

    /// The floats that are looked at are all there are: blocks of any bytes dequantise to finite numbers where they pass.
    #[test]
    fn what_passes_dequantises_to_finite_numbers() {
        let mut noise = Noise::new(6);
        for tensor_type in TensorType::ALL {
            let (mut n_passed, n_cols) = (0, tensor_type.block_len());
            for _ in 0..2000 {
                let bytes: Vec<u8> =
                    (0..tensor_type.block_bytes()).map(|_| (noise.normal() * 997.0) as i32 as u8).collect();
                let mut values = vec![0.0; n_cols];
                dequantise_rows(tensor_type, n_cols, &bytes, &mut values).unwrap();
                let passes = first_not_finite(tensor_type, &bytes).is_none();
                assert!(!passes || values.iter().all(|value| value.is_finite()), "{tensor_type:?}");
                n_passed += usize::from(passes);
            }
            assert!((1..2000).contains(&n_passed), "{tensor_type:?}: {n_passed}");
        }
    }
}
