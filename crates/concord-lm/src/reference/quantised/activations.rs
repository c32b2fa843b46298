//! Activations in int8, 32 at a time, for four rows side by side or for one.

use super::CHUNK;

/// Below this, the largest of 32 activations counts as zero: the inverse of its scale would not be finite.
const LEAST: f32 = 1e-30;
/// The largest quant.
const MOST: f32 = 127.0;
/// 1.5 * 2^23: adding it rounds to the nearest integer, ties to even, which is then in the low bits.
const ROUND: f32 = 12_582_912.0;

/// 32 activations of `R` rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<const R: usize> {
    /// Quants of two neighbouring inputs as one word, the first one in the low half.
    pub(super) pairs: [[i32; R]; CHUNK / 2],
    /// An activation is a quant times this. NaN or infinite where an activation is, so that no result is finite.
    pub(super) scales: [f32; R],
    /// Sums of the quants of the first and the second 16 inputs.
    pub(super) sums: [[i32; R]; 2],
}

/// Quantises `x` `[n_rows, n_in]`, `R` rows at a time, as `[n_in / 32][n_rows / R]`; rows that are no whole tile are left out.
pub(super) fn quantise<const R: usize>(x: &[f32], n_in: usize) -> Vec<Chunk<R>> {
    let n_tiles = x.len() / n_in / R;
    let empty = Chunk { pairs: [[0; R]; CHUNK / 2], scales: [0.0; R], sums: [[0; R]; 2] };
    let mut chunks = vec![empty; n_in / CHUNK * n_tiles];
    for (row_idx, row) in x.chunks_exact(n_in).take(n_tiles * R).enumerate() {
        let (tile, lane) = (row_idx / R, row_idx % R);
        for (chunk_idx, values) in row.as_chunks::<CHUNK>().0.iter().enumerate() {
            let chunk = &mut chunks[chunk_idx * n_tiles + tile];
            let (quants, scale) = quantise_chunk(values);
            chunk.scales[lane] = scale;
            for (pair, two) in chunk.pairs.iter_mut().zip(quants.as_chunks::<2>().0) {
                pair[lane] = i32::from(two[0]) & 0xffff | i32::from(two[1]) << 16;
            }
            let (first, second) = quants.split_at(CHUNK / 2);
            let sum = |quants: &[i16]| quants.iter().map(|&quant| i32::from(quant)).sum();
            (chunk.sums[0][lane], chunk.sums[1][lane]) = (sum(first), sum(second));
        }
    }
    chunks
}

/// Quants and their scale.
fn quantise_chunk(values: &[f32; CHUNK]) -> ([i16; CHUNK], f32) {
    // As integers, so that NaN is the largest.
    let largest = values.iter().fold(0, |largest, value| (value.to_bits() & 0x7fff_ffff).max(largest));
    let largest = f32::from_bits(largest);
    if largest < LEAST {
        return ([0; CHUNK], 0.0);
    }
    let inverse = MOST / largest;
    let quants = values.map(|value| {
        let shifted = value * inverse + ROUND;
        shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i16
    });
    (quants, largest / MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quants_are_nearest_and_the_largest_is_exact() {
        let mut values: [f32; CHUNK] = std::array::from_fn(|i| (i as f32 - 9.0) * 0.731);
        values[7] = -40.0;
        let (quants, scale) = quantise_chunk(&values);
        assert_eq!(quants[7], -127);
        for (value, quant) in values.iter().zip(quants) {
            assert!(
                (value - scale * f32::from(quant)).abs() <= 0.5 * scale * (1.0 + 1e-5),
                "{value} {quant}"
            );
        }
    }

    #[test]
    fn tiny_values_are_zero_and_what_is_not_finite_shows() {
        assert_eq!(quantise_chunk(&[1e-31; CHUNK]), ([0; CHUNK], 0.0));
        assert_eq!(quantise_chunk(&[-1e-29; CHUNK]).0, [-127; CHUNK]);
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut values = [1.0; CHUNK];
            values[31] = bad;
            assert!(!quantise_chunk(&values).1.is_finite(), "{bad}");
        }
    }

    #[test]
    fn tiles_hold_rows_side_by_side() {
        let n_in = 64;
        let x: Vec<f32> = (0..9 * n_in).map(|i| ((i * 7919) % 255) as f32 - 127.0).collect();
        let (fours, ones) = (quantise::<4>(&x, n_in), quantise::<1>(&x, n_in));
        assert_eq!((fours.len(), ones.len()), (2 * 2, 2 * 9));
        for (row, chunk) in (0..8).flat_map(|row| [(row, 0), (row, 1)]) {
            let (four, one) = (&fours[chunk * 2 + row / 4], &ones[chunk * 9 + row]);
            assert_eq!(four.scales[row % 4], one.scales[0]);
            for half in 0..2 {
                assert_eq!(four.sums[half][row % 4], one.sums[half][0]);
            }
            for (pair, (four, one)) in four.pairs.iter().zip(&one.pairs).enumerate() {
                assert_eq!(four[row % 4], one[0]);
                let quant = |i: usize| {
                    (x[row * n_in + chunk * CHUNK + 2 * pair + i] / one_scale(&ones, chunk, row)).round()
                        as i32
                };
                assert_eq!((one[0] << 16 >> 16, one[0] >> 16), (quant(0), quant(1)));
            }
        }
    }

    fn one_scale(ones: &[Chunk<1>], chunk: usize, row: usize) -> f32 {
        ones[chunk * 9 + row].scales[0]
    }
}
