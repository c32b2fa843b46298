//! The gate of the feed-forward layer.

use super::math::exp;
use crate::weights::Activation;

/// `y = activation(gate) * up`, element by element.
pub fn gate(gate: &[f32], up: &[f32], activation: Activation) -> Vec<f32> {
    let pairs = gate.iter().zip(up);
    match activation {
        Activation::Silu => pairs.map(|(&gate, &up)| gate / (1.0 + exp(-gate)) * up).collect(),
        Activation::GeluTanh => pairs.map(|(&gate, &up)| gelu_tanh(gate) * up).collect(),
    }
}

/// Hendrycks and Gimpel 2016; `x / 2 * (1 + tanh(z))` is `x / (1 + e^(-2z))`.
fn gelu_tanh(x: f32) -> f32 {
    /// `2 sqrt(2 / pi)`
    const TWICE_ROOT: f32 = 1.595_769_2;
    x / (1.0 + exp(-TWICE_ROOT * (x + 0.044_715 * x * x * x)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silu_gates() {
        let y = gate(&[0.0, 1.0, -1000.0, 1000.0], &[5.0, 2.0, 1.0, 2.0], Activation::Silu);
        assert_eq!(y[0], 0.0);
        assert!((y[1] - 2.0 * 0.731_058_6).abs() < 1e-6);
        assert!(y[2].abs() < 1e-30);
        assert_eq!(y[3], 2000.0);
    }

    #[test]
    fn gelu_is_its_formula() {
        for i in -400..400 {
            let x = i as f32 / 40.0;
            let inner =
                (2.0 / std::f64::consts::PI).sqrt() * (f64::from(x) + 0.044_715 * f64::from(x).powi(3));
            let exact = 0.5 * f64::from(x) * (1.0 + inner.tanh());
            let y = gate(&[x], &[1.0], Activation::GeluTanh)[0];
            assert!((f64::from(y) - exact).abs() < 2e-6, "gelu({x}) is {exact}, not {y}");
        }
    }
}
