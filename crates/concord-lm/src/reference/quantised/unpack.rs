//! From panels to what is multiplied: quants as 16-bit integers, scales and offsets as f32.

use wide::{CmpLt, f32x4, i8x16, i16x8, i32x4, u16x8};

use super::CHUNK;
use super::pack::PAIR;
use crate::weights::blocks::IQ4_VALUES;
use crate::weights::{Form, PANEL_OUTS, TensorType};

/// A vector of f32 for eight outputs.
pub(super) type Eight = [f32x4; 2];
/// The quants of a pair of inputs: those of outputs 0 to 3, then 4 to 7.
pub(super) type Pair = [i16x8; 2];
/// Sums of integers for eight outputs, of the first and the second 16 inputs.
pub(super) type Dots = [[i32x4; 2]; 2];
/// The quants of a chunk.
pub(super) type Quants = [Pair; CHUNK / 2];

/// Of what the nibbles of the IQ4 types choose from, each more by 128, so that none has a sign.
const IQ4_TABLE: [u8; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        table[i] = IQ4_VALUES[i].cast_unsigned() ^ 0x80;
        i += 1;
    }
    table
};

/// Scales and offsets of a chunk of eight outputs. The second ones are those of its second half, where that has its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    pub(super) scales: [Eight; 2],
    pub(super) offsets: [Eight; 2],
}

impl Scales {
    /// Scale and offset of an output in a part.
    pub(super) fn of(&self, part: usize, lane: usize) -> (f32, f32) {
        let at = |eight: &Eight| eight[lane / 4].to_array()[lane % 4];
        (at(&self.scales[part]), at(&self.offsets[part]))
    }
}

/// What a quant stands for, before the centre is taken away.
pub(super) fn value(tensor_type: TensorType, quant: u8) -> i32 {
    i32::from(if has_table(tensor_type) { IQ4_TABLE[usize::from(quant)] } else { quant })
}

fn has_table(tensor_type: TensorType) -> bool {
    matches!(tensor_type, TensorType::IQ4_NL | TensorType::IQ4_XS)
}

/// The f16 scales of a block of eight outputs, and those of its offsets; zeros where it has none.
#[inline]
pub(super) fn block_scales(form: Form, block: &[u8]) -> [Eight; 2] {
    let (vectors, _) = block.as_chunks::<PAIR>();
    [eight_halves(vectors[0]), if form.has_offset { eight_halves(vectors[1]) } else { [f32x4::ZERO; 2] }]
}

/// The scales and offsets of a chunk, rounded as `dequantise` rounds them; `bytes` are those of its scales.
#[inline]
pub(super) fn scales(tensor_type: TensorType, [d, m]: [Eight; 2], bytes: &[u8]) -> Scales {
    let none = [f32x4::ZERO; 2];
    let words: i32x4 = bytes.first_chunk().map_or(i32x4::ZERO, |bytes: &[u8; PAIR]| bytemuck::cast(*bytes));
    let unsigned =
        |part: i32| [words >> (16 * part), words >> (16 * part + 8)].map(|w| w & i32x4::splat(0xff));
    let signed = |part: i32| [24, 16].map(|left| f32x4::from_i32x4((words << (left - 16 * part)) >> 24));
    let float = |eight: [i32x4; 2]| eight.map(f32x4::from_i32x4);
    match tensor_type {
        TensorType::Q4_K | TensorType::Q5_K => {
            let [scales, offsets] = [0, 1].map(|part| float(unsigned(part)));
            Scales { scales: [times(d, scales), none], offsets: [times(m, negative(offsets)), none] }
        }
        TensorType::Q2_K => {
            let packed = [0, 1].map(unsigned);
            let low = packed.map(|packed| packed.map(|byte| f32x4::from_i32x4(byte & i32x4::splat(15))));
            let high = packed.map(|packed| packed.map(|byte| f32x4::from_i32x4(byte >> 4)));
            Scales {
                scales: low.map(|low| times(d, low)),
                offsets: high.map(|high| times(m, negative(high))),
            }
        }
        TensorType::Q3_K | TensorType::Q6_K => {
            Scales { scales: [0, 1].map(|part| times(d, signed(part))), offsets: [none; 2] }
        }
        TensorType::IQ4_XS => {
            let scales = bytes
                .first_chunk()
                .map_or([0; PANEL_OUTS], |bytes| bytes.map(u8::cast_signed))
                .map(f32::from);
            Scales { scales: [times(d, bytemuck::cast(scales)), none], offsets: [none; 2] }
        }
        _ => Scales { scales: [d, none], offsets: [m, none] },
    }
}

#[inline]
fn times(a: Eight, b: Eight) -> Eight {
    [a[0] * b[0], a[1] * b[1]]
}

#[inline]
fn negative(values: Eight) -> Eight {
    values.map(|value| -value)
}

/// Eight finite f16, as `pack` lays them, as f32, exactly. Without a multiplication of f32 numbers below the normal ones, which takes processors
/// a hundred times as long: the scales of K types are often f16 numbers below its normal ones.
#[inline]
fn eight_halves(bytes: [u8; PAIR]) -> Eight {
    /// Exponents of f32 are more by this than those of f16.
    const EXPONENT: i32 = 112 << 23;
    /// The least normal f16.
    const LEAST_NORMAL: f32 = 6.103_515_6e-5;
    let both: i32x4 = bytemuck::cast(bytes);
    [both, both >> 16].map(|word| {
        let magnitude = word & i32x4::splat(0x7fff);
        let moved = (magnitude << 13) + i32x4::splat(EXPONENT);
        let above: f32x4 = bytemuck::cast(moved + i32x4::splat(1 << 23));
        let small: i32x4 = bytemuck::cast(above - f32x4::splat(LEAST_NORMAL));
        let value = magnitude.cmp_lt(i32x4::splat(0x400)).blend(small, moved);
        bytemuck::cast(value | ((word & i32x4::splat(0x8000)) << 16))
    })
}

/// The quants of a chunk, without a sign.
#[inline]
pub(super) fn quants(tensor_type: TensorType, form: Form, bytes: &[u8], out: &mut Quants) {
    let (vectors, _) = bytes.as_chunks();
    match form.n_bits {
        4 if has_table(tensor_type) => {
            let table = i8x16::new(bytemuck::cast(IQ4_TABLE));
            let chosen = |bytes| widened(bytemuck::cast(table.swizzle(bytemuck::cast(bytes))));
            one_plane::<4>(vectors, out, chosen);
        }
        2 => one_plane::<2>(vectors, out, widened),
        3 => two_planes::<2, 1>(vectors, out),
        4 => one_plane::<4>(vectors, out, widened),
        5 => two_planes::<4, 1>(vectors, out),
        6 => two_planes::<4, 2>(vectors, out),
        _ => one_plane::<8>(vectors, out, widened),
    }
}

/// Quants of one plane of `WIDTH` bits.
fn one_plane<const WIDTH: usize>(vectors: &[[u8; PAIR]], out: &mut Quants, pair_of: impl Fn(u16x8) -> Pair) {
    let n_vectors = 2 * WIDTH;
    for (v, vector) in vectors.iter().enumerate().take(n_vectors) {
        for s in 0..8 / WIDTH {
            out[v + n_vectors * s] = pair_of(field::<WIDTH>(*vector, s));
        }
    }
}

/// Quants of a plane of `LOW` bits and one of the `HIGH` bits above.
fn two_planes<const LOW: usize, const HIGH: usize>(vectors: &[[u8; PAIR]], out: &mut Quants) {
    let (low, high) = vectors.split_at(2 * LOW);
    let ratio = LOW / HIGH;
    for (v, vector) in high.iter().enumerate().take(2 * HIGH) {
        for s in 0..8 / HIGH {
            let under = field::<LOW>(low[v + 2 * HIGH * (s % ratio)], s / ratio);
            out[v + 2 * HIGH * s] = widened(under | (field::<HIGH>(*vector, s) << LOW as u16));
        }
    }
}

/// Sums of the products of a chunk's quants with the only row there is, of the first and the second 16 inputs: multiplied as
/// they are unpacked. For the types that most files are made of; `None` for the others.
#[inline]
pub(super) fn dots(
    tensor_type: TensorType,
    form: Form,
    bytes: &[u8],
    x: &[[i32; 1]; CHUNK / 2],
) -> Option<Dots> {
    let (vectors, _) = bytes.as_chunks();
    match form.n_bits {
        4 if !has_table(tensor_type) => {
            let plane: &[_; 8] = vectors.first_chunk()?;
            Some(dots_of(x, |pair| widened(field::<4>(plane[pair % 8], pair / 8))))
        }
        6 => {
            let (low, high): (&[_; 8], _) = vectors.split_first_chunk()?;
            let high: &[_; 4] = high.first_chunk()?;
            Some(dots_of(x, |pair| {
                let above = field::<2>(high[pair % 4], pair / 4);
                widened(field::<4>(low[pair % 8], pair / 8) | (above << 4u16))
            }))
        }
        8 => {
            let plane: &[_; 16] = vectors.first_chunk()?;
            Some(dots_of(x, |pair| widened(field::<8>(plane[pair], 0))))
        }
        _ => None,
    }
}

#[inline]
fn dots_of(x: &[[i32; 1]; CHUNK / 2], pair_of: impl Fn(usize) -> Pair) -> Dots {
    [0, CHUNK / 4].map(|first| {
        let mut sums = [i32x4::ZERO; 2];
        for pair in first..first + CHUNK / 4 {
            let quants = pair_of(pair);
            let x: i16x8 = bytemuck::cast(i32x4::splat(x[pair][0]));
            sums[0] += quants[0].dot(x);
            sums[1] += quants[1].dot(x);
        }
        sums
    })
}

/// The `s`-th `WIDTH` bits of each byte.
#[inline]
fn field<const WIDTH: usize>(vector: [u8; PAIR], s: usize) -> u16x8 {
    // Two bytes are shifted together; what comes in from the neighbour is masked out.
    let words: u16x8 = bytemuck::cast(vector);
    let mask = ((1u16 << WIDTH) - 1) * 0x0101;
    (words >> (WIDTH * s) as u16) & u16x8::splat(mask)
}

/// Even bytes and odd ones.
#[inline]
fn widened(bytes: u16x8) -> Pair {
    bytemuck::cast([bytes & u16x8::splat(0xff), bytes >> 8u16])
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn every_finite_half_is_itself_in_f32() {
        let halves: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|half| half.is_finite()).collect();
        let (eights, rest) = halves.as_chunks::<PANEL_OUTS>();
        assert!(rest.is_empty());
        for halves in eights {
            let [a, b, c, d, e, f, g, h] = *halves;
            let laid = [a, e, b, f, c, g, d, h];
            let found: [f32; PANEL_OUTS] = bytemuck::cast(eight_halves(bytemuck::cast(laid)));
            for (half, found) in halves.iter().zip(found) {
                assert_eq!(found.to_bits(), half.to_f32().to_bits(), "{half}");
            }
        }
    }
}
