//! Grouped-query attention over slots of the KV pool.

use super::math;
use super::rope::LayerKv;

/// How the states of a token split into heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadShape {
    /// Query heads.
    pub n_heads: usize,
    /// Key and value heads; query head h reads key head `h / (n_heads / n_kv_heads)`.
    pub n_kv_heads: usize,
    /// Values per head.
    pub head_dim: usize,
}

/// `softmax(q k^T / sqrt(head_dim)) v` for each token and head. `q` is `[n_tokens, n_heads * head_dim]`;
/// `slots[token]` lists the slots of positions 0..=own. The result has the shape of `q`.
pub fn attention(q: &[f32], kv: &LayerKv, slots: &[&[u32]], heads: HeadShape) -> Vec<f32> {
    let HeadShape { n_heads, n_kv_heads, head_dim } = heads;
    let group = n_heads / n_kv_heads.max(1);
    let scale = 1.0 / (head_dim as f32).sqrt();
    let mut out = vec![0.0; q.len()];
    let mut scores = Vec::new();
    let states = q.chunks_exact(n_heads * head_dim).zip(out.chunks_exact_mut(n_heads * head_dim));
    for ((q, out), slots) in states.zip(slots) {
        for (head, (q, out)) in q.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim)).enumerate() {
            let at = |slot: u32| slot as usize * kv.kv_dim + head / group * head_dim;
            scores.clear();
            scores.extend(slots.iter().map(|&slot| math::dot(q, &kv.keys[at(slot)..][..head_dim]) * scale));
            softmax(&mut scores);
            for (&weight, &slot) in scores.iter().zip(*slots) {
                for (out, value) in out.iter_mut().zip(&kv.values[at(slot)..][..head_dim]) {
                    *out += weight * value;
                }
            }
        }
    }
    out
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
    use super::*;

    #[test]
    fn weighs_the_values_of_listed_slots_only() {
        let heads = HeadShape { n_heads: 2, n_kv_heads: 1, head_dim: 2 };
        let mut kv = LayerKv::new(3, 2);
        kv.keys = vec![1.0, 0.0, 100.0, 100.0, 0.0, 1.0];
        kv.values = vec![1.0, 2.0, 1e9, 1e9, 3.0, 4.0];
        let q = [2.0, 0.0, 0.0, 0.0];
        let y = attention(&q, &kv, &[&[2, 0]], heads);
        let (a, b) = ((2.0f32 / 2f32.sqrt()).exp(), 1.0f32);
        let expected = [(a + 3.0 * b) / (a + b), (2.0 * a + 4.0 * b) / (a + b), 2.0, 3.0];
        for (y, expected) in y.iter().zip(expected) {
            assert!((y - expected).abs() < 1e-5, "{y} is not {expected}");
        }
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let heads = HeadShape { n_heads: 1, n_kv_heads: 1, head_dim: 1 };
        let kv = LayerKv { kv_dim: 1, keys: vec![1e4, 2e4], values: vec![1.0, 2.0] };
        assert_eq!(attention(&[1e4], &kv, &[&[0, 1]], heads), [2.0]);
    }
}
