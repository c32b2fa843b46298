//! What the classifier sees: two languages' vectors, standardised, and shortened if they are long (**ours**).

use crate::align::random::SplitMix64;
use crate::data::Representations;

/// Vectors `[places, dim]` in the order of `places`; a value that is not finite counts as 0.
pub(super) fn raw(representations: &Representations, places: &[usize]) -> Vec<Vec<f64>> {
    let value = |x: &f32| if x.is_finite() { f64::from(*x) } else { 0.0 };
    places.iter().map(|at| representations.vector(*at).iter().map(value).collect()).collect()
}

/// Shifts and scales each dimension so that over the first `n` vectors its mean is 0 and its standard deviation 1. A
/// dimension that is constant there becomes 0.
pub(super) fn standardise(vectors: &mut [Vec<f64>], n: usize) {
    let dim = vectors.first().map_or(0, Vec::len);
    let count = n.max(1) as f64;
    for at in 0..dim {
        let mean = vectors[..n].iter().map(|v| v[at]).sum::<f64>() / count;
        let variance = vectors[..n].iter().map(|v| (v[at] - mean).powi(2)).sum::<f64>() / count;
        let deviation = variance.sqrt();
        // Less than rounding can tell from a constant.
        let is_constant = deviation <= 1e-12 * mean.abs() || deviation == 0.0;
        for vector in vectors.iter_mut() {
            vector[at] = if is_constant { 0.0 } else { (vector[at] - mean) / deviation };
        }
    }
}

/// Vectors of at most `max_dim` entries: each dimension is added, with a random sign, to a random one of `max_dim` sums
/// (feature hashing: Weinberger et al., 2009), which keeps dot products on average. Scaled so that an entry's variance stays
/// near 1. A classifier of the shortened vectors is one of the whole ones with weights in common.
pub(super) fn shorten(vectors: Vec<Vec<f64>>, max_dim: usize, seed: u32) -> Vec<Vec<f64>> {
    let dim = vectors.first().map_or(0, Vec::len);
    if dim <= max_dim || max_dim == 0 {
        return vectors;
    }
    let mut numbers = SplitMix64::new(u64::from(seed));
    let scale = (max_dim as f64 / dim as f64).sqrt();
    let sums: Vec<(usize, f64)> = (0..dim)
        .map(|_| (numbers.below(max_dim), if numbers.below(2) == 0 { scale } else { -scale }))
        .collect();
    let short = |vector: Vec<f64>| {
        let mut out = vec![0.0; max_dim];
        vector.iter().zip(&sums).for_each(|(x, (sum, sign))| out[*sum] += x * sign);
        out
    };
    vectors.into_iter().map(short).collect()
}
