//! Unit vectors, and the cosines of a few of them as a square matrix: all that MLC and the projection need.

use super::symmetric::spectrum;

/// A vector as f64 and of length 1. A zero vector, or one with a value that is not finite, becomes all zeros, so that its
/// cosine to everything is 0.
pub fn unit(vector: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut unit: Vec<f64> = vector.collect();
    // Scaled first, so that squares neither overflow nor vanish.
    let largest =
        unit.iter().fold(0.0_f64, |most, x| if x.is_finite() { most.max(x.abs()) } else { f64::NAN });
    let largest = if unit.iter().all(|x| x.is_finite()) { largest } else { 0.0 };
    if largest == 0.0 {
        unit.fill(0.0);
        return unit;
    }
    unit.iter_mut().for_each(|x| *x /= largest);
    let length = dot(&unit, &unit).sqrt();
    unit.iter_mut().for_each(|x| *x /= length);
    unit
}

/// The dot product, summed in eight lanes that are added in order: the same on every machine.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0_f64; 8];
    for (x, y) in a.0.iter().zip(b.0) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let rest: f64 = a.1.iter().zip(b.1).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Cosines of `n` vectors of length `dim`, `[n, n]`. The diagonal is 1, or 0 for a vector that has no direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Cosines {
    n: usize,
    dim: usize,
    values: Vec<f64>,
}

impl Cosines {
    /// The cosines of unit vectors of one length, as [`unit()`] gives them.
    pub fn of_units(units: &[Vec<f64>]) -> Self {
        let n = units.len();
        let mut values = vec![0.0; n * n];
        for (i, a) in units.iter().enumerate() {
            values[i * n + i] = if a.iter().all(|x| *x == 0.0) { 0.0 } else { 1.0 };
            for (j, b) in units.iter().enumerate().skip(i + 1) {
                let cosine = dot(a, b).clamp(-1.0, 1.0);
                values[i * n + j] = cosine;
                values[j * n + i] = cosine;
            }
        }
        Self { n, dim: units.first().map_or(0, Vec::len), values }
    }

    /// The cosines of vectors of one length.
    pub fn of_vectors(vectors: &[&[f32]]) -> Self {
        let units: Vec<Vec<f64>> = vectors.iter().map(|v| unit(v.iter().map(|x| f64::from(*x)))).collect();
        Self::of_units(&units)
    }

    /// The cosines of some of the vectors, in the order of `keep`; places that do not exist are passed over.
    pub fn subset(&self, keep: &[usize]) -> Self {
        let keep: Vec<usize> = keep.iter().copied().filter(|i| *i < self.n).collect();
        let values = keep.iter().flat_map(|i| keep.iter().map(|j| self.at(*i, *j))).collect();
        Self { n: keep.len(), dim: self.dim, values }
    }

    /// Number of vectors.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The cosine of vectors `i` and `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.n + j]
    }

    /// The matrix, `[n, n]` row-major.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The cosines of all unordered pairs of different vectors, row by row.
    pub fn pairs(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.n).flat_map(move |i| (i + 1..self.n).map(move |j| self.at(i, j)))
    }

    /// The lowest cosine of two different vectors; `None` if there are fewer than two.
    pub fn minimum(&self) -> Option<f64> {
        self.pairs().reduce(f64::min)
    }

    /// The mean cosine of two different vectors; `None` if there are fewer than two.
    pub fn mean(&self) -> Option<f64> {
        let n_pairs = self.n * self.n.saturating_sub(1) / 2;
        (n_pairs > 0).then(|| self.pairs().sum::<f64>() / n_pairs as f64)
    }

    /// Singular values of the matrix of the unit vectors, descending: `min(n, dim)` square roots of eigenvalues of the
    /// cosine matrix. Their squares add up to the number of vectors that have a direction.
    pub fn singular_values(&self) -> Vec<f64> {
        let eigen = spectrum(&self.values, self.n);
        eigen.values.iter().take(self.n.min(self.dim)).map(|value| value.sqrt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_without_a_direction_have_cosine_zero() {
        let bad: [&[f32]; 5] =
            [&[0.0, 0.0], &[f32::NAN, 1.0], &[1.0, f32::NAN], &[f32::INFINITY, 0.0], &[1.0, 0.0]];
        let cosines = Cosines::of_vectors(&bad);
        for i in 0..5 {
            for j in 0..5 {
                assert_eq!(cosines.at(i, j), f64::from(u8::from(i == 4 && j == 4)), "{i} {j}");
            }
        }
        assert_eq!(cosines.singular_values(), [1.0, 0.0]);
    }

    #[test]
    fn huge_and_tiny_vectors_keep_their_angle() {
        let units = [[3e300, 4e300], [6e-310, 8e-310]].map(|v| unit(v.into_iter()));
        for x in &units {
            assert!((x[0] - 0.6).abs() < 1e-6 && (x[1] - 0.8).abs() < 1e-6, "{x:?}");
        }
        let cosines = Cosines::of_vectors(&[&[f32::MAX, f32::MAX], &[1e-45, 1e-45]]);
        assert!((cosines.at(0, 1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_subset_is_what_its_vectors_give() {
        let vectors: [&[f32]; 4] = [&[1.0, 0.0, 2.0], &[0.5, 1.0, 0.0], &[-1.0, 0.2, 0.3], &[0.1, 0.1, 0.1]];
        let all = Cosines::of_vectors(&vectors);
        assert_eq!(all.subset(&[3, 1, 9]), Cosines::of_vectors(&[vectors[3], vectors[1]]));
        assert_eq!(all.subset(&[2]).minimum(), None);
        assert_eq!(all.subset(&[]).mean(), None);
    }

    #[test]
    fn lanes_and_rest_are_all_summed() {
        for n in [0, 1, 7, 8, 9, 23] {
            let a: Vec<f64> = (0..n).map(|i| f64::from(i) + 1.0).collect();
            let n = f64::from(n);
            assert_eq!(dot(&a, &a), n * (n + 1.0) * (2.0 * n + 1.0) / 6.0);
        }
    }
}
