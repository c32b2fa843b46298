//! The table of how often one value met another, and what each measure makes of it.

use super::{Level, Weights};

/// How often one value met another. For kappa a row is what the first person said and a column what the second said; for
/// alpha it is the table of coincidences, in which both orders of a pair stand.
#[derive(Clone, Debug, PartialEq)]
pub struct PairTable {
    n_values: usize,
    /// `[n_values, n_values]`.
    cells: Vec<f64>,
}

impl PairTable {
    /// An empty one.
    pub fn new(n_values: usize) -> Self {
        Self { n_values, cells: vec![0.0; n_values * n_values] }
    }

    /// One that holds these counts.
    pub fn of<const N: usize>(counts: &[[u32; N]; N]) -> Self {
        Self { n_values: N, cells: counts.iter().flatten().map(|n| f64::from(*n)).collect() }
    }

    /// Adds to a cell by its place in the table.
    pub(super) fn add(&mut self, cell: usize, weight: f64) {
        self.cells[cell] += weight;
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        self.cells.fill(0.0);
    }

    /// Share of the pairs that are of the same value; `None` without a pair.
    pub fn percent(&self) -> Option<f64> {
        let n: f64 = self.cells.iter().sum();
        let same: f64 = (0..self.n_values).map(|i| self.cells[i * self.n_values + i]).sum();
        (n > 0.0).then(|| same / n)
    }

    /// Cohen's kappa (Cohen 1960; with weights, Cohen 1968): `1 - n Σ w_ij o_ij / Σ w_ij r_i c_j`, where `o` are the
    /// cells, `r` and `c` the sums of rows and columns, `n` the sum of all, and `w` the cost of a pair.
    ///
    /// `None` where the lower sum is 0: nothing was counted, or both people always gave one and the same value.
    pub fn kappa(&self, weights: Weights) -> Option<f64> {
        let k = self.n_values;
        let rows: Vec<f64> = self.cells.chunks(k.max(1)).map(|row| row.iter().sum()).collect();
        let columns = self.columns();
        let (mut observed, mut expected) = (0.0, 0.0);
        for (i, row) in rows.iter().enumerate() {
            for (j, column) in columns.iter().enumerate().filter(|(j, _)| *j != i) {
                let cost = weights.cost(i.abs_diff(j));
                observed += cost * self.cells[i * k + j];
                expected += cost * row * column;
            }
        }
        let n: f64 = rows.iter().sum();
        (expected > 0.0).then(|| 1.0 - n * observed / expected)
    }

    /// Krippendorff's alpha (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"):
    /// `1 - (n - 1) Σ o_ck δ²_ck / Σ n_c n_k δ²_ck`, where `o` are the coincidences, `n_c` how often a value was given in
    /// units that at least two people judged, `n` the sum of those, and `δ²` the cost of a pair at the level.
    ///
    /// `None` where the lower sum is 0: nothing was counted, or only one value was ever given.
    pub fn alpha(&self, level: Level) -> Option<f64> {
        let k = self.n_values;
        let given = self.columns();
        let (mut observed, mut expected) = (0.0, 0.0);
        for i in 0..k {
            for j in i + 1..k {
                let cost = level.cost(&given, i, j);
                observed += cost * self.cells[i * k + j];
                expected += cost * given[i] * given[j];
            }
        }
        let n: f64 = given.iter().sum();
        (expected > 0.0).then(|| 1.0 - (n - 1.0) * observed / expected)
    }

    fn columns(&self) -> Vec<f64> {
        let k = self.n_values;
        (0..k).map(|column| (0..k).map(|row| self.cells[row * k + column]).sum()).collect()
    }
}

impl Weights {
    fn cost(self, distance: usize) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Linear => distance as f64,
            Self::Quadratic => (distance * distance) as f64,
        }
    }
}

impl Level {
    /// δ² of the values `low < high`. For ranks it is `(Σ n_g - (n_low + n_high) / 2)²` over the values `g` from one to the other.
    fn cost(self, given: &[f64], low: usize, high: usize) -> f64 {
        let difference = match self {
            Self::Nominal => 1.0,
            Self::Ordinal => given[low..=high].iter().sum::<f64>() - f64::midpoint(given[low], given[high]),
            Self::Interval => (high - low) as f64,
        };
        difference * difference
    }
}
