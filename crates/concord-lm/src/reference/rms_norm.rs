//! Root-mean-square normalisation (Zhang and Sennrich 2019), and the layer norm without a bias.

use super::math::{dot, sum};

/// `y = x / sqrt(mean(x^2) + eps) * gain` for each row of `x` `[n_rows, gain.len()]`.
pub fn rms_norm(x: &[f32], gain: &[f32], eps: f32) -> Vec<f32> {
    let dim = gain.len().max(1);
    let mut y = Vec::with_capacity(x.len());
    for row in x.chunks_exact(dim) {
        let scale = 1.0 / (dot(row, row) / dim as f32 + eps).sqrt();
        y.extend(row.iter().zip(gain).map(|(value, gain)| value * scale * gain));
    }
    y
}

/// `y = (x - mean(x)) / sqrt(var(x) + eps) * gain` for each row of `x` `[n_rows, gain.len()]`.
pub fn centred_norm(x: &[f32], gain: &[f32], eps: f32) -> Vec<f32> {
    let dim = gain.len().max(1);
    let centred = x.chunks_exact(dim).flat_map(|row| {
        let mean = sum(row) / dim as f32;
        row.iter().map(move |value| value - mean)
    });
    rms_norm(&centred.collect::<Vec<f32>>(), gain, eps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_unit_mean_square_times_the_gain() {
        let y = rms_norm(&[3.0, -4.0, 0.0, 0.0], &[1.0, 2.0], 0.0);
        let rms = 12.5f32.sqrt();
        assert!((y[0] - 3.0 / rms).abs() < 1e-6 && (y[1] + 8.0 / rms).abs() < 1e-6);
        assert!(y[2].is_nan(), "a row of zeros needs eps");
        assert_eq!(rms_norm(&[0.0, 0.0], &[1.0, 2.0], 1e-5), [0.0, 0.0]);
    }

    #[test]
    fn a_centred_norm_takes_the_mean_away() {
        assert_eq!(centred_norm(&[1.0, 5.0, 7.0, 7.0], &[1.0, 2.0], 1e-12), [-1.0, 2.0, 0.0, 0.0]);
    }
}
