//! The kernels that norm, gate, score, pool and compare.

use concord::engine::kernels::rms_norm::Rows;
use concord::engine::kernels::{Cosine, LogProb, Pool, RmsNorm, SiluMul};
use concord::engine::{Gpu, Recording};
use concord::generate::Pooling;
use concord::reference;

use super::{check_close, noise};

/// Widths around the workgroup size, and a prime.
const WIDTHS: [usize; 6] = [1, 63, 64, 65, 130, 1759];
/// A few roundings of f32; sums are in another order.
const TOLERANCE: f32 = 4e-6;

/// Rows of ordinary, zero, huge and tiny values; all rows and a selection of them.
pub(crate) async fn rms_norm(gpu: &Gpu) {
    let kernel = RmsNorm::new(gpu).await.unwrap();
    for dim in WIDTHS {
        for n_rows in [1, 2, 3] {
            let mut x = noise(31, n_rows * dim);
            let last = (n_rows - 1) * dim;
            match n_rows {
                2 => x[last..].fill(0.0),
                3 => {
                    x[..dim].iter_mut().for_each(|value| *value *= 1e15);
                    x[last..].iter_mut().for_each(|value| *value *= 1e-12);
                }
                _ => {}
            }
            let gain = noise(37, dim);
            let expected = reference::rms_norm(&x, &gain, 1e-5);
            let indices: Vec<u32> = (0..n_rows as u32).rev().collect();
            let reversed: Vec<f32> = expected.chunks(dim).rev().flatten().copied().collect();
            let x = gpu.upload("x", &x).await.unwrap();
            let gain = gpu.upload("gain", &gain).await.unwrap();
            let indices = gpu.upload("indices", &indices).await.unwrap();
            let y = gpu.storage("y", (4 * dim * n_rows) as u64).await.unwrap();
            let bindings = kernel.bind(gpu, &x, &gain, &indices, &y);
            let last = expected[last..].to_vec();
            let cases = [
                (Rows::From(0), n_rows, expected),
                (Rows::Indexed, n_rows, reversed),
                (Rows::From(n_rows as u32 - 1), 1, last),
            ];
            for (rows, n_rows, expected) in cases {
                let mut recording = Recording::new();
                kernel.encode(&mut recording, &bindings, (dim as u32, 1e-5), rows, n_rows as u32);
                let got: Vec<f32> = gpu.run_once(&recording, &y, dim * n_rows).await.unwrap();
                check_close(&format!("[{n_rows}, {dim}] {rows:?}"), &got, &expected, TOLERANCE);
            }
        }
    }
}

/// Gates from deep in the flat part to where silu is the identity.
pub(crate) async fn silu_mul(gpu: &Gpu) {
    let kernel = SiluMul::new(gpu).await.unwrap();
    for (n_tokens, hidden_dim) in [(1, 4), (1, 252), (2, 256), (3, 260), (3, 1760), (41, 96)] {
        let mut gate = noise(41, n_tokens * hidden_dim);
        gate[..4].copy_from_slice(&[-1e4, -90.0, 90.0, 1e4]);
        let up = noise(43, n_tokens * hidden_dim);
        let expected = reference::silu_mul(&gate, &up);
        let rows = gate.chunks(hidden_dim).zip(up.chunks(hidden_dim));
        let gate_up: Vec<f32> = rows.flat_map(|(gate, up)| [gate, up].concat()).collect();
        let gate_up = gpu.upload("gate_up", &gate_up).await.unwrap();
        let y = gpu.storage("y", (4 * n_tokens * hidden_dim) as u64).await.unwrap();
        let mut recording = Recording::new();
        let bindings = kernel.bind(gpu, &gate_up, &y);
        kernel.encode(&mut recording, &bindings, hidden_dim as u32, n_tokens as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, n_tokens * hidden_dim).await.unwrap();
        // The first row holds 1e4, which would hide errors of the others.
        check_close("extreme gates", &got[..4], &expected[..4], TOLERANCE);
        check_close(&format!("[{n_tokens}, {hidden_dim}]"), &got[4..], &expected[4..], TOLERANCE);
    }
}

/// Log-probs of the first, the last and the largest; logits of any size.
pub(crate) async fn log_prob(gpu: &Gpu) {
    let kernel = LogProb::new(gpu).await.unwrap();
    for vocab_size in WIDTHS {
        let n_rows = 3;
        let mut logits = noise(47, n_rows * vocab_size);
        logits[..vocab_size].iter_mut().for_each(|logit| *logit = *logit * 5.0 + 1e4);
        logits[2 * vocab_size..].fill(-1e4);
        let targets = [0, vocab_size as u32 - 1, vocab_size as u32 / 2];
        let expected: Vec<f32> = logits
            .chunks(vocab_size)
            .zip(targets)
            .map(|(logits, target)| reference::log_prob(logits, target))
            .collect();
        // Two tokens before the first row: the offset of a chunk.
        let all_targets = [[9999, 9999].as_slice(), &targets].concat();
        let logits = gpu.upload("logits", &logits).await.unwrap();
        let targets = gpu.upload("targets", &all_targets).await.unwrap();
        let y = gpu.storage("y", 20).await.unwrap();
        let mut recording = Recording::new();
        let bindings = kernel.bind(gpu, &logits, &targets, &y);
        kernel.encode(&mut recording, &bindings, vocab_size as u32, 2, n_rows as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, 5).await.unwrap();
        // Logits near 1e4 carry a rounding of 1e-3 of their own.
        check_close(&format!("vocabulary {vocab_size}, large logits"), &got[2..3], &expected[..1], 2e-3);
        check_close(&format!("vocabulary {vocab_size}"), &got[3..4], &expected[1..2], 1e-5);
        check_close(&format!("vocabulary {vocab_size}, equal logits"), &got[4..], &expected[2..], 2e-3);
    }
}

/// Groups of one and many tokens, and an empty one.
pub(crate) async fn pool(gpu: &Gpu) {
    let kernel = Pool::new(gpu).await.unwrap();
    for dim in WIDTHS {
        let sizes = [1u32, 0, 7, 64];
        let states = noise(53, 72 * dim);
        let mut first = 0;
        let groups: Vec<[u32; 2]> = sizes
            .iter()
            .map(|&n_tokens| {
                first += n_tokens;
                [first - n_tokens, n_tokens]
            })
            .collect();
        let x = gpu.upload("states", &states).await.unwrap();
        let groups = gpu.upload("groups", &groups).await.unwrap();
        let y = gpu.storage("y", (4 * sizes.len() * dim) as u64).await.unwrap();
        let bindings = kernel.bind(gpu, &x, &groups, &y);
        for pooling in [Pooling::Mean, Pooling::Last] {
            let mut recording = Recording::new();
            kernel.encode(&mut recording, &bindings, dim as u32, pooling, sizes.len() as u32);
            let got: Vec<f32> = gpu.run_once(&recording, &y, sizes.len() * dim).await.unwrap();
            let expected = reference::pool(&states, dim, &sizes, pooling);
            check_close(&format!("{pooling:?} of {dim}"), &got, &expected, TOLERANCE);
        }
    }
}

/// Pairs of ordinary, equal, opposite and zero vectors.
pub(crate) async fn cosine(gpu: &Gpu) {
    let kernel = Cosine::new(gpu).await.unwrap();
    for (n_vectors, dim) in [(1, 1), (2, 64), (3, 1759), (65, 33)] {
        let mut vectors = noise(59, n_vectors * dim);
        if n_vectors > 2 {
            vectors[..dim].fill(0.0);
            let (first, rest) = vectors[dim..].split_at_mut(dim);
            rest[..dim].iter_mut().zip(first).for_each(|(b, a)| *b = -2.0 * *a);
        }
        let expected = reference::cosine(&vectors, dim);
        let vectors = gpu.upload("vectors", &vectors).await.unwrap();
        let y = gpu.storage("y", (4 * n_vectors * n_vectors) as u64).await.unwrap();
        let mut recording = Recording::new();
        kernel.encode(&mut recording, &kernel.bind(gpu, &vectors, &y), n_vectors as u32, dim as u32);
        let got: Vec<f32> = gpu.run_once(&recording, &y, n_vectors * n_vectors).await.unwrap();
        check_close(&format!("[{n_vectors}, {dim}]"), &got, &expected, 1e-5);
    }
}
