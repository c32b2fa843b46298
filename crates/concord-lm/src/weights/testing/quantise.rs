//! Quantisation to every tensor type: to the nearest, for noise; the types of a scale alone round as llama.cpp's
//! reference code does.

use half::{bf16, f16};

use crate::weights::blocks::{BLOCK_LEN, IQ4_VALUES, TensorType};

/// Values that share a scale of [`TensorType::Q6_K`].
const Q6_GROUP: usize = 16;

/// Stores values; `values.len()` is a multiple of the type's block length, else the tail is dropped.
pub fn quantise_rows(tensor_type: TensorType, values: &[f32]) -> Vec<u8> {
    let blocks = values.chunks_exact(tensor_type.block_len());
    let quantise: fn(&[f32]) -> Vec<u8> = match tensor_type {
        TensorType::F32 => |block| block[0].to_le_bytes().to_vec(),
        TensorType::F16 => |block| half_bytes(block[0]).to_vec(),
        TensorType::BF16 => |block| bf16::from_f32(block[0]).to_le_bytes().to_vec(),
        TensorType::Q8_0 => quantise_q8_0,
        TensorType::Q4_0 => |block| from_scale(block, 4),
        TensorType::Q5_0 => |block| from_scale(block, 5),
        TensorType::Q4_1 => |block| from_range(block, 4),
        TensorType::Q5_1 => |block| from_range(block, 5),
        TensorType::Q4_K => |block| quantise_k(block, 4),
        TensorType::Q5_K => |block| quantise_k(block, 5),
        TensorType::Q6_K => quantise_q6_k,
        TensorType::Q2_K => quantise_q2_k,
        TensorType::Q3_K => quantise_q3_k,
        TensorType::IQ4_NL => quantise_iq4_nl,
        TensorType::IQ4_XS => quantise_iq4_xs,
    };
    blocks.flat_map(quantise).collect()
}

fn half_bytes(value: f32) -> [u8; 2] {
    f16::from_f32(value).to_le_bytes()
}

fn inverse(scale: f32) -> f32 {
    if scale == 0.0 { 0.0 } else { 1.0 / scale }
}

/// Scale is the largest magnitude / 127; halves round away from zero.
fn quantise_q8_0(block: &[f32]) -> Vec<u8> {
    let scale = largest_magnitude(block).abs() / 127.0;
    let quants = block.iter().map(|value| ((value * inverse(scale)).round() as i8).cast_unsigned());
    half_bytes(scale).into_iter().chain(quants).collect()
}

/// The value of largest magnitude, with its sign.
fn largest_magnitude(block: &[f32]) -> f32 {
    block.iter().fold(0.0f32, |largest, &value| if value.abs() > largest.abs() { value } else { largest })
}

/// Scale is the value of largest magnitude / -2^(bits - 1), so that it becomes 0 exactly.
fn from_scale(block: &[f32], bits: u32) -> Vec<u8> {
    let centre = (1 << (bits - 1)) as f32;
    let scale = largest_magnitude(block) / -centre;
    let most = (1u8 << bits) - 1;
    let quant = |value: &f32| ((value * inverse(scale) + centre + 0.5) as u8).min(most);
    let quants: Vec<u8> = block.iter().map(quant).collect();
    half_bytes(scale).into_iter().chain(pack(&quants, bits)).collect()
}

/// The smallest value is 0, the largest 2^bits - 1.
fn from_range(block: &[f32], bits: u32) -> Vec<u8> {
    let (least, largest) = range(block);
    let most = (1u8 << bits) - 1;
    let scale = (largest - least) / f32::from(most);
    let quant = |value: &f32| (((value - least) * inverse(scale)).round() as u8).min(most);
    let quants: Vec<u8> = block.iter().map(quant).collect();
    [half_bytes(scale), half_bytes(least)].into_iter().flatten().chain(pack(&quants, bits)).collect()
}

fn range(block: &[f32]) -> (f32, f32) {
    block.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// Fifth bits where there are some, then nibbles: value i low and value i + 16 high in byte i.
fn pack(quants: &[u8], bits: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    if bits == 5 {
        bytes.extend(quants.chunks(8).map(|eight| bit_of_each(eight, 4)));
    }
    let (low, high) = quants.split_at(BLOCK_LEN / 2);
    bytes.extend(low.iter().zip(high).map(|(low, high)| low & 15 | high << 4));
    bytes
}

/// One bit of each of up to eight numbers, the first lowest.
fn bit_of_each(numbers: &[u8], bit: u32) -> u8 {
    numbers.iter().enumerate().fold(0, |byte, (i, number)| byte | (number >> bit & 1) << i)
}

/// Sub-blocks of 32 with a minimum at or below 0; their scales and minimums in 63rds of the largest.
fn quantise_k(block: &[f32], bits: u32) -> Vec<u8> {
    let most = ((1u32 << bits) - 1) as f32;
    let subs: Vec<(f32, f32)> = block
        .chunks(BLOCK_LEN)
        .map(|sub| {
            let (least, largest) = range(sub);
            let minimum = -least.min(0.0);
            ((largest + minimum).max(0.0) / most, minimum)
        })
        .collect();
    let d = f16::from_f32(subs.iter().map(|sub| sub.0).fold(0.0, f32::max) / 63.0);
    let m = f16::from_f32(subs.iter().map(|sub| sub.1).fold(0.0, f32::max) / 63.0);
    let steps = |value: f32, step: f16| ((value * inverse(step.to_f32())).round() as u8).min(63);
    let packed: Vec<(u8, u8)> = subs.iter().map(|&(scale, min)| (steps(scale, d), steps(min, m))).collect();
    let quants: Vec<u8> = block
        .iter()
        .enumerate()
        .map(|(i, value)| {
            let (scale, minimum) = packed[i / BLOCK_LEN];
            let above = value + m.to_f32() * f32::from(minimum);
            ((above * inverse(d.to_f32() * f32::from(scale))).round().clamp(0.0, most)) as u8
        })
        .collect();
    let mut bytes: Vec<u8> = [d, m].into_iter().flat_map(f16::to_le_bytes).collect();
    bytes.extend(packed[..4].iter().zip(&packed[4..]).map(|(low, high)| low.0 | high.0 >> 4 << 6));
    bytes.extend(packed[..4].iter().zip(&packed[4..]).map(|(low, high)| low.1 | high.1 >> 4 << 6));
    bytes.extend(packed[4..].iter().map(|high| high.0 & 15 | high.1 << 4));
    if bits == 5 {
        let of_all_subs = |i: usize| quants.iter().skip(i).step_by(BLOCK_LEN).copied().collect::<Vec<u8>>();
        bytes.extend((0..BLOCK_LEN).map(|i| bit_of_each(&of_all_subs(i), 4)));
    }
    for pair in quants.chunks(2 * BLOCK_LEN) {
        let (low, high) = pair.split_at(BLOCK_LEN);
        bytes.extend(low.iter().zip(high).map(|(low, high)| low & 15 | high << 4));
    }
    bytes
}

/// Groups of 16 with scales in 127ths of the largest.
fn quantise_q6_k(block: &[f32]) -> Vec<u8> {
    let scales: Vec<f32> = block.chunks(Q6_GROUP).map(|group| largest_magnitude(group) / -32.0).collect();
    let d = f16::from_f32(largest_magnitude(&scales).abs() / 127.0);
    let steps: Vec<i8> = scales.iter().map(|scale| (scale * inverse(d.to_f32())).round() as i8).collect();
    let quant = |i: usize| {
        let scale = d.to_f32() * f32::from(steps[i / Q6_GROUP]);
        (block[i] * inverse(scale) + 32.0).round().clamp(0.0, 63.0) as u8
    };
    let quants: Vec<u8> = (0..block.len()).map(quant).collect();
    let mut bytes = Vec::new();
    let halves = || quants.chunks(128);
    bytes.extend(halves().flat_map(|half| (0..64).map(|i| half[i] & 15 | half[i + 64] << 4)));
    bytes.extend(
        halves().flat_map(|half| {
            (0..32).map(|i| (0..4).fold(0, |byte, k| byte | half[32 * k + i] >> 4 << (2 * k)))
        }),
    );
    bytes.extend(steps.iter().map(|step| step.cast_unsigned()));
    bytes.extend(d.to_le_bytes());
    bytes
}

/// Groups of 16 with a minimum at or below 0; their scales and minimums in 15ths of the largest.
fn quantise_q2_k(block: &[f32]) -> Vec<u8> {
    let groups: Vec<(f32, f32)> = block
        .chunks(16)
        .map(|group| {
            let (least, largest) = range(group);
            let minimum = -least.min(0.0);
            ((largest + minimum).max(0.0) / 3.0, minimum)
        })
        .collect();
    let d = f16::from_f32(groups.iter().map(|group| group.0).fold(0.0, f32::max) / 15.0);
    let m = f16::from_f32(groups.iter().map(|group| group.1).fold(0.0, f32::max) / 15.0);
    let steps = |value: f32, step: f16| ((value * inverse(step.to_f32())).round() as u8).min(15);
    let packed: Vec<(u8, u8)> = groups.iter().map(|&(scale, min)| (steps(scale, d), steps(min, m))).collect();
    let quants: Vec<u8> = block
        .iter()
        .enumerate()
        .map(|(i, value)| {
            let (scale, minimum) = packed[i / 16];
            let above = value + m.to_f32() * f32::from(minimum);
            ((above * inverse(d.to_f32() * f32::from(scale))).round().clamp(0.0, 3.0)) as u8
        })
        .collect();
    let mut bytes: Vec<u8> = packed.iter().map(|(scale, minimum)| scale | minimum << 4).collect();
    bytes.extend(pack_two_bits(&quants));
    bytes.extend([d, m].into_iter().flat_map(f16::to_le_bytes));
    bytes
}

/// Groups of 16 with scales in 31sts of the largest, each such that its largest magnitude becomes 0.
fn quantise_q3_k(block: &[f32]) -> Vec<u8> {
    let scales: Vec<f32> = block.chunks(16).map(|group| largest_magnitude(group) / -4.0).collect();
    let d = f16::from_f32(largest_magnitude(&scales).abs() / 31.0);
    let steps: Vec<i8> = scales.iter().map(|scale| (scale * inverse(d.to_f32())).round() as i8).collect();
    let quant = |i: usize| {
        let scale = d.to_f32() * f32::from(steps[i / 16]);
        (block[i] * inverse(scale) + 4.0).round().clamp(0.0, 7.0) as u8
    };
    let quants: Vec<u8> = (0..block.len()).map(quant).collect();
    let thirds = |i: usize| quants.iter().skip(i).step_by(BLOCK_LEN).copied().collect::<Vec<u8>>();
    let mut bytes: Vec<u8> = (0..BLOCK_LEN).map(|i| bit_of_each(&thirds(i), 2)).collect();
    bytes.extend(pack_two_bits(&quants));
    let steps: Vec<u8> = steps.iter().map(|step| (step + 32).cast_unsigned()).collect();
    bytes.extend((0..8).map(|j| steps[j] & 15 | (steps[j + 8] & 15) << 4));
    bytes.extend((0..4).map(|j| (0..4).fold(0, |byte, k| byte | steps[4 * k + j] >> 4 << (2 * k))));
    bytes.extend(d.to_le_bytes());
    bytes
}

/// The lower two bits of 256 numbers.
fn pack_two_bits(quants: &[u8]) -> Vec<u8> {
    let byte = |half: &[u8], i: usize| (0..4).fold(0, |byte, k| byte | (half[32 * k + i] & 3) << (2 * k));
    quants.chunks(128).flat_map(|half| (0..32).map(move |i| byte(half, i))).collect()
}

/// Nibbles of the nearest numbers of the table.
fn nearest(block: &[f32], scale: f32) -> Vec<u8> {
    let quant = |value: &f32| {
        let wanted = value * inverse(scale);
        let away = |nibble: &u8| (f32::from(IQ4_VALUES[usize::from(*nibble)]) - wanted).abs();
        (0..16).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or_default()
    };
    pack(&block.iter().map(quant).collect::<Vec<u8>>(), 4)
}

/// The value of largest magnitude becomes the table's.
fn quantise_iq4_nl(block: &[f32]) -> Vec<u8> {
    let scale = f16::from_f32(largest_magnitude(block) / f32::from(IQ4_VALUES[0]));
    scale.to_le_bytes().into_iter().chain(nearest(block, scale.to_f32())).collect()
}

/// The same, with scales in 31sts of the largest.
fn quantise_iq4_xs(block: &[f32]) -> Vec<u8> {
    let subs = block.chunks(BLOCK_LEN);
    let scales: Vec<f32> = subs.map(|sub| largest_magnitude(sub) / f32::from(IQ4_VALUES[0])).collect();
    let d = f16::from_f32(largest_magnitude(&scales).abs() / 31.0);
    let steps: Vec<i8> = scales.iter().map(|scale| (scale * inverse(d.to_f32())).round() as i8).collect();
    let mut bytes = d.to_le_bytes().to_vec();
    let packed: Vec<u8> = steps.iter().map(|step| (step + 32).cast_unsigned()).collect();
    bytes.extend(packed.chunks(4).map(|four| (0..4).fold(0, |byte, k| byte | four[k] >> 4 << (2 * k))));
    bytes.extend(packed.chunks(2).map(|two| two[0] & 15 | (two[1] & 15) << 4));
    for (sub, step) in block.chunks(BLOCK_LEN).zip(&steps) {
        bytes.extend(nearest(sub, d.to_f32() * f32::from(*step)));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::blocks::SUPER_LEN;
    use crate::weights::{dequantise_rows, testing::Noise};

    /// Round trip: the error of a value is at most a step of its group.
    #[test]
    fn round_trip_stays_within_a_step() {
        let mut noise = Noise::new(7);
        let mut values: Vec<f32> = (0..8 * SUPER_LEN).map(|_| noise.normal()).collect();
        values[..SUPER_LEN].fill(0.0);
        for tensor_type in TensorType::ALL {
            // Of the largest magnitude of 256 values: a step, and the rounding of scales and minimums.
            let tolerance = match tensor_type {
                TensorType::F32 => 0.0,
                TensorType::F16 | TensorType::BF16 => 0.005,
                TensorType::Q8_0 => 0.005,
                TensorType::Q6_K => 0.04,
                TensorType::Q5_0 | TensorType::Q5_1 | TensorType::Q5_K => 0.08,
                TensorType::Q4_0 | TensorType::Q4_1 | TensorType::Q4_K => 0.14,
                TensorType::IQ4_NL | TensorType::IQ4_XS => 0.14,
                TensorType::Q3_K => 0.3,
                TensorType::Q2_K => 0.4,
            };
            let bytes = quantise_rows(tensor_type, &values);
            let mut out = vec![f32::NAN; values.len()];
            dequantise_rows(tensor_type, 2 * SUPER_LEN, &bytes, &mut out).unwrap();
            for (block, back) in values.chunks(SUPER_LEN).zip(out.chunks(SUPER_LEN)) {
                let largest = largest_magnitude(block).abs();
                for (value, back) in block.iter().zip(back) {
                    let error = (value - back).abs();
                    assert!(error <= tolerance * largest, "{tensor_type:?}: {value} became {back}");
                }
            }
        }
    }

    #[test]
    fn the_largest_value_of_a_q4_0_block_is_exact() {
        let mut block = [0.25f32; 32];
        block[20] = -4.0;
        let mut out = [0.0; 32];
        dequantise_rows(TensorType::Q4_0, 32, &quantise_rows(TensorType::Q4_0, &block), &mut out).unwrap();
        assert_eq!(out[20], -4.0);
        assert_eq!(out[0], 0.5);
    }
}
