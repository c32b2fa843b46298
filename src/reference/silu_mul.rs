//! The gate of the feed-forward layer.

use super::math::exp;

/// `y = silu(gate) * up`, element by element, where `silu(x) = x / (1 + e^-x)`.
pub fn silu_mul(gate: &[f32], up: &[f32]) -> Vec<f32> {
    gate.iter().zip(up).map(|(&gate, &up)| gate / (1.0 + exp(-gate)) * up).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates() {
        let y = silu_mul(&[0.0, 1.0, -1000.0, 1000.0], &[5.0, 2.0, 1.0, 2.0]);
        assert_eq!(y[0], 0.0);
        assert!((y[1] - 2.0 * 0.731_058_6).abs() < 1e-6);
        assert!(y[2].abs() < 1e-30);
        assert_eq!(y[3], 2000.0);
    }
}
