//! Arithmetic shared by the kernels: sums of fixed order and an exponential that vectorises.

use half::f16;

/// Lanes of a partial sum. Eight f32 are two SSE or WebAssembly vectors.
pub(crate) const LANES: usize = 8;

/// Dot product in f32 over eight interleaved partial sums, added pairwise at the end.
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left_blocks, left_rest) = left.as_chunks::<LANES>();
    let (right_blocks, right_rest) = right.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for (a, b) in left_blocks.iter().zip(right_blocks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    add_lanes(lanes) + rest
}

/// Sum in f32 in the order of [`dot`].
pub fn sum(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] += block[lane];
        }
    }
    add_lanes(lanes) + rest.iter().sum::<f32>()
}

/// Largest value; negative infinity of nothing.
pub fn max(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] = if block[lane] > lanes[lane] { block[lane] } else { lanes[lane] };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// Whether every value is finite. Without a branch for each, so that it vectorises.
pub(crate) fn is_finite(values: &[f32]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    values.iter().fold(true, |all, value| all & (value.to_bits() & EXPONENT != EXPONENT))
}

/// The nearest f16, ties to even; the largest finite one beyond the range, so that nothing becomes infinite.
pub(crate) fn clamped_half(value: f32) -> f16 {
    f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()))
}

/// Finite f16 as f32. Without the cases of `f16::to_f32`, so that it vectorises: the bits are those of an f32 whose
/// exponent is 112 too low.
pub(crate) fn widen(halves: &[f16], out: &mut [f32]) {
    const TWO_TO_112: f32 = f32::from_bits(0x7780_0000);
    for (half, out) in halves.iter().zip(out) {
        let bits = u32::from(half.to_bits());
        let magnitude = f32::from_bits((bits & 0x7fff) << 13) * TWO_TO_112;
        *out = f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16);
    }
}

fn add_lanes(lanes: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// `e^x` within 2 ulp on [-87, 88], clamped outside, so `exp(-inf)` is about 1e-38 and not 0.
///
/// Range reduction to |r| <= ln 2 / 2 in two parts (Cody and Waite) and a Taylor polynomial of degree 7; all
/// operations are exact or rounded the same on every target, and nothing keeps it from vectorising.
#[inline]
pub fn exp(x: f32) -> f32 {
    /// 1.5 * 2^23: adding it rounds to the nearest integer, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first with 11 zero bits at the end.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p * r + coefficient;
    }
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
    p * f32::from_bits(exponent << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_widens_to_itself() {
        let halves: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|half| half.is_finite()).collect();
        let mut out = vec![1.0; halves.len()];
        widen(&halves, &mut out);
        for (half, out) in halves.iter().zip(out) {
            assert_eq!(out.to_bits(), half.to_f32().to_bits(), "{half}");
        }
    }

    #[test]
    fn halves_are_nearest_and_finite() {
        let expected =
            [(2049.0, 2048.0), (2051.0, 2052.0), (65519.0, 65504.0), (1e9, 65504.0), (-7e4, -65504.0)];
        for (value, half) in expected {
            assert_eq!(clamped_half(value).to_f32(), half, "{value}");
        }
        assert_eq!(clamped_half(f32::NEG_INFINITY), f16::MIN);
        assert!(clamped_half(f32::NAN).is_nan());
    }

    #[test]
    fn exp_is_within_two_ulp() {
        for i in -870_000..880_000 {
            let x = i as f32 * 1e-4;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2.4e-7, "exp({x}) is off by {error:e} relative");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 2e-38);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn sums_of_awkward_lengths() {
        for n in [0usize, 1, 7, 8, 9, 17, 1759] {
            let a: Vec<f32> = (0..n).map(|i| (i % 13) as f32 - 6.0).collect();
            let b: Vec<f32> = (0..n).map(|i| (i % 7) as f32 - 3.0).collect();
            let exact: f32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert_eq!(dot(&a, &b), exact, "small integers are exact in any order");
            assert_eq!(sum(&a), a.iter().sum::<f32>());
            assert_eq!(max(&a), a.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
