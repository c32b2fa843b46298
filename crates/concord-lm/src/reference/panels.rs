//! The product of a batch of rows and panels of eight output features in f32.
//!
//! Each output is one running sum over the input features in order. Eight features by four rows are kept in registers.

use half::f16;

use super::math::{LANES, widen};

/// Rows of a batch whose sums are kept in registers together.
const TILE: usize = 4;

/// Rows to be multiplied, `[n_rows, n_in]`: tiles of four, and what is left.
pub(super) struct Rows<'a> {
    n_in: usize,
    /// `[n_rows / 4][n_in][4]`.
    tiles: Vec<[f32; TILE]>,
    rest: &'a [f32],
}

impl<'a> Rows<'a> {
    pub(super) fn new(x: &'a [f32], n_in: usize) -> Self {
        let (tiled, rest) = x.split_at(x.len() / (n_in * TILE) * (n_in * TILE));
        let mut tiles = vec![[0.0; TILE]; tiled.len() / TILE];
        for (rows, tile) in tiled.chunks_exact(n_in * TILE).zip(tiles.chunks_exact_mut(n_in)) {
            for (row_idx, row) in rows.chunks_exact(n_in).enumerate() {
                for (column, &value) in tile.iter_mut().zip(row) {
                    column[row_idx] = value;
                }
            }
        }
        Self { n_in, tiles, rest }
    }

    /// Writes the outputs of the `panel_idx`-th panel, `[n_in][8]`, to `y` `[n_rows, n_out]`.
    pub(super) fn multiply(&self, panel: &[[f32; LANES]], panel_idx: usize, n_out: usize, y: &mut [f32]) {
        let first_out = panel_idx * LANES;
        let width = LANES.min(n_out - first_out);
        let mut rows = y.chunks_exact_mut(n_out);
        let mut write = |sums: &[f32; LANES]| {
            if let Some(row) = rows.next() {
                row[first_out..first_out + width].copy_from_slice(&sums[..width]);
            }
        };
        for tile in self.tiles.chunks_exact(self.n_in) {
            tile_sums(tile, panel).iter().for_each(&mut write);
        }
        for row in self.rest.chunks_exact(self.n_in) {
            write(&row_sums(row, panel));
        }
    }
}

/// A panel in 16 bits, IEEE or bfloat16, as f32, exactly.
pub(super) fn widen_panel(panel: &[[u16; LANES]], is_bf16: bool, out: &mut [[f32; LANES]]) {
    for (column, out) in panel.iter().zip(out) {
        match is_bf16 {
            true => *out = column.map(|bits| f32::from_bits(u32::from(bits) << 16)),
            false => widen(&column.map(f16::from_bits), out),
        }
    }
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
