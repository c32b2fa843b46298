//! Rotary position embedding of queries and keys, and the store of keys and values into the KV pool.
//!
//! Pairs are adjacent values (2i, 2i + 1), the order of llama.cpp's NORM rope that Llama GGUF files
//! are permuted for.

/// Keys and values of one layer: `[n_slots, kv_dim]` each.
#[derive(Clone, Debug, Default)]
pub struct LayerKv {
    /// `n_kv_heads * head_dim`.
    pub kv_dim: usize,
    /// Rotated keys.
    pub keys: Vec<f32>,
    /// Values.
    pub values: Vec<f32>,
}

impl LayerKv {
    /// An empty pool of `n_slots`.
    pub fn new(n_slots: usize, kv_dim: usize) -> Self {
        Self { kv_dim, keys: vec![0.0; n_slots * kv_dim], values: vec![0.0; n_slots * kv_dim] }
    }
}

/// Cosines and sines of the angles of a batch, computed once and used by every layer.
#[derive(Clone, Debug)]
pub struct RopeAngles {
    n_pairs: usize,
    /// (cos, sin), `[n_tokens, n_pairs]`.
    cos_sin: Vec<(f32, f32)>,
}

impl RopeAngles {
    /// Angle of pair i at position p: `p * base^(-2i / rope_dim)`, in f64. `rope_dim` is how many values of a
    /// head turn, from its first.
    pub fn new(positions: &[u32], rope_dim: usize, base: f32) -> Self {
        let n_pairs = rope_dim / 2;
        let frequencies: Vec<f64> =
            (0..n_pairs).map(|pair| f64::from(base).powf(-2.0 * pair as f64 / rope_dim as f64)).collect();
        let mut cos_sin = Vec::with_capacity(positions.len() * n_pairs);
        for &position in positions {
            cos_sin.extend(frequencies.iter().map(|frequency| {
                let (sin, cos) = (f64::from(position) * frequency).sin_cos();
                (cos as f32, sin as f32)
            }));
        }
        Self { n_pairs, cos_sin }
    }

    /// Rotates every head of the states of one token.
    fn rotate(&self, token_idx: usize, states: &mut [f32], head_dim: usize) {
        let angles = &self.cos_sin[token_idx * self.n_pairs..(token_idx + 1) * self.n_pairs];
        for head in states.chunks_exact_mut(head_dim) {
            for ([a, b], (cos, sin)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
            }
        }
    }
}

/// Rotates `q` `[n_tokens, n_heads * head_dim]` and `k` `[n_tokens, kv_dim]` in place and stores `k` and
/// `v` in slot `slots[token]` of the pool.
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
        kv.keys[stored.clone()].copy_from_slice(&k[own.clone()]);
        kv.values[stored].copy_from_slice(&v[own]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_pairs_by_the_position_and_stores() {
        let angles = RopeAngles::new(&[0, 3], 4, 10_000.0);
        let mut q = vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let mut k = q.clone();
        let v: Vec<f32> = (0..8).map(|i| i as f32).collect();
        let mut kv = LayerKv::new(3, 4);
        rope(&mut q, &mut k, &v, &angles, &[2, 0], 4, &mut kv);
        assert_eq!(q[..4], [1.0, 0.0, 1.0, 0.0], "position 0 does not turn");
        let expected = [3f32.cos(), 3f32.sin(), 0.03f32.cos(), 0.03f32.sin()];
        for (value, expected) in q[4..].iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6);
        }
        assert_eq!(kv.keys[..4], k[4..], "token 1 is in slot 0");
        assert_eq!(kv.values[8..], v[..4], "token 0 is in slot 2");
        assert_eq!(kv.values[4..8], [0.0; 4]);
    }

    #[test]
    fn values_past_the_rope_dimension_stay() {
        let mut q = vec![1.0, 0.0, 5.0, 6.0];
        let mut k = q.clone();
        let angles = RopeAngles::new(&[2], 2, 10_000.0);
        rope(&mut q, &mut k, &[0.0; 4], &angles, &[0], 4, &mut LayerKv::new(1, 4));
        assert!((q[0] - 2f32.cos()).abs() < 1e-6);
        assert_eq!(q[2..], [5.0, 6.0]);
    }
}
