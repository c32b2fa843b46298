//! Grouped-query attention over slots of the KV pool.

use super::math;
use super::rope::LayerKv;
use super::soft_cap::soft_cap;
use crate::weights::Temperature;

/// How the states of a token split into heads, and what happens to scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadShape {
    /// Query heads.
    pub n_heads: usize,
    /// Key and value heads; query head h reads key head `h / (n_heads / n_kv_heads)`.
    pub n_kv_heads: usize,
    /// Values per head.
    pub head_dim: usize,
    /// Factor of the scores.
    pub scale: f32,
    /// Scores are `cap * tanh(score / cap)`; 0 for none.
    pub soft_cap: f32,
    /// How scores grow with the position.
    pub temperature: Option<Temperature>,
}

impl HeadShape {
    /// Heads whose scores are divided by `sqrt(head_dim)`, as everywhere but in some models.
    pub fn plain(n_heads: usize, n_kv_heads: usize, head_dim: usize) -> Self {
        Self {
            n_heads,
            n_kv_heads,
            head_dim,
            scale: 1.0 / (head_dim as f32).sqrt(),
            soft_cap: 0.0,
            temperature: None,
        }
    }
}

/// `softmax(scale * q k^T) v` for each token and head. `q` is `[n_tokens, n_heads * head_dim]`;
/// `slots[token]` lists the slots of the positions that the token sees, its own last; `positions` holds its own, which
/// matters to a temperature alone. The result has the shape of `q`.
pub fn attention(q: &[f32], kv: &LayerKv, slots: &[&[u32]], positions: &[u32], heads: HeadShape) -> Vec<f32> {
    let HeadShape { n_heads, n_kv_heads, head_dim, soft_cap: cap, .. } = heads;
    let group = n_heads / n_kv_heads.max(1);
    let mut out = vec![0.0; q.len()];
    let mut scores = Vec::new();
    let mut state = vec![0.0; head_dim];
    let states = q.chunks_exact(n_heads * head_dim).zip(out.chunks_exact_mut(n_heads * head_dim));
    for (((q, out), slots), &position) in states.zip(slots).zip(positions) {
        let scale = heads.scale * growth(heads.temperature, position);
        for (head, (q, out)) in q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim)).enumerate() {
            let at = |slot: &u32| *slot as usize * kv.kv_dim + head / group * head_dim;
            scores.clear();
            scores.extend(slots.iter().map(|slot| {
                math::widen(&kv.keys[at(slot)..][..head_dim], &mut state);
                math::dot(q, &state) * scale
            }));
            soft_cap(&mut scores, cap);
            softmax(&mut scores);
            for (&weight, slot) in scores.iter().zip(*slots) {
                math::widen(&kv.values[at(slot)..][..head_dim], &mut state);
                for (out, value) in out.iter_mut().zip(&state) {
                    *out += weight * value;
                }
            }
        }
    }
    out
}

/// What a temperature multiplies the scores of a position by.
fn growth(temperature: Option<Temperature>, position: u32) -> f32 {
    let Some(Temperature { scale, n_positions }) = temperature else { return 1.0 };
    1.0 + scale * libm::logf(1.0 + (position / n_positions) as f32)
}

/// Softmax in place, the maximum subtracted first.
fn softmax(scores: &mut [f32]) {
    let max = math::max(scores);
    for score in scores.iter_mut() {
        *score = math::exp(*score - max);
    }
    let scale = 1.0 / math::sum(scores);
    for score in scores {
        *score *= scale;
    }
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    fn halves(values: &[f32]) -> Vec<f16> {
        values.iter().copied().map(f16::from_f32).collect()
    }

    #[test]
    fn weighs_the_values_of_listed_slots_only() {
        let heads = HeadShape::plain(2, 1, 2);
        let mut kv = LayerKv::new(3, 2);
        kv.keys = halves(&[1.0, 0.0, 100.0, 100.0, 0.0, 1.0]);
        kv.values = halves(&[1.0, 2.0, 6e4, 6e4, 3.0, 4.0]);
        let q = [2.0, 0.0, 0.0, 0.0];
        let y = attention(&q, &kv, &[&[2, 0]], &[1], heads);
        let (a, b) = ((2.0f32 / 2f32.sqrt()).exp(), 1.0f32);
        let expected = [(a + 3.0 * b) / (a + b), (2.0 * a + 4.0 * b) / (a + b), 2.0, 3.0];
        for (y, expected) in y.iter().zip(expected) {
            assert!((y - expected).abs() < 1e-5, "{y} is not {expected}");
        }
    }

    #[test]
    fn a_temperature_sharpens_by_steps() {
        let temperature = Some(Temperature { scale: 0.1, n_positions: 16 });
        assert_eq!([0, 15].map(|position| growth(temperature, position)), [1.0; 2]);
        assert!((growth(temperature, 40) - (1.0 + 0.1 * 3f32.ln())).abs() < 1e-6);
        assert_eq!(growth(None, 40), 1.0);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let heads = HeadShape::plain(1, 1, 1);
        let kv = LayerKv { kv_dim: 1, keys: halves(&[1e4, 2e4]), values: halves(&[1.0, 2.0]) };
        assert_eq!(attention(&[1e4], &kv, &[&[0, 1]], &[1], heads), [2.0]);
    }
}
