//! Weight matrices in panels of eight output features, and the product with a batch of rows.
//!
//! A matrix is held in f32, in the 16 bits of its file, or quantised. The first two give the same bits, those of f32
//! (`panels`); the third takes activations in int8 (`quantised`). Whichever it is, a row's result is the same bits alone
//! and among others, on every target.

use super::math::LANES;
use super::panels::{Rows, widen_panel};
use super::quantised::{Quantised, product};
use crate::weights::{Held, Numerics, TensorType, WeightsError, dequantise_rows};

/// A weight matrix `[n_out, n_in]`.
#[derive(Clone, Debug)]
pub struct Matrix {
    n_out: usize,
    n_in: usize,
    panels: Panels,
}

/// The weights, padded with zeros to whole panels of eight outputs.
#[derive(Clone, Debug)]
enum Panels {
    /// `[n_out / 8][n_in][8]`.
    F32(Vec<[f32; LANES]>),
    /// The same in 16 bits, bfloat16 or IEEE.
    Halves { is_bf16: bool, panels: Vec<[u16; LANES]> },
    /// In blocks; multiplied by int8 activations.
    Quantised(Quantised),
}

impl Default for Matrix {
    fn default() -> Self {
        Self::zeros(0, 0)
    }
}

impl Matrix {
    /// A matrix of zeros in f32, to be filled by [`Matrix::set_row`].
    pub fn zeros(n_out: usize, n_in: usize) -> Self {
        Self { n_out, n_in, panels: Panels::F32(vec![[0.0; LANES]; n_out.div_ceil(LANES) * n_in]) }
    }

    /// A matrix of zeros that is held as a file's is, to be filled by [`Matrix::set_stored_row`].
    pub(crate) fn held(held: Held, n_out: usize, n_in: usize) -> Self {
        let panels = match held {
            Held::F32 => return Self::zeros(n_out, n_in),
            Held::Halves(tensor_type) => Panels::Halves {
                is_bf16: tensor_type == TensorType::BF16,
                panels: vec![[0; LANES]; n_out.div_ceil(LANES) * n_in],
            },
            Held::Quantised(tensor_type, form) => {
                Panels::Quantised(Quantised::zeros(tensor_type, form, n_out, n_in))
            }
        };
        Self { n_out, n_in, panels }
    }

    /// From row-major values `[n_out, n_in]`; a last row that is not whole is left out.
    pub fn from_rows(n_in: usize, values: &[f32]) -> Self {
        let mut matrix = Self::zeros(values.len() / n_in.max(1), n_in);
        for (row_idx, row) in values.chunks_exact(n_in.max(1)).enumerate() {
            matrix.set_row(row_idx, row);
        }
        matrix
    }

    /// From stored rows of a tensor type, multiplied as `numerics` says.
    ///
    /// # Errors
    /// Rows that are not whole.
    pub fn from_stored(
        tensor_type: TensorType,
        numerics: Numerics,
        n_in: usize,
        bytes: &[u8],
    ) -> Result<Self, WeightsError> {
        let row_bytes = tensor_type.row_bytes(n_in).max(1);
        let mut matrix = Self::held(Held::of(tensor_type, numerics, true), bytes.len() / row_bytes, n_in);
        let mut scratch = Vec::new();
        for (row_idx, row) in bytes.chunks(row_bytes).enumerate() {
            matrix.set_stored_row(row_idx, tensor_type, row, &mut scratch)?;
        }
        Ok(matrix)
    }

    /// Output features.
    pub fn n_out(&self) -> usize {
        self.n_out
    }

    /// Input features.
    pub fn n_in(&self) -> usize {
        self.n_in
    }

    /// Writes the weights of one output feature, `[n_in]`, where they are held in f32.
    pub fn set_row(&mut self, row_idx: usize, row: &[f32]) {
        if let Panels::F32(panels) = &mut self.panels {
            set_lane(panels, self.n_in, row_idx, row.iter().copied());
        }
    }

    /// Takes the weights of one output feature as the file has them; `scratch` is room for a row in f32.
    ///
    /// # Errors
    /// A row of another length.
    pub(crate) fn set_stored_row(
        &mut self,
        row_idx: usize,
        tensor_type: TensorType,
        bytes: &[u8],
        scratch: &mut Vec<f32>,
    ) -> Result<(), WeightsError> {
        match &mut self.panels {
            Panels::Quantised(quantised) => return quantised.set_row(row_idx, bytes),
            Panels::Halves { panels, .. } => {
                let halves = bytes.as_chunks().0.iter().map(|&half| u16::from_le_bytes(half));
                set_lane(panels, self.n_in, row_idx, halves);
            }
            Panels::F32(panels) => {
                scratch.resize(self.n_in, 0.0);
                dequantise_rows(tensor_type, self.n_in, bytes, scratch)?;
                set_lane(panels, self.n_in, row_idx, scratch.iter().copied());
            }
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn n_bytes(&self) -> usize {
        match &self.panels {
            Panels::F32(panels) => size_of_val(&panels[..]),
            Panels::Halves { panels, .. } => size_of_val(&panels[..]),
            Panels::Quantised(quantised) => quantised.n_bytes(),
        }
    }

    /// Reads the weights of one output feature, `[n_in]`.
    pub fn row(&self, row_idx: usize) -> Vec<f32> {
        let (start, lane) = (row_idx / LANES * self.n_in, row_idx % LANES);
        let columns = start..start + self.n_in;
        match &self.panels {
            Panels::F32(panels) => panels[columns].iter().map(|column| column[lane]).collect(),
            Panels::Halves { is_bf16, panels } => {
                let mut widened = vec![[0.0; LANES]; self.n_in];
                widen_panel(&panels[columns], *is_bf16, &mut widened);
                widened.iter().map(|column| column[lane]).collect()
            }
            Panels::Quantised(quantised) => quantised.row(row_idx).collect(),
        }
    }
}

/// Writes a row into its place among eight.
fn set_lane<T>(panels: &mut [[T; LANES]], n_in: usize, row_idx: usize, row: impl Iterator<Item = T>) {
    let start = row_idx / LANES * n_in;
    for (column, value) in panels[start..start + n_in].iter_mut().zip(row) {
        column[row_idx % LANES] = value;
    }
}

/// `y = x W^T`: `x` is `[n_rows, n_in]`, `W` `[n_out, n_in]`, the result `[n_rows, n_out]`.
pub fn matmul(x: &[f32], weight: &Matrix) -> Vec<f32> {
    let Matrix { n_out, n_in, ref panels } = *weight;
    if n_in == 0 {
        return Vec::new();
    }
    if let Panels::Quantised(quantised) = panels {
        return product(x, quantised);
    }
    let mut y = vec![0.0; x.len() / n_in * n_out];
    let rows = Rows::new(x, n_in);
    match panels {
        Panels::F32(panels) => {
            for (panel_idx, panel) in panels.chunks_exact(n_in).enumerate() {
                rows.multiply(panel, panel_idx, n_out, &mut y);
            }
        }
        Panels::Halves { is_bf16, panels } => {
            let mut widened = vec![[0.0; LANES]; n_in];
            for (panel_idx, panel) in panels.chunks_exact(n_in).enumerate() {
                widen_panel(panel, *is_bf16, &mut widened);
                rows.multiply(&widened, panel_idx, n_out, &mut y);
            }
        }
        Panels::Quantised(_) => {}
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::quantise_rows;

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

    /// What is held in 16 bits has the bits of what is widened.
    #[test]
    fn halves_are_f32() {
        let (n_in, n_out) = (37, 21);
        let x: Vec<f32> = ramp(9 * n_in, 997).iter().map(|v| v / 313.0).collect();
        let values: Vec<f32> = ramp(n_out * n_in, 991).iter().map(|v| v / 317.0).collect();
        for tensor_type in [TensorType::F16, TensorType::BF16] {
            let bytes = quantise_rows(tensor_type, &values);
            let stored = |held| {
                let mut matrix = Matrix::held(held, n_out, n_in);
                for (row_idx, row) in bytes.chunks(2 * n_in).enumerate() {
                    matrix.set_stored_row(row_idx, tensor_type, row, &mut Vec::new()).unwrap();
                }
                matrix
            };
            let (halves, widened) = (stored(Held::Halves(tensor_type)), stored(Held::F32));
            assert_eq!(2 * halves.n_bytes(), widened.n_bytes());
            assert_eq!(matmul(&x, &halves), matmul(&x, &widened), "{tensor_type:?}");
            assert_eq!(matmul(&x[..n_in], &halves), matmul(&x[..n_in], &widened), "{tensor_type:?}");
            assert!((0..n_out).all(|row| halves.row(row) == widened.row(row)), "{tensor_type:?}");
        }
    }

    #[test]
    fn rows_come_back() {
        let values = ramp(5 * 3, 100);
        let matrix = Matrix::from_rows(3, &values);
        assert_eq!((matrix.n_out(), matrix.n_in()), (5, 3));
        let back: Vec<f32> = (0..5).flat_map(|row| matrix.row(row)).collect();
        assert_eq!(back, values);
    }
}
