//! A prompt's responses on a plane: principal component analysis of unit vectors that are known by their cosines alone.
//!
//! The Gram matrix `G` of the unit vectors, centred (`B = J G J`, `J = I - 1/n`), has the variances along the principal axes
//! as eigenvalues (times `n`); a point's place on axis `k` is `sqrt(eigenvalue_k)` times its entry of eigenvector `k`
//! (classical scaling: Torgerson, 1952). Two axes seldom hold it all, so the shares stand beside the picture, and so does
//! how many of a point's neighbours on the plane are its neighbours in the full space.

use std::cmp::Ordering;

use super::cosines::Cosines;
use super::symmetric::spectrum;
use crate::data::{InOrder, Similarity};

/// Neighbours looked at, where there are so many.
const N_NEIGHBOURS: usize = 5;

/// Squared distances this near to each other are equal.
const ROUNDING: f64 = 1e-9;

/// Points on a plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// `[n]`: the place of each vector on the two axes. On each axis the entry of largest absolute value is positive; among
    /// equal ones the first decides.
    pub points: Vec<[f64; 2]>,
    /// Share of the variance along each axis, from 0 to 1; 0 if all vectors are equal.
    pub explained: [f64; 2],
    /// How many neighbours were looked at: `min(5, n - 1)`.
    pub n_neighbours: usize,
    /// `[n]`: the share of a point's nearest neighbours on the plane that are among its nearest in the full space. A point as
    /// near as the last of them counts as among them. Empty if there are no neighbours.
    pub true_neighbours: Vec<f64>,
    /// The mean of those; `None` if there are no neighbours.
    pub mean_true_neighbours: Option<f64>,
}

/// The projection of a prompt's responses, in the order of `similarity`; a cosine that is missing or not finite counts as 0.
///
/// A response without a direction has cosine 0 to all others there and 1 to itself, so it stands at a right angle to them.
pub fn project_similarity(similarity: &Similarity) -> Projection {
    let n = similarity.order.len();
    if similarity.cosine.len() != similarity.n_cosines() {
        return Projection::default();
    }
    let gram: Vec<f64> = (0..n * n)
        .map(|at| f64::from(similarity.at(at / n, at % n)))
        .map(|x| if x.is_finite() { x } else { 0.0 })
        .collect();
    project_gram(&gram, n)
}

/// The projection of vectors of one length, each taken as a unit vector.
pub fn project_vectors(vectors: &[&[f32]]) -> Projection {
    project_gram(Cosines::of_vectors(vectors).values(), vectors.len())
}

/// The projection of points known by their Gram matrix: finite dot products, `[n, n]`. Takes time `n^3`.
pub fn project_gram(gram: &[f64], n: usize) -> Projection {
    debug_assert_eq!(gram.len(), n * n, "a square matrix");
    let eigen = spectrum(&centred(gram, n), n);
    let total: f64 = eigen.values.iter().sum();
    let share = |axis: usize| eigen.values.get(axis).filter(|_| total > 0.0).map_or(0.0, |v| v / total);
    let coordinate = |i: usize, axis: usize| {
        eigen.values.get(axis).map_or(0.0, |value| value.sqrt() * eigen.vectors[axis][i])
    };
    let points: Vec<[f64; 2]> = (0..n).map(|i| [coordinate(i, 0), coordinate(i, 1)]).collect();
    let n_neighbours = N_NEIGHBOURS.min(n.saturating_sub(1));
    let true_neighbours =
        if n_neighbours == 0 { Vec::new() } else { true_neighbours(gram, &points, n_neighbours) };
    let mean = true_neighbours.iter().sum::<f64>() / n as f64;
    Projection {
        points,
        explained: [share(0), share(1)],
        n_neighbours,
        mean_true_neighbours: (n_neighbours > 0).then_some(mean),
        true_neighbours,
    }
}

/// `J G J`: row, column and overall means taken out.
fn centred(gram: &[f64], n: usize) -> Vec<f64> {
    let means: Vec<f64> = gram.chunks(n.max(1)).map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    (0..n * n).map(|at| gram[at] - means[at / n] - means[at % n] + mean).collect()
}

fn true_neighbours(gram: &[f64], points: &[[f64; 2]], k: usize) -> Vec<f64> {
    let n = points.len();
    let full = |i: usize, j: usize| gram[i * n + i] + gram[j * n + j] - 2.0 * gram[i * n + j];
    let flat = |i: usize, j: usize| {
        let [dx, dy] = [points[i][0] - points[j][0], points[i][1] - points[j][1]];
        dx * dx + dy * dy
    };
    let of_point = |i: usize| {
        let mut distances: Vec<f64> = (0..n).filter(|j| *j != i).map(|j| full(i, j)).collect();
        distances.order_by(f64::total_cmp);
        let reach = distances[k - 1] + ROUNDING;
        let mut others: Vec<usize> = (0..n).filter(|j| *j != i).collect();
        others.order_by(|&a, &b| nearer(flat(i, a), flat(i, b)).then(a.cmp(&b)));
        others[..k].iter().filter(|j| full(i, **j) <= reach).count() as f64 / k as f64
    };
    (0..n).map(of_point).collect()
}

/// Compares squared distances in steps of [`ROUNDING`].
fn nearer(a: f64, b: f64) -> Ordering {
    (a / ROUNDING).round().total_cmp(&(b / ROUNDING).round())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::align::similarity::cosine_triangle;
    use crate::data::Language;

    fn of(vectors: &[Vec<f32>]) -> Projection {
        project_vectors(&vectors.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    #[test]
    fn a_triangle_keeps_its_distances() {
        let vectors = [vec![1.0, 0.0, 0.0], vec![0.0, 2.0, 0.0], vec![0.6, 0.8, 0.0]];
        let found = of(&vectors);
        for (i, j, squared) in [(0, 1, 2.0), (0, 2, 0.8), (1, 2, 0.4)] {
            let expected = f64::sqrt(squared);
            assert!((distance(found.points[i], found.points[j]) - expected).abs() < 1e-6, "{found:?}");
        }
        assert!((found.explained[0] + found.explained[1] - 1.0).abs() < 1e-9, "{found:?}");
        assert_eq!((found.n_neighbours, found.true_neighbours.as_slice()), (2, [1.0; 3].as_slice()));
        for axis in 0..2 {
            let largest = found.points.iter().map(|p| p[axis]).max_by(|a, b| a.abs().total_cmp(&b.abs()));
            assert!(largest.unwrap() > 0.0, "{found:?}");
        }
    }

    #[test]
    fn two_points_lie_on_one_axis_and_the_first_is_positive() {
        let found = of(&[vec![1.0, 0.0], vec![-1.0, 0.0]]);
        assert!(
            (found.points[0][0] - 1.0).abs() < 1e-9 && (found.points[1][0] + 1.0).abs() < 1e-9,
            "{found:?}"
        );
        assert!((found.explained[0] - 1.0).abs() < 1e-9 && found.explained[1] == 0.0);
        assert_eq!(found.mean_true_neighbours, Some(1.0));
    }

    #[test]
    fn nothing_one_point_and_equal_points() {
        assert_eq!(of(&[]), Projection::default());
        let one = of(&[vec![3.0, 4.0]]);
        assert_eq!((one.points, one.explained, one.mean_true_neighbours), (vec![[0.0; 2]], [0.0; 2], None));
        let equal = of(&vec![vec![3.0, 4.0]; 9]);
        assert_eq!((equal.explained, equal.n_neighbours), ([0.0; 2], 5));
        assert_eq!((equal.points, equal.mean_true_neighbours), (vec![[0.0; 2]; 9], Some(1.0)));
    }

    #[test]
    fn what_a_plane_cannot_hold_shows_in_shares_and_neighbours() {
        // Seven pairs of neighbours, each pair on an axis of its own: no plane keeps them.
        let vectors: Vec<Vec<f32>> = (0..14)
            .map(|i| {
                (0..14)
                    .map(|k| {
                        if k == i / 2 {
                            1.0
                        } else if k == i {
                            0.1
                        } else {
                            0.0
                        }
                    })
                    .collect()
            })
            .collect();
        let found = of(&vectors);
        assert!(found.explained[0] + found.explained[1] < 0.5, "{found:?}");
        assert_eq!(found.true_neighbours.len(), 14);
        assert!(found.true_neighbours.iter().all(|share| (0.0..=1.0).contains(share)));
    }

    #[test]
    fn a_record_gives_what_its_vectors_give() {
        let vectors: Vec<Vec<f32>> =
            (0..9).map(|i| (0..4).map(|k| ((i * 7 + k * 5) % 11) as f32 - 4.0).collect()).collect();
        let order = (0..9).map(|i| (Language::from("en"), i)).collect();
        let mut record = Similarity { prompt_id: "p".into(), order, cosine: cosine_triangle(&vectors) };
        let (found, expected) = (project_similarity(&record), of(&vectors));
        for axis in 0..2 {
            assert!(
                (found.explained[axis] - expected.explained[axis]).abs() < 1e-6,
                "{found:?} {expected:?}"
            );
        }
        record.cosine[3] = f32::NAN;
        let odd = project_similarity(&record);
        assert!(odd.points.iter().flatten().all(|x| x.is_finite()));
        record.cosine.pop();
        assert_eq!(project_similarity(&record), Projection::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_changes_shares_and_distances_by_nothing(vectors in prop::collection::vec(prop::collection::vec(-1_f32..1.0, 4), 2..9), turn in 0_usize..9) {
            let n = vectors.len();
            let turn = turn % n;
            let mut other = vectors.clone();
            other.rotate_left(turn);
            let (found, again) = (of(&vectors), of(&other));
            let [x, y] = found.explained;
            prop_assert!((x - again.explained[0]).abs() < 1e-9 && (y - again.explained[1]).abs() < 1e-9);
            prop_assert!(x >= y && y >= 0.0 && x + y <= 1.0 + 1e-9);
            // Axes of one length may turn; then only shares are the same.
            if x - y > 1e-3 && y > 1e-3 {
                for i in 0..n {
                    let moved = (i + n - turn) % n;
                    prop_assert!((found.points[i][0].abs() - again.points[moved][0].abs()).abs() < 1e-6);
                }
            }
        }

        #[test]
        fn never_a_nan(values in prop::collection::vec(prop_oneof![Just(0.0_f32), Just(f32::NAN), Just(f32::MAX), Just(1e-45), -1_f32..1.0], 18)) {
            let found = of(&values.chunks(3).map(<[f32]>::to_vec).collect::<Vec<_>>());
            let all = found.points.iter().flatten().chain(&found.explained).chain(&found.true_neighbours);
            prop_assert!(all.copied().all(f64::is_finite) && found.mean_true_neighbours.is_some());
        }
    }
}
