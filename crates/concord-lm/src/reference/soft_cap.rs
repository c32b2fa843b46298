//! Soft caps of scores and logits (Gemma Team 2024).

use super::math::exp;

/// `cap * tanh(x / cap)` in place; a cap of 0 changes nothing.
pub fn soft_cap(values: &mut [f32], cap: f32) {
    if cap > 0.0 {
        // tanh(z) is 1 - 2 / (e^(2z) + 1).
        values.iter_mut().for_each(|value| *value = cap - 2.0 * cap / (exp(2.0 * *value / cap) + 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_softly() {
        let mut values = [0.0, 1.0, -40.0, 1e6];
        soft_cap(&mut values, 30.0);
        for (value, x) in values.into_iter().zip([0.0f32, 1.0, -40.0, 1e6]) {
            assert!((value - 30.0 * (x / 30.0).tanh()).abs() < 1e-5);
        }
        let mut same = [3.0, 1e9];
        soft_cap(&mut same, 0.0);
        assert_eq!(same, [3.0, 1e9]);
    }
}
