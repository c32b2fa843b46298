//! Teacher-forced log-prob of one token.

use super::math;

/// `log softmax(logits)[target]`, in nats; NaN where a logit is not finite. `logits` is `[vocab_size]`.
pub fn log_prob(logits: &[f32], target: u32) -> f32 {
    if !math::is_finite(logits) {
        return f32::NAN;
    }
    logits[target as usize] - log_sum_exp(logits)
}

/// `log sum e^x`, the maximum subtracted first.
pub(crate) fn log_sum_exp(logits: &[f32]) -> f32 {
    let max = math::max(logits);
    let mut lanes = [0.0f32; math::LANES];
    let (blocks, rest) = logits.as_chunks::<{ math::LANES }>();
    for block in blocks {
        for (lane, logit) in lanes.iter_mut().zip(block) {
            *lane += math::exp(logit - max);
        }
    }
    let total: f64 = lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>()
        + rest.iter().map(|&logit| f64::from(math::exp(logit - max))).sum::<f64>();
    (f64::from(max) + total.ln()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_probs_are_normalised() {
        for n in [1usize, 7, 8, 9, 1759] {
            let logits: Vec<f32> = (0..n).map(|i| ((i * 37) % 101) as f32 / 10.0).collect();
            let total: f64 = (0..n).map(|i| f64::from(log_prob(&logits, i as u32)).exp()).sum();
            assert!((total - 1.0).abs() < 1e-5, "{n} log-probs sum to {total}");
        }
        assert!((log_prob(&[1000.0, 1000.0], 1) - 0.5f32.ln()).abs() < 1e-4);
    }
}
