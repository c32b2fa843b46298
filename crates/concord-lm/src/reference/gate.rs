//! The gate of the feed-forward layer, or the activation of one without a gate.

use super::math::exp;
use crate::weights::Activation;

/// `y = activation(gate) * up`, element by element.
pub fn gate(gate: &[f32], up: &[f32], activation: Activation) -> Vec<f32> {
    let function = function(activation);
    gate.iter().zip(up).map(|(&gate, &up)| function(gate) * up).collect()
}

/// `x = activation(x + bias)` for each row of `x` `[n_rows, bias.len()]`.
pub fn activate(x: &mut [f32], bias: &[f32], activation: Activation) {
    let function = function(activation);
    for row in x.chunks_exact_mut(bias.len().max(1)) {
        row.iter_mut().zip(bias).for_each(|(value, bias)| *value = function(*value + bias));
    }
}

fn function(activation: Activation) -> fn(f32) -> f32 {
    match activation {
        Activation::Silu => |x| x / (1.0 + exp(-x)),
        Activation::GeluTanh => gelu_tanh,
        Activation::GeluErf => |x| 0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2)),
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
    fn activations_take_the_bias_first() {
        let mut x = vec![0.5, -1.0, 1.5, 2.0];
        activate(&mut x, &[0.5, 1.0], Activation::GeluErf);
        // Phi(1) and Phi(2) times 1 and 2, Phi(3) times 3, from tables of the normal distribution.
        let expected = [0.841_344_7, 0.0, 2.0 * 0.977_249_9, 3.0 * 0.998_650_1];
        for (x, expected) in x.iter().zip(expected) {
            assert!((x - expected).abs() < 1e-6, "{x} is not {expected}");
        }
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
