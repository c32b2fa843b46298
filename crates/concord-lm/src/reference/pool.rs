//! Pooled hidden states and their cosines.

use super::math::dot;
use crate::generate::Pooling;

/// Pools the states of each group of consecutive tokens: `states` is `[n_tokens, dim]`, `groups` counts
/// the tokens of each group, the result is `[groups.len(), dim]`. An empty group gives zeros.
pub fn pool(states: &[f32], dim: usize, groups: &[u32], pooling: Pooling) -> Vec<f32> {
    let mut pooled = vec![0.0; groups.len() * dim];
    let mut rest = states;
    for (&n_tokens, pooled) in groups.iter().zip(pooled.chunks_exact_mut(dim)) {
        let (group, after) = rest.split_at(n_tokens as usize * dim);
        rest = after;
        match pooling {
            Pooling::Mean => {
                for state in group.chunks_exact(dim) {
                    for (sum, value) in pooled.iter_mut().zip(state) {
                        *sum += value;
                    }
                }
                let scale = 1.0 / n_tokens.max(1) as f32;
                pooled.iter_mut().for_each(|sum| *sum *= scale);
            }
            Pooling::First | Pooling::Last => {
                let mut states = group.chunks_exact(dim);
                let state = if pooling == Pooling::First { states.next() } else { states.next_back() };
                if let Some(state) = state {
                    pooled.copy_from_slice(state);
                }
            }
        }
    }
    pooled
}

/// Cosines of all pairs of `vectors` `[n, dim]`, each once: `[n * (n - 1) / 2]`, those of the first vector with the others
/// first. A zero vector has cosine 0 with all; where a number is not finite, it is NaN.
pub fn cosine(vectors: &[f32], dim: usize) -> Vec<f32> {
    let rows: Vec<&[f32]> = vectors.chunks_exact(dim.max(1)).collect();
    let norms: Vec<f32> = rows.iter().map(|row| dot(row, row).sqrt()).collect();
    let mut cosines = Vec::with_capacity(rows.len() * rows.len().saturating_sub(1) / 2);
    for (i, left) in rows.iter().enumerate() {
        for (right, right_norm) in rows.iter().zip(&norms).skip(i + 1) {
            let scale = norms[i] * right_norm;
            cosines.push(if scale == 0.0 { 0.0 } else { dot(left, right) / scale });
        }
    }
    cosines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_each_group() {
        let states = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(pool(&states, 2, &[2, 0, 1], Pooling::Mean), [2.0, 3.0, 0.0, 0.0, 5.0, 6.0]);
        assert_eq!(pool(&states, 2, &[2, 1], Pooling::Last), [3.0, 4.0, 5.0, 6.0]);
        assert_eq!(pool(&states, 2, &[2, 0, 1], Pooling::First), [1.0, 2.0, 0.0, 0.0, 5.0, 6.0]);
    }

    #[test]
    fn cosines_of_known_angles() {
        let cosines = cosine(&[1.0, 0.0, 3.0, 4.0, 0.0, 0.0], 2);
        let expected = [0.6, 0.0, 0.0];
        assert_eq!(cosines.len(), 3);
        for (cosine, expected) in cosines.iter().zip(expected) {
            assert!((cosine - expected).abs() < 1e-6);
        }
        assert!(cosine(&[1.0, f32::NAN, 3.0, 4.0], 2)[0].is_nan());
    }
}
