//! Quantised matrices of every type against the rows of their files and against products in f64.

use super::activations::quantise;
use super::*;
use crate::reference::{Matrix, matmul};
use crate::weights::testing::{Noise, quantise_rows};
use crate::weights::{Numerics, dequantise_rows, finite};

/// Rounding of an f32 operation, relative.
const HALF_ULP: f64 = 1.0 / (1u64 << 24) as f64;

fn quantised_types() -> impl Iterator<Item = (TensorType, Form)> {
    TensorType::ALL.into_iter().filter_map(|tensor_type| Some((tensor_type, tensor_type.form()?)))
}

fn normal(noise: &mut Noise, n: usize) -> Vec<f32> {
    (0..n).map(|_| noise.normal()).collect()
}

fn int8(tensor_type: TensorType, n_in: usize, bytes: &[u8]) -> Matrix {
    Matrix::from_stored(tensor_type, Numerics::Int8, n_in, bytes).unwrap()
}

/// Blocks of any bytes whose floats are finite, `n_rows` of `n_in` values.
fn any_rows(noise: &mut Noise, tensor_type: TensorType, [n_rows, n_in]: [usize; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < n_rows * tensor_type.row_bytes(n_in) {
        let block: Vec<u8> = (0..tensor_type.block_bytes()).map(|_| noise.bits() as u8).collect();
        if finite::first_not_finite(tensor_type, &block).is_none() {
            bytes.extend(block);
        }
    }
    bytes
}

#[test]
fn rows_of_any_bytes_come_back_as_they_are_dequantised() {
    let (n_rows, n_in) = (11, 512);
    for (tensor_type, _) in quantised_types() {
        let bytes = any_rows(&mut Noise::new(3), tensor_type, [n_rows, n_in]);
        let mut expected = vec![0.0; n_rows * n_in];
        dequantise_rows(tensor_type, n_in, &bytes, &mut expected).unwrap();
        let matrix = int8(tensor_type, n_in, &bytes);
        assert_eq!((matrix.n_out(), matrix.n_in()), (n_rows, n_in));
        for (row, expected) in expected.chunks(n_in).enumerate() {
            assert_eq!(matrix.row(row), expected, "{tensor_type:?}, row {row}");
        }
    }
}

#[test]
fn rows_of_another_length_are_refused() {
    for (tensor_type, form) in quantised_types() {
        let mut matrix = Quantised::zeros(tensor_type, form, 8, 256);
        let row = vec![0; tensor_type.row_bytes(256) - 1];
        assert!(matches!(matrix.set_row(0, &row), Err(WeightsError::Length { .. })), "{tensor_type:?}");
    }
}

/// As large as in the file; where a file packs scales of six bits, by the bits that are added.
#[test]
fn matrices_are_about_as_large_as_in_the_file() {
    for (tensor_type, form) in quantised_types() {
        let matrix = Quantised::zeros(tensor_type, form, 64, 512);
        let stored = 64 * tensor_type.row_bytes(512);
        let packed = match tensor_type {
            TensorType::Q4_K | TensorType::Q5_K | TensorType::Q3_K => 4,
            TensorType::IQ4_XS => 2,
            _ => 0,
        };
        assert_eq!(matrix.n_bytes(), stored + packed * 64 * 2, "{tensor_type:?}");
    }
}

/// Two bounds for each output, both from how numbers are rounded. Against the product of the weights and the activations
/// as they were rounded, only f32 roundings are left: one for each chunk that is added and a few within it, of sums that are
/// no larger than the sum of all magnitudes. Against the exact product, half a step of each activation comes to it.
#[test]
fn products_are_within_the_rounding_of_the_activations() {
    for (tensor_type, _) in quantised_types() {
        let mut noise = Noise::new(11);
        for [n_rows, n_out, n_in] in [[1, 1, 256], [3, 7, 512], [4, 8, 256], [5, 9, 768], [9, 41, 1024]] {
            let bytes = quantise_rows(tensor_type, &normal(&mut noise, n_out * n_in));
            let x = normal(&mut noise, n_rows * n_in);
            let mut weights = vec![0.0; n_out * n_in];
            dequantise_rows(tensor_type, n_in, &bytes, &mut weights).unwrap();
            let y = matmul(&x, &int8(tensor_type, n_in, &bytes));
            let rounded = quantise::<1>(&x, n_in);
            for (row, out) in (0..n_rows).flat_map(|row| (0..n_out).map(move |out| (row, out))) {
                let weights = &weights[out * n_in..(out + 1) * n_in];
                let largest = weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
                let (mut exact, mut of_rounded, mut half_steps, mut magnitudes) = (0.0, 0.0, 0.0, 0.0);
                for (k, (&w, &x)) in weights.iter().zip(&x[row * n_in..(row + 1) * n_in]).enumerate() {
                    let chunk = &rounded[k / CHUNK * n_rows + row];
                    let pair = chunk.pairs[k % CHUNK / 2][0];
                    let quant = if k % 2 == 0 { pair << 16 >> 16 } else { pair >> 16 };
                    let (w, scale) = (f64::from(w), f64::from(chunk.scales[0]));
                    exact += w * f64::from(x);
                    of_rounded += w * scale * f64::from(quant);
                    half_steps += w.abs() * scale / 2.0;
                    // Quant times scale, and an offset, may each be as large as the range of the weights.
                    magnitudes += 4.0 * f64::from(largest) * f64::from(x).abs();
                }
                let of_f32 = (n_in / CHUNK + 8) as f64 * HALF_ULP * magnitudes;
                let found = f64::from(y[row * n_out + out]);
                let what = format!("{tensor_type:?} {n_rows} x {n_in} x {n_out}, row {row}, output {out}");
                let off = (found - of_rounded).abs();
                assert!(
                    off <= of_f32,
                    "{what}: {off} from the product of what was rounded, at most {of_f32}"
                );
                let (off, limit) = ((found - exact).abs(), half_steps * (1.0 + 1e-5) + of_f32);
                assert!(off <= limit, "{what}: {off} from the exact product, at most {limit}");
            }
        }
    }
}

#[test]
fn a_row_alone_has_the_bits_of_the_row_in_a_batch() {
    for (tensor_type, _) in quantised_types() {
        let mut noise = Noise::new(17);
        let (n_in, n_out) = (512, 43);
        let matrix = int8(tensor_type, n_in, &any_rows(&mut noise, tensor_type, [n_out, n_in]));
        let x = normal(&mut noise, 41 * n_in);
        let together = matmul(&x, &matrix);
        for (row, expected) in x.chunks(n_in).zip(together.chunks(n_out)) {
            assert_eq!(matmul(row, &matrix), expected, "{tensor_type:?}");
        }
        for n_rows in [2, 3, 4, 6, 7, 8] {
            assert_eq!(matmul(&x[..n_rows * n_in], &matrix), together[..n_rows * n_out], "{tensor_type:?}");
        }
    }
}

/// What is not finite going in is not finite coming out, in every output of its row and in no other row.
#[test]
fn numbers_that_are_not_finite_stay_so() {
    for (tensor_type, _) in quantised_types() {
        let mut noise = Noise::new(19);
        let (n_in, n_out) = (256, 9);
        let matrix = int8(tensor_type, n_in, &quantise_rows(tensor_type, &normal(&mut noise, n_out * n_in)));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = normal(&mut noise, 6 * n_in);
            x[n_in + 77] = bad;
            x[5 * n_in + 255] = bad;
            for (row, y) in matmul(&x, &matrix).chunks(n_out).enumerate() {
                let is_bad = row == 1 || row == 5;
                assert!(y.iter().all(|y| y.is_finite() != is_bad), "{tensor_type:?} {bad}: {y:?}");
            }
        }
    }
}
