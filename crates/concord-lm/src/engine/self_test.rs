//! A check at start-up that the device computes what it must: drivers exist that give zeros, NaN or
//! nonsense without an error. Small integers, so that right answers are exact in any order of sums.

use half::{bf16, f16};

use super::device::Gpu;
use super::error::EngineError;
use super::kernels::rms_norm::{Norm, Rows};
use super::kernels::sample::{Buffers, DrawEntry, NOBODY, Params, RESULT_WORDS, sampled};
use super::kernels::seat::{self, Seat};
use super::kernels::{Embed, RmsNorm, Sample};
use super::recording::Recording;
use super::weights::Weights;
use crate::generate::{DecodeRow, DrawKey, Ends, SamplingSettings, TokenInput};
use crate::weights::blocks::SUPER_LEN;
use crate::weights::finite::halves;
use crate::weights::{TensorType, dequantise_rows};

/// Shape of the matrix: one block of the largest, and a last tile that is not full.
const N_OUT: usize = 35;
pub(super) const N_IN: usize = SUPER_LEN;

/// Norms rows: some from one on, some that are picked, and added to what is there.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(crate) async fn rms_norm(gpu: &Gpu, kernel: &RmsNorm) -> Result<(), EngineError> {
    let (n_rows, dim) = (3usize, 100usize);
    let x: Vec<f32> = (0..n_rows * dim).map(|i| value(i / dim, i) + 0.5).collect();
    let gain: Vec<f32> = (0..dim).map(|i| 1.0 + i as f32).collect();
    let normed = |row: usize| {
        let row = &x[row * dim..][..dim];
        let mean = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / dim as f64;
        let gain = &gain;
        row.iter().zip(gain).map(move |(x, gain)| (f64::from(*x) / mean.sqrt() * f64::from(*gain)) as f32)
    };
    let rows = gpu.upload("self-test input", &x).await?;
    let gains = gpu.upload("self-test gain", &gain).await?;
    let indices = gpu.upload("self-test rows", &[2u32, 0]).await?;
    let y = gpu.storage("self-test output", 4 * 2 * dim as u64).await?;
    let bindings = kernel.bind(gpu, &rows, &gains, &indices, &y);
    let norm = Norm { dim: dim as u32, eps: 0.0, is_centred: false };
    for (rows, expected) in [(Rows::From(1), [1, 2]), (Rows::Indexed, [2, 0])] {
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &bindings, norm, rows, 2);
        let got: Vec<f32> = gpu.run_once(&recording, &y, 2 * dim).await?;
        check("rms_norm", &got, expected.into_iter().flat_map(normed), 1e-4)?;
    }
    // On top of the rows that were picked last.
    let mut recording = Recording::new();
    kernel.encode_add(&mut recording, &bindings, norm, 1);
    let got: Vec<f32> = gpu.run_once(&recording, &y, dim).await?;
    check("rms_norm that adds", &got, normed(2).zip(normed(0)).map(|(there, more)| there + more), 1e-3)
}

/// Looks rows of a table up, as they are stored, and by position.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(crate) async fn embed(gpu: &Gpu, kernel: &Embed, tensor_type: TensorType) -> Result<(), EngineError> {
    let shape = [N_OUT as u32, N_IN as u32];
    let rows: Vec<u8> = (0..N_OUT).flat_map(|out| row(tensor_type, out)).collect();
    let mut values = vec![0.0; N_OUT * N_IN];
    dequantise_rows(tensor_type, N_IN, &rows, &mut values)?;
    let table = Weights::upload(gpu, "self-test table", tensor_type, shape, &rows).await?;
    let ids = [N_OUT - 1, 0, 17];
    let batch = gpu.upload("self-test batch", &ids.map(|id| [id as u32, 0, 0, 0])).await?;
    let y = gpu.storage("self-test output", 4 * (ids.len() * N_IN) as u64).await?;
    let mut recording = Recording::new();
    kernel.encode(&mut recording, &kernel.bind(gpu, &batch, &table, &y), (&table, 0), 2.0, ids.len() as u32);
    let got: Vec<f32> = gpu.run_once(&recording, &y, ids.len() * N_IN).await?;
    let expected = ids.into_iter().flat_map(|id| &values[id * N_IN..][..N_IN]).map(|value| 2.0 * value);
    check(&format!("embed {tensor_type:?}"), &got, expected, 0.0)
}

/// Draws greedily, and from the two tokens that top-k leaves.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(crate) async fn sample(gpu: &Gpu, kernel: &Sample) -> Result<(), EngineError> {
    let vocab_size = 300u32;
    let mut row = vec![0.0f32; vocab_size as usize];
    (row[70], row[291]) = (9.0, 9.0);
    let greedy = SamplingSettings { temperature: 0.0, ..SamplingSettings::default() };
    let of_two = SamplingSettings { temperature: 1.0, top_k: 2, ..greedy };
    let draws = [(0, greedy), (0, of_two), (1, of_two)].map(|(step, settings)| {
        let key = DrawKey { seed: 0, stream: 0, step };
        (key, settings, DrawEntry::new(0, 0, key, settings))
    });
    let entries = gpu.upload("self-test draws", &draws.map(|(_, _, entry)| entry)).await?;
    let logits = gpu.upload("self-test logits", &row).await?;
    let seen = gpu.storage("self-test seen tokens", 4 * u64::from(vocab_size)).await?;
    let batch = gpu.storage("self-test batch", 16 * draws.len() as u64).await?;
    let n_words = draws.len() * RESULT_WORDS as usize;
    let results = gpu.storage("self-test output", 4 * n_words as u64).await?;
    let queue = gpu.storage("self-test queue", 32).await?;
    let buffers = Buffers {
        draws: &entries,
        logits: &logits,
        seen: &seen,
        batch: &batch,
        results: &results,
        queue: &queue,
    };
    let n_rows = draws.len() as u32;
    let seen_words = vocab_size.div_ceil(32);
    let params = Params { vocab_size, seen_words, n_rows, n_words: RESULT_WORDS, ..Default::default() };
    let mut recording = Recording::new();
    kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
    let words: Vec<u32> = gpu.run_once(&recording, &results, n_words).await?;
    let drawn = sampled(&words, RESULT_WORDS);
    let got: Vec<f32> =
        drawn.iter().flat_map(|s| [s.id as f32, s.sampled_logprob.unwrap_or(f32::NAN)]).collect();
    let expected = draws.iter().flat_map(|(key, settings, _)| match settings.top_k {
        0 => [70.0, 0.0],
        _ if key.uniform() < 0.5 => [70.0, 0.5f32.ln()],
        _ => [291.0, 0.5f32.ln()],
    });
    check("sample", &got, expected, 1e-5)?;

    // A row with a NaN must not come out as a token with numbers.
    row[100] = f32::NAN;
    gpu.write(&logits, 0, &row);
    let words: Vec<u32> = gpu.run_once(&recording, &results, n_words).await?;
    let finite: Vec<f32> =
        sampled(&words, RESULT_WORDS).iter().map(|s| f32::from(s.logprob.is_finite())).collect();
    check("sample of a NaN", &finite, draws.map(|_| 0.0), 0.0)
}

/// One row has ended in its place and one while it waited; the others move up.
///
/// # Errors
/// [`EngineError::WrongResult`].
pub(crate) async fn seat(gpu: &Gpu, kernel: &Seat) -> Result<(), EngineError> {
    let first_row = 3;
    let row = |table_row: u32| [70 + table_row, 5, table_row, 0];
    let (key, settings) = (DrawKey::default(), SamplingSettings::default());
    let entry = |table_row: u32| {
        let input = TokenInput { id: 0, position: 5, table_row };
        DrawEntry::of_row(&DecodeRow { input, key, settings }, &Ends::new(1, &[]))
    };
    let ended = DrawEntry::default();
    let entries = [ended, ended, ended, ended, entry(1), ended, entry(3)];
    let nobody = [0, 0, NOBODY, 0];
    let draws = gpu.upload("self-test draws", &entries).await?;
    let batch = gpu.storage("self-test batch", 48).await?;
    let places = gpu.upload("self-test places", &[row(0), row(1), nobody]).await?;
    let queue = gpu.upload("self-test queue", &[[0, 2, 0, 0], row(2), row(3)]).await?;
    let buffers = seat::Buffers { draws: &draws, batch: &batch, places: &places, queue: &queue };
    let mut recording = Recording::new();
    let params = seat::Params { first_row, n_rows: 3, max_rows: 3, pad0: 0 };
    kernel.encode(&mut recording, &kernel.bind(gpu, buffers), params);
    let got: Vec<u32> = gpu.run_once(&recording, &batch, 12).await?;
    let got: Vec<f32> = got.into_iter().map(|word| word as f32).collect();
    let expected = [row(1), row(3), nobody].into_iter().flatten().map(|word| word as f32);
    check("seat", &got, expected, 0.0)
}

/// Fails at the first value that is not the expected one, within a share of it or of 1.
pub(super) fn check(
    kernel: &str,
    got: &[f32],
    expected: impl IntoIterator<Item = f32>,
    tolerance: f32,
) -> Result<(), EngineError> {
    // NaN is within nothing.
    let is_near = |got: f32, expected: f32| (got - expected).abs() <= tolerance * expected.abs().max(1.0);
    match got.iter().zip(expected).find(|&(&got, expected)| !is_near(got, expected)) {
        Some((&got, expected)) => Err(EngineError::WrongResult { kernel: kernel.to_owned(), got, expected }),
        None => Ok(()),
    }
}

/// An input between -3 and 3.
pub(super) fn value(token: usize, i: usize) -> f32 {
    ((token * 5 + i * 3) % 7) as f32 - 3.0
}

/// A row of weights as a file stores it: any numbers, with scales of 1, so that the weights are whole numbers.
pub(super) fn row(tensor_type: TensorType, out: usize) -> Vec<u8> {
    let small = |i: usize| ((out * 11 + i * 7) % 15) as f32 - 7.0;
    match tensor_type {
        TensorType::F32 => return (0..N_IN).flat_map(|i| small(i).to_le_bytes()).collect(),
        TensorType::F16 => return (0..N_IN).flat_map(|i| f16::from_f32(small(i)).to_le_bytes()).collect(),
        TensorType::BF16 => return (0..N_IN).flat_map(|i| bf16::from_f32(small(i)).to_le_bytes()).collect(),
        _ => {}
    }
    let byte = |i: usize| (((out * 167 + i * 89) * 40_503) >> 7) as u8;
    let mut bytes: Vec<u8> = (0..tensor_type.row_bytes(N_IN)).map(byte).collect();
    for block in bytes.chunks_exact_mut(tensor_type.block_bytes()) {
        for &at in halves(tensor_type) {
            block[at..at + 2].copy_from_slice(&f16::ONE.to_le_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_numbers_are_named() {
        assert_eq!(check("k", &[1.0, 2.0], [1.0, 2.0], 0.0), Ok(()));
        let error = check("k", &[1.0, 2.5], [1.0, 2.0], 1e-5);
        assert_eq!(error, Err(EngineError::WrongResult { kernel: "k".to_owned(), got: 2.5, expected: 2.0 }));
        assert!(check("k", &[f32::NAN], [0.0], 1e-5).is_err());
        assert!(check("k", &[0.0], [1.0], 1e-5).is_err());
    }

    #[test]
    fn rows_hold_whole_numbers_of_many_sizes() {
        for tensor_type in TensorType::ALL {
            let mut weights = vec![0.5; N_IN];
            dequantise_rows(tensor_type, N_IN, &row(tensor_type, 3), &mut weights).unwrap();
            assert!(
                weights.iter().all(|weight| weight.fract() == 0.0 && weight.abs() < 5000.0),
                "{tensor_type:?}"
            );
            weights.sort_by(f32::total_cmp);
            weights.dedup();
            assert!(weights.len() > 8, "{tensor_type:?}: {weights:?}");
        }
    }
}
