//! Eigenvalues of symmetric matrices without negative ones: Gram matrices, centred or not. The only file that names `nalgebra`.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::data::InOrder;

/// Rotations allowed per row before the decomposition gives up; a few are usual.
const MAX_ROTATIONS_PER_ROW: usize = 100;

/// What is left of two entries that differ by rounding only.
const ROUNDING: f64 = 1e-12;

/// Eigenvalues and eigenvectors of a symmetric matrix `[n, n]`, largest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// The eigenvalues, descending, none below 0.
    pub values: Vec<f64>,
    /// The unit eigenvector of each value, in which the entry of largest absolute value is positive; among equal ones the
    /// first decides.
    pub vectors: Vec<Vec<f64>>,
}

/// The spectrum of a symmetric matrix that has no negative eigenvalue, `[n, n]` row-major.
///
/// The upper triangle counts. Entries that are not finite count as 0. Values that are negative, or so small beside the
/// largest that rounding may have made them, become 0: below `n` times the spacing of f64 at the largest.
pub fn spectrum(matrix: &[f64], n: usize) -> Spectrum {
    debug_assert_eq!(matrix.len(), n * n, "a square matrix");
    if n == 0 {
        return Spectrum::default();
    }
    let entry = |row: usize, column: usize| {
        let value = matrix[row.min(column) * n + row.max(column)];
        if value.is_finite() { value } else { 0.0 }
    };
    let square = DMatrix::from_fn(n, n, entry);
    let Some(eigen) = SymmetricEigen::try_new(square, f64::EPSILON, n * MAX_ROTATIONS_PER_ROW) else {
        return Spectrum { values: vec![0.0; n], vectors: (0..n).map(|at| axis(at, n)).collect() };
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.order_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let smallest = eigen.eigenvalues[order[0]].abs() * n as f64 * f64::EPSILON;
    let value = |at: &usize| Some(eigen.eigenvalues[*at]).filter(|v| *v > smallest).unwrap_or(0.0);
    let vector = |at: &usize| signed(eigen.eigenvectors.column(*at).iter().copied().collect());
    Spectrum { values: order.iter().map(value).collect(), vectors: order.iter().map(vector).collect() }
}

fn axis(at: usize, n: usize) -> Vec<f64> {
    (0..n).map(|i| f64::from(u8::from(i == at))).collect()
}

/// The vector with the sign that makes its largest entry positive.
fn signed(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let deciding = vector.iter().find(|x| x.abs() >= largest - ROUNDING);
    if deciding.is_some_and(|x| *x < 0.0) {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
    vector
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_matrices() {
        let found = spectrum(&[2.0, 1.0, 1.0, 2.0], 2);
        assert!((found.values[0] - 3.0).abs() < 1e-12 && (found.values[1] - 1.0).abs() < 1e-12, "{found:?}");
        let half = 0.5_f64.sqrt();
        for (vector, expected) in found.vectors.iter().zip([[half, half], [half, -half]]) {
            assert!(vector.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        }
        assert_eq!(spectrum(&[], 0), Spectrum::default());
        assert_eq!(spectrum(&[0.0; 9], 3).values, [0.0; 3]);
        assert_eq!(spectrum(&[5.0], 1), Spectrum { values: vec![5.0], vectors: vec![vec![1.0]] });
    }

    #[test]
    fn rounding_and_what_is_not_finite_become_zero() {
        assert_eq!(spectrum(&[1.0; 16], 4).values[1..], [0.0; 3]);
        assert_eq!(spectrum(&[1.0, 0.0, 0.0, -1.0], 2).values, [1.0, 0.0]);
        let found = spectrum(&[1.0, f64::NAN, f64::INFINITY, 1.0], 2);
        assert_eq!(found.values, [1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn values_and_vectors_give_the_matrix_back(rows in prop::collection::vec(prop::collection::vec(-3_f64..3.0, 4), 1..7)) {
            let n = rows.len();
            let gram: Vec<f64> = rows.iter().flat_map(|a| rows.iter().map(|b| a.iter().zip(b).map(|(x, y)| x * y).sum())).collect();
            let found = spectrum(&gram, n);
            prop_assert!(found.values.is_sorted_by(|a, b| a >= b) && found.values.iter().all(|v| *v >= 0.0));
            for i in 0..n {
                for j in 0..n {
                    let back: f64 = (0..n).map(|k| found.values[k] * found.vectors[k][i] * found.vectors[k][j]).sum();
                    prop_assert!((back - gram[i * n + j]).abs() < 1e-9, "{} {}", back, gram[i * n + j]);
                }
            }
        }
    }
}
