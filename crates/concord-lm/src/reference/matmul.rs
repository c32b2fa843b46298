//! Weight matrices in panels of eight output features, and the product with a batch of rows.
//!
//! Each output is one running sum over the input features in order, so the result is the same bits
//! for one row, for many, on every target. Eight features by four rows are kept in registers.

use super::math::LANES;

/// Rows of a batch whose sums are kept in registers together.
const TILE: usize = 4;

/// A weight matrix `[n_out, n_in]` in f32, stored as `[n_out / 8][n_in][8]`, padded with zeros.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    n_out: usize,
    n_in: usize,
    panels: Vec<[f32; LANES]>,
}

impl Matrix {
    /// A matrix of zeros, to be filled by [`Matrix::set_row`].
    pub fn zeros(n_out: usize, n_in: usize) -> Self {
        Self { n_out, n_in, panels: vec![[0.0; LANES]; n_out.div_ceil(LANES) * n_in] }
    }

    /// From row-major values `[n_out, n_in]`; a last row that is not whole is left out.
    pub fn from_rows(n_in: usize, values: &[f32]) -> Self {
        let mut matrix = Self::zeros(values.len() / n_in.max(1), n_in);
        for (row_idx, row) in values.chunks_exact(n_in.max(1)).enumerate() {
            matrix.set_row(row_idx, row);
        }
        matrix
    }

    /// Output features.
    pub fn n_out(&self) -> usize {
        self.n_out
    }

    /// Input features.
    pub fn n_in(&self) -> usize {
        self.n_in
    }

    /// Writes the weights of one output feature, `[n_in]`.
    pub fn set_row(&mut self, row_idx: usize, row: &[f32]) {
        let start = row_idx / LANES * self.n_in;
        for (column, &value) in self.panels[start..start + self.n_in].iter_mut().zip(row) {
            column[row_idx % LANES] = value;
        }
    }

    /// Reads the weights of one output feature, `[n_in]`.
    pub fn row(&self, row_idx: usize) -> impl Iterator<Item = f32> + '_ {
        let start = row_idx / LANES * self.n_in;
        self.panels[start..start + self.n_in].iter().map(move |column| column[row_idx % LANES])
    }
}

/// `y = x W^T`: `x` is `[n_rows, n_in]`, `W` `[n_out, n_in]`, the result `[n_rows, n_out]`.
pub fn matmul(x: &[f32], weight: &Matrix) -> Vec<f32> {
    let Matrix { n_out, n_in, ref panels } = *weight;
    if n_in == 0 {
        return Vec::new();
    }
    let n_rows = x.len() / n_in;
    let mut y = vec![0.0; n_rows * n_out];
    let n_tiled = n_rows / TILE * TILE;
    let tiles = interleave(&x[..n_tiled * n_in], n_in);
    for (panel_idx, panel) in panels.chunks_exact(n_in).enumerate() {
        let first_out = panel_idx * LANES;
        let width = LANES.min(n_out - first_out);
        for (tile_idx, tile) in tiles.chunks_exact(n_in).enumerate() {
            for (row_idx, sums) in tile_sums(tile, panel).iter().enumerate() {
                let start = (tile_idx * TILE + row_idx) * n_out + first_out;
                y[start..start + width].copy_from_slice(&sums[..width]);
            }
        }
        for row_idx in n_tiled..n_rows {
            let sums = row_sums(&x[row_idx * n_in..(row_idx + 1) * n_in], panel);
            let start = row_idx * n_out + first_out;
            y[start..start + width].copy_from_slice(&sums[..width]);
        }
    }
    y
}

/// `[n_rows, n_in]` to `[n_rows / 4][n_in][4]`.
fn interleave(x: &[f32], n_in: usize) -> Vec<[f32; TILE]> {
    let mut tiles = vec![[0.0; TILE]; x.len() / TILE];
    for (rows, tile) in x.chunks_exact(n_in * TILE).zip(tiles.chunks_exact_mut(n_in)) {
        for (row_idx, row) in rows.chunks_exact(n_in).enumerate() {
            for (column, &value) in tile.iter_mut().zip(row) {
                column[row_idx] = value;
            }
        }
    }
    tiles
}

fn tile_sums(tile: &[[f32; TILE]], panel: &[[f32; LANES]]) -> [[f32; LANES]; TILE] {
    let mut sums = [[0.0f32; LANES]; TILE];
    for (xs, weights) in tile.iter().zip(panel) {
        for row_idx in 0..TILE {
            for lane in 0..LANES {
                sums[row_idx][lane] += xs[row_idx] * weights[lane];
            }
        }
    }
    sums
}

fn row_sums(x: &[f32], panel: &[[f32; LANES]]) -> [f32; LANES] {
    let mut sums = [0.0f32; LANES];
    for (&value, weights) in x.iter().zip(panel) {
        for lane in 0..LANES {
            sums[lane] += value * weights[lane];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(n: usize, period: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919) % period) as f32 - (period / 2) as f32).collect()
    }

    #[test]
    fn equals_the_sum_by_hand_at_awkward_shapes() {
        for (n_rows, n_in, n_out) in [(1, 1, 1), (3, 32, 7), (4, 5, 8), (5, 64, 9), (9, 31, 1759)] {
            let (x, w) = (ramp(n_rows * n_in, 11), ramp(n_out * n_in, 13));
            let y = matmul(&x, &Matrix::from_rows(n_in, &w));
            for row in 0..n_rows {
                for out in 0..n_out {
                    let exact: f32 = (0..n_in).map(|k| x[row * n_in + k] * w[out * n_in + k]).sum();
                    assert_eq!(y[row * n_out + out], exact, "row {row}, output {out} of {n_out}");
                }
            }
        }
    }

    #[test]
    fn a_row_alone_has_the_bits_of_the_row_in_a_batch() {
        let (n_in, n_out) = (96, 40);
        let x: Vec<f32> = ramp(41 * n_in, 997).iter().map(|v| v / 313.0).collect();
        let weight: Vec<f32> = ramp(n_out * n_in, 991).iter().map(|v| v / 317.0).collect();
        let weight = Matrix::from_rows(n_in, &weight);
        let together = matmul(&x, &weight);
        for (row, expected) in x.chunks(n_in).zip(together.chunks(n_out)) {
            assert_eq!(matmul(row, &weight), expected);
        }
    }

    #[test]
    fn rows_come_back() {
        let values = ramp(5 * 3, 100);
        let matrix = Matrix::from_rows(3, &values);
        assert_eq!((matrix.n_out(), matrix.n_in()), (5, 3));
        let back: Vec<f32> = (0..5).flat_map(|row| matrix.row(row).collect::<Vec<_>>()).collect();
        assert_eq!(back, values);
    }
}
