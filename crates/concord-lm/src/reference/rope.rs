//! Rotary position embedding of queries and keys, and the store of keys and values into the KV pool.

use half::f16;

use super::math::clamped_half;
use crate::weights::{Hyperparameters, RopePairs};

/// Keys and values of one layer: `[n_slots, kv_dim]` each, in f16 as on the GPU.
#[derive(Clone, Debug, Default)]
pub struct LayerKv {
    /// `n_kv_heads * head_dim`.
    pub kv_dim: usize,
    /// Rotated keys.
    pub keys: Vec<f16>,
    /// Values.
    pub values: Vec<f16>,
}

impl LayerKv {
    /// An empty pool of `n_slots`; `None` where there is no memory for it.
    pub fn try_new(n_slots: usize, kv_dim: usize) -> Option<Self> {
        let zeros = || {
            let mut values = Vec::new();
            values.try_reserve_exact(n_slots.checked_mul(kv_dim)?).ok()?;
            values.resize(n_slots * kv_dim, f16::ZERO);
            Some(values)
        };
        Some(Self { kv_dim, keys: zeros()?, values: zeros()? })
    }

    /// An empty pool of `n_slots`.
    pub fn new(n_slots: usize, kv_dim: usize) -> Self {
        Self { kv_dim, keys: vec![f16::ZERO; n_slots * kv_dim], values: vec![f16::ZERO; n_slots * kv_dim] }
    }
}

/// Cosines and sines of the angles of a batch, computed once and used by every layer that has them.
#[derive(Clone, Debug)]
pub struct RopeAngles {
    pairs: RopePairs,
    n_pairs: usize,
    /// (cos, sin), `[n_tokens, n_pairs]`.
    cos_sin: Vec<(f32, f32)>,
}

impl RopeAngles {
    /// Angle of pair i at position p: `p * frequency[i]`, in f64. Cosines and sines are multiplied by `magnitude`.
    pub fn new(positions: &[u32], pairs: RopePairs, frequencies: &[f64], magnitude: f32) -> Self {
        let mut cos_sin = Vec::with_capacity(positions.len() * frequencies.len());
        for &position in positions {
            cos_sin.extend(frequencies.iter().map(|frequency| {
                let (sin, cos) = (f64::from(position) * frequency).sin_cos();
                ((f64::from(magnitude) * cos) as f32, (f64::from(magnitude) * sin) as f32)
            }));
        }
        Self { pairs, n_pairs: frequencies.len(), cos_sin }
    }

    /// The angles of the layers of a model: without a window, with one, and of those in which nothing turns.
    pub fn of_model(h: &Hyperparameters, divisors: &[f32], positions: &[u32]) -> [Self; 3] {
        let [plain, windowed] = [false, true].map(|windowed| {
            let frequencies = h.rope_frequencies(windowed, divisors);
            Self::new(positions, h.rope_pairs, &frequencies, h.rope_of(windowed).magnitude)
        });
        [plain, windowed, Self::new(positions, h.rope_pairs, &[], 1.0)]
    }

    /// Rotates every head of the states of one token.
    fn rotate(&self, token_idx: usize, states: &mut [f32], head_dim: usize) {
        let angles = &self.cos_sin[token_idx * self.n_pairs..(token_idx + 1) * self.n_pairs];
        for head in states.chunks_exact_mut(head_dim) {
            for (i, (cos, sin)) in angles.iter().enumerate() {
                let (i, j) = match self.pairs {
                    RopePairs::Adjacent => (2 * i, 2 * i + 1),
                    RopePairs::Halves => (i, i + self.n_pairs),
                };
                let (a, b) = (head[i], head[j]);
                (head[i], head[j]) = (a * cos - b * sin, a * sin + b * cos);
            }
        }
    }
}

/// Rotates `q` `[n_tokens, n_heads * head_dim]` and `k` `[n_tokens, kv_dim]` in place and stores `k` and
/// `v` in slot `slots[token]` of the pool, rounded to f16.
pub fn rope(
    q: &mut [f32],
    k: &mut [f32],
    v: &[f32],
    angles: &RopeAngles,
    slots: &[u32],
    head_dim: usize,
    kv: &mut LayerKv,
) {
    let (q_dim, kv_dim) = (q.len() / slots.len().max(1), kv.kv_dim);
    for (token_idx, &slot) in slots.iter().enumerate() {
        angles.rotate(token_idx, &mut q[token_idx * q_dim..(token_idx + 1) * q_dim], head_dim);
        let own = token_idx * kv_dim..(token_idx + 1) * kv_dim;
        angles.rotate(token_idx, &mut k[own.clone()], head_dim);
        let stored = slot as usize * kv_dim..(slot as usize + 1) * kv_dim;
        for (to, from) in [(&mut kv.keys, &k[own.clone()]), (&mut kv.values, &v[own])] {
            let rounded = from.iter().map(|&value| clamped_half(value));
            to[stored.clone()].iter_mut().zip(rounded).for_each(|(to, value)| *to = value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_pairs_by_the_position_and_stores() {
        let angles = RopeAngles::new(&[0, 3], RopePairs::Adjacent, &[1.0, 0.01], 1.0);
        let mut q = vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let mut k = q.clone();
        let v = [0.0, 1.0, 2049.0, -1e6, 4.0, 5.0, 6.0, 7.0];
        let mut kv = LayerKv::new(3, 4);
        rope(&mut q, &mut k, &v, &angles, &[2, 0], 4, &mut kv);
        assert_eq!(q[..4], [1.0, 0.0, 1.0, 0.0], "position 0 does not turn");
        let expected = [3f32.cos(), 3f32.sin(), 0.03f32.cos(), 0.03f32.sin()];
        for (value, expected) in q[4..].iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6);
        }
        let halves = |values: &[f32]| values.iter().copied().map(f16::from_f32).collect::<Vec<_>>();
        assert_eq!(kv.keys[..4], halves(&k[4..]), "token 1 is in slot 0");
        assert_eq!(kv.values[8..], halves(&[0.0, 1.0, 2048.0, -65504.0]), "token 0 is in slot 2");
        assert_eq!(kv.values[4..8], [f16::ZERO; 4]);
    }

    #[test]
    fn a_magnitude_makes_what_turns_longer() {
        let angles = RopeAngles::new(&[0], RopePairs::Adjacent, &[1.0], 1.5);
        let mut q = vec![1.0, 2.0, 5.0, 6.0];
        let mut k = q.clone();
        rope(&mut q, &mut k, &[0.0; 4], &angles, &[0], 4, &mut LayerKv::new(1, 4));
        assert_eq!(q, [1.5, 3.0, 5.0, 6.0]);
    }

    #[test]
    fn halves_turn_together() {
        let mut q = vec![1.0, 1.0, 0.0, 0.0, 7.0, 8.0];
        let mut k = q.clone();
        let angles = RopeAngles::new(&[3], RopePairs::Halves, &[1.0, 0.01], 1.0);
        rope(&mut q, &mut k, &[0.0; 6], &angles, &[0], 6, &mut LayerKv::new(1, 6));
        let expected = [3f32.cos(), 0.03f32.cos(), 3f32.sin(), 0.03f32.sin(), 7.0, 8.0];
        for (value, expected) in q.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{q:?}");
        }
    }

    #[test]
    fn values_past_the_rope_dimension_stay() {
        let mut q = vec![1.0, 0.0, 5.0, 6.0];
        let mut k = q.clone();
        let angles = RopeAngles::new(&[2], RopePairs::Adjacent, &[1.0], 1.0);
        rope(&mut q, &mut k, &[0.0; 4], &angles, &[0], 4, &mut LayerKv::new(1, 4));
        assert!((q[0] - 2f32.cos()).abs() < 1e-6);
        assert_eq!(q[2..], [5.0, 6.0]);
    }
}
